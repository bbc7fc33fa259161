"""Meters: what is counted, in which unit, and the most that can come of it."""

from decimal import Decimal
from typing import NamedTuple

from chalicelib.kernel.time import SECONDS_IN
from chalicelib.rating.errors import InvalidUse

_HOUR = 3600


class Meter(NamedTuple):
    """What is counted, in which unit. One that does not count time states the most that an hour can bring."""

    name: str
    unit: str
    most_per_hour: Decimal | None = None

    def most_in(self, hours: int) -> Decimal:
        """The most it can count in that many hours; the worst case of a quote rests on it."""
        if self.most_per_hour is not None:
            return self.most_per_hour * hours
        seconds = SECONDS_IN.get(self.unit)
        if seconds is None:
            raise InvalidUse(reason="the meter states no most_per_hour", meter=self.name)
        return Decimal(-(-hours * _HOUR // seconds))

    @property
    def is_bounded(self) -> bool:
        """Whether a worst case can be stated for it."""
        return self.most_per_hour is not None or self.unit in SECONDS_IN
