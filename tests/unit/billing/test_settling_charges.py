"""Only what was accepted or decided reaches a statement, an invoice and the books; once, provably, by difference."""

import contextlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.billing import refunding
from chalicelib.billing.errors import SettlementChanged
from chalicelib.billing.model import Parked
from chalicelib.billing.owed_errors import ChargeNotOpen
from chalicelib.billing.owed_model import CHARGED, ChargeState, PartnerCharge, Verdict
from chalicelib.billing.owed_uses import MOST_AT_ONCE
from chalicelib.billing.owing import accept, counter, decide, lapse, object_to, submit, withdraw
from chalicelib.billing.statement import statement
from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.ledger.accounts import payable, payable_pending, receivable, revenue
from chalicelib.rating.proof import verify
from chalicelib.rating.share import ShareRule
from tests.unit.billing.books import ACCOUNT, JULY, JUNE, LATER, MAY, SideBySide
from tests.unit.billing.owed import NOW, PHOTO, Desk
from tests.unit.billing.test_settling_shares import pay

AUGUST = Month(2021, 8)
Act = Callable[[Desk, PartnerCharge], object]


def accepted(desk: Desk, cents: int = 12000, kind: str = "damage") -> PartnerCharge:
    draft = desk.draft(kind, cents, PHOTO)  # type: ignore[arg-type]
    told = submit(draft, "key-1", files=desk.files, owing=desk.owing)
    return accept(told, "cus-1", owing=desk.owing)


def stated_in(desk: Desk, month: Month, now: datetime = LATER) -> dict[str, int]:
    return statement(ACCOUNT, month, "EUR", used=desk.rides, now=now).by_use


def test_an_accepted_charge_is_a_line_of_the_open_months_bill_and_is_billed_in_that_transaction() -> None:
    """
    A ride in May, which is billed; damage to it is accepted in June, beside a ride of then.
    """
    desk = Desk()
    desk.rides.ridden(MAY, 500)
    desk.settle(MAY)
    (ride,) = desk.rides.ridden(JUNE, 300)
    charge = accepted(desk)

    invoice = desk.settle(JUNE).invoice

    assert invoice is not None
    assert {(each.about, each.reference, each.amount.minor) for each in invoice.lines} == {
        ("session", ride, 300),
        ("owed", charge.charge_id, 12000),
    }
    assert desk.journal.sum_of(revenue("par-1:bike/damage")) == -12000
    assert desk.journal.sum_of(receivable(ACCOUNT)) == 12800
    assert desk.charges.kept[charge.charge_id].state is ChargeState.BILLED
    assert desk.settle(JUNE).invoice is None


def test_what_was_accepted_after_the_instant_of_a_settlement_is_not_on_it_and_is_on_the_next() -> None:
    """
    The worker has read its clock before the customer said yes.
    """
    desk = Desk()
    charge = accepted(desk)
    assert charge.charged_at is not None
    before = charge.charged_at - timedelta(seconds=1)

    assert (stated_in(desk, JUNE, before), desk.settle(JUNE, before).invoice) == ({}, None)
    assert desk.charges.kept[charge.charge_id].state is ChargeState.ACCEPTED
    assert stated_in(desk, JUNE, charge.charged_at) == {charge.charge_id: 12000}
    assert desk.settle(JUNE, charge.charged_at).invoice is not None


def test_its_proof_recomputes_it_with_the_day_on_which_it_happened_and_its_evidence() -> None:
    desk = Desk()
    accepted(desk)
    desk.settle(JUNE)
    proof = json.loads(json.dumps(desk.billed.chain[-1]))

    assert verify(proof) == []
    assert (proof["totals"], proof["lines"][0]["facts"]) == ({"EUR": 12000}, {"day": "2021-05-01"})
    assert proof["lines"][0]["evidence"] == [PHOTO.sha256]
    assert verify({**proof, "totals": {"EUR": 11999}})


def test_a_charge_that_is_withdrawn_while_it_is_being_billed_is_not_billed() -> None:
    desk = Desk()
    charge, owing = accepted(desk), desk.owing
    desk.commit = SideBySide(desk.commit, lambda: withdraw(charge, "key-1", "", owing=owing))

    with pytest.raises(SettlementChanged):
        desk.settle(JUNE)

    assert desk.settle(JUNE).invoice is None
    assert desk.charges.kept[charge.charge_id].state is ChargeState.WITHDRAWN
    assert desk.journal.entries == {}


