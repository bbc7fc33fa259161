"""A month is brought to what it has to be: recompute, subtract what is billed, bill the difference, and never twice."""

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chalicelib.billing.currencies import minimum_charge
from chalicelib.billing.document_lines import MOST_LINES
from chalicelib.billing.errors import SettlementChanged
from chalicelib.billing.model import Invoice, Settlement
from chalicelib.billing.paper_model import TaxRow
from chalicelib.kernel.money import CurrencyMismatch
from chalicelib.kernel.time import Month
from chalicelib.ledger.accounts import receivable, revenue
from tests.unit.billing.books import ACCOUNT, APRIL, JULY, JUNE, LATER, MAY, Books

amounts = st.lists(st.integers(0, 900), max_size=6)
MONTHS = (APRIL, MAY, JUNE, JULY)
SMALL = minimum_charge("EUR").minor


@pytest.fixture
def books() -> Books:
    return Books()


def lines(invoice: Invoice | None) -> list[tuple[str, str, int]]:
    assert invoice is not None
    return [(line.about, line.reference, line.amount.minor) for line in invoice.lines]


def test_a_month_becomes_an_invoice_with_a_line_a_session_and_its_postings(books: Books) -> None:
    one, other = books.rides.ridden(MAY, 50, 900)
    settled = books.settle(MAY)

    assert lines(settled.invoice) == [("session", one, 50), ("session", other, 900)]
    assert settled.invoice is not None
    assert (settled.invoice.total.minor, settled.invoice.invoice_id) == (950, "acc-1:2021-05:1")
    assert books.journal.sum_of(receivable(ACCOUNT)) == 950
    assert books.journal.sum_of(revenue("par-1:bike")) == -950


@given(amounts, amounts)
def test_settling_twice_changes_nothing(may: list[int], june: list[int]) -> None:
    books = Books()
    books.rides.ridden(MAY, *may)
    books.rides.ridden(JUNE, *june)
    for month in (MAY, JUNE):
        books.settle(month)
    before, commits = books.state(), len(books.commit.sizes)
    for month in (JUNE, MAY, MAY):
        assert books.settle(month).invoice is None

    assert books.state() == before
    assert len(books.commit.sizes) == commits


def test_a_sum_too_small_to_collect_is_carried_to_the_next_month_and_named_there(books: Books) -> None:
    books.rides.ridden(MAY, SMALL - 1)
    assert books.settle(MAY).invoice is None
    assert books.journal.sum_of(receivable(ACCOUNT)) == SMALL - 1
    (ride,) = books.rides.ridden(JUNE, 100)

    assert lines(books.settle(JUNE).invoice) == [("session", ride, 100), ("carried", "2021-05", SMALL - 1)]
    assert books.settle(JULY).settlement.carried_out == 0


def test_what_is_just_worth_collecting_is_collected(books: Books) -> None:
    books.rides.ridden(MAY, SMALL)

    assert books.settle(MAY).invoice is not None


def test_late_evidence_of_an_earlier_month_is_billed_once_in_the_month_in_which_it_came(books: Books) -> None:
    (ride,) = books.rides.ridden(MAY, 100)
    books.settle(MAY)
    books.rides.ridden(JUNE, 300)
    books.rides.corrected(ride, 180, seen_in=JUNE)

    assert lines(books.settle(JUNE).invoice)[1:] == [("adjustment", "2021-05", 80)]
    assert books.settle(JUNE).invoice is None
    assert books.settle(JULY).invoice is None
    assert books.invoiced() == books.rides.cost() == 480


def test_a_month_settled_again_after_its_correction_was_billed_elsewhere_bills_nothing(books: Books) -> None:
    """
    A queue delivers May's page once more, long after June has billed the correction of May.
    """
    (ride,) = books.rides.ridden(MAY, 100)
    books.settle(MAY)
    books.rides.corrected(ride, 180, seen_in=JUNE)
    books.settle(JUNE)

    assert books.settle(MAY).invoice is None
    assert books.invoiced() == 180


def test_what_was_billed_too_much_becomes_a_credit_note_with_the_lines_that_say_of_what(books: Books) -> None:
    """
    Ten were billed and six turn out to be right; June's two come off the four, and July is billed as it is.
    """
    (ride,) = books.rides.ridden(MAY, 1000)
    books.settle(MAY)
    books.rides.corrected(ride, 600, seen_in=JUNE)
    (june,) = books.rides.ridden(JUNE, 200)
    settled = books.settle(JUNE)
    (july,) = books.rides.ridden(JULY, 300)

    assert settled.note is not None
    assert (settled.note.note_id, settled.note.total.minor) == ("acc-1:2021-06:c1", 200)
    said = [(line.about, line.reference, line.amount.minor) for line in settled.note.lines]
    assert said == [("session", june, -200), ("adjustment", "2021-05", 400)]
    assert (settled.invoice, settled.settlement.carried_out) == (None, 0)
    assert lines(books.settle(JULY).invoice) == [("session", july, 300)]
    assert books.invoiced() == books.rides.cost() == 1100
    assert books.settle(JUNE).note is None


