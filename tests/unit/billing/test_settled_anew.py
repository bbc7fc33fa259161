"""A month that is opened again or released takes its own; what that changes in later ones, the open month corrects."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chalicelib.billing import differences
from chalicelib.billing.model import Settlement
from chalicelib.billing.ports import NOTHING_STATED, MonthUsed, Paid
from chalicelib.kernel.time import Month
from chalicelib.ledger.accounts import receivable
from tests.unit.billing.books import ACCOUNT, APRIL, JULY, JUNE, MAY, Books, Rides
from tests.unit.billing.test_settling import lines

IN_JULY, IN_AUGUST = datetime(2021, 7, 2, tzinfo=UTC), datetime(2021, 8, 2, tzinfo=UTC)
MONTHS = (APRIL, MAY, JUNE, JULY)


@dataclass
class Capped(Rides):
    """Rides of all months cost so much at most together: what an earlier one takes more, a later one takes less."""

    most: int = 1000

    def month(self, account_id: str, month: Month, now: datetime, paid: Paid = NOTHING_STATED) -> MonthUsed:
        found = super().month(account_id, month, now, paid)
        left = max(0, self.most - sum(cents for when, _, cents in self.cents.values() if when < month))
        uses = []
        for use in found.uses:
            cents = min(left, int(use.quantities["cents"]))
            uses.append(replace(use, quantities={"cents": Decimal(cents)}))
            left -= cents
        return found._replace(uses=uses)


@pytest.fixture
def books() -> Books:
    return Books()


def test_what_is_found_out_of_june_is_julys_though_may_is_opened_again_first(books: Books) -> None:
    (may,) = books.rides.ridden(MAY, 300)
    (june,) = books.rides.ridden(JUNE, 500)
    for month in (MAY, JUNE):
        books.settle(month, IN_JULY)
    for ride, cents in ((june, 620), (may, 400)):
        books.rides.corrected(ride, cents, seen_in=JULY)

    assert lines(books.settle(MAY, IN_JULY).invoice) == [("product", "par-1:bike", 100)]
    assert books.billed.settled[MAY].adjusted == {}
    assert lines(books.settle(JULY, IN_AUGUST).invoice) == [("adjustment", "2021-06", 120)]
    assert books.invoiced() == books.rides.cost() == 1020


def test_what_a_released_month_takes_of_a_cap_the_open_month_gives_back_of_later_ones() -> None:
    """
    10.00 at most: May was parked with 7.00, and June was billed 6.00. Released in July, May takes 7.00; June is 3.00.
    """
    books = Books(rides=Capped())
    books.rides.ridden(JUNE, 600)
    books.settle(JUNE, IN_JULY)
    (may,) = books.rides.ridden(MAY, 700)

    assert lines(books.settle(MAY, IN_JULY).invoice) == [("session", may, 700)]
    assert books.rides.adjusted_months(ACCOUNT, JULY) == [MAY]
    note = books.settle(JULY, IN_AUGUST).note
    assert note is not None
    assert [(line.about, line.reference, line.amount.minor) for line in note.lines] == [("adjustment", "2021-06", 300)]
    assert books.invoiced() == 1000


def test_a_month_that_changes_nothing_has_nothing_corrected_after_it(books: Books) -> None:
    books.rides.ridden(MAY, 300)
    books.rides.ridden(JUNE, 500)
    for month in (MAY, JUNE, MAY):
        books.settle(month, IN_JULY)

    assert books.rides.adjusts == {}


def test_the_month_that_is_open_is_told_nothing_by_its_close_of_what_it_has_settled_early(books: Books) -> None:
    """It takes its own in any case: accounts that are settled as sessions end are not stated twice."""
    books.rides.ridden(JULY, 500)
    books.settle(JULY, IN_JULY)
    books.rides.ridden(JUNE, 300)
    books.settle(JUNE, IN_JULY)

    assert books.rides.adjusts == {}


def test_what_a_month_took_of_a_later_one_before_stays_taken() -> None:
    """
    As it was stored once: May, opened again, took 1.20 of June too. Settled once more, it gives nothing of that back.
    """
    kept = Settlement(ACCOUNT, MAY, "EUR", 1, {"bike": 300}, {"2021-06": {"bike": 120}, "2021-04": {"bike": 5}})
    known = {MAY: kept, JUNE: Settlement(ACCOUNT, JUNE, "EUR", 1, {"bike": 500})}

    taken = differences.recomputed({"bike": 400}, {APRIL: {"bike": 7}}, kept, known, differences.charges)
    assert taken == ({"bike": 400}, {"2021-04": {"bike": 7}, "2021-06": {"bike": 120}})
    june = differences.recomputed({"bike": 620}, {}, known[JUNE], known, differences.charges)
    assert june.own == {"bike": 500}


steps = st.lists(
    st.one_of(
        st.tuples(st.just("ride"), st.sampled_from(MONTHS), st.integers(0, 900)),
        st.tuples(st.just("correct"), st.sampled_from(MONTHS), st.integers(0, 900)),
        st.tuples(st.just("settle"), st.sampled_from(MONTHS), st.just(0)),
    ),
    max_size=14,
)


@settings(max_examples=100)
@example([("ride", MAY, 900), ("settle", MAY, 0), ("ride", APRIL, 900)])
@given(steps)
def test_however_closed_months_are_opened_again_what_they_share_a_cap_with_comes_right_with_the_open_one(
    story: list[tuple[str, Month, int]],
) -> None:
    """
    April to June are over; each is settled at least once, and July closes last. Settlements of a closed month take
    nothing of those after it.
    """
    books = Books(rides=Capped())
    for kind, month, amount in [*story, *(("close", month, 0) for month in MONTHS[:-1]), ("settle", JULY, 0)]:
        if kind == "ride" and month not in books.billed.settled:
            books.rides.ridden(month, amount)
        elif kind == "correct" and (named := [name for name, (when, _, _) in books.rides.cents.items() if when < JULY]):
            books.rides.corrected(named[amount % len(named)], amount, seen_in=JULY)
        elif kind == "settle" or (kind == "close" and month not in books.billed.settled):
            books.settle(month, IN_JULY)
        for settled in books.billed.settled.values():
            assert all(Month.parse(each) < settled.month for each in settled.adjusted)

    posted, due, left = dict.fromkeys(MONTHS, 0), dict.fromkeys(MONTHS, 0), 1000
    for settled in books.billed.settled.values():
        for about, sums in differences.charges(settled).by_month:
            posted[about or settled.month] += sum(sums.values())
    for month in MONTHS:
        due[month] = min(left, sum(cents for when, _, cents in books.rides.cents.values() if when == month))
        left -= due[month]
    assert posted == due
    assert books.journal.sum_of(receivable(ACCOUNT)) == sum(due.values())
