"""When an account needed what: by all sessions that reach into an interval, whenever they are charged."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from chalicelib.access.model import AccessSession, Need, NeedState
from chalicelib.access.ports import Sessions
from chalicelib.access.uses import open_uses, product_key
from chalicelib.kernel.time import Interval, Month
from chalicelib.metering.ports import Heads

NEEDED = frozenset({NeedState.IN_USE, NeedState.KEPT, NeedState.GRACE})
"""What is released is there for others, and what is out of order is no use to anybody."""
_LATE = timedelta(days=35)
"""By then what goes on over the end of a month was cut there, and is charged in it."""


class WasNeeded(NamedTuple):
    """That a product (`par_1:bike`) was needed, from when to when, and the session that shows it."""

    product: str
    start: datetime
    end: datetime
    session_id: str


def needed_in(
    account_id: str, within: Interval, now: datetime, zone: str, *, sessions: Sessions, heads: Heads
) -> list[WasNeeded]:
    """What was needed in the interval, as far as it is known by now.

    Of what ended, by its charge record: it is found by when it is charged, which is its end, the first end of a month
    at which it was cut, or, for what went on over several months, a month that later ones name as adjusted.
    """
    found: dict[str, tuple[AccessSession, Need]] = {}
    for interval in _charged_in(account_id, within, now, zone, sessions):
        found |= {each.session.session_id: (each.session, each.need) for each in sessions.charged(account_id, interval)}
    for session, need in open_uses(account_id, now, zone, sessions=sessions, heads=heads):
        found[session.session_id] = (session, need)
    return [
        WasNeeded(product_key(session), each.interval.start, each.interval.end, session.session_id)
        for session, need in found.values()
        for each in need.intervals
        if each.state in NEEDED and each.interval.start < within.end and each.interval.end > within.start
    ]


def _charged_in(account_id: str, within: Interval, now: datetime, zone: str, sessions: Sessions) -> Iterator[Interval]:
    last = max(within.end, min(now, within.end + _LATE))
    yield Interval(within.start, last)
    earlier = {each for month in _months(within, zone) for each in sessions.adjusted_months(account_id, month)}
    for each in sorted(earlier):
        start, end = each.interval(zone).start, min(each.interval(zone).end, within.start)
        if start < end:
            yield Interval(start, end)


def _months(within: Interval, zone: str) -> Sequence[Month]:
    months = [Month.of(within.start, zone)]
    while months[-1].next.interval(zone).start < within.end:
        months.append(months[-1].next)
    return months