def test_a_correction_that_is_taken_back_is_credited_as_of_the_month_that_it_corrected(books: Books) -> None:
    (ride,) = books.rides.ridden(MAY, 1000)
    books.settle(MAY)
    books.rides.corrected(ride, 1800, seen_in=JUNE)
    books.settle(JUNE)
    books.rides.corrected(ride, 1000, seen_in=JUNE)
    note = books.settle(JUNE).note

    assert note is not None
    assert [(line.about, line.reference, line.amount.minor) for line in note.lines] == [("adjustment", "2021-05", 800)]
    assert books.invoiced() == books.rides.cost() == 1000


@pytest.mark.parametrize(("too_much", "noted"), [(SMALL - 1, False), (SMALL, True)])
def test_what_is_too_small_to_collect_is_too_small_to_be_credited_and_is_carried(
    books: Books,
    too_much: int,
    noted: bool,  # noqa: FBT001 -- a case
) -> None:
    (ride,) = books.rides.ridden(MAY, 1000)
    books.settle(MAY)
    books.rides.corrected(ride, 1000 - too_much, seen_in=JUNE)
    settled = books.settle(JUNE)

    assert (settled.note is not None) == noted
    assert settled.settlement.carried_out == (0 if noted else -too_much)


def test_a_month_released_late_does_not_take_again_what_another_month_collected(books: Books) -> None:
    """
    April left 30 cents. May is parked, June collects them. When May is released, it bills its own use only.
    """
    books.rides.ridden(APRIL, 30)
    books.settle(APRIL)
    books.rides.ridden(JUNE, 100)
    assert books.settle(JUNE).settlement.invoiced == 130
    books.rides.ridden(MAY, 500)
    may = books.settle(MAY)

    assert may.settlement.invoiced == 500
    assert books.invoiced() == 630


@pytest.mark.parametrize("sessions", [MOST_LINES, MOST_LINES + 1, 700])
def test_over_200_sessions_are_rolled_up_by_product_and_the_lines_still_add_up(books: Books, sessions: int) -> None:
    books.rides.ridden(MAY, *[3] * (sessions - 2))
    books.rides.ridden(MAY, 40, 50, product="tool")
    invoice = books.settle(MAY).invoice

    assert invoice is not None
    assert sum(line.amount.minor for line in invoice.lines) == invoice.total.minor == 3 * (sessions - 2) + 90
    if sessions > MOST_LINES:
        assert lines(invoice) == [("product", "par-1:bike", 3 * (sessions - 2)), ("product", "par-1:tool", 90)]
    else:
        assert len(invoice.lines) == sessions


def test_what_costs_nothing_has_no_line(books: Books) -> None:
    _, paid = books.rides.ridden(MAY, 0, 100)

    assert lines(books.settle(MAY).invoice) == [("session", paid, 100)]


def test_more_products_than_there_may_be_lines_are_the_largest_ones_and_one_line_for_the_others(books: Books) -> None:
    """
    251 products: the 199 that cost most have a line each, and the 52 others one together.
    """
    for number in range(251):
        books.rides.ridden(MAY, 100 + number, product=f"p{number:03d}")
    found = lines(books.settle(MAY).invoice)

    assert len(found) == MOST_LINES
    assert found[0] == ("product", "par-1:p052", 152)
    assert found[-1] == ("others", "52", sum(range(100, 152)))
    assert sum(minor for _, _, minor in found) == books.rides.cost()


@pytest.mark.parametrize(
    ("currency", "least"), [("JPY", 50), ("KWD", 1000), ("ISK", 10_000), ("UGX", 300_000), ("EUR", 50), ("HUF", 17500)]
)
def test_nothing_is_collected_below_what_stripe_takes_in_the_currency(currency: str, least: int) -> None:
    books = Books()
    books.rides.currency = currency
    books.rides.ridden(MAY, least - 1)
    assert books.settle(MAY).invoice is None
    books.rides.ridden(JUNE, 1)

    invoice = books.settle(JUNE).invoice
    assert invoice is not None
    assert invoice.total == minimum_charge(currency)


def test_an_account_whose_currency_was_changed_is_parked_and_nothing_is_mixed_once_it_is_released(books: Books) -> None:
    """
    0.30 EUR of May are carried; from June on it is billed in yen, and July asks nobody any more.
    """
    books.rides.ridden(MAY, 30)
    books.settle(MAY)
    books.rides.currency = "JPY"
    (ride,) = books.rides.ridden(JUNE, 900)
    parked = books.settle(JUNE).parked
    assert parked is not None
    assert parked.reason == "currency_changed"
    books.billed.held[JUNE] = replace(parked, released_at=LATER)

    assert lines(books.settle(JUNE).invoice) == [("session", ride, 900)]
    (ride,) = books.rides.ridden(JULY, 700)
    july = books.settle(JULY)
    assert (lines(july.invoice), july.parked) == ([("session", ride, 700)], None)
    assert books.settle(JUNE).parked is None


