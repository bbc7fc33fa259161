"""Need is what the evidence shows, in whatever order it came; what is open never looks cheaper than its bill."""

import itertools
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.access.model import AccessSession, Need, NeedState, State
from chalicelib.access.need import need_of
from chalicelib.kernel.time import Month
from chalicelib.metering.fold import fold
from chalicelib.metering.head import Head
from chalicelib.metering.model import Event, Outcome, check_plausible
from chalicelib.metering.usage import Usage
from chalicelib.rating import START as STARTED
from tests.unit.metering.rides import HELSINKI, MAY, RIDE, START, event

SESSION = AccessSession(
    session_id="ride-1",
    account_id="acc-1",
    customer_id="cus-1",
    partner_id="par-1",
    product_id="city-bike",
    asset_id="bike-7",
    tariff_version=1,
    quote_id="quo-1",
    started_at=START,
    meters={"use_seconds": "s", "metres": "m"},
)


def ended(minutes: float) -> AccessSession:
    return replace(SESSION, state=State.ENDED, ended_at=START + timedelta(minutes=minutes))


def seen(head: Head) -> Usage:
    return Usage(head, tuple(head.tail.events(head.subject)))


def heads_of(*events: Event) -> list[Usage]:
    """As metering keeps them: one head a month."""
    heads: dict[Month, Head] = {}
    for each in events:
        month = Month.of(each.time, HELSINKI)
        heads[month], _ = fold(heads.get(month, Head("ride-1", month)), [each])
    return [seen(head) for head in heads.values()]


def need(session: AccessSession, *events: Event, at: datetime = START) -> Need:
    return need_of(session, heads_of(*events), at)


@st.composite
def evidence(draw: st.DrawFn, most: int = 5_000) -> list[Event]:
    """Signals and reports on both sides of midnight."""
    count = draw(st.integers(0, 8))
    return [
        event(number, draw(st.integers(0, 110)), draw(st.integers(0, most // 8)), "use_seconds")
        if draw(st.booleans())
        else event(number, draw(st.integers(0, 110)), None, draw(st.sampled_from(["unlocked", "moving", "docked"])))
        for number in range(count)
    ]


@given(evidence(), st.randoms(use_true_random=False), st.booleans())
def test_the_same_evidence_in_any_order_gives_the_same_need(
    events: list[Event],
    shuffling: object,
    is_open: bool,  # noqa: FBT001 -- drawn
) -> None:
    session = SESSION if is_open else ended(90)
    other = list(events)
    shuffling.shuffle(other)  # type: ignore[attr-defined]
    at = START + timedelta(hours=2)

    assert need(session, *other, at=at) == need(session, *events, at=at)
    assert need_of(session, heads_of(*other)[::-1], at) == need(session, *events, at=at)


@given(evidence(), evidence())
def test_the_digest_tells_different_evidence_apart(one: list[Event], other: list[Event]) -> None:
    same = {each.key: each for each in one} == {each.key: each for each in other}

    assert (need(ended(90), *one).digest == need(ended(90), *other).digest) == same


@given(evidence(), st.integers(1, 110), st.integers(0, 110))
def test_what_an_open_session_costs_so_far_is_never_below_what_it_will_be_billed(
    events: list[Event], end: int, looked: int
) -> None:
    """
    Whatever plausible reports came until the end: seen at the end, the running time is at least the billed one; and a
    look in between saw no more than the end. Nothing reports more than five minutes beyond the session's length.
    """
    closing = START + timedelta(minutes=end)
    head = Head("ride-1", MAY)
    for each in events:
        try:
            check_plausible(each, RIDE, closing)
        except Exception:  # noqa: BLE001, S112 -- refused evidence is no evidence
            continue
        head, (answer,) = fold(head, [each], RIDE.most(closing))
        assert answer.outcome in {Outcome.ACCEPTED, Outcome.REFUSED}
    running = need_of(SESSION, [seen(head)], closing).quantities["use_seconds"]
    billed = need_of(ended(end), [seen(head)], closing).quantities["use_seconds"]
    earlier = need_of(SESSION, [seen(head)], START + timedelta(minutes=min(looked, end))).quantities["use_seconds"]

    assert earlier <= running
    assert billed <= running <= end * 60 + 10 * 60


@pytest.mark.parametrize(
    ("reported", "is_open", "seconds"),
    [(None, True, 3600), (242, True, 3600), (3700, True, 3700), (None, False, 3600), (242, False, 242), (0, False, 0)],
)
def test_what_the_thing_measured_counts_and_the_clock_only_until_it_has_reported(
    reported: int | None,
    is_open: bool,  # noqa: FBT001 -- a case
    seconds: int,
) -> None:
    """
    The bike that was out for nine hours and ridden for 242 seconds pays for 242 seconds.
    """
    reports = [] if reported is None else [event(1, 60, reported, "use_seconds")]
    found = need(SESSION if is_open else ended(60), *reports, at=START + timedelta(hours=1))

    assert found.quantities["use_seconds"] == seconds
    assert found.quantities["metres"] == 0


def test_a_started_second_counts_as_one() -> None:
    assert need(ended(1 / 3600)).quantities["use_seconds"] == 1
    assert need(ended(0)).quantities["use_seconds"] == 0


@pytest.mark.parametrize(("unit", "amount"), [("s", "5460"), ("min", "91"), ("h", "1.516667")])
def test_time_stands_in_for_a_device_whatever_unit_the_tariff_counts_it_in(unit: str, amount: str) -> None:
    """
    91 minutes without a report. A part of a unit is never rounded down: the bill must not exceed the running cost.
    """
    session = replace(ended(91), meters={"time": unit})

    assert need(session).quantities == {"time": Decimal(amount)}
    still_open = replace(SESSION, meters={"time": unit})
    assert need(still_open, at=START + timedelta(minutes=91)).quantities == {"time": Decimal(amount)}


def states(found: Need) -> list[tuple[str, float, float]]:
    """State, and its minutes after the start."""
    return [
        (str(each.state), (each.interval.start - START) / timedelta(minutes=1), each.interval.length.seconds / 60)
        for each in found.intervals
    ]


def test_what_was_not_use_until_the_return_was_keeping() -> None:
    """
    Handed out after two minutes, ridden for ten, given back after an hour.
    """
    found = need(ended(60), event(1, 2, None, "unlocked"), event(2, 60, 600, "use_seconds"))

    assert states(found) == [("in_use", 2, 10), ("kept", 12, 48)]
    assert found.intervals[0].evidence == ("event-1", "event-2")
    assert found.evidence == {STARTED: ("event-1",), "use_seconds": ("event-2",), "metres": ()}


@given(evidence(), st.integers(0, 110))
def test_intervals_lie_within_the_session_without_gap_or_overlap(events: list[Event], end: int) -> None:
    found = need(ended(end), *events).intervals

    assert found[0].interval.start >= START
    assert found[-1].interval.end <= START + timedelta(minutes=end)
    assert [each.state for each in found] in ([NeedState.IN_USE], [NeedState.IN_USE, NeedState.KEPT])
    for one, following in itertools.pairwise(found):
        assert one.interval.end == following.interval.start


def test_a_thing_without_a_clock_was_in_use_from_its_hand_out_to_its_return() -> None:
    session = replace(ended(30), meters={"metres": "m"})

    assert states(need(session, event(1, 5, None, "unlocked"))) == [("in_use", 5, 25)]