def test_what_is_given_back_of_a_billed_charge_comes_off_its_own_month_in_the_open_one() -> None:
    desk = Desk()
    charge = accepted(desk)
    desk.settle(JUNE)
    counter(desk.charges.kept[charge.charge_id], Money(2000, "EUR"), "key-1", "too much", owing=desk.owing)
    desk.corrected_month(JUNE, JULY)
    desk.rides.ridden(JULY, 300)

    found = desk.settle(JULY)
    settled, note = found.settlement, found.note

    assert settled.adjusted == {"2021-06": {"par-1:bike/damage": -2000}}
    assert note is not None
    assert (note.total.minor, desk.journal.sum_of(revenue("par-1:bike/damage"))) == (1700, -10000)
    assert verify(json.loads(json.dumps(desk.billed.chain[-1]))) == []


def test_what_is_given_back_after_the_instant_of_a_settlement_is_not_on_it_and_is_on_the_next() -> None:
    """
    The worker that settles July has read its clock before the partner gave something back.
    """
    desk = Desk()
    charge = accepted(desk)
    desk.settle(JUNE, NOW)
    desk.now += timedelta(days=30)
    counter(desk.charges.kept[charge.charge_id], Money(2000, "EUR"), "key-1", "too much", owing=desk.owing)
    desk.corrected_month(JUNE, JULY)

    assert desk.settle(JULY, desk.now - timedelta(seconds=1)).note is None
    note = desk.settle(JULY, desk.now).note
    assert note is not None
    assert note.total.minor == 2000


def test_a_worker_whose_clock_is_behind_takes_nothing_back_that_another_has_billed() -> None:
    """
    The customer says yes, one worker bills it, and then another one settles by a clock of a second before.
    """
    desk = Desk()
    accepted(desk)
    assert desk.settle(JUNE, NOW).invoice is not None
    before = desk.state()
    settled = desk.settle(JUNE, NOW - timedelta(seconds=1))

    assert (settled.note, settled.invoice, desk.state()) == (None, None, before)


def test_the_partner_has_the_whole_of_what_is_owed_and_its_percentage_of_what_was_ordered() -> None:
    desk = Desk()
    desk.shares.rules["par-1"] = ShareRule("EUR")
    accepted(desk)
    accepted(desk, 700, "delivery")
    desk.settle(JUNE)

    assert desk.journal.sum_of(payable_pending("par-1")) == -12000
    stated = desk.stated(JUNE)
    assert stated is not None
    assert [(line.product, line.kind, line.minor) for line in stated.lines] == [("par-1:bike/damage", "owed", 12000)]


def test_a_charge_on_a_parked_month_waits_for_its_release_and_can_still_be_withdrawn() -> None:
    desk = Desk()
    kept, gone = accepted(desk), accepted(desk, 900)
    desk.billed.held[JUNE] = Parked(ACCOUNT, JUNE, "negative_total", {}, NOW)
    assert desk.settle(JUNE).parked is not None
    assert {each.state for each in desk.charges.kept.values()} == {ChargeState.ACCEPTED}
    withdraw(desk.charges.kept[gone.charge_id], "key-1", "", owing=desk.owing)
    desk.billed.held[JUNE] = replace(desk.billed.held[JUNE], released_at=NOW)
    invoice = desk.settle(JUNE).invoice

    assert invoice is not None
    assert [(each.reference, each.amount.minor) for each in invoice.lines] == [(kept.charge_id, 12000)]


def test_what_is_given_back_after_the_payment_is_refunded_and_comes_off_the_partners_whole_share() -> None:
    desk = Desk()
    desk.shares.rules["par-1"] = ShareRule("EUR")
    charge = accepted(desk)
    desk.settle(JUNE)
    pay(desk, JUNE)
    desk.stripe.holds("in-2021-06", desk.billed.made[JUNE, 1], paid=True)
    desk.billed.made[JUNE, 1] = replace(desk.billed.made[JUNE, 1], provider_invoice="in-2021-06")
    assert desk.journal.sum_of(payable("par-1")) == -12000
    counter(desk.charges.kept[charge.charge_id], Money(2000, "EUR"), "key-1", "too much", owing=desk.owing)
    desk.corrected_month(JUNE, JULY)
    note = desk.settle(JULY).note
    refunding.give_back(ACCOUNT, desk.crediting())

    assert note is not None
    assert dict(note.shares) == {"par-1": -2000}
    assert [each.amount.minor for each in desk.notes.sent.values()] == [2000]
    sums = [desk.journal.sum_of(each) for each in (payable("par-1"), payable_pending("par-1"), receivable(ACCOUNT))]
    assert sums == [-10000, 0, 0]


def test_of_very_many_charges_each_settlement_takes_some_and_asks_for_the_next_one() -> None:
    desk = Desk()
    for _ in range(MOST_AT_ONCE + 2):
        accepted(desk, 100)

    first, second = desk.settle(JUNE), desk.settle(JUNE)

    assert [each.invoice and each.invoice.total.minor for each in (first, second)] == [100 * MOST_AT_ONCE, 200]
    assert desk.billed.told.count("settle 2021-06") == 1
    assert {each.state for each in desk.charges.kept.values()} == {ChargeState.BILLED}
    assert desk.settle(JUNE).invoice is None


