"""Settlement policies, the switch of collection, and holds, as DynamoDB keeps them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.billing.collection_switch import Switch, Waiting
from chalicelib.billing.control_store import ControlStore
from chalicelib.billing.errors import AlreadyWaits, HoldChanged, PolicySet, SwitchTurned
from chalicelib.billing.hold_model import Hold, ProviderHold
from chalicelib.billing.hold_store import HoldStore
from chalicelib.billing.triggers import SettleAt, SettlementPolicy
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.storage.writes import Transaction

pytestmark = pytest.mark.stores
NOW = datetime(2021, 5, 10, 9, tzinfo=UTC)
APRIL, MAY, JUNE = (Month(2021, number) for number in (4, 5, 6))
control, holds = ControlStore(), HoldStore()
HOLD = Hold("acc-1", "ses_1", 1, Money(2000, "EUR"), "cus_1", "pm_1", NOW)
STANDS = ProviderHold("acc-1", "ses_1", 1, "pi_1", "requires_capture", NOW + timedelta(days=4))


def test_of_the_policies_that_hold_in_a_month_the_last_one_counts(commit: Transaction) -> None:
    first = SettlementPolicy(MAY, SettleAt.THRESHOLD, Money(500, "EUR"), set_by="fred", set_at=NOW)
    second = replace(first, at=SettleAt.SESSION_END, threshold=None, set_at=NOW + timedelta(seconds=1))
    later = SettlementPolicy(JUNE, SettleAt.MONTH_END, set_by="fred", set_at=NOW)
    own = SettlementPolicy(MAY, None, account_id="acc-1", set_by="fred", set_at=NOW)
    for each in (first, second, later, own):
        commit([control.setting_policy(each)], None)
    with pytest.raises(PolicySet):
        commit([control.setting_policy(first)], None)

    assert [control.policy(month) for month in (APRIL, MAY, JUNE)] == [None, second, later]
    assert (control.policy(MAY, "acc-1"), control.policy(MAY, "acc-2")) == (own, None)


def test_each_turn_of_the_switch_is_kept_and_no_two_turn_it_at_once(commit: Transaction) -> None:
    stopped = Switch(stopped=True, by="fred", note="odd", at=NOW, turn=1)
    released = Switch(stopped=False, by="olga", note="fine", at=NOW, turn=2, left=7)
    assert control.switch() == Switch()
    for each in (stopped, released):
        commit(control.turning(each), None)
        with pytest.raises(SwitchTurned):
            commit(control.turning(replace(each, by="bo")), None)

    assert control.switch() == released
    assert control.turns(limit=9) == [released, stopped]


def test_what_waits_is_listed_once_and_counted_until_it_is_sent_on(commit: Transaction) -> None:
    several = [Waiting(f"acc-{number}", MAY, 1) for number in range(40)]
    for each in several:
        commit(control.waits(each, NOW), None)
    with pytest.raises(AlreadyWaits):
        commit(control.waits(several[0], NOW), None)
    assert control.left() == 40
    found = [each for shard in range(16) for each in control.waiting(shard, limit=40)]
    assert sorted(found, key=str) == sorted(several, key=str)

    commit(control.sending_on(found[:30]), None)
    with pytest.raises(AlreadyWaits):
        commit(control.sending_on(found[29:31]), None)
    assert control.left() == 10


def test_a_hold_is_found_by_session_account_and_invoice_and_changed_on_its_version(commit: Transaction) -> None:
    held = HOLD.held(STANDS, NOW)
    linked = held.for_invoice("acc-1:2021-05:1", 150)
    second, other = replace(HOLD, turn=2), replace(HOLD, session_id="ses_10")
    for each in (HOLD, second, other):
        commit([holds.adding(each)], None)
    with pytest.raises(HoldChanged):
        commit([holds.adding(HOLD)], None)
    commit([holds.changing(held)], None)
    with pytest.raises(HoldChanged):
        commit([holds.changing(HOLD.releasing())], None)
    commit([holds.changing(linked), holds.paying(linked)], None)

    declined = second.declined(replace(STANDS, turn=2, decline_code="processing_error"), NOW + timedelta(hours=1))
    commit([holds.changing(declined)], None)

    assert holds.of_session("acc-1", "ses_1") == [linked, declined]
    assert holds.of_account("acc-1") == [linked, declined, other]
    assert holds.of_invoice("acc-1", "acc-1:2021-05:1") == [linked]
    assert holds.of_invoice("acc-1", "acc-1:2021-05:10") == []
    done = linked.taken(150)
    commit([holds.changing(done)], None)
    assert holds.of_invoice("acc-1", "acc-1:2021-05:1") == [done]
