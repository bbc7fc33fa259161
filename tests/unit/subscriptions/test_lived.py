"""What of a subscription counts."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel.time import Interval
from chalicelib.subscriptions.subscription import Lived, Pause, Phase, Subscription

START = datetime(2026, 3, 1, tzinfo=UTC)
MONTH = Interval(START, START + timedelta(days=31))
_SECOND = timedelta(seconds=1)


def _lived(*pauses: Pause, ended_at: datetime | None = None) -> Lived:
    phase = Phase("family", 1, START - timedelta(days=10))
    held = Subscription("sub_1", "acc_1", "cus_1", "1", "da", phase.since, phase, ended_at=ended_at)
    return Lived(held, (phase,), pauses)


def test_five_minutes_of_pause_are_five_minutes_less() -> None:
    """And nothing more, wherever in the month they are."""
    pause = Pause(START + timedelta(hours=3), START + timedelta(hours=3, minutes=5))
    lived = _lived(pause)
    counted = sum((each.length for each in lived.stretches(lived.phases[0], MONTH)), timedelta())
    assert counted == MONTH.length - timedelta(minutes=5)


def test_what_is_paused_until_woken_counts_no_more() -> None:
    """From the pause on."""
    lived = _lived(Pause(START + timedelta(days=4)))
    assert lived.stretches(lived.phases[0], MONTH) == (Interval(START, START + timedelta(days=4)),)


def test_what_has_ended_counts_up_to_its_end() -> None:
    """Not a second longer."""
    lived = _lived(ended_at=START + timedelta(days=1))
    assert lived.stretches(lived.phases[0], MONTH) == (Interval(START, START + timedelta(days=1)),)


_SECONDS = st.integers(min_value=-900_000, max_value=3_000_000)


@given(st.lists(st.tuples(_SECONDS, st.none() | st.integers(min_value=1, max_value=400_000)), max_size=6))
def test_each_second_counts_once_or_not_at_all(drawn: list[tuple[int, int | None]]) -> None:
    """Whichever pauses overlap, go on, or lie outside of the month."""
    pauses = [
        Pause(START + since * _SECOND, None if length is None else START + (since + length) * _SECOND)
        for since, length in drawn
    ]
    lived = _lived(*pauses)
    found = lived.stretches(lived.phases[0], MONTH)
    edges = {MONTH.start, *(each.since for each in pauses), *(each.until for each in pauses if each.until)}
    for at in edges:
        for instant in (at - _SECOND, at, at + _SECOND):
            paused = any(each.since <= instant and (each.until is None or instant < each.until) for each in pauses)
            counts = MONTH.holds(instant) and not paused
            assert sum(each.holds(instant) for each in found) == counts