def settle_open(desk: Desk, _charge: PartnerCharge) -> None:
    desk.settle(desk.owing.month, desk.now)


def a_month_passes(desk: Desk, charge: PartnerCharge) -> None:
    if desk.owing.month < AUGUST:
        settle_open(desk, charge)
        desk.now += timedelta(days=31)


def let_it_lapse(desk: Desk, charge: PartnerCharge) -> None:
    if charge.objection_until is not None:
        desk.now = max(desk.now, charge.objection_until)
        lapse(charge.charge_id, charge.objection_until, owing=desk.owing)


def give_back(desk: Desk, charge: PartnerCharge) -> None:
    counter(charge, Money(1000, "EUR"), "key-1", "", owing=desk.owing)
    if charge.month is not None and charge.month < desk.owing.month:
        desk.corrected_month(charge.month, desk.owing.month)


def deciding(verdict: Verdict) -> Act:
    def act(desk: Desk, charge: PartnerCharge) -> None:
        amount = Money(charge.amount.minor - 1, "EUR") if verdict == "reduced" else None
        decide(charge, verdict, amount, "", "olga", owing=desk.owing)

    return act


ACTS: dict[str, Act] = {
    "submit": lambda desk, charge: submit(charge, "key-1", files=desk.files, owing=desk.owing),
    "accept": lambda desk, charge: accept(charge, "cus-1", owing=desk.owing),
    "object": lambda desk, charge: object_to(charge, "not_me", "", "cus-1", owing=desk.owing),
    "uphold": deciding("upheld"),
    "reduce": deciding("reduced"),
    "drop": deciding("dropped"),
    "lapse": let_it_lapse,
    "withdraw": lambda desk, charge: withdraw(charge, "key-1", "", owing=desk.owing),
    "counter": give_back,
    "settle": settle_open,
    "later": a_month_passes,
}
MAY_BE_FOLLOWED_BY = {
    "drafted": {"stated", "withdrawn"},
    "stated": {"accepted", "objected", "withdrawn"},
    "objected": {"accepted", "decided", "dropped", "withdrawn"},
    "decided": {"billed", "withdrawn"},
    "accepted": {"billed", "withdrawn"},
    "billed": set(),
    "dropped": set(),
    "withdrawn": set(),
}


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(sorted(ACTS)), st.integers(0, 3)), max_size=40))
def test_whatever_is_done_in_whatever_order_nothing_but_what_is_due_is_stated_settled_or_invoiced(
    acts: list[tuple[str, int]],
) -> None:
    desk = Desk()
    kinds = ("damage", "fine", "delivery", "loss")
    names = [desk.draft(kind, 5000, PHOTO).charge_id for kind in kinds]  # type: ignore[arg-type]
    for name, number in acts:
        with contextlib.suppress(Refusal):
            ACTS[name](desk, desk.charges.kept[names[number]])
        on_statements = {use for month in (JUNE, JULY, AUGUST) for use in stated_in(desk, month, desk.now)}
        kept = desk.charges.kept
        assert on_statements == {each for each, charge in kept.items() if charge.state in CHARGED}
        lines = {line.reference for invoice in desk.billed.made.values() for line in invoice.lines}
        assert {each for each in names if each in lines} <= {
            each for each, charge in kept.items() if charge.state is ChargeState.BILLED
        }
    for month in (JUNE, JULY, AUGUST):
        desk.settle(month, desk.now)
    desk.corrected_month(JUNE, AUGUST)
    desk.corrected_month(JULY, AUGUST)
    desk.settle(AUGUST, desk.now)

    charged = [each for each in desk.charges.kept.values() if each.state in CHARGED]
    assert all(each.state is ChargeState.BILLED for each in charged)
    due = sum(each.amount.minor - each.countered(None).minor for each in charged)
    assert desk.journal.sum_of(receivable(ACCOUNT)) == due
    for each in desk.charges.kept.values():
        steps = [str(step.state) for step in each.history]
        assert all(now in MAY_BE_FOLLOWED_BY[before] for before, now in pairwise(steps))
        if each.state is ChargeState.BILLED:
            assert steps[-2] in ("accepted", "decided")


@pytest.mark.parametrize("state", [each for each in ChargeState if each not in CHARGED])
def test_no_other_state_can_be_billed(state: ChargeState) -> None:
    desk = Desk()
    charge = replace(desk.draft(), state=state)

    with pytest.raises(ChargeNotOpen):
        charge.bill(NOW)
