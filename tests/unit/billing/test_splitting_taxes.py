"""Somebody else decides the tax: totals stay, what is added is asked for once, what is taken back is so to the cent."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.billing.credit_model import BackAs, Goodwill, MoneyBack
from chalicelib.billing.credit_ports import Issuing
from chalicelib.billing.errors import CollectorUnavailable
from chalicelib.billing.goodwill import give_goodwill
from chalicelib.billing.paper_model import Buyer
from chalicelib.billing.tax_ports import OwnTaxes
from chalicelib.billing.tax_splitting import MOST_LINES, tax_instant
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.rating.figures import TaxRates
from chalicelib.rating.share import ShareRule, ShareTier
from tests.unit.billing.books import ACCOUNT, APRIL, JULY, JUNE, LATER, MAY
from tests.unit.billing.taxes import TaxedBooks, rows_of

FI, SE = "0.255:FI", "0.25:SE"


def invoices(books: TaxedBooks) -> list[Any]:
    return [books.billed.made[key] for key in sorted(books.billed.made)]


def notes(books: TaxedBooks) -> list[Any]:
    return [books.notes.kept[name] for name in sorted(books.notes.kept)]


def test_the_total_stays_and_is_split_as_it_was_said_in_the_ledger_and_on_the_document() -> None:
    books = TaxedBooks()
    books.rides.ridden(APRIL, 1000, 255)
    books.rides.ridden(APRIL, 500, product="van-se")
    books.settle(APRIL)

    assert (books.invoiced(), rows_of(invoices(books))) == (1755, [[(FI, 1255, 255), (SE, 500, 100)]])
    assert books.taxes_posted() == {FI: 255, SE: 100}
    assert [(each.place.country, [line.gross for line in each.lines]) for each in books.office.asked] == [
        ("FI", [1255]),
        ("SE", [500]),
    ]
    assert books.sales.said == ["2021-04:1:1", "2021-04:1:2"]


def test_settling_again_asks_nothing_and_what_is_added_is_asked_for_alone() -> None:
    books = TaxedBooks()
    books.rides.ridden(APRIL, 1000)
    books.settle(APRIL)
    state = books.state()
    books.settle(APRIL)
    assert (books.state(), len(books.office.asked)) == (state, 1)

    books.rides.ridden(APRIL, 300)
    books.settle(APRIL)
    assert [line.gross for each in books.office.asked for line in each.lines] == [1000, 300]
    assert rows_of(invoices(books)) == [[(FI, 1000, 203)], [(FI, 300, 61)]]


def test_a_credit_note_takes_the_tax_back_in_proportion_and_in_the_end_all_of_it() -> None:
    books = TaxedBooks()
    (ride,) = books.rides.ridden(APRIL, 1000)
    books.settle(APRIL)
    for number, (left, back) in enumerate([(667, 68), (250, 84), (0, 51)]):
        books.rides.corrected(ride, left, seen_in=MAY)
        books.settle(MAY)
        assert notes(books)[number].paper.taxes[0].tax == back

    assert books.taxes_posted() == books.sales.taxes_left() == books.taxes_on_documents() == {}
    assert len(books.office.asked) == 1


def test_a_firm_that_owes_the_tax_itself_pays_the_total_as_it_was_quoted() -> None:
    books = TaxedBooks()
    books.numbers.buyers[ACCOUNT] = Buyer(ACCOUNT, country="DE", vat_number="DE123456789", version=1)
    (ride,) = books.rides.ridden(APRIL, 1190, product="music-de")
    books.settle(APRIL)
    rate = "0:DE:reverse_charge"
    assert (books.invoiced(), rows_of(invoices(books)), books.taxes_posted()) == (1190, [[(rate, 1190, 0)]], {})
    (row,) = invoices(books)[0].paper.taxes
    assert (row.rate, row.country, row.reason) == ("0", "DE", "reverse_charge")

    books.rides.corrected(ride, 190, seen_in=MAY)
    books.settle(MAY)
    assert rows_of(notes(books)) == [[(rate, 1000, 0)]]


def test_prices_without_tax_are_not_asked_about() -> None:
    books = TaxedBooks()
    books.rides.ridden(APRIL, 1000)
    found = books.rides.month(ACCOUNT, APRIL, LATER)
    without = [replace(use, tariff=replace(use.tariff, tax_inclusive=False)) for use in found.uses]
    books.rides.month = lambda *_: found._replace(uses=without)  # type: ignore[method-assign]
    books.settle(APRIL)

    assert (books.office.asked, rows_of(invoices(books))) == ([], [[("0", 1000, 0)]])


def test_while_nobody_answers_nothing_is_written_and_no_tax_is_made_up() -> None:
    books = TaxedBooks()
    books.rides.ridden(APRIL, 1000)
    books.office.trouble = "away"
    before = books.state()
    with pytest.raises(CollectorUnavailable):
        books.settle(APRIL)
    assert books.state() == before

    books.office.trouble = ""
    books.settle(APRIL)
    assert books.taxes_posted() == {FI: 203}


@pytest.mark.parametrize(
    ("trouble", "reason"), [("refuses", "tax_refused"), ("errs", "tax_refused"), ("", "tax_place_unknown")]
)
def test_what_cannot_be_split_is_parked_until_it_can_and_releasing_it_makes_up_no_tax(
    trouble: str, reason: str
) -> None:
    books = TaxedBooks()
    books.rides.ridden(APRIL, 1000)
    books.office.trouble = trouble
    books.supplied.usual = None if not trouble else "FI"
    for _ in range(2):
        parked = books.settle(APRIL).parked
        assert parked is not None
        assert (parked.reason, books.billed.made, books.sales.kept) == (reason, {}, {})
        asked = len(books.office.asked)
        books.settle(APRIL)
        assert len(books.office.asked) == asked
        books.billed.held[APRIL] = replace(books.billed.held[APRIL], released_by="olga", released_at=LATER)

    books.office.trouble, books.supplied.usual = "", "FI"
    books.settle(APRIL)
    assert books.taxes_posted() == {FI: 203}


def test_what_was_billed_by_our_own_rates_before_stays_and_goes_back_by_them_last() -> None:
    books = TaxedBooks()
    books.taxes, books.shares.rates = OwnTaxes(), TaxRates(others=Decimal("0.24"))
    (ride,) = books.rides.ridden(APRIL, 1240)
    books.settle(APRIL)
    books.switch_on()
    books.settle(APRIL)
    assert (books.taxes_posted(), books.office.asked) == ({"0.24": 240}, [])

    books.rides.corrected(ride, 1740, seen_in=MAY)
    books.settle(MAY)
    assert books.taxes_posted() == {"0.24": 240, FI: 102}
    books.rides.corrected(ride, 620, seen_in=JUNE)
    books.settle(JUNE)
    assert books.taxes_posted() == books.taxes_on_documents() == {"0.24": 120}
    assert rows_of(notes(books)) == [[(FI, 500, 102), ("0.24", 620, 120)]]


def test_a_stage_that_goes_back_to_its_own_rates_keeps_what_was_split_and_asks_nobody() -> None:
    books = TaxedBooks()
    (ride,) = books.rides.ridden(APRIL, 1000)
    books.settle(APRIL)
    books.switch_off()
    books.shares.rates = TaxRates(others=Decimal("0.24"))
    books.settle(APRIL)
    assert books.taxes_posted() == {FI: 203}

    books.rides.corrected(ride, 1620, seen_in=MAY)
    books.settle(MAY)
    assert rows_of(invoices(books))[-1] == [("0.24", 620, 120)]
    books.rides.corrected(ride, 500, seen_in=JUNE)
    books.settle(JUNE)
    assert (books.taxes_posted(), books.sales.taxes_left()) == ({"0.24": 97}, {})
    books.rides.ridden(JULY, 1240)
    books.settle(JULY)
    assert rows_of(invoices(books))[-1] == [("0.24", 1240, 240)]
    give(books, 100)
    assert len(books.office.asked) == 1


@pytest.mark.parametrize(
    ("currency", "ridden", "asked", "tax"), [("JPY", 1255, 1255, 255), ("KWD", 12_553, 12_550, 2550)]
)
def test_currencies_of_no_and_of_three_decimals_are_split_in_what_can_be_moved(
    currency: str, ridden: int, asked: int, tax: int
) -> None:
    books = TaxedBooks()
    books.rides.currency = currency
    books.rides.ridden(APRIL, ridden)
    books.settle(APRIL)

    assert [line.gross for each in books.office.asked for line in each.lines] == [asked]
    assert rows_of(invoices(books)) == [[(FI, asked, tax)]]
    books.rides.ridden(APRIL, 9)
    books.settle(APRIL)
    assert sum(line.gross for each in books.office.asked for line in each.lines) == (ridden + 9) // 10 * 10 or (
        currency == "JPY"
    )
    assert books.taxes_posted() == books.sales.taxes_left()


def test_more_products_than_are_split_at_once_are_asked_for_in_parts() -> None:
    books = TaxedBooks()
    for number in range(MOST_LINES + 1):
        books.rides.ridden(APRIL, 100, product=f"p{number:03d}")
    books.settle(APRIL)

    assert [len(each.lines) for each in books.office.asked] == [MOST_LINES, 1]
    assert books.taxes_posted() == {FI: 20 * (MOST_LINES + 1)}


def test_a_partners_share_is_of_what_is_left_without_that_tax() -> None:
    books = TaxedBooks()
    books.shares.rules["par-1"] = ShareRule("EUR", tiers=(ShareTier(Decimal(50)),))
    books.rides.ridden(APRIL, 1255)
    books.settle(APRIL)

    assert invoices(books)[0].shares == {"par-1": 500}


def test_goodwill_takes_the_tax_back_that_it_says_and_a_later_correction_no_tax_twice() -> None:
    books = TaxedBooks()
    (ride,) = books.rides.ridden(APRIL, 1000)
    books.settle(APRIL)
    give(books, 1000)
    assert books.taxes_posted() == books.sales.taxes_left() == books.taxes_on_documents() == {}

    books.rides.corrected(ride, 400, seen_in=MAY)
    books.settle(MAY)
    assert rows_of(notes(books)) == [[(FI, 1000, 203)], [("0", 600, 0)]]
    assert books.taxes_posted() == books.sales.taxes_left() == {}


def give(books: TaxedBooks, minor: int) -> None:
    what = (APRIL, f"g{len(books.notes.kept) + 1}", f"{ACCOUNT}:2021-04:1", Money(minor, "EUR"), "rain", LATER)
    asked = Goodwill(ACCOUNT, *what)
    books.notes.heads[ACCOUNT] = MoneyBack(ACCOUNT, BackAs.REFUND, asked=(asked,))
    issuing = Issuing(books.notes, books.numbers, taxes=books.taxes)
    kept: dict[str, Any] = {"billed": books.billed, "ledger": books.journal, "now": LATER, "commit": books.commit}
    give_goodwill(ACCOUNT, asked.name, issuing=issuing, **kept)


def test_a_month_that_is_over_has_the_rates_of_its_end_as_far_back_as_they_are_known() -> None:
    now = datetime(2021, 6, 3, 7, 40, tzinfo=UTC)
    end_of_may = datetime(2021, 5, 31, 23, 59, 59, tzinfo=UTC)

    assert tax_instant(MAY, "UTC", now) == end_of_may
    assert tax_instant(JUNE, "UTC", now) == datetime(2021, 6, 3, 7, tzinfo=UTC)
    assert tax_instant(APRIL, "UTC", now) == datetime(2021, 6, 3, 7, tzinfo=UTC) - timedelta(days=30)


STEPS = st.lists(
    st.tuples(
        st.sampled_from([APRIL, MAY, JUNE]),
        st.sampled_from(["bike", "van-se", "music-de", "game-jp"]),
        st.integers(0, 3000),
        st.booleans(),
        st.sampled_from([True, True, True, False]),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(steps=STEPS, goodwill=st.integers(1, 300))
def test_ledger_documents_and_what_was_said_agree_to_the_cent_whatever_is_ridden_and_corrected(
    steps: list[tuple[Month, str, int, bool, bool]], goodwill: int
) -> None:
    """
    And whether Stripe decides just then or our own rates do.
    """
    books, rides = TaxedBooks(), list[tuple[Month, str]]()
    books.shares.rates = TaxRates(others=Decimal("0.24"))
    for number, (month, product, cents, corrects, asks) in enumerate(steps):
        books.switch_on() if asks else books.switch_off()
        if corrects and rides:
            books.rides.corrected(rides[number % len(rides)][1], cents, seen_in=JULY)
        else:
            rides += [(month, name) for name in books.rides.ridden(month, cents, product=product)]
        books.settle(JULY if corrects else month)
        if number == len(steps) // 2 and (APRIL, 1) in books.billed.made:
            give(books, min(goodwill, books.billed.made[APRIL, 1].total.minor))
        books.taxes_on_documents()
        split = {rate: tax for rate, tax in books.taxes_posted().items() if rate != "0.24"}
        assert split == books.sales.taxes_left()
        assert all(
            sale.left(place)[1] >= 0 and sale.left(place)[0] >= 0
            for sale in books.sales.kept.values()
            for place in range(len(sale.lines))
        )
    for _, name in rides:
        books.rides.corrected(name, 0, seen_in=JULY)
    for month in (APRIL, MAY, JUNE, JULY):
        books.settle(month)

    assert books.sales.taxes_left() == {}
    assert set(books.taxes_posted()) <= ({"0.24"} if goodwill_of_own(books) else set())


def goodwill_of_own(books: TaxedBooks) -> bool:
    """Goodwill on what our own rates split takes its tax back once more when that is corrected afterwards."""
    return any(row.booked == "0.24" for each in notes(books) if each.against for row in each.paper.taxes)
