"""Limits that customers set: what fits, what is left, what a session may come to."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.access.agreed import Agreed
from chalicelib.access.bounding import bounded, stop_at, until_of, wish_of, with_bound
from chalicelib.access.errors import BadLimit
from chalicelib.access.limits import MOST_OPEN, Budget, BudgetPeriod, Limits, LimitsNow, Spent, judged
from chalicelib.access.model import AccessSession, State
from chalicelib.access.records import session_of, session_record
from chalicelib.access.stops import Limited, Stop, Until
from chalicelib.kernel.money import Money
from chalicelib.rating import Tariff
from chalicelib.storage.record import Database
from tests.unit.access.test_need import SESSION
from tests.unit.rating.made import tariff

AMOUNTS = st.integers(0, 100_000).map(lambda minor: Money(minor, "EUR"))
BUDGETS = st.none() | st.builds(Budget, AMOUNTS, st.booleans())


def euros(text: str) -> Money:
    return Money.of(text, "EUR")


@pytest.mark.parametrize(
    ("limits", "pointer"),
    [
        ({"most_open": -1}, "/most_open"),
        ({"most_open": MOST_OPEN + 1}, "/most_open"),
        ({"day": Budget(euros("-0.01"))}, "/day/amount"),
        ({"month": Budget(euros("-5"), hard=False)}, "/month/amount"),
    ],
)
def test_a_limit_is_a_small_number_or_an_amount(limits: dict[str, object], pointer: str) -> None:
    with pytest.raises(BadLimit) as refused:
        Limits(**limits)  # type: ignore[arg-type]
    assert refused.value.facts["pointer"] == pointer


@given(BUDGETS, BUDGETS, st.builds(Spent, AMOUNTS, AMOUNTS), AMOUNTS, AMOUNTS)
def test_what_fits_never_passes_a_budget_and_what_does_not_would(
    day: Budget | None, month: Budget | None, spent_of: Spent, running: Money, needed: Money
) -> None:
    found = judged(LimitsNow(Limits(None, day, month)), spent_of, Spent(running, running), needed)

    for each in found.budgets:
        spent = spent_of.day if each.period is BudgetPeriod.DAY else spent_of.month
        assert each.fits == (
            spent.minor + running.minor + needed.minor <= each.budget.amount.minor or needed.minor == 0
        )
        assert each.left.minor == max(0, each.budget.amount.minor - spent.minor - running.minor)
    hard = [each for each in found.budgets if each.budget.hard]
    assert found.bound == (min((each.left for each in hard), key=lambda left: left.minor) if hard else None)
    assert (found.over is None) == all(each.fits for each in hard)
    assert set(found.warns) == {str(each.period) for each in found.budgets if not each.budget.hard and not each.fits}


def test_the_day_is_named_before_the_month_where_both_are_passed() -> None:
    limits = Limits(None, Budget(euros("1")), Budget(euros("1")))
    found = judged(LimitsNow(limits), Spent(euros("1"), euros("1")), Spent(euros("0"), euros("0")), euros("0.01"))

    assert (found.over, found.bound) == ("day", euros("0"))


def test_a_members_own_limit_counts_beside_the_accounts_and_says_whose_it_is() -> None:
    """
    The account has ten left, the member two: the less is what a session may come to.
    """
    counted = Spent(euros("8"), euros("8")), Spent(euros("0"), euros("0"))
    of_account = judged(LimitsNow(Limits(None, Budget(euros("18"))), turn=4), *counted, euros("3"))
    own = judged(LimitsNow(Limits(None, None, Budget(euros("10"), own=True))), *counted, euros("3"))

    both = of_account.with_own(own, 7)

    assert (of_account.over, of_account.own_turn) == (None, None)
    assert (both.over, both.bound, both.now.turn, both.own_turn) == ("own_month", euros("2"), 4, 7)
    assert [each.fits for each in both.budgets] == [True, False]


def under(bound: str | None, stop: Stop | None = None) -> AccessSession:
    return AccessSession(
        **{name: getattr(SESSION, name) for name in ("session_id", "account_id", "customer_id", "partner_id")},
        **{name: getattr(SESSION, name) for name in ("product_id", "asset_id", "tariff_version", "quote_id")},
        started_at=SESSION.started_at,
        meters=SESSION.meters,
        stop=stop,
        agreed=Agreed(bound=euros(bound) if bound else None),
    )


class Tariffs:
    """The one tariff that there is."""

    def __init__(self, only: Tariff) -> None:
        self.only = only

    def tariff(self, *_version: object) -> Tariff:
        return self.only


BY_TIME = Tariffs(tariff({"kind": "need", "per": "h", "in_use": "6"}, meters=[]))
BY_KM = Tariffs(tariff({"kind": "unit", "meter": "km", "unit_amount": "0.5"}))
START = SESSION.started_at


def at_ten_cents_a_minute(cost: Money) -> datetime | None:
    """A year of it is 52,560.00."""
    return START + timedelta(minutes=cost.minor / 10) if cost.minor < 5_256_000 else None


def stop_of(bound: str | None, wish: Stop | None) -> Stop | None:
    return with_bound(under(bound), wish, None, instant_of=at_ten_cents_a_minute)


def test_without_a_bound_a_wish_is_as_it_was() -> None:
    at = START + timedelta(hours=2)

    assert stop_of(None, None) is None
    assert stop_of(None, Stop(at, None, at)) == Stop(at)
    assert stop_of(None, Stop(at, euros("3"))) == Stop(START + timedelta(minutes=30), euros("3"))


def test_a_bound_ends_a_session_and_a_wish_may_end_it_sooner() -> None:
    early, late = START + timedelta(minutes=20), START + timedelta(hours=20)
    fifty = START + timedelta(minutes=50)

    assert stop_of("5", None) == Stop(fifty, euros("5"), limited=Limited())
    assert stop_of("5", Stop(early, None, early)) == Stop(early, euros("5"), early, Limited(None, early))
    assert stop_of("5", Stop(late, None, late)) == Stop(fifty, euros("5"), late, Limited(None, late))
    assert stop_of("5", Stop(late, euros("2"))) == Stop(early, euros("2"), limited=Limited(euros("2")))
    assert stop_of("5", Stop(late, euros("9"))) == Stop(fifty, euros("5"), limited=Limited(euros("9")))


def test_a_bound_that_is_never_reached_ends_nothing_and_a_wished_instant_still_does() -> None:
    late = START + timedelta(hours=20)

    assert stop_of("99999", None) is None
    assert stop_of("99999", Stop(late, None, late)) == Stop(late, euros("99999"), late, Limited(None, late))
    assert stop_at(None, None, instant_of=at_ten_cents_a_minute) is None


def test_what_time_alone_does_not_tell_ends_after_a_day_at_the_latest() -> None:
    day_later, early = START + timedelta(days=1), START + timedelta(hours=1)
    until = until_of(under("5"), catalogue=BY_KM)  # type: ignore[arg-type]
    assert until == Until(day_later)
    assert until_of(under("5"), catalogue=BY_TIME) is None  # type: ignore[arg-type]
    assert until_of(under(None), catalogue=BY_KM) is None  # type: ignore[arg-type]

    def stop_by_km(wish: Stop | None) -> Stop | None:
        return with_bound(under("5"), wish, until, instant_of=lambda _cost: None)

    assert stop_by_km(None) == Stop(day_later, euros("5"), day_later, Limited(until=until))
    assert stop_by_km(Stop(early, None, early)) == Stop(early, euros("5"), early, Limited(None, early, until))


@given(st.integers(0, 6_000_000), st.none() | st.integers(0, 100_000), st.none() | st.integers(0, 6_000_000))
def test_no_wish_ends_a_session_later_than_its_bound(bound: int, minutes: int | None, cost: int | None) -> None:
    by = None if minutes is None else START + timedelta(minutes=minutes)
    wish = None if by is None and cost is None else Stop(START, None if cost is None else Money(cost, "EUR"), by)
    session = under(str(Money(bound, "EUR").amount))
    stop = with_bound(session, wish, None, instant_of=at_ten_cents_a_minute)

    latest = at_ten_cents_a_minute(Money(bound, "EUR"))
    assert latest is None or (stop is not None and stop.at <= latest)
    assert stop is None or by is None or stop.at <= by


def test_a_session_is_bounded_once_and_only_while_it_is_open() -> None:
    first = bounded(under("5"), catalogue=BY_TIME, instant_of=at_ten_cents_a_minute)  # type: ignore[arg-type]
    fifty = START + timedelta(minutes=50)
    assert (first.stop, first.revision) == (Stop(fifty, euros("5"), limited=Limited()), 1)

    for same in (first, under(None), SESSION.end(START)):
        assert bounded(same, catalogue=BY_TIME, instant_of=at_ten_cents_a_minute) is same  # type: ignore[arg-type]


def test_what_was_wished_before_the_bound_was_known_stays_wished() -> None:
    early = START + timedelta(minutes=20)
    found = bounded(
        under("5", Stop(early)),
        catalogue=BY_TIME,  # type: ignore[arg-type]
        instant_of=at_ten_cents_a_minute,
    )

    assert found.stop == Stop(early, euros("5"), early, Limited(None, early))
    assert wish_of(found.stop) == wish_of(Stop(early)) == Stop(early, None, early)


def test_what_a_limit_lets_go_is_what_its_customer_has_said_and_nothing_else() -> None:
    early, nine = START + timedelta(minutes=20), euros("9")

    def without_limits(wish: Stop | None) -> Stop | None:
        limited = with_bound(under("5"), wish, Until(START), instant_of=at_ten_cents_a_minute)
        return with_bound(under(None), wish_of(limited), None, instant_of=at_ten_cents_a_minute)

    assert without_limits(None) is None
    assert without_limits(Stop(early, None, early)) == Stop(early)
    assert without_limits(Stop(early, nine)) == Stop(START + timedelta(minutes=90), nine)


@pytest.mark.parametrize(
    "stop",
    [
        None,
        Stop(START),
        Stop(START, euros("5")),
        Stop(START, euros("5"), START + timedelta(hours=1)),
        Stop(START, euros("5"), START, Limited(euros("9"), START, Until(START, eased=True))),
        Stop(START, euros("5"), limited=Limited()),
    ],
)
def test_a_session_comes_back_from_its_item_with_what_was_agreed_and_when_it_stops(stop: Stop | None) -> None:
    session = under("5", stop)
    Database.use("adgang-unit-")
    try:
        stored = session_of(session_record(session))
        assert (stored, stored.state) == (session, State.ACTIVE)
        before = session_record(session)
        before.agreed = None
        assert session_of(before).agreed is None
        if stop is not None and stop.cost is not None:  # as it was stored before limits were told apart
            before.agreed, before.stop = session.agreed.document(), {**stop.document()}  # type: ignore[union-attr]
            del before.stop["limited"]
            assert session_of(before).stop == replace(stop, limited=Limited(None, stop.by))
    finally:
        Database.prefix = None
