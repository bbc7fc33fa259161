"""What was billed too much lowers what is owed, and else goes back as its account has chosen: each cent once."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.billing.collecting import take_note
from chalicelib.billing.credit_model import BackAs, CreditNote, RefundState
from chalicelib.billing.crediting import choose, choose_for, tell_provider
from chalicelib.billing.currencies import minimum_charge
from chalicelib.billing.dispute_model import Dispute, DisputeState
from chalicelib.billing.errors import (
    CollectorUnavailable,
    CreditNoteClosed,
    UnknownCreditNote,
)
from chalicelib.billing.model import Invoice, InvoiceState, Parked, Payer
from chalicelib.billing.refunding import give_back, note_refund
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.ledger.accounts import STRIPE_CLEARING, receivable
from tests.unit.billing.books import ACCOUNT, APRIL, JULY, JUNE, LATER, MAY, ZONE, Books

LEAST = minimum_charge("EUR").minor


def billed(books: Books, month: Month, cents: int, *, paid: bool) -> str:
    """A ride that was billed, and paid or not; its name."""
    (ride,) = books.rides.ridden(month, cents)
    invoice = books.settle(month).invoice
    assert invoice is not None
    there = replace(invoice, provider_invoice=f"in-{month}")
    books.billed.made[month, 1] = there
    books.stripe.holds(f"in-{month}", there, paid=False)
    if paid:
        books.stripe.pay_rest(f"in-{month}")
        heard(books, month)
    return ride


def heard(books: Books, month: Month) -> None:
    """What the provider says of the month's invoice by now."""
    stands = books.stripe.read(f"in-{month}")
    kept = {"billed": books.billed, "ledger": books.journal, "notes": books.notes}
    take_note(stands, zone=ZONE, **kept, now=LATER, commit=books.commit)


def credited(books: Books, ride: str, cents: int, month: Month) -> CreditNote:
    """The note of a correction that is seen in a month."""
    books.rides.corrected(ride, cents, seen_in=month)
    note = books.settle(month).note
    assert note is not None
    return note


def again(books: Books) -> None:
    give_back(ACCOUNT, books.crediting())


def asked_of(books: Books, month: Month) -> Invoice:
    return books.billed.made[month, 1]


@pytest.fixture
def books() -> Books:
    found = Books()
    found.billed.payers[ACCOUNT] = Payer(ACCOUNT, "cus-stripe", "pm-1", version=1)
    return found


def test_a_note_lowers_what_is_owed_here_and_at_the_provider_and_the_rest_is_what_is_paid(books: Books) -> None:
    ride = billed(books, MAY, 1000, paid=False)
    note = credited(books, ride, 700, JUNE)
    again(books)
    again(books)

    assert (asked_of(books, MAY).asks.minor, books.stripe.invoices["in-2021-05"].credited) == (700, 300)
    books.stripe.pay_rest("in-2021-05")
    heard(books, MAY)
    assert asked_of(books, MAY).state is InvoiceState.PAID
    assert (books.journal.sum_of(STRIPE_CLEARING), books.journal.sum_of(receivable(ACCOUNT))) == (700, 0)
    assert not books.notes.kept[note.note_id].is_open
    assert books.notes.sent == {}


@pytest.mark.parametrize("known", [True, False], ids=["the provider has it", "the provider has not heard of it"])
def test_an_invoice_that_is_credited_wholly_is_closed_and_access_opens_again(books: Books, known: bool) -> None:  # noqa: FBT001 -- a case
    """
    Its payment had failed, and another try was set: that finds an invoice without anything to ask for.
    """
    ride = billed(books, MAY, 1000, paid=False)
    name = "in-2021-05" if known else None
    failed = replace(asked_of(books, MAY), state=InvoiceState.FAILED, retry_at=LATER, provider_invoice=name)
    books.billed.made[MAY, 1] = failed
    books.billed.payers[ACCOUNT] = Payer(ACCOUNT, "cus-stripe", "pm-1", frozenset({failed.invoice_id}), version=2)
    credited(books, ride, 0, JUNE)
    again(books)
    if known:
        heard(books, MAY)

    closed = asked_of(books, MAY)
    assert (closed.state, closed.asks.minor, closed.retry_at) == (InvoiceState.PAID, 0, None)
    assert books.billed.payers[ACCOUNT].failed == frozenset()
    assert (books.journal.sum_of(STRIPE_CLEARING), books.journal.sum_of(receivable(ACCOUNT))) == (0, 0)


