"""A tariff tried on a past month: against what settlements took, or what the statement says; in pages that end."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.billing import simulating
from chalicelib.billing.errors import NotAPastMonth
from chalicelib.billing.model import Settlement
from chalicelib.billing.ports import NOTHING_STATED, MonthUsed, Paid
from chalicelib.billing.simulating import PastMonth, Trial, took, try_on_month
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.rating import Tariff, tariff_from_document
from chalicelib.rating.account import AccountTerms
from chalicelib.rating.account_caps import AccountCap
from tests.unit.billing.books import ACCOUNT, APRIL, JUNE, LATER, MAY, ZONE, Books, Rides, tariff

BIKE = "par-1:bike"


def double() -> Tariff:
    """Two cents a unit."""
    prices = [{"id": "all", "kind": "unit", "meter": "cents", "unit_amount": "0.02"}]
    return tariff_from_document(
        {
            "tariff_id": "draft",
            "version": 1,
            "currency": "EUR",
            "zone": ZONE,
            "tax_inclusive": True,
            "meters": [{"name": "cents", "unit": "x", "most_per_hour": "1000000"}],
            "prices": prices,
        }
    )


def past(books: Books, month: Month = MAY, tariff_id: str = BIKE) -> PastMonth:
    return PastMonth(month, tariff_id, "EUR", books.rides, books.billed, LATER)


def tried(books: Books, accounts: tuple[str, ...] = (ACCOUNT,)) -> Trial:
    return try_on_month(past(books), accounts, double(), named=str.upper, with_lines=False)


def test_only_the_products_uses_count_and_only_what_was_billed_for_them() -> None:
    books = Books()
    books.rides.ridden(MAY, 300, 200)
    books.rides.ridden(MAY, 5000, product="car")
    books.settle(MAY)

    (found,) = tried(books).customers

    assert (found.customer, found.uses, found.settled) == ("ACC-1", 2, True)
    assert (found.billed, found.would_be, found.lines) == (Money(500, "EUR"), Money(1000, "EUR"), ())


class CappedRides(Rides):
    """All that is ridden in a month costs at most 6.00 together."""

    def month(self, account_id: str, month: Month, now: datetime, paid: Paid = NOTHING_STATED) -> MonthUsed:
        cap = AccountCap("all", "month", Money(600, "EUR"))
        return super().month(account_id, month, now, paid)._replace(terms=AccountTerms(caps=(cap,)))


def test_what_the_account_has_besides_its_tariffs_still_holds() -> None:
    """
    4.00 by car and 5.00 by bike are 6.00 by the account's cap: 3.33 for the bike. At 10.00 its part would be 4.29.
    """
    books = Books(rides=CappedRides())
    books.rides.ridden(MAY, 400, product="car")
    books.rides.ridden(MAY, 500)
    books.settle(MAY)

    same = try_on_month(past(books), [ACCOUNT], tariff(), named=str, with_lines=True)
    dearer = tried(books)

    assert (same.summary.billed, same.summary.would_be) == (Money(333, "EUR"), Money(333, "EUR"))
    assert {line.use_id for line in same.customers[0].lines} == {"2021-05-bike-0001"}
    assert dearer.summary.would_be == Money(429, "EUR")


def test_a_later_correction_counts_with_the_month_whose_use_it_is_about() -> None:
    books = Books()
    (ride,) = books.rides.ridden(MAY, 300)
    books.settle(MAY)
    books.rides.corrected(ride, 100, seen_in=JUNE)
    assert tried(books).summary.billed == Money(300, "EUR")

    books.settle(JUNE)

    assert tried(books).summary.billed == Money(100, "EUR")
    assert took(books.billed.settlements(ACCOUNT), MAY, BIKE) == 100
    assert took(books.billed.settlements(ACCOUNT), JUNE, BIKE) == 0


def test_what_is_not_settled_is_compared_with_the_statement_and_told() -> None:
    books = Books()
    books.rides.ridden(MAY, 300)

    trial = tried(books)

    assert trial.summary.billed == Money(300, "EUR")
    assert (trial.summary.not_settled, [each.settled for each in trial.customers]) == (1, [False])


def test_an_account_without_a_use_of_the_product_is_no_customer() -> None:
    books = Books()
    books.rides.ridden(MAY, 300, product="car")
    books.settle(MAY)

    trial = tried(books)

    assert (trial.customers, trial.summary.customers, trial.last) == ((), 0, ACCOUNT)


def test_a_page_ends_with_the_account_that_fills_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    So that a page of busy accounts takes no longer than one of idle accounts; the next goes on behind it.
    """
    monkeypatch.setattr(simulating, "MOST_USES", 5)
    books = Books()
    books.rides.ridden(MAY, 1, 2, 3)

    trial = tried(books, ("a", "b", "c", "d"))

    assert ([each.customer for each in trial.customers], trial.last) == (["A", "B"], "b")


def test_nothing_is_committed() -> None:
    books = Books()
    books.rides.ridden(MAY, 300)
    books.settle(MAY)
    before, writes = books.state(), list(books.commit.sizes)

    tried(books)

    assert (books.state(), books.commit.sizes) == (before, writes)


def test_a_month_is_past_from_its_end_on() -> None:
    asked = past(Books(), JUNE)
    replace(asked, now=datetime(2021, 7, 1, tzinfo=UTC)).check_over(ZONE)

    with pytest.raises(NotAPastMonth):
        replace(asked, now=datetime(2021, 6, 30, 23, 59, 59, tzinfo=UTC)).check_over(ZONE)


def test_what_was_taken_is_the_months_own_charges_and_others_corrections_of_it() -> None:
    settlements = [
        Settlement(ACCOUNT, APRIL, "EUR", charges={BIKE: 1, "par-1:car": 9}),
        Settlement(ACCOUNT, MAY, "EUR", charges={BIKE: 10}, adjusted={"2021-04": {BIKE: 100, "par-1:car": 9}}),
        Settlement(ACCOUNT, JUNE, "EUR", adjusted={"2021-04": {BIKE: -30}, "2021-05": {BIKE: 1000}}),
    ]

    assert [took(settlements, month, BIKE) for month in (APRIL, MAY, JUNE)] == [71, 1010, 0]
