"""What becomes of bookings when their asset is taken out for maintenance."""

from collections.abc import Iterator

from chalicelib.access.booking import Booking
from chalicelib.access.booking_making import Keeper
from chalicelib.catalogue.ports import Catalogue
from chalicelib.catalogue.taking_out import TakeOut
from chalicelib.kernel.time import Interval, format_instant

_PAGE = 100


def tell_of_take_out(partner_id: str, asset_id: str, take_out_id: str, *, booker: Keeper) -> int:
    """Tell each customer who has booked the asset for the time that it is out, as soon as that is known.

    They can take another free one of its product, or cancel without any cost. How many are told.
    """
    out = booker.catalogue.take_out(partner_id, asset_id, take_out_id)
    if out is None or out.ended_at is not None:
        return 0
    asset_key = f"{partner_id}/{asset_id}"
    entries = booker.bookings.seen([asset_key], booker.now)[asset_key].calendar.entries
    booked = (booker.bookings.find(each.booking_id) for each in entries)
    waiting = [each for each in booked if each is not None and not each.is_over and _falls_into(out, each.stretch)]
    told = [booker.bookings.telling(each, "booking_taken_out", out.made_at, _until(out)) for each in waiting]
    if told:
        booker.commit(told, None)
    return len(told)


def was_out(booking: Booking, *, catalogue: Catalogue) -> bool:
    """Whether its asset was out at any time at which its customer could have come for it."""
    return _is_out(booking, Interval(booking.start, booking.lost_at), catalogue)


def will_be_out(booking: Booking, *, catalogue: Catalogue) -> bool:
    """Whether its asset is out for a part of what was booked, as things stand."""
    return _is_out(booking, booking.stretch, catalogue)


def _is_out(booking: Booking, stretch: Interval, catalogue: Catalogue) -> bool:
    return any(_falls_into(each, stretch) for each in _take_outs(booking, stretch, catalogue))


def _take_outs(booking: Booking, stretch: Interval, catalogue: Catalogue) -> Iterator[TakeOut]:
    """In order of their beginning, up to the first that begins after the stretch."""
    after: str | None = None
    while True:
        found = catalogue.take_outs(booking.partner_id, booking.asset_id, limit=_PAGE, after=after)
        yield from (each for each in found if each.start < stretch.end)
        if len(found) < _PAGE or found[-1].start >= stretch.end:
            return
        after = found[-1].take_out_id


def _falls_into(out: TakeOut, stretch: Interval) -> bool:
    """Whether it is, or was, out for a part of the stretch."""
    ends = [each for each in (out.until, out.ended_at) if each is not None]
    return out.start < stretch.end and (not ends or min(ends) > max(stretch.start, out.start))


def _until(out: TakeOut) -> dict[str, str]:
    """When it is out, for the notice."""
    since = {"out_from": format_instant(out.start)}
    return since if out.until is None else {**since, "out_until": format_instant(out.until)}
