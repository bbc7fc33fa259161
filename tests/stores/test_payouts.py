"""Partners' accounts, dues and movements, as DynamoDB keeps them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.billing.errors import DueKnown, PayingChanged, PayoutAccountChanged
from chalicelib.billing.model import Invoice, InvoiceLine
from chalicelib.billing.payout_model import Due, Movement, MovementKind, MovementState, Paying, PayoutAccount
from chalicelib.billing.payout_store import PayoutStore
from chalicelib.billing.store import BillingStore
from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.storage.outbox import MessageRecord
from chalicelib.storage.writes import Transaction

pytestmark = pytest.mark.stores
NOW = datetime(2021, 6, 30, 22, tzinfo=UTC)
JUNE, JULY = Month(2021, 6), Month(2021, 7)
payouts = PayoutStore()


def due(number: int, minor: int = 700, partner_id: str = "par-1") -> Due:
    since = NOW + timedelta(seconds=number)
    return Due(partner_id, f"invoice:acc-1:2021-05:{number}", Money(minor, "EUR"), since, f"in-{number}")


def movement(number: int = 1, **changed: object) -> Movement:
    debt = Due("par-1", "refund:acc-1:2021-05:9:350", Money(-350, "EUR"), NOW, taken_from=7)
    made = Movement("par-1", number, MovementKind.TRANSFER, Money(350, "EUR"), (due(number), debt), NOW)
    return replace(made, **changed)  # type: ignore[arg-type]


def done(number: int, at: datetime) -> Movement:
    return movement(number, state=MovementState.DONE, provider_id="tr-1", done_at=at)


def test_an_account_comes_back_as_it_was_and_is_changed_on_the_version_that_was_read(commit: Transaction) -> None:
    first = PayoutAccount("par-1", "acct-1", NOW, due=("tos_acceptance.date",))
    commit([payouts.saving_account(first)], None)
    ready = replace(first, ready=True, submitted=True, due=(), version=2)
    commit([payouts.saving_account(ready)], None)

    assert payouts.account("par-1") == ready
    assert payouts.account("par-2") is None
    for stale in (first, replace(ready, version=4)):
        with pytest.raises(PayoutAccountChanged):
            commit([payouts.saving_account(stale)], None)


def test_what_waits_is_read_from_the_oldest_on_and_each_partner_has_its_own(commit: Transaction) -> None:
    for each in (due(2), due(1), due(3), due(1, partner_id="par-2")):
        commit(payouts.adding_due(each), None)

    assert payouts.dues("par-1", limit=9) == [due(1), due(2), due(3)]
    assert payouts.dues("par-1", limit=2) == [due(1), due(2)]
    assert payouts.dues("par-2", limit=9) == [due(1, partner_id="par-2")]


def test_an_amount_is_added_once_also_after_it_was_taken(commit: Transaction) -> None:
    commit(payouts.adding_due(due(1)), None)
    commit([payouts.taking(due(1))], None)
    with pytest.raises(DueKnown):
        commit(payouts.adding_due(due(1)), None)
    with pytest.raises(PayingChanged):
        commit([payouts.taking(due(1))], None)
    assert payouts.dues("par-1", limit=9) == []

    commit([payouts.putting_back(due(1, 20))], None)
    assert payouts.dues("par-1", limit=9) == [due(1, 20)]


def test_a_partner_has_one_movement_on_its_way_and_the_next_number_is_taken_once(commit: Transaction) -> None:
    assert payouts.paying("par-1") == Paying("par-1")
    first = Paying("par-1", 1, on_its_way=True, version=1)
    commit([payouts.saving_paying(first)], None)

    assert payouts.paying("par-1") == first
    for stale in (first, Paying("par-1", 2, version=3)):
        with pytest.raises(PayingChanged):
            commit([payouts.saving_paying(stale)], None)
    commit([payouts.saving_paying(Paying("par-1", 1, version=2))], None)


@pytest.mark.parametrize(
    "whole",
    [
        movement(),
        movement(state=MovementState.REFUSED, done_at=NOW),
        movement(kind=MovementKind.REVERSAL, of=3, state=MovementState.DONE, provider_id="trr-1", done_at=NOW),
        movement(taken_back=20),
    ],
)
def test_a_movement_comes_back_as_it_was(commit: Transaction, whole: Movement) -> None:
    commit([payouts.saving_movement(whole)], None)

    assert payouts.movement("par-1", 1) == whole
    assert payouts.movement("par-1", 2) is None


def test_what_is_done_is_found_by_its_month_and_by_what_it_sent(commit: Transaction) -> None:
    """
    The instant is in July in Helsinki, where the operator is.
    """
    for each in (done(1, NOW - timedelta(days=2)), done(2, NOW), done(12, NOW)):
        commit(payouts.sending(each, "Europe/Helsinki"), None)

    assert [each.number for each in payouts.moved("par-1", JUNE)] == [1]
    assert [each.number for each in payouts.moved("par-1", JULY)] == [2, 12]
    assert payouts.moved("par-2", JULY) == []
    assert payouts.transfer_of("par-1", due(12).due_id) == 12
    assert payouts.transfer_of("par-1", "refund:acc-1:2021-05:9:350") is None


def test_those_who_have_to_pay_are_told_under_keys_of_their_own(commit: Transaction) -> None:
    lines = (InvoiceLine("session", "ses-1", Money(1250, "EUR")),)
    invoice = Invoice("acc-1", JUNE, 2, lines, Money(1250, "EUR"), NOW, shares={"par-1": 700})
    commit([payouts.pay_out("par-1", "one", NOW), payouts.pay_out("par-1", "two", NOW)], None)
    commit([BillingStore().share_out(invoice, NOW)], None)

    for key, body in (
        ("billing.pay_out#par-1:one", {"partner_id": "par-1"}),
        ("billing.pay_out#par-1:two", {"partner_id": "par-1"}),
        ("billing.share_out#acc-1:2021-06:2", {"account_id": "acc-1", "month": "2021-06", "number": "2"}),
    ):
        said = MessageRecord.find(key, "message")
        assert said is not None
        assert said.body == body


def test_a_planned_movement_is_written_whole_or_not_at_all(commit: Transaction) -> None:
    commit([payouts.saving_paying(Paying("par-1", 1, version=1))], None)
    stale = payouts.saving_paying(Paying("par-1", 2, on_its_way=True, version=1))
    with pytest.raises(Refusal):
        commit([stale, payouts.saving_movement(movement(2)), *payouts.adding_due(due(1))], None)

    assert (payouts.movement("par-1", 2), payouts.dues("par-1", limit=9)) == (None, [])
