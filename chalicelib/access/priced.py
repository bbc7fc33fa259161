"""The time that a thing is reserved beyond what is free, where its tariff has a price for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal

from chalicelib.kernel.time import SECONDS_IN, format_instant, parse_instant

_SECOND = timedelta(seconds=1)
_FINEST = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class PricedReservation:
    """From when on each started second is counted, in the unit of the tariff's meter."""

    since: datetime
    unit: str

    def quantity(self, at: datetime) -> Decimal:
        """How much of it has come together by then."""
        seconds = max(0, -(-(at - self.since) // _SECOND))
        return (Decimal(seconds) / SECONDS_IN[self.unit]).quantize(_FINEST, ROUND_CEILING)

    def row(self) -> list[str]:
        """As JSON-ready values."""
        return [format_instant(self.since), self.unit]

    @classmethod
    def of(cls, row: Sequence[str]) -> "PricedReservation":
        """That of a row."""
        return cls(parse_instant(row[0]), row[1])