def test_what_was_rated_in_another_currency_in_mid_month_is_refused_whole_and_nothing_of_it_changes() -> None:
    """
    3.00 EUR of May were settled within it; then accounts settle in yen. The close names the account as failed.
    """
    books = Books()
    books.rides.ridden(MAY, 300)
    books.settle(MAY)
    before, posted = dict(books.billed.settled), dict(books.journal.entries)
    books.rides.ridden(MAY, 100)

    with pytest.raises(CurrencyMismatch):
        books.settle(MAY, currency="JPY")
    assert (books.billed.settled, books.journal.entries, books.billed.held) == (before, posted, {})


def test_of_three_decimals_tens_are_billed_and_the_rest_is_carried_on() -> None:
    """
    1.234 KWD: Stripe moves 1.230, and 0.004 are on the next month's bill, or on its credit note.
    """
    books = Books()
    books.rides.currency = "KWD"
    (ride,) = books.rides.ridden(MAY, 3234)
    settled = books.settle(MAY)
    assert lines(settled.invoice) == [("session", ride, 3234), ("carried_on", "2021-06", -4)]
    assert settled.settlement.carried_out == 4
    books.rides.corrected(ride, 1000, seen_in=JUNE)
    note = books.settle(JUNE).note

    assert note is not None
    assert (str(note.total), [row.gross for row in note.paper.taxes]) == ("2.230 KWD", [2230])
    assert books.invoiced() == books.rides.cost() == 1000


steps = st.lists(
    st.one_of(
        st.tuples(st.just("ride"), st.sampled_from(MONTHS), st.integers(0, 400)),
        st.tuples(st.just("correct"), st.sampled_from(MONTHS), st.integers(0, 400)),
        st.tuples(st.just("settle"), st.sampled_from(MONTHS), st.just(0)),
    ),
    max_size=14,
)


def _apply(books: Books, kind: str, month: Month, amount: int) -> None:
    if kind == "ride" and month not in books.billed.settled:
        books.rides.ridden(month, amount)
    elif kind == "correct":
        earlier = [name for name, (when, _, _) in books.rides.cents.items() if when < month]
        if earlier:
            books.rides.corrected(earlier[amount % len(earlier)], amount, seen_in=month)
    elif kind == "settle":
        books.settle(month)


@settings(max_examples=150)
@example([("ride", APRIL, 0), ("correct", MAY, 1), ("settle", MAY, 0), ("correct", MAY, 0)])
@given(steps)
def test_in_whatever_order_months_are_settled_and_corrected_no_cent_is_billed_twice_or_lost(
    story: list[tuple[str, Month, int]],
) -> None:
    """
    After every step: an invoice's lines add up to it, the ledger's receivable is what the settlements say, and a new
    invoice brings what is invoiced to exactly what is posted. At the end, when each month was settled, all that was
    used is posted, and what is not invoiced is too small or a credit.
    """
    books = Books()
    for kind, month, amount in [*story, *(("settle", month, 0) for month in MONTHS)]:
        before = books.invoiced()
        _apply(books, kind, month, amount)
        for invoice in books.billed.made.values():
            assert sum(line.amount.minor for line in invoice.lines) == invoice.total.minor >= SMALL
        posted = sum(sum(each.posted.values()) for each in books.billed.settled.values())
        assert books.journal.sum_of(receivable(ACCOUNT)) == posted
        for note in books.notes.kept.values():
            assert sum(line.amount.minor for line in note.lines) == note.total.minor >= SMALL
        assert books.invoiced() in {before, posted}
    assert not books.billed.held
    assert books.journal.sum_of(receivable(ACCOUNT)) == books.rides.cost()
    assert abs(books.rides.cost() - books.invoiced()) < SMALL
    assert sum(row.gross for row in tax_rows(books)) == books.invoiced()


def tax_rows(books: Books) -> list[TaxRow]:
    """Of all documents together."""
    notes = [note.paper for note in books.notes.kept.values()]
    turned = [TaxRow(row.rate, -row.gross, -row.tax) for paper in notes for row in paper.taxes]
    return [row for each in books.billed.made.values() if each.paper for row in each.paper.taxes] + turned


def test_an_overtaken_settlement_is_refused_whole(books: Books) -> None:
    books.rides.ridden(MAY, 700)
    (stale,) = books.billed.saving_settlement(Settlement(ACCOUNT, MAY, "EUR", version=1))
    books.settle(MAY)
    before = books.state()

    with pytest.raises(SettlementChanged):
        books.commit([*books.journal.posting(next(iter(books.journal.entries.values()))), stale][::-1], None)
    assert books.state() == before
