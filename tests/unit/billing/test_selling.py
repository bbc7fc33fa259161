"""Each seller bills what it sells, in its own series, with its own tax, whatever others sell beside it."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.billing.credit_model import BackAs, CreditNote, MoneyBack
from chalicelib.billing.credit_ports import Issuing
from chalicelib.billing.crediting import lower_all
from chalicelib.billing.currencies import minimum_charge
from chalicelib.billing.errors import SettlementChanged
from chalicelib.billing.goodwill import ask_goodwill, give_goodwill
from chalicelib.billing.hold_using import settle_with_holds
from chalicelib.billing.holding import take
from chalicelib.billing.model import Invoice, InvoiceState
from chalicelib.billing.paper_model import OPERATORS, Series, sold_by
from chalicelib.billing.refunding import give_back
from chalicelib.billing.selling import Part
from chalicelib.billing.settling import Settled
from chalicelib.kernel.time import Month
from chalicelib.ledger.accounts import receivable, tax
from tests.unit.billing.books import ACCOUNT, JUNE, LATER, MAY, ZONE, Books, SideBySide
from tests.unit.billing.holds import SESSION, TWENTY, Desk
from tests.unit.billing.sellers import SOLD_BY, entity, named, of_several
from tests.unit.billing.test_settling import MONTHS
from tests.unit.billing.wallets import WalletBooks

SMALL = minimum_charge("EUR").minor


def documents(books: Books) -> list[Invoice | CreditNote]:
    return [*books.billed.made.values(), *books.notes.kept.values()]


def billed_by(books: Books, seller_id: str) -> int:
    signs = [(each, -1 if isinstance(each, CreditNote) else 1) for each in documents(books)]
    return sum(sign * each.total.minor for each, sign in signs if sold_by(each.paper) == seller_id)


def cost_of(books: Books, product: str) -> int:
    return sum(cents for _, name, cents in books.rides.cents.values() if name == product)


def paid(books: Books, invoice: Invoice) -> Invoice:
    """As the provider has it and as we have noted it."""
    there = books.billed.made[invoice.month, invoice.number]
    name = f"in-{invoice.month}-{invoice.number}"
    found = books.billed.made[invoice.month, invoice.number] = _paid(there, name)
    books.stripe.holds(name, found, paid=True)
    return found


def _paid(invoice: Invoice, name: str) -> Invoice:
    return replace(invoice, provider_invoice=name, state=InvoiceState.PAID, paid_at=LATER)


def test_a_month_of_three_sellers_is_three_invoices_each_with_its_own_number_lines_and_tax() -> None:
    books = of_several()
    (bike,) = books.rides.ridden(MAY, 1250)
    (tool,) = books.rides.ridden(MAY, 1140, product="tool")
    (boat,) = books.rides.ridden(MAY, 2500, product="boat")
    settled = books.settle(MAY)

    found = [
        (
            each.invoice_id,
            each.paper.number,
            each.total.minor,
            [line.reference for line in each.lines],
            each.paper.taxes,
        )
        for each in books.billed.made.values()
        if each.paper
    ]
    assert [each[:4] for each in found] == [
        ("acc-1:2021-05:1", "I-000001", 1250, [bike]),
        ("acc-1:2021-05:2", "DK-000001", 1140, [tool]),
        ("acc-1:2021-05:3", "SE-000001", 2500, [boat]),
    ]
    assert [[(row.booked, row.gross, row.tax) for row in each[4]] for each in found] == [
        [("0.25", 1250, 250)],
        [("0.14", 1140, 140)],
        [("0.25", 2500, 500)],
    ]
    assert [each.shares for each in books.billed.made.values()] == [{"par-1": 700}, {"par-1": 700}, {"par-1": 1400}]
    assert (settled.settlement.invoiced, settled.settlement.invoices, settled.settlement.carried_out) == (4890, 3, 0)


def test_each_document_has_an_entry_of_its_own_that_names_it() -> None:
    books = of_several()
    books.rides.ridden(MAY, 1250)
    books.rides.ridden(MAY, 1140, product="tool")
    books.settle(MAY)

    owed = [
        (entry.reference, each.amount.minor, each.source)
        for entry in books.journal.entries.values()
        for each in entry.postings
        if each.ledger_account == receivable(ACCOUNT)
    ]
    assert owed == [
        ("settlement:acc-1:2021-05:1", 1250, "invoice:acc-1:2021-05:1"),
        ("settlement:acc-1:2021-05:2", 1140, "invoice:acc-1:2021-05:2"),
    ]
    assert [books.journal.sum_of(tax(rate)) for rate in ("0.25", "0.14")] == [-250, -140]
    (row,) = books.shares.rows("par-1", MAY)
    assert row.posted == {"par-1:bike": 700, "par-1:tool": 700}


steps = st.lists(
    st.one_of(
        st.tuples(st.just("ride"), st.sampled_from(MONTHS), st.integers(0, 400), st.sampled_from([*SOLD_BY])),
        st.tuples(st.just("correct"), st.sampled_from(MONTHS), st.integers(0, 400), st.just("")),
        st.tuples(st.sampled_from(["settle", "broken"]), st.sampled_from(MONTHS), st.just(0), st.just("")),
    ),
    max_size=14,
)


def _apply(books: Books, step: tuple[str, Month, int, str]) -> None:
    kind, month, amount, product = step
    earlier = [name for name, (when, _, _) in books.rides.cents.items() if when < month]
    if kind == "ride" and month not in books.billed.settled:
        books.rides.ridden(month, amount, product=product)
    elif kind == "correct" and earlier:
        books.rides.corrected(earlier[amount % len(earlier)], amount, seen_in=month)
    elif kind == "settle":
        books.settle(month)
    elif kind == "broken":
        _broken(books, month)


def _broken(books: Books, month: Month) -> None:
    """The first seller's transaction is written, and none after it."""
    plain, left = books.commit, iter([True])

    def once(writes: Sequence[object], outcome: object) -> object:
        if next(left, None) is None:
            raise SettlementChanged
        return plain(writes, outcome)  # type: ignore[arg-type]

    books.commit = once  # type: ignore[assignment]
    with suppress(SettlementChanged):
        books.settle(month)
    books.commit = plain