def in_crowns(books: Books, cents: int, *, paid: bool) -> None:
    """The account is billed in crowns from July on; that was looked at and released."""
    books.rides.currency = "SEK"
    books.billed.held[JULY] = Parked(ACCOUNT, JULY, "currency_changed", {}, LATER, released_at=LATER)
    billed(books, JULY, cents, paid=paid)


def test_credit_in_euros_lowers_no_invoice_in_crowns(books: Books) -> None:
    """
    Four euros wait as credit, because their bank did not take them; twenty crowns are owed.
    """
    ride = billed(books, MAY, 1000, paid=True)
    note = credited(books, ride, 600, JUNE)
    books.stripe.trouble = lambda: "refused"
    again(books)
    in_crowns(books, 2000, paid=False)
    again(books)

    assert (asked_of(books, JULY).asks, books.notes.kept[note.note_id].left) == (Money(2000, "SEK"), 400)


def test_what_was_paid_in_euros_is_refunded_of_what_was_paid_in_euros(books: Books) -> None:
    ride = billed(books, MAY, 1000, paid=True)
    credited(books, ride, 600, JUNE)
    in_crowns(books, 2000, paid=True)
    again(books)

    assert books.stripe.given == {"in-2021-05": {1: 400}}
    assert [str(each.amount) for each in books.notes.sent.values()] == ["4.00 EUR"]


def test_credit_lowers_nothing_that_was_given_up(books: Books) -> None:
    ride = billed(books, MAY, 1000, paid=False)
    books.billed.made[MAY, 1] = replace(asked_of(books, MAY), state=InvoiceState.WRITTEN_OFF)
    note = credited(books, ride, 700, JUNE)
    again(books)

    assert asked_of(books, MAY).credited == 0
    assert books.notes.kept[note.note_id].left == 300


def test_what_is_left_of_an_invoice_is_nothing_or_enough_to_be_collected(books: Books) -> None:
    """
    Ten are owed and 9.80 are credited: 0.20 could not be collected, so 0.50 are, and 0.30 stay credit.
    """
    ride = billed(books, MAY, 1000, paid=False)
    note = credited(books, ride, 20, JUNE)
    again(books)

    assert asked_of(books, MAY).asks.minor == LEAST
    assert books.notes.kept[note.note_id].left == 30


def test_a_payment_that_was_faster_than_the_credit_leaves_the_credit_open_and_it_is_refunded(books: Books) -> None:
    ride = billed(books, MAY, 1000, paid=False)
    note = credited(books, ride, 700, JUNE)
    books.stripe.pay_rest("in-2021-05")
    again(books)
    heard(books, MAY)

    assert (asked_of(books, MAY).asks.minor, books.notes.said[-1]) == (1000, "acc-1:2021-05:1")
    again(books)
    assert (books.stripe.given, books.notes.kept[note.note_id].left) == ({"in-2021-05": {1: 300}}, 0)
    assert (books.journal.sum_of(STRIPE_CLEARING), books.journal.sum_of(receivable(ACCOUNT))) == (700, 0)


class Disputed:
    """Satisfies what crediting needs of `dispute_ports.Disputes`."""

    def __init__(self, state: DisputeState, held: int) -> None:
        amount = Money(500, "EUR")
        what = (ACCOUNT, f"invoice:{ACCOUNT}:{MAY}:1", "fraudulent", amount, LATER, None, state, "ch-in-2021-05")
        self.found = Dispute("dp-1", *what, held=held)

    def of_account(self, _account_id: str) -> list[Dispute]:
        return [self.found]


@pytest.mark.parametrize(
    ("state", "held", "taken"),
    [
        (DisputeState.NEEDS_RESPONSE, 500, "in-2021-04"),
        (DisputeState.UNDER_REVIEW, 0, "in-2021-04"),
        (DisputeState.MADE_GOOD, 500, "in-2021-04"),
        (DisputeState.INQUIRY, 0, "in-2021-05"),
        (DisputeState.WON, 0, "in-2021-05"),
    ],
)
def test_a_refund_leaves_alone_what_a_bank_has_taken_back_or_may(state: DisputeState, held: int, taken: str) -> None:
    books = Books()
    billed(books, APRIL, 600, paid=True)
    ride = billed(books, MAY, 500, paid=True)
    credited(books, ride, 200, JUNE)
    disputes: Any = Disputed(state, held)
    give_back(ACCOUNT, replace(books.crediting(), disputes=disputes))

    assert books.stripe.given == {taken: {1: 300}}


