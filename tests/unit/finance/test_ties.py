"""Whatever happens in whatever order, each month's files tie with one another, the settlements and the journal."""

from dataclasses import replace

from hypothesis import given, settings

from chalicelib.finance.facts import AccountMonth
from chalicelib.kernel.time import Month
from chalicelib.ledger.model import JournalEntry
from tests.unit.billing.books import MAY
from tests.unit.billing.test_settling import MONTHS, _apply, steps
from tests.unit.billing.test_settling_shares import seventy, sharing
from tests.unit.finance.months import AS_OF, Desk, Office, Told, written


@settings(max_examples=60)
@given(steps)
def test_in_whatever_order_months_are_settled_and_corrected_every_export_ties_to_the_cent(
    story: list[tuple[str, Month, int]],
) -> None:
    """
    With partners' statements, whose minimum is booked beside bills. All that was used is in the rated lines.
    """
    office = Office(sharing(seventy(minimum=500)))
    for kind, month, amount in [*story, *(("settle", month, 0) for month in MONTHS)]:
        _apply(office.books, kind, month, amount)
    for month in MONTHS:
        office.books.stated(month)

    desks = {month: written(office, month) for month in MONTHS}

    assert {month: desk.off for month, desk in desks.items()} == {month: {} for month in MONTHS}
    rated = sum(desk.totals["usage"].get("rated_EUR", 0) for desk in desks.values())
    assert rated == office.books.rides.cost()
    shares = sum(desk.totals["partners"].get("share_EUR", 0) for desk in desks.values())
    assert shares == sum(
        each.amount.minor
        for entry in office.books.journal.entries.values()
        for each in entry.postings
        if each.ledger_account.startswith("share-cost:")
    )


def off(months: list[AccountMonth], journal: list[JournalEntry]) -> dict[str, int]:
    desk = Desk(Told(months, journal))
    desk.write()
    return desk.off


def test_what_is_missing_in_one_place_is_a_difference_to_another() -> None:
    """
    12.50 were rated, billed with 7.00 for the partner, and booked.
    """
    office = Office(sharing())
    office.books.rides.ridden(MAY, 1250)
    office.books.settle(MAY)
    (one,), journal = list(office.reading.accounts(MAY, AS_OF)), list(office.of_month(MAY))
    unrated = replace(one, statement=replace(one.statement, lines=()))

    assert off([one], journal) == {}
    assert off([one], []) == {"receivable": -1250, "shares": 700}
    assert off([], journal) == {"receivable": 1250, "shares": -700}
    assert off([replace(one, invoices=())], journal) == {"billed": 1250}
    assert off([unrated], journal) == {"rated": -1250}
    assert one.settlement is not None
    assert off([replace(one, settlement=replace(one.settlement, parts={}))], journal) == {"shares": -700}
