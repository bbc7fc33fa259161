"""Charges beside use and the count of Stripe calls, as DynamoDB keeps them."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.billing.errors import SettlementChanged
from chalicelib.billing.model import Settlement
from chalicelib.billing.owed_errors import ChargeChanged
from chalicelib.billing.owed_model import ChargePolicy, ChargeState, Evidence, PartnerCharge
from chalicelib.billing.owed_ports import Wanted, Whose
from chalicelib.billing.owed_store import ChargeStore
from chalicelib.billing.rate_store import RateStore
from chalicelib.billing.store import BillingStore
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.storage.outbox import MessageRecord
from chalicelib.storage.writes import Transaction

pytestmark = pytest.mark.stores
NOW = datetime(2021, 6, 30, 22, tzinfo=UTC)
DAY = timedelta(days=1)
PHOTO = Evidence("a" * 64, "image/jpeg", 1000, "v1")
POLICY = ChargePolicy(Money(100_000, "EUR"), 14 * DAY, {})
charges = ChargeStore()


def draft(number: int = 1, **changed: object) -> PartnerCharge:
    made = PartnerCharge(
        charge_id=f"chg-{number}",
        account_id="acc-1",
        partner_id="par-1",
        session_id="ses-1",
        product_id="bike",
        asset_id="bike-1",
        category="bikes",
        kind="damage",
        stated=Money(5000, "EUR"),
        amount=Money(5000, "EUR"),
        description={"en": "Bent", "sv": "Böjt"},
        happened_at=NOW - 30 * DAY,
        created_at=NOW + timedelta(seconds=number),
    )
    return replace(made, **changed).begun("key-1")  # type: ignore[arg-type]


def life(first: PartnerCharge) -> list[PartnerCharge]:
    """From its draft to what was given back of it."""
    told = first.state_to_customer((PHOTO,), POLICY, NOW, "key-1")
    decided = told.object("other", "no", NOW, "cus-1").decide(
        "reduced", Money(4000, "EUR"), "so", at=NOW, by="olga", month=Month(2021, 7)
    )
    billed = decided.bill(NOW)
    return [first, told, replace(decided, version=3), replace(billed, version=4), replace(billed, version=4)]


def test_a_charge_comes_back_as_it_was_in_each_state_and_from_each_list(commit: Transaction) -> None:
    *steps, billed = life(draft())
    for each in steps:
        commit(charges.saving(each), None)
        assert charges.find("chg-1") == each
        for whose in (Whose(account_id="acc-1"), Whose(partner_id="par-1"), Whose()):
            assert charges.listed(whose, Wanted(), limit=9, after=None) == [each]
        assert charges.of_account("acc-1") == [each]
    back = billed.counter(Money(1000, "EUR"), NOW, "key-1", "found")
    commit(charges.saving(back), None)

    assert charges.find("chg-1") == back
    assert charges.find("chg-2") is None
    assert charges.of_account("acc-2") == []


def test_an_accounts_charges_are_read_with_what_its_months_came_to(commit: Transaction) -> None:
    billed, months = BillingStore(), [Month(2021, 5), Month(2021, 6)]
    whole = [replace(Settlement("acc-1", month, "EUR"), version=1) for month in months]
    commit([write for each in whole for write in billed.saving_settlement(each)], None)
    made = [draft(number) for number in range(3)]
    for each in (*made, draft(9, account_id="acc-2")):
        commit(charges.saving(each), None)

    assert charges.with_settlements("acc-1") == (whole, made)
    assert (billed.settlements("acc-1"), charges.of_account("acc-1")) == (whole, made)
    assert charges.listed(Whose(account_id="acc-1"), Wanted(), limit=2, after=made[0].place) == made[1:]
    assert charges.with_settlements("acc-3") == ([], [])


def test_of_two_who_change_a_charge_one_is_refused_and_a_settlement_is_computed_again(commit: Transaction) -> None:
    first, told, *_ = life(draft())
    commit(charges.saving(first), None)
    with pytest.raises(ChargeChanged):
        commit(charges.saving(first), None)
    commit(charges.saving(told), None)

    for stale in (told, replace(told, version=4)):
        with pytest.raises(ChargeChanged):
            commit(charges.saving(stale), None)
        with pytest.raises(SettlementChanged):
            commit(charges.billing(replace(stale, month=Month(2021, 7))), None)


def test_lists_are_filtered_and_go_on_where_they_ended(commit: Transaction) -> None:
    kinds = ("damage", "fine", "damage", "loss", "damage")
    made = [draft(number, kind=kind) for number, kind in enumerate(kinds)]
    for each in (*made, draft(9, partner_id="par-2", account_id="acc-2")):
        commit(charges.saving(each), None)

    def listed(wanted: Wanted, limit: int, after: str | None = None) -> list[PartnerCharge]:
        return list(charges.listed(Whose(partner_id="par-1"), wanted, limit=limit, after=after))

    assert listed(Wanted(), 9) == made
    assert listed(Wanted(kind="damage"), 2) == [made[0], made[2]]
    assert listed(Wanted(kind="damage"), 2, made[2].place) == [made[4]]
    assert listed(Wanted(state=ChargeState.BILLED), 9) == listed(Wanted(told=True), 9) == []
    assert len(charges.listed(Whose(), Wanted(session_id="ses-1"), limit=9, after=None)) == 6


def test_what_has_to_follow_is_said_in_the_same_write(commit: Transaction) -> None:
    _, told, decided, *_ = life(draft())
    commit([charges.lapsing(told, NOW), charges.to_be_billed(decided, NOW), charges.telling(told, "x", NOW)], None)

    said = {each.topic: each.body for each in MessageRecord.scan()}
    assert json.loads(said["timer.set"]["facts"]) == {"charge_id": "chg-1"}
    assert said["billing.charge_due"] == {"account_id": "acc-1", "month": "2021-07"}
    assert (said["dialogue.tell"]["code"], said["dialogue.tell"]["amount"]) == ("x", "50.00")


def test_the_count_of_calls_moves_on_once_for_each_who_saw_it(commit: Transaction) -> None:
    counts = RateStore(commit)
    assert counts.reserved_until() == 0

    assert counts.reserve(0, 1000)
    assert not counts.reserve(0, 1250)
    assert counts.reserve(1000, 1250)
    assert counts.reserved_until() == 1250
