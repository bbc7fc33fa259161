"""What a thing said and a customer did, in minutes after the start, and what it shows."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import count

from hypothesis import strategies as st

from chalicelib.access.acts import Act, ActKind
from chalicelib.access.evidence import Evidence, stretches_of
from chalicelib.access.intervals import intervals_of
from chalicelib.access.model import NeedInterval, NeedPolicy, NeedState
from chalicelib.kernel.time import Interval
from chalicelib.metering.model import Event
from tests.unit.metering.rides import START

MINUTE = timedelta(minutes=1)
LONGEST = 100
Row = tuple[str, int, int]


def bike(silence: int | None = None, grace: int = 0, unused: NeedState = NeedState.KEPT) -> NeedPolicy:
    """Shows its use by moving and by the metres that it counts; is back when it is docked."""
    return NeedPolicy(
        use_signals=("moving", "metres"),
        rest_signals=("idle", "locked"),
        return_signals=("docked",),
        silence=None if silence is None else silence * MINUTE,
        grace=grace * MINUTE,
        unused=unused,
    )


def by_hand(grace: int = 0, unused: NeedState = NeedState.KEPT) -> NeedPolicy:
    """Hand-out and return alone show use."""
    return NeedPolicy(return_signals=("docked",), grace=grace * MINUTE, unused=unused)


def said(name: str, minute: float, value: int | None = None, own_id: str = "", source: str = "bikes") -> Event:
    """A signal, or with a value a usage event."""
    amount = None if value is None else Decimal(value)
    return Event(source, own_id or f"{name}-{minute}", "ride-1", START + minute * MINUTE, name, amount)


def done(kind: str, minute: float, own_id: str = "") -> Act:
    return Act(ActKind(kind), START + minute * MINUTE, "cus-1", own_id or f"{kind}-{minute}")


def custody(end: int) -> Interval:
    return Interval(START, START + end * MINUTE)


def shown(
    policy: NeedPolicy, evidence: Sequence[Event | Act], end: int = 60, measured: timedelta | None = None
) -> tuple[NeedInterval, ...]:
    """The need intervals of a custody that lasted until `end`."""
    both = Evidence(
        [each for each in evidence if isinstance(each, Act)], [each for each in evidence if isinstance(each, Event)]
    )
    return intervals_of(stretches_of(both, policy, custody(end)), policy, START, measured)


def rows(intervals: Sequence[NeedInterval]) -> list[Row]:
    """State, and from which minute to which."""
    return [
        (str(each.state), (each.interval.start - START) // MINUTE, (each.interval.end - START) // MINUTE)
        for each in intervals
    ]


def length(intervals: Sequence[NeedInterval], *states: NeedState) -> timedelta:
    """Of those in the states, or of all."""
    return sum((each.interval.length for each in intervals if not states or each.state in states), timedelta(0))


@st.composite
def policies(draw: st.DrawFn) -> NeedPolicy:
    unused = draw(st.sampled_from([NeedState.KEPT, NeedState.RELEASED]))
    grace = draw(st.integers(0, 12))
    if draw(st.booleans()):
        return by_hand(grace, unused)
    return bike(draw(st.none() | st.integers(1, 30)), grace, unused)


@st.composite
def evidences(
    draw: st.DrawFn, names: Sequence[str] = (), most: int = 12, *, clashing: bool = False
) -> list[Event | Act]:
    """Signals, reports and acts, also before the start and after the end, often at the same minute.

    Those that clash say different things under one id, as metering never lets through within a month.
    """
    known = names or ("moving", "idle", "docked", "faulty", "heartbeat", "unlocked", "metres", "pause", "resume")
    number = count()
    found: list[Event | Act] = []
    for name in draw(st.lists(st.sampled_from(known), max_size=most)):
        minute, own_id = draw(st.integers(-5, LONGEST + 5)), f"id-{next(number) % 3 if clashing else next(number)}"
        if name in {"pause", "resume", "transfer"}:
            found.append(done(name, minute, own_id))
        else:
            value = draw(st.integers(0, 2)) if name == "metres" else None
            found.append(said(name, minute, value, own_id, draw(st.sampled_from(["bikes", "locks"]))))
    return found