@settings(max_examples=120, deadline=None)
@given(steps)
def test_of_each_seller_no_cent_is_billed_twice_or_lost_wherever_it_breaks_off(
    story: list[tuple[str, Month, int, str]],
) -> None:
    """
    Rides of three sellers, corrections, settlings that end behind the first seller. Every document is of one seller;
    its lines and its tax rows add up to it. At the end each seller has billed what it sold but for what is too small,
    numbers have no gap, and the settlements' parts add up to their whole.
    """
    books = of_several()
    for step in [*story, *(("settle", month, 0, "") for month in MONTHS)]:
        _apply(books, step)
        assert books.journal.sum_of(receivable(ACCOUNT)) == sum(
            sum(each.posted.values()) for each in books.billed.settled.values()
        )
    for each in documents(books):
        assert sum(line.amount.minor for line in each.lines) == each.total.minor
        assert each.paper is not None
        assert sum(row.gross for row in each.paper.taxes) == each.total.minor
        sessions = [line.reference for line in each.lines if line.about == "session"]
        assert {SOLD_BY[books.rides.cents[name][1]] for name in sessions} <= {sold_by(each.paper)}
    settled = [each for _, each in sorted(books.billed.settled.items())]
    for product, seller_id in SOLD_BY.items():
        left = sum(Part(seller_id, books.sells.selling()).of(each).left for each in settled)
        assert billed_by(books, seller_id) == cost_of(books, product) - left
        assert abs(left) < SMALL
    for (seller_id, series), last in books.numbers.last.items():
        mine = [
            each.paper.number
            for each in documents(books)
            if each.paper
            and each.paper.seller_id == seller_id
            and isinstance(each, CreditNote) == (series is Series.CREDIT_NOTE)
        ]
        assert len(set(mine)) == last == len(mine)
    assert sum(each.left for each in settled) == books.rides.cost() - books.invoiced()
    again = books.state()
    for month in MONTHS:
        books.settle(month)
    assert books.state() == again