def test_a_refund_takes_the_newest_payment_first_and_never_more_than_was_paid(books: Books) -> None:
    april, may = billed(books, APRIL, 600, paid=True), billed(books, MAY, 500, paid=True)
    books.rides.corrected(april, 0, seen_in=JUNE)
    note = credited(books, may, 200, JUNE)
    again(books)

    assert note.total.minor == 900
    assert books.stripe.given == {"in-2021-05": {1: 500}, "in-2021-04": {2: 400}}
    assert books.notes.told == ["credit_note c1 9.00 EUR", "refunded c1 5.00 EUR", "refunded c1 4.00 EUR"]
    assert (books.journal.sum_of(STRIPE_CLEARING), books.journal.sum_of(receivable(ACCOUNT))) == (200, 0)


@pytest.mark.parametrize("trouble", ["lost", "answer lost"])
def test_a_refund_that_broke_off_is_finished_once_by_the_next_try(books: Books, trouble: str) -> None:
    credited(books, billed(books, MAY, 1000, paid=True), 400, JUNE)
    books.stripe.trouble = lambda: trouble
    for _ in range(2):
        with pytest.raises(CollectorUnavailable):
            again(books)
    books.stripe.trouble = str
    again(books)
    again(books)

    assert books.stripe.given == {"in-2021-05": {1: 600}}
    assert books.journal.sum_of(STRIPE_CLEARING) == 400


def test_what_the_provider_refuses_to_give_back_is_credit_and_is_said(books: Books) -> None:
    note = credited(books, billed(books, MAY, 1000, paid=True), 400, JUNE)
    books.stripe.trouble = lambda: "refused"
    again(books)
    again(books)

    (refund,) = books.notes.sent.values()
    assert (refund.state, refund.reason) == (RefundState.FAILED, "charge_disputed")
    assert (books.notes.kept[note.note_id].left, books.notes.kept[note.note_id].choice) == (600, BackAs.CREDIT)
    assert books.notes.told[-1] == "refund_failed c1 6.00 EUR"
    assert books.journal.sum_of(STRIPE_CLEARING) == 1000


def test_a_refund_that_fails_days_later_is_the_accounts_credit_and_lowers_its_next_bill(books: Books) -> None:
    note = credited(books, billed(books, MAY, 1000, paid=True), 400, JUNE)
    again(books)
    stands = books.stripe.failed(books.notes.sent[1])
    for _ in range(2):
        note_refund(stands, books.crediting())
    again(books)

    assert (books.journal.sum_of(STRIPE_CLEARING), books.journal.sum_of(receivable(ACCOUNT))) == (1000, -600)
    assert books.notes.kept[note.note_id].left == 600
    billed(books, JULY, 900, paid=False)
    again(books)
    assert (asked_of(books, JULY).asks.minor, books.notes.kept[note.note_id].left) == (300, 0)


def test_credit_stays_where_it_was_chosen_until_a_note_of_it_is_chosen_to_be_refunded(books: Books) -> None:
    head = choose(books.notes.money_back(ACCOUNT), BackAs.CREDIT, notes=books.notes, now=LATER, commit=books.commit)
    note = credited(books, billed(books, MAY, 1000, paid=True), 400, JUNE)
    again(books)

    assert (head.choice, books.stripe.given) == (BackAs.CREDIT, {})
    choose_for(note, BackAs.REFUND, notes=books.notes, now=LATER, commit=books.commit)
    again(books)
    assert books.stripe.given == {"in-2021-05": {1: 600}}
    closed = books.notes.kept[note.note_id]
    with pytest.raises(CreditNoteClosed):
        choose_for(closed, BackAs.CREDIT, notes=books.notes, now=LATER, commit=books.commit)
    with pytest.raises(UnknownCreditNote):
        choose_for(None, BackAs.CREDIT, notes=books.notes, now=LATER, commit=books.commit)


def test_a_provider_that_was_told_of_a_credit_is_told_of_no_more_than_that(books: Books) -> None:
    credited(books, billed(books, MAY, 1000, paid=False), 700, JUNE)
    again(books)
    tell_provider(asked_of(books, MAY), books.crediting())

    assert books.stripe.invoices["in-2021-05"].credited == 300


