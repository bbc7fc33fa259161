"""The tax provider's reports against our ledger: each difference is told, and what was forgotten is told to it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from chalicelib.billing.comparison_model import Difference
from chalicelib.billing.tax_comparing import TaxComparing, compare_taxes
from chalicelib.billing.tax_recording import Recording, record
from chalicelib.kernel.money import Money
from chalicelib.kernel.writes import Commit, Outcome, Write
from chalicelib.ledger.model import JournalEntry, Posting
from tests.unit.billing.books import ACCOUNT, APRIL, LATER, MAY
from tests.unit.billing.taxes import TaxedBooks

NEXT_DAY = LATER + timedelta(days=1, hours=1)


@pytest.fixture
def books() -> TaxedBooks:
    """A month that was billed, and credited in part in the next."""
    books = TaxedBooks()
    (ride,) = books.rides.ridden(APRIL, 1000)
    books.settle(APRIL)
    books.rides.corrected(ride, 400, seen_in=MAY)
    books.settle(MAY)
    return books


def told(books: TaxedBooks) -> None:
    for sale in books.sales.of_account(ACCOUNT):
        record(ACCOUNT, sale.name, Recording(books.sales, books.office, LATER, books.commit))


def compared(books: TaxedBooks, now: datetime = NEXT_DAY) -> list[tuple[str, str]]:
    def noting(_difference: Difference) -> Commit:
        def commit(writes: Sequence[Write], outcome: Outcome) -> Outcome:
            return books.commit(writes, outcome)  # type: ignore[arg-type]

        return commit

    by = TaxComparing(books.sales, books.office, books.journal, now, noting)
    return [(each.cause, each.done) for each in compare_taxes(ACCOUNT, by)]


def test_what_is_recorded_as_it_was_posted_differs_in_nothing(books: TaxedBooks) -> None:
    told(books)

    assert (compared(books), books.office.tax) == ([], 81)


def test_what_was_not_told_within_a_day_is_told_again(books: TaxedBooks) -> None:
    books.sales.said.clear()
    assert compared(books, now=LATER + timedelta(hours=1)) == []
    assert compared(books) == [("tax_not_recorded", "recorded_again")]
    assert books.sales.said == ["2021-04:1:1"]


def test_what_the_provider_refuses_or_has_otherwise_is_reported(books: TaxedBooks) -> None:
    told(books)
    books.office.told["txn-2021-04:1:1"] = (1000, 200)
    assert compared(books) == [("tax_differs", "reported")]
    assert compared(books, now=LATER + timedelta(days=40)) == []

    (sale,) = books.sales.kept.values()
    books.sales.kept[sale.sale_id] = replace(sale, refused="sums_differ")
    assert compared(books) == [("tax_not_recorded", "reported")]


def test_a_ledger_that_says_another_tax_than_was_split_is_reported(books: TaxedBooks) -> None:
    told(books)
    cent = Money(1, "EUR")
    postings = (Posting("tax:0.255:FI", -cent, "x"), Posting("promotions", cent, "x"))
    entry = JournalEntry("by-hand", "goodwill", ACCOUNT, APRIL, LATER, postings)
    books.journal.entries["by-hand"] = entry

    assert compared(books) == [("tax_differs_from_ledger", "reported")]
