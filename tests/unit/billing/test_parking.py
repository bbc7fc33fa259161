"""A bill that cannot be right, or is unlike all before it, waits until somebody has looked at it."""

from dataclasses import replace

import pytest

from chalicelib.billing.errors import SettlementChanged
from chalicelib.billing.model import Settlement
from chalicelib.billing.operating import release
from chalicelib.billing.parking import reason_to_park
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from tests.unit.billing.books import ACCOUNT, APRIL, LATER, MAY, Books


@pytest.fixture
def books() -> Books:
    return Books()


def history(*gross: int) -> dict[Month, Settlement]:
    months = [Month(2020, number) for number in range(1, len(gross) + 1)]
    return {
        month: Settlement(ACCOUNT, month, "EUR", version=1, charges={"par-1:bike": each}, invoiced=each)
        for month, each in zip(months, gross, strict=True)
    }


def billed_before(*gross: int) -> Books:
    books = Books()
    for month, settlement in history(*gross).items():
        books.rides.ridden(month, settlement.gross)
        books.settle(month)
    return books


@pytest.mark.parametrize(
    ("usual", "now", "parked"),
    [
        ((500, 600, 700), 20_001, True),
        ((500, 600, 700), 20_000, False),
        ((2_000, 3_000, 4_000), 30_000, True),
        ((2_000, 3_000, 4_000), 29_999, False),
        ((500, 600), 90_000, False),
        ((0, 500, 600, 0), 90_000, False),
    ],
    ids=["above 200", "at 200", "ten times", "less than ten times", "two months", "two months with a bill"],
)
def test_a_bill_many_times_the_usual_is_parked_after_three_billed_months(
    usual: tuple[int, ...],
    now: int,
    parked: bool,  # noqa: FBT001 -- a case
) -> None:
    books = billed_before(*usual)
    books.rides.ridden(MAY, now)
    settled = books.settle(MAY)

    assert (settled.parked is not None) == parked
    assert (settled.invoice is None) == parked
    if settled.parked:
        assert settled.parked.reason == "many_times_the_usual"


@pytest.mark.parametrize(
    ("currency", "bound"),
    [
        ("EUR", "200.00"),
        ("SEK", "1200.00"),
        ("DKK", "1000.00"),
        ("JPY", "20000"),
        ("HUF", "70000.00"),
        ("TND", "800.000"),
    ],
)
def test_what_is_large_is_about_as_much_in_every_currency(currency: str, bound: str) -> None:
    large = Money.of(bound, currency).minor
    months = [replace(each, currency=currency) for each in history(10, 20, 30).values()]

    def reason(minor: int) -> str | None:
        settlement = Settlement(ACCOUNT, MAY, currency, version=1, charges={"par-1:bike": minor})
        parked = reason_to_park(settlement, minor, months, 60, LATER)
        return parked.reason if parked is not None else None

    assert (reason(large), reason(large + 1)) == (None, "many_times_the_usual")


def test_what_was_usual_in_another_currency_says_nothing_about_a_bill_in_this_one() -> None:
    """
    Three months of some euros, then, released, 30,000 yen: more than ten times the figures, and not the amounts.
    """
    euros = [replace(each, month=Month(2019, place)) for place, each in enumerate(history(500, 600, 700).values(), 1)]
    yen = [replace(each, currency="JPY") for each in history(2_000).values()]
    settlement = Settlement(ACCOUNT, MAY, "JPY", version=1, charges={"par-1:bike": 30_000})

    assert reason_to_park(settlement, 30_000, [*euros, *yen], 2_000, LATER) is None


@pytest.mark.parametrize(
    ("billed", "now", "parked"),
    [("EEJ", "J", False), ("EEE", "J", True), ("EEJJ", "E", True), ("", "J", False), ("EEJE", "E", False)],
)
def test_a_change_of_currency_is_asked_about_once_and_again_when_it_is_changed_again(
    billed: str,
    now: str,
    parked: bool,  # noqa: FBT001 -- a case
) -> None:
    names = {"E": "EUR", "J": "JPY"}
    months = zip(history(*(100 for _ in billed)).values(), billed, strict=True)
    earlier = [replace(each, currency=names[one]) for each, one in months]
    posted = sum(each.gross for each in earlier if each.currency == names[now])
    found = reason_to_park(Settlement(ACCOUNT, MAY, names[now], version=1), 100, earlier, posted, LATER)

    assert (found.reason if found is not None else None) == ("currency_changed" if parked else None)


def test_a_parked_month_bills_nothing_until_it_is_released_and_then_the_whole(books: Books) -> None:
    books = billed_before(500, 600, 700)
    books.rides.ridden(MAY, 50_000)
    books.settle(MAY)
    assert books.settle(MAY).parked is not None
    assert MAY not in books.billed.settled
    books.billed.held[MAY] = replace(books.billed.held[MAY], released_at=LATER, released_by="ops")

    assert books.settle(MAY).settlement.invoiced == 50_000
    assert books.settle(MAY).invoice is None


def test_a_month_that_comes_to_less_than_nothing_is_parked_and_one_that_comes_to_nothing_is_not() -> None:
    """
    No tariff that may be published gives more back than it charges: so whoever sees it looks for what is wrong.
    """
    settlement = Settlement(ACCOUNT, MAY, "EUR", version=1)
    parked = reason_to_park(settlement, -1, [], 0, LATER)

    assert parked is not None
    assert (parked.month, parked.reason, dict(parked.facts)) == (MAY, "negative_total", {"total": "-0.01 EUR"})
    assert reason_to_park(settlement, 0, [], 0, LATER) is None


def test_settlements_that_differ_from_the_ledger_are_parked_with_both_sums(books: Books) -> None:
    books.rides.ridden(APRIL, 700)
    books.settle(APRIL)
    books.journal.entries.clear()
    books.rides.ridden(MAY, 100)
    parked = books.settle(MAY).parked

    assert parked is not None
    assert (parked.reason, dict(parked.facts)) == ("differs_from_ledger", {"settled": "7.00 EUR", "ledger": "0.00 EUR"})


def test_another_worker_settling_at_the_same_moment_parks_nobody(books: Books) -> None:
    """
    Between our reading of the settlements and of the ledger, another worker settled April: they differ, and nothing is
    wrong. We are told to do it again.
    """
    books.rides.ridden(APRIL, 700)
    books.rides.ridden(MAY, 100)

    def between(account_id: str, of_account=books.journal.of_account) -> object:  # noqa: ANN001 -- the real one
        books.journal.of_account = of_account  # type: ignore[method-assign]
        books.settle(APRIL)
        return of_account(account_id)

    books.journal.of_account = between  # type: ignore[method-assign,assignment]
    with pytest.raises(SettlementChanged):
        books.settle(MAY)
    assert not books.billed.held
    assert books.settle(MAY).settlement.invoiced == 100


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