class Chaos:
    """Troubles in turn, and then none."""

    def __init__(self, troubles: list[str]) -> None:
        self.left = [*troubles]

    def __call__(self) -> str:
        return self.left.pop() if self.left else ""


months, cents = st.sampled_from((APRIL, MAY, JUNE, JULY)), st.integers(0, 900)
steps = st.lists(
    st.tuples(st.sampled_from(("ride", "correct", "settle", "pay", "give back", "fail", "choose")), months, cents),
    max_size=20,
)


def _ride(books: Books, month: Month, cents: int) -> None:
    if month not in books.billed.settled:
        books.rides.ridden(month, cents)


def _correct(books: Books, month: Month, cents: int) -> None:
    earlier = [name for name, (when, _, _) in books.rides.cents.items() if when < month]
    if earlier:
        books.rides.corrected(earlier[cents % len(earlier)], cents, seen_in=month)


def _settle(books: Books, month: Month, _: int) -> None:
    _sent(books, books.settle(month).invoice)


def _pay(books: Books, month: Month, _: int) -> None:
    for invoice in books.billed.invoices(ACCOUNT, month):
        books.stripe.pay_rest(invoice.provider_invoice or "")
        _heard_of(books, invoice)


def _fail(books: Books, _month: Month, _: int) -> None:
    for refund in [each for each in books.notes.sent.values() if each.state is RefundState.SENT][:1]:
        note_refund(books.stripe.failed(refund), books.crediting())


def _choose(books: Books, _month: Month, number: int) -> None:
    head, choice = books.notes.money_back(ACCOUNT), [*BackAs][number % 2]
    choose(head, choice, notes=books.notes, now=LATER, commit=books.commit)


def _give_back(books: Books, _month: Month, _: int) -> None:
    with suppress(CollectorUnavailable):
        again(books)


TAKEN = {
    "ride": _ride,
    "correct": _correct,
    "settle": _settle,
    "pay": _pay,
    "fail": _fail,
    "choose": _choose,
    "give back": _give_back,
}


def _sent(books: Books, invoice: Invoice | None) -> None:
    if invoice is not None:
        name = f"in-{invoice.month}-{invoice.number}"
        books.billed.made[invoice.month, invoice.number] = replace(invoice, provider_invoice=name)
        books.stripe.holds(name, invoice, paid=False)


def _heard_of(books: Books, invoice: Invoice) -> None:
    stands = books.stripe.read(invoice.provider_invoice or "")
    kept = {"billed": books.billed, "ledger": books.journal, "notes": books.notes}
    take_note(stands, zone=ZONE, **kept, now=LATER, commit=books.commit)


@settings(max_examples=150)
@given(steps, st.lists(st.sampled_from(["", "lost", "answer lost", "refused"]), max_size=6))
def test_whatever_is_corrected_paid_refunded_and_broken_off_each_account_pays_what_it_used(
    story: list[tuple[str, Month, int]], troubles: list[str]
) -> None:
    """
    At the end, when all is settled, paid and given back: what Stripe holds and what we owe yet is what was used, ledger
    and Stripe agree, no note gave more than it was, and no payment more back than it had.
    """
    books = Books()
    books.stripe.trouble = Chaos(troubles)
    ends = [(kind, month, 0) for month in (APRIL, MAY, JUNE, JULY) for kind in ("settle", "give back")]
    for kind, month, number in [*story, *ends]:
        TAKEN[kind](books, month, number)
    books.stripe.trouble = str
    for month in (APRIL, MAY, JUNE, JULY):
        again(books)
        _pay(books, month, 0)
    again(books)

    assert not books.billed.held
    given = sum(sum(each.values()) for each in books.stripe.given.values())
    held = sum(each.paid.minor for each in books.stripe.invoices.values()) - given
    assert books.journal.sum_of(STRIPE_CLEARING) == held
    assert held + books.journal.sum_of(receivable(ACCOUNT)) == books.rides.cost()
    open_credit = sum(note.left for note in books.notes.kept.values())
    assert all(note.left >= 0 for note in books.notes.kept.values())
    assert abs(books.journal.sum_of(receivable(ACCOUNT)) + open_credit) < LEAST
    assert all(each.state is InvoiceState.PAID for each in books.billed.made.values())
