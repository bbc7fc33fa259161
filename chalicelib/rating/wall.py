"""What the clock on the wall shows during an interval: the ground for prices by time of day and day of week."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from chalicelib.kernel.time import zone

_MOMENT = timedelta(microseconds=1)


def wall_spans(start: datetime, end: datetime, zone_name: str) -> Iterator[tuple[datetime, datetime]]:
    """The interval as spans of local time, each within one day and one offset from UTC.

    When clocks go forward an hour of the wall is missing from the spans, when they go back it comes twice: every
    second that passes is in exactly one span.
    """
    place = zone(zone_name)
    at = start
    while at < end:
        local = _local(at, place)
        midnight = start_of_day(local) + timedelta(days=1)
        until = _same_offset_until(at, min(end, at + (midnight - local)), place)
        yield local, local + (until - at)
        at = until


def start_of_day(local: datetime) -> datetime:
    """The midnight, on the wall, at which the day of the local time begins."""
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


def _local(at: datetime, place: ZoneInfo) -> datetime:
    return at.astimezone(place).replace(tzinfo=None, fold=0)


def _offset(at: datetime, place: ZoneInfo) -> timedelta | None:
    return at.astimezone(place).utcoffset()


def _same_offset_until(at: datetime, until: datetime, place: ZoneInfo) -> datetime:
    """The clock change in the span if there is one, its end otherwise."""
    offset = _offset(at, place)
    if _offset(until - _MOMENT, place) == offset:
        return until
    same, other = at, until - _MOMENT
    while other - same > _MOMENT:
        middle = same + (other - same) // 2
        if _offset(middle, place) == offset:
            same = middle
        else:
            other = middle
    return other
