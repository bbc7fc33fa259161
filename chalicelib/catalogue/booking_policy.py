"""How a product is booked ahead. Lengths of time only: what comes of them has its price in the tariff."""

from dataclasses import dataclass
from datetime import timedelta

from chalicelib.catalogue.errors import BadCatalogueEntry

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_BOUNDS = {
    "buffer": (timedelta(0), 7 * _DAY),
    "ahead": (_SECOND, 366 * _DAY),
    "longest": (_SECOND, 62 * _DAY),
    "free_cancellation": (timedelta(0), 366 * _DAY),
    "no_show": (_SECOND, 62 * _DAY),
}


@dataclass(frozen=True, slots=True)
class BookingPolicy:
    """What holds for bookings of a product.

    `buffer` lies between two bookings of an asset, and before each: from then on it is kept for who booked it, and may
    be handed out. A stretch begins at most `ahead` from now and is at most `longest`. It is cancelled and changed free
    of charge until `free_cancellation` before its start; who has not come `no_show` after it has lost it.
    """

    buffer: timedelta = timedelta(0)
    ahead: timedelta = 30 * _DAY
    longest: timedelta = 7 * _DAY
    free_cancellation: timedelta = timedelta(hours=1)
    no_show: timedelta = timedelta(minutes=30)

    def __post_init__(self) -> None:
        for field, (least, most) in _BOUNDS.items():
            if not least <= getattr(self, field) <= most:
                reason = f"{least // _SECOND} to {most // _SECOND} seconds"
                raise BadCatalogueEntry(pointer=f"/policy/booking/{field}_s", reason=reason)
