"""What customers wish: which products ask first, what they may cost, and when it is quiet."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.access.agreed import Agreed
from chalicelib.access.allowing import under
from chalicelib.access.errors import BadWish
from chalicelib.access.limits import Allowance, Budget, BudgetPeriod, LimitsNow, Spent
from chalicelib.access.wishes import MOST_PRODUCTS, NO_WISHES, ProductBudget, Quiet, Wishes, judged_of
from chalicelib.kernel.money import Money

BIKE, CAR = "par_1:bike", "par_2:car"
HELSINKI = "Europe/Helsinki"
TIMES = st.builds(time, st.integers(0, 23), st.integers(0, 59))
INSTANTS = st.datetimes(datetime(2021, 1, 1), datetime(2022, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001


def euros(text: str) -> Money:
    return Money.of(text, "EUR")


@pytest.mark.parametrize(
    ("wishes", "pointer"),
    [
        ({"budgets": {"bike": ProductBudget()}}, "/budgets"),
        ({"budgets": {BIKE: ProductBudget(month=Budget(euros("-0.01")))}}, "/budgets"),
        ({"budgets": {f"par_1:bike{n}": ProductBudget() for n in range(MOST_PRODUCTS + 1)}}, "/budgets"),
        ({"without_asking": frozenset({"par_1"})}, "/without_asking"),
        ({"stop_after": timedelta(seconds=59)}, "/stop_after_minutes"),
        ({"stop_after": timedelta(days=32)}, "/stop_after_minutes"),
        ({"quiet": Quiet(time(7), time(7))}, "/quiet"),
    ],
)
def test_a_wish_that_cannot_be_kept_names_its_field(wishes: dict[str, object], pointer: str) -> None:
    with pytest.raises(BadWish) as refused:
        Wishes(**wishes)  # type: ignore[arg-type]
    assert refused.value.facts["pointer"] == pointer


def test_only_wishes_about_starts_keep_older_quotes_from_starting() -> None:
    assert not Wishes(quiet=Quiet(time(22), time(7)), languages=("sv",)).restrict
    assert all(
        each.restrict
        for each in (
            Wishes(stop_after=timedelta(hours=1)),
            Wishes(without_asking=frozenset()),
            Wishes(budgets={BIKE: ProductBudget()}),
        )
    )


def test_what_is_not_named_asks_first_and_nothing_does_where_nobody_wished_it() -> None:
    some, none = Wishes(without_asking=frozenset({BIKE})), Wishes(without_asking=frozenset())

    assert (some.asks_for(BIKE), some.asks_for(CAR), none.asks_for(BIKE), NO_WISHES.asks_for(CAR)) == (
        False,
        True,
        True,
        False,
    )


def test_a_product_has_its_own_budgets_and_no_others() -> None:
    wishes = Wishes(budgets={BIKE: ProductBudget(Budget(euros("5")), Budget(euros("9"), hard=False))})
    spent = Spent(euros("4"), euros("8.50"))

    day, month = judged_of(BIKE, wishes, spent, euros("0.50"), euros("0.60"))
    assert (day.name, day.left, day.fits) == ("product_day", euros("0.50"), False)
    assert (month.name, month.left, month.fits) == ("product_month", euros("0"), False)
    assert judged_of(CAR, wishes, spent, euros("0"), euros("0")) == ()
    found = Allowance(LimitsNow(turn=3), (day, month), confirm=True, stop_after=timedelta(minutes=45))
    agreed = under(Agreed(), found)
    assert (agreed.over, agreed.warns, agreed.bound, agreed.turn) == (
        "product_day",
        ("product_month",),
        euros("0.50"),
        3,
    )
    assert (agreed.confirm, agreed.stop_after) == (True, 2700)
    assert Agreed.of(agreed.document()) == agreed
    assert Agreed.of(Agreed().document()) == Agreed()


@given(TIMES, TIMES, INSTANTS)
def test_quiet_holds_from_its_beginning_up_to_its_end_whatever_midnight_is_between(
    since: time, until: time, now: datetime
) -> None:
    """
    By the clock on the wall: whoever looks at it sees whether it is quiet, but in the hour that a clock change repeats.
    """
    here = now.astimezone(ZoneInfo(HELSINKI))
    wall = here.time()
    inside = since <= wall < until if since < until else wall >= since or wall < until
    day = {datetime(2021, 3, 28).date(), datetime(2021, 10, 31).date()}  # noqa: DTZ001
    over = Quiet(since, until).over_at(now, HELSINKI)

    if since != until and here.date() not in day and (here - timedelta(days=1)).date() not in day:
        assert (over is not None) == inside
    if over is not None:
        assert now < over <= now + timedelta(hours=25)
        assert over.astimezone(ZoneInfo(HELSINKI)).time().replace(tzinfo=None) == until or over.date() in day


@given(TIMES, TIMES, INSTANTS)
def test_once_quiet_is_over_it_is_over(since: time, until: time, now: datetime) -> None:
    quiet = Quiet(since, until)
    over = quiet.over_at(now, HELSINKI)

    assert over is None or since == until or quiet.over_at(over, HELSINKI) is None


def test_the_periods_of_a_product_are_those_of_an_account() -> None:
    budget = Budget(euros("1"))

    assert dict(ProductBudget(budget, budget).budgets()) == dict.fromkeys(BudgetPeriod, budget)