def test_an_account_that_uses_nothing_of_other_sellers_has_the_same_to_the_last_byte() -> None:
    alone, beside = Books(), Books()
    beside.numbers.known = {"dk": entity("dk")}
    beside.sells.said = [named("par-2", "dk"), named("par-1:tool", "dk")]
    for books in (alone, beside):
        (ride, _) = books.rides.ridden(MAY, 1250, 30)
        books.settle(MAY)
        books.rides.corrected(ride, 700, seen_in=JUNE)
        books.rides.ridden(JUNE, 20)
        books.settle(JUNE)

    assert beside.state() == alone.state()
    assert (beside.notes.kept, beside.billed.chain) == (alone.notes.kept, alone.billed.chain)
    assert (beside.commit.sizes, beside.shares.kept) == (alone.commit.sizes, alone.shares.kept)


def test_a_sum_too_small_to_collect_is_carried_by_its_seller_and_makes_nobody_elses_bill_larger() -> None:
    books = of_several()
    books.rides.ridden(MAY, 900)
    books.rides.ridden(MAY, SMALL - 1, product="tool")
    books.settle(MAY)
    assert [each.total.minor for each in books.billed.made.values()] == [900]
    books.rides.ridden(JUNE, 800)
    books.rides.ridden(JUNE, 1, product="tool")
    books.settle(JUNE)

    assert [(sold_by(each.paper), each.total.minor) for each in books.billed.made.values()] == [
        (OPERATORS, 900),
        (OPERATORS, 800),
        ("dk", SMALL),
    ]
    assert [line.about for line in books.billed.made[JUNE, 2].lines] == ["session", "carried"]


def test_a_later_bill_of_a_month_lists_products_and_each_sellers_first_one_its_sessions() -> None:
    books = of_several()
    books.rides.ridden(MAY, 900)
    books.settle(MAY)
    (tool,) = books.rides.ridden(MAY, 600, product="tool")
    books.rides.ridden(MAY, 300)
    books.settle(MAY)

    found = [[(line.about, line.reference) for line in each.lines] for each in books.billed.made.values()][1:]
    assert found == [[("product", "par-1:bike")], [("session", tool)]]


def test_what_one_seller_owes_lowers_no_bill_of_another_and_goes_back_from_its_own_payments() -> None:
    """
    Tools of May are paid and turn out to have cost nothing; bikes of June are due, and bikes of May are paid.
    """
    books = of_several()
    books.rides.ridden(MAY, 1250)
    (tool,) = books.rides.ridden(MAY, 1140, product="tool")
    books.settle(MAY)
    for number in (1, 2):
        paid(books, books.billed.made[MAY, number])
    books.rides.ridden(JUNE, 2000)
    books.rides.corrected(tool, 0, seen_in=JUNE)
    books.settle(JUNE)
    (note,) = books.notes.kept.values()
    assert (sold_by(note.paper), note.paper.number, note.total.minor) == ("dk", "DKC-000001", 1140)

    lower_all(ACCOUNT, books.crediting())
    assert books.billed.made[JUNE, 1].credited == 0
    give_back(ACCOUNT, books.crediting())
    (refund,) = books.notes.sent.values()
    assert (refund.invoice_id, refund.amount.minor) == ("acc-1:2021-05:2", 1140)


def test_credit_that_is_kept_lowers_the_same_sellers_next_bill() -> None:
    books = of_several()
    (tool,) = books.rides.ridden(MAY, 1140, product="tool")
    books.settle(MAY)
    paid(books, books.billed.made[MAY, 1])
    books.notes.choice = MoneyBack(ACCOUNT, BackAs.CREDIT)
    books.rides.corrected(tool, 0, seen_in=JUNE)
    books.rides.ridden(JUNE, 900)
    books.settle(JUNE)
    books.rides.ridden(Month(2021, 7), 2000, product="tool")
    books.settle(Month(2021, 7))
    lower_all(ACCOUNT, books.crediting())

    assert books.billed.made[JUNE, 1].credited == 0
    assert books.billed.made[Month(2021, 7), 1].credited == 1140


