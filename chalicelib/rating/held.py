"""What of an agreement is in force, and for how many: the time that a fee counts is made of these stretches."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from chalicelib.rating.errors import InvalidUse

_UTC = timedelta(0)
_MICROSECOND = timedelta(microseconds=1)


class Stretch(NamedTuple):
    """From an instant up to, not including, another."""

    start: datetime
    end: datetime


class Held(NamedTuple):
    """The stretches of a use of an agreement in which it was not paused, in their order, and for how many seats.

    What has the same `agreement` is one: however it is cut up, by a change of its plan too, its fee is rounded once.
    `fares` are the ids of the tariffs at which its members use things.
    """

    agreement: str
    stretches: tuple[Stretch, ...]
    seats: int = 1
    fares: tuple[str, ...] = ()

    def check(self, use_id: str, started_at: datetime, ended_at: datetime) -> None:
        """Refuse stretches that are not in order, lie outside the use, or are not in UTC."""
        for start, end in self.stretches:
            if start.utcoffset() != _UTC or end.utcoffset() != _UTC:
                raise InvalidUse(use_id=use_id, reason="instants are in UTC")
            if not started_at <= start <= end <= ended_at:
                raise InvalidUse(use_id=use_id, reason="a stretch lies within its use")
        if any(later.start < earlier.end for earlier, later in pairwise(self.stretches)):
            raise InvalidUse(use_id=use_id, reason="stretches follow one another and do not overlap")
        if type(self.seats) is not int or self.seats < 1:
            raise InvalidUse(use_id=use_id, reason="at least one seat")


def overlap(stretches: Iterable[Stretch], start: datetime, end: datetime) -> int:
    """How much of the time from `start` to `end` lies in the stretches, in microseconds."""
    within = (min(each.end, end) - max(each.start, start) for each in stretches)
    return sum(length // _MICROSECOND for length in within if length > _UTC)
