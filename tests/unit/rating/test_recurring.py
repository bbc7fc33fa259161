"""Fees of the agreement: months, days, seats, pauses, sleep, and the month's minimum."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel.time import midnight, zone
from chalicelib.rating import InvalidUse, Need, Tariff, Use, rate
from chalicelib.rating.held import Held, Stretch
from chalicelib.rating.sleep import awake_days, falls_asleep_on, is_asleep
from tests.unit.rating.made import MAY, due, minors, tariff, use

ZONE = "Europe/Helsinki"
MONTHLY: dict[str, Any] = {"kind": "recurring", "charge_class": "ordered", "amount": "31", "per": "month"}


def agreement(plan: Tariff, first: date, end: date, needed: tuple[date, ...] = (), name: str = "plan") -> Use:
    """The agreement from the first day up to, not including, the end; an hour of need on each of the days."""
    needs = tuple(
        Need(midnight(day, ZONE) + timedelta(hours=8), midnight(day, ZONE) + timedelta(hours=9), "in_use")
        for day in needed
    )
    return Use(name, plan, midnight(first, ZONE), midnight(end, ZONE), False, {}, {}, needs, "agreement")


@pytest.mark.parametrize(
    ("first", "end", "minor"),
    [
        (date(2021, 5, 1), date(2021, 6, 1), 3100),
        (date(2021, 5, 31), date(2021, 6, 1), 100),
        (date(2021, 2, 1), date(2021, 3, 1), 3100),
        (date(2021, 2, 1), date(2021, 2, 2), 111),  # a 28th of 31.00 is 1.1071...
        (date(2020, 2, 1), date(2020, 2, 29), 2993),  # 28 of 29 days
        (date(2021, 3, 28), date(2021, 3, 29), 96),  # 23 of 743 hours
        (date(2021, 3, 1), date(2021, 4, 1), 3100),
        (date(2021, 5, 16), date(2021, 6, 16), 1600 + 1550),
        (date(2021, 5, 16), date(2021, 5, 16), 0),
    ],
)
def test_a_months_fee_is_pro_rata_by_time_and_a_whole_month_costs_the_amount(
    first: date, end: date, minor: int
) -> None:
    assert due(rate([agreement(tariff(MONTHLY), first, end)])) == minor


def test_a_fee_per_day_counts_days() -> None:
    daily = tariff({**MONTHLY, "amount": "0.333", "per": "day"})

    assert minors(rate([agreement(daily, date(2021, 5, 1), date(2021, 5, 4))])) == [100]


def test_a_day_costs_its_amount_however_long_the_clock_makes_it() -> None:
    """
    The 28th of March had 23 hours in Helsinki; noon came after eleven of them.
    """
    daily = tariff({**MONTHLY, "amount": "2.30", "per": "day"})
    short = agreement(daily, date(2021, 3, 28), date(2021, 3, 29))

    assert minors(rate([short])) == [230]
    assert minors(rate([replace(short, ended_at=datetime(2021, 3, 28, 9, tzinfo=UTC))])) == [110]


def test_no_time_is_charged_twice_when_the_version_changes_in_its_middle() -> None:
    plan = tariff(MONTHLY)
    noon = datetime(2021, 5, 16, 9, tzinfo=UTC)
    before = replace(agreement(plan, date(2021, 5, 1), date(2021, 6, 1), name="a"), ended_at=noon)
    after = replace(agreement(plan, date(2021, 5, 1), date(2021, 6, 1), name="b"), started_at=noon)

    assert due(rate([before, after])) == 3100


@given(st.lists(st.integers(1, 30), max_size=6))
def test_a_month_in_pieces_costs_what_the_month_costs(cuts: list[int]) -> None:
    plan = tariff({**MONTHLY, "amount": "9.99"})
    days = [date(2021, 5, 1), *(date(2021, 5, 1) + timedelta(days=cut) for cut in sorted(set(cuts))), date(2021, 6, 1)]

    pieces = [agreement(plan, a, b, name=f"{a}") for a, b in pairwise(days)]

    assert due(rate(pieces)) == 999


def test_a_fee_that_sleeps_counts_only_days_with_need_and_says_what_sleep_saved() -> None:
    """
    Need on the 3rd and the 20th of May; asleep on all 29 other days.
    """
    plan = tariff({**MONTHLY, "asleep_after_days": 0})

    (line,) = rate([agreement(plan, date(2021, 5, 1), date(2021, 6, 1), (date(2021, 5, 3), date(2021, 5, 20)))])

    assert (line.amount.minor, str(line.quantity), line.unit) == (200, str(2 * 86_400), "s")
    assert (line.facts["asleep_s"], line.facts["saved"]) == (str(29 * 86_400), "29.00")


def test_an_agreement_falls_asleep_after_days_without_need_and_wakes_with_the_next() -> None:
    """
    Need on the 3rd and the 20th, asleep after 5 days: awake from the 3rd to the 8th and from the 20th to the 25th.
    """
    plan = tariff({**MONTHLY, "asleep_after_days": 5})

    lines = rate([agreement(plan, date(2021, 5, 1), date(2021, 6, 1), (date(2021, 5, 3), date(2021, 5, 20)))])

    assert due(lines) == 1200


def test_the_need_of_the_month_before_keeps_an_agreement_awake() -> None:
    plan = tariff({**MONTHLY, "asleep_after_days": 5})
    may = replace(agreement(plan, date(2021, 5, 1), date(2021, 6, 1)), last_need_on=date(2021, 4, 29))

    assert due(rate([may])) == 400


def test_an_agreement_that_nobody_needs_costs_nothing() -> None:
    plan = tariff({**MONTHLY, "asleep_after_days": 0})

    assert due(rate([agreement(plan, date(2021, 5, 1), date(2021, 6, 1))])) == 0


def test_a_months_minimum_is_made_up_on_the_agreements_line() -> None:
    """
    Two uses of 4.00 in a month with a minimum of 10.00: 2.00 are made up when the month closes.
    """
    minimum = [{"id": "least", "period": "month", "amount": "10.00", "over": ["price"]}]
    plan = tariff({"kind": "unit", "meter": "km", "unit_amount": "1"}, minimums=minimum)
    uses = [use(plan, "a", MAY, km="4"), use(plan, "b", MAY + timedelta(days=3), km="4")]

    lines = rate([*uses, agreement(plan, date(2021, 5, 1), date(2021, 6, 1))])

    assert minors(lines) == [400, 400, 200]
    assert lines[-1].facts == {"minimum": "10.00", "charged": "8.00", "period": "2021-05"}


def test_sessions_pay_no_recurring_fee_and_agreements_no_unlock() -> None:
    plan = tariff({"kind": "flat", "amount": "1"}, MONTHLY)

    lines = rate([use(plan, "ride"), agreement(plan, date(2021, 5, 1), date(2021, 6, 1))])

    assert [(line.use_id, line.code) for line in lines] == [("ride", "flat_fee"), ("plan", "recurring_fee")]


def held(
    plan: Tariff, *stretches: tuple[datetime, datetime], whole: tuple[date, date], name: str = "plan", seats: int = 1
) -> Use:
    """The agreement between two days, paused outside of the stretches."""
    start, end = (midnight(day, ZONE) for day in whole)
    of = Held("sub", tuple(Stretch(*each) for each in stretches), seats)
    return Use(name, plan, start, end, False, {}, kind="agreement", held=of)


def test_five_minutes_of_pause_cost_five_minutes_less_and_the_line_says_so() -> None:
    """
    297.60 for the 744 hours of May: 0.40 an hour. An hour of pause on the 3rd, over the end of an hour.
    """
    plan = tariff({**MONTHLY, "amount": "297.60"})
    start, end = midnight(date(2021, 5, 1), ZONE), midnight(date(2021, 6, 1), ZONE)
    away, back = start + timedelta(days=2, minutes=30), start + timedelta(days=2, minutes=90)

    (line,) = rate([held(plan, (start, away), (back, end), whole=(date(2021, 5, 1), date(2021, 6, 1)))])

    assert line.amount.minor == 29_760 - 40
    assert (line.facts["paused_s"], line.facts["saved_paused"]) == ("3600", "0.40")


def test_each_seat_pays_where_the_fee_says_so() -> None:
    month = (date(2021, 5, 1), date(2021, 6, 1))
    whole = (midnight(month[0], ZONE), midnight(month[1], ZONE))

    for per_seat, minor in ((False, 3100), (True, 9300)):
        plan = tariff({**MONTHLY, "per_seat": per_seat})
        assert due(rate([held(plan, whole, whole=month, seats=3)])) == minor


BEGIN, SECONDS = midnight(date(2021, 3, 1), ZONE), 743 * 3600  # the clock goes forward on the 28th
INSTANTS = st.lists(st.integers(0, SECONDS * 1_000_000), min_size=2, max_size=12, unique=True).map(sorted)


def _stretches(marks: list[int]) -> list[tuple[datetime, datetime]]:
    instants = [BEGIN + timedelta(microseconds=each) for each in marks]
    return list(zip(instants[::2], instants[1::2], strict=False))


@given(INSTANTS, st.integers(1, 10**7), st.sampled_from(["month", "day"]))
def test_a_month_in_any_pieces_of_time_costs_what_the_time_costs(marks: list[int], cents: int, per: str) -> None:
    """
    The same stretches as one use, and as a use each: phases of plans of the same price, whatever was paused between.
    """
    price = {**MONTHLY, "amount": str(Decimal(cents) / 100), "per": per}
    one, other = tariff(price, tariff_id="one"), tariff({**price, "id": "other"}, tariff_id="other")
    stretches, whole = _stretches(marks), (date(2021, 3, 1), date(2021, 4, 1))

    together = rate([held(one, *stretches, whole=whole)])
    apart = rate(
        [
            replace(
                held((one, other)[number % 2], each, whole=whole, name=f"p{number}"),
                started_at=each[0],
                ended_at=each[1],
            )
            for number, each in enumerate(stretches)
        ]
    )

    assert due(apart) == due(together)
    assert all(line.amount.minor >= 0 for line in apart)


@given(INSTANTS, st.integers(0, SECONDS - 300), st.integers(1, 10**6))
def test_pausing_for_five_minutes_more_never_costs_more_and_saves_five_minutes_at_most(
    marks: list[int], at: int, cents: int
) -> None:
    """
    Over days of 23 hours, within a pause and over its ends: what falls into a pause anyway saves nothing twice.
    """
    plan, whole = tariff({**MONTHLY, "amount": str(Decimal(cents) / 100)}), (date(2021, 3, 1), date(2021, 4, 1))
    pause = BEGIN + timedelta(seconds=at), BEGIN + timedelta(seconds=at + 300)
    before = _stretches(marks)
    after = [
        piece
        for start, end in before
        for piece in ((start, min(end, pause[0])), (max(start, pause[1]), end))
        if piece[0] < piece[1]
    ]
    gone = sum((b - a for a, b in before), timedelta(0)) - sum((b - a for a, b in after), timedelta(0))

    costs, less = (rate([held(plan, *each, whole=whole)]) for each in (before, after))

    exact = Decimal(cents) * int(gone.total_seconds() * 1_000_000) / (SECONDS * 1_000_000)
    assert due(less) <= due(costs)
    assert abs(due(costs) - due(less) - exact) <= 1
    assert gone <= timedelta(minutes=5)


@given(INSTANTS, st.integers(1, 10**6), st.sets(st.integers(1, 31)), st.integers(0, 10))
def test_what_is_charged_and_what_sleep_and_pauses_saved_make_up_the_whole_month(
    marks: list[int], cents: int, needed: set[int], asleep_after: int
) -> None:
    plan = tariff({**MONTHLY, "amount": str(Decimal(cents) / 100), "asleep_after_days": asleep_after})
    days = tuple(date(2021, 3, day) for day in sorted(needed))
    use = replace(
        agreement(plan, date(2021, 3, 1), date(2021, 4, 1), days),
        held=Held("sub", tuple(Stretch(*each) for each in _stretches(marks))),
    )

    (line,) = rate([use])

    saved = Decimal(line.facts["saved"]) + Decimal(line.facts.get("saved_paused", "0"))
    assert line.amount.amount + saved == Decimal(cents) / 100
    times = (line.quantity, Decimal(line.facts["asleep_s"]), Decimal(line.facts.get("paused_s", "0")))
    assert sum(times) == SECONDS


LEAST = {"id": "least", "period": "month", "amount": "40.00", "over": ["price", "members_use"]}


@pytest.mark.parametrize(
    ("stretches", "made_up"),
    [
        ([(BEGIN, BEGIN + timedelta(seconds=SECONDS))], 700),  # 31.00 and 2.00 of 40.00
        ([(BEGIN, BEGIN + timedelta(seconds=SECONDS // 2))], 250),  # 15.50 and 2.00 of 20.00
        ([], 0),
    ],
)
def test_a_plans_minimum_counts_its_fee_and_what_its_members_used_for_as_long_as_the_fee_counts(
    stretches: list[tuple[datetime, datetime]], made_up: int
) -> None:
    """
    Two rides at the plan's fare, before and after the plan's own line, one at another tariff, and one of before.
    """
    plan, ride = tariff(MONTHLY, minimums=[LEAST]), {"kind": "flat", "amount": "1"}
    fare = tariff(ride, tariff_id="par:bike~members")
    march = held(plan, *stretches, whole=(date(2021, 3, 1), date(2021, 4, 1)))
    march = replace(march, held=Held("sub", march.held.stretches if march.held else (), 1, ("par:bike~members",)))
    rides = [
        use(fare, "a", BEGIN + timedelta(days=3)),
        use(fare, "z", BEGIN + timedelta(days=30, hours=22), minutes=600),
        use(tariff(ride, tariff_id="par:bike"), "other", BEGIN + timedelta(days=3)),
        use(fare, "before", BEGIN - timedelta(hours=1), minutes=120),
    ]

    lines = rate([*rides, march])

    assert sum(line.amount.minor for line in lines if line.code == "minimum_true_up") == made_up


@pytest.mark.parametrize(
    "stretches",
    [
        ((BEGIN, BEGIN + timedelta(hours=2)), (BEGIN + timedelta(hours=1), BEGIN + timedelta(hours=3))),
        ((BEGIN - timedelta(hours=1), BEGIN),),
        ((datetime(2021, 3, 2, tzinfo=UTC).astimezone(zone(ZONE)), BEGIN + timedelta(days=3)),),
    ],
)
def test_stretches_lie_within_their_use_one_after_the_other(stretches: tuple[tuple[datetime, datetime], ...]) -> None:
    with pytest.raises(InvalidUse):
        held(tariff(MONTHLY), *stretches, whole=(date(2021, 3, 1), date(2021, 4, 1)))


@pytest.mark.parametrize(("after_days", "asleep_from"), [(0, date(2021, 5, 4)), (5, date(2021, 5, 9))])
def test_an_agreement_sleeps_from_a_known_day_on(after_days: int, asleep_from: date) -> None:
    last = date(2021, 5, 3)

    assert falls_asleep_on(last, after_days) == asleep_from
    assert not is_asleep(asleep_from - timedelta(days=1), last, after_days)
    assert is_asleep(asleep_from, last, after_days)


def test_what_was_never_needed_sleeps() -> None:
    assert is_asleep(date(2021, 5, 3), None, 30)


@given(st.sets(st.integers(0, 60)), st.integers(0, 20))
def test_the_days_charged_are_those_on_which_the_agreement_does_not_sleep(needed: set[int], after_days: int) -> None:
    days = [date(2021, 5, 1) + timedelta(days=number) for number in range(61)]
    with_need = {days[number] for number in needed}

    awake = awake_days(days, with_need, after_days)

    for day in days:
        last = max((each for each in with_need if each <= day), default=None)
        assert (day in awake) is not is_asleep(day, last, after_days)
