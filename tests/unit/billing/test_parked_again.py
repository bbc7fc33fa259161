"""A month that was released is judged again, but for what was decided about."""

from chalicelib.billing.operating import release
from tests.unit.billing.books import ACCOUNT, LATER, MAY, Books
from tests.unit.billing.test_settling import billed_before


def test_a_month_that_was_released_is_parked_again_for_another_reason_and_each_decision_is_kept() -> None:
    """
    Released as dear as it is, it stays so however much is added; that the ledger says something else is another matter.
    """
    books = billed_before(500, 600, 700)
    books.rides.ridden(MAY, 50_000)
    books.settle(MAY)
    _release(books, "they forgot it")
    books.settle(MAY)
    books.rides.ridden(MAY, 90_000)
    assert books.settle(MAY).parked is None
    books.journal.entries.clear()
    books.rides.ridden(MAY, 100)

    again = books.settle(MAY).parked
    assert again is not None
    assert (again.reason, again.released_at) == ("differs_from_ledger", None)
    assert [(each.reason, each.note) for each in again.earlier] == [("many_times_the_usual", "they forgot it")]
    _release(books, "posted by hand")
    assert books.settle(MAY).settlement.invoiced == 140_100
    assert books.settle(MAY).parked is None


def _release(books: Books, note: str) -> None:
    release(ACCOUNT, MAY, by="olga", note=note, billed=books.billed, now=LATER, commit=books.commit)