def test_goodwill_is_a_credit_note_of_the_seller_whose_bill_it_gives_back() -> None:
    books = of_several()
    books.rides.ridden(MAY, 1140, product="tool")
    books.settle(MAY)
    invoice = paid(books, books.billed.made[MAY, 1])
    issuing = Issuing(books.notes, books.numbers, sells=books.sells)
    how = {"issuing": issuing, "now": LATER, "commit": books.commit}
    asked = ask_goodwill(invoice, replace(invoice.total, minor=500), "late", zone=ZONE, **how)
    note = give_goodwill(ACCOUNT, asked.name, billed=books.billed, ledger=books.journal, **how)

    assert note is not None
    assert (note.paper.number, sold_by(note.paper)) == ("DKC-000001", "dk")


def test_two_workers_that_settle_side_by_side_bill_nothing_twice() -> None:
    books = of_several()
    books.rides.ridden(MAY, 1250)
    books.rides.ridden(MAY, 1140, product="tool")
    plain = books.commit
    books.commit = SideBySide(plain, lambda: _settled_by(books, plain))
    with pytest.raises(SettlementChanged):
        books.settle(MAY)

    assert [(sold_by(each.paper), each.total.minor) for each in books.billed.made.values()] == [
        ("", 1250),
        ("dk", 1140),
    ]


def _settled_by(books: Books, commit: object) -> None:
    books.commit = commit  # type: ignore[assignment]
    books.settle(MAY)


def test_what_was_sold_before_a_seller_was_named_stays_the_operators_also_when_it_is_corrected_later() -> None:
    books = of_several()
    books.sells.said = [named("par-1:tool", "dk", JUNE)]
    (tool,) = books.rides.ridden(MAY, 1000, product="tool")
    books.settle(MAY)
    books.rides.corrected(tool, 1600, seen_in=JUNE)
    books.rides.ridden(JUNE, 700, product="tool")
    books.settle(JUNE)

    found = [(sold_by(each.paper), each.total.minor) for each in books.billed.made.values()]
    assert found == [(OPERATORS, 1000), (OPERATORS, 600), ("dk", 700)]


def test_the_wallet_pays_one_sellers_bill_after_the_other_as_far_as_it_goes() -> None:
    books = WalletBooks()
    of_several(books)
    books.topped_up(1500, "one")
    books.rides.ridden(MAY, 1250)
    books.rides.ridden(MAY, 1140, product="tool")
    books.settle(MAY)

    found = [(each.paid_ahead.minor, each.state) for each in books.billed.made.values()]
    assert found == [(1250, InvoiceState.PAID), (250, InvoiceState.DUE)]
    books.agrees()


def test_what_is_held_for_a_session_pays_the_bill_of_the_seller_whose_thing_it_had() -> None:
    """
    A bike and a tool were used; for the tool 20.00 are held.
    """
    desk, books = Desk(), of_several()
    desk.start(take(ACCOUNT, SESSION, TWENTY, holding=desk.holding))  # type: ignore[arg-type]
    books.rides.ridden(MAY, 1250)
    (tool,) = books.rides.ridden(MAY, 1140, product="tool")
    books.rides.cents[SESSION] = books.rides.cents.pop(tool)
    desk.opened.clear()
    books.billed.payers = desk.billed.payers
    desk.billed = books.billed

    def do(commit: object) -> Settled:
        books.commit = commit  # type: ignore[assignment]
        return books.settle(MAY)

    held = desk.holds.of_session(ACCOUNT, SESSION)
    settle_with_holds(held, lambda _session: 1140, do, holding=desk.holding)
    (hold,) = desk.holds.of_session(ACCOUNT, SESSION)
    assert (hold.invoice_id, hold.due) == ("acc-1:2021-05:2", 1140)
