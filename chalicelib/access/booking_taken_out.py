"""What becomes of bookings when their asset is taken out for maintenance."""

from collections.abc import Iterator

from chalicelib.access.booking import Booking
from chalicelib.access.booking_errors import BookingChanged, CalendarChanged, NothingFree
from chalicelib.access.booking_finding import Chosen, chosen, the_asset, with_booking
from chalicelib.access.booking_making import TRIES, Keeper, leaving
from chalicelib.catalogue.ports import Catalogue
from chalicelib.catalogue.taking_out import TakeOut
from chalicelib.kernel.time import Interval, format_instant

_PAGE = 100


def tell_of_take_out(partner_id: str, asset_id: str, take_out_id: str, *, booker: Keeper) -> int:
    """Move what is booked of the asset for the time that it is out to another of its product that is free at its place.

    Who cannot be moved is told that it is out: they can take another one themselves, or cancel without any cost. So can
    who was moved, until the booking begins. How many are told.
    """
    out = booker.catalogue.take_out(partner_id, asset_id, take_out_id)
    if out is None or out.ended_at is not None:
        return 0
    asset_key = f"{partner_id}/{asset_id}"
    entries = booker.bookings.seen([asset_key], booker.now)[asset_key].calendar.entries
    booked = (booker.bookings.find(each.booking_id) for each in entries)
    waiting = [each for each in booked if each is not None and not each.is_over and _falls_into(out, each.stretch)]
    for each in sorted(waiting, key=lambda booking: (booking.start, booking.booking_id)):
        if not _moved(each, out, booker):
            booker.commit([booker.bookings.telling(each, "booking_taken_out", out.made_at, _until(out))], None)
    return len(waiting)


def _moved(booking: Booking, out: TakeOut, booker: Keeper) -> bool:
    """Whether it is on another asset now, by this or by somebody's act meanwhile."""
    for attempt in range(TRIES):
        before = booker.bookings.find(booking.booking_id)
        if before is None or before.is_over or before.asset_key != booking.asset_key:
            return True
        try:
            best = _another(before, booker)
        except NothingFree:
            return False
        try:
            _move(before, best, out, booker)
        except (BookingChanged, CalendarChanged):
            booker.pause(attempt)
            continue
        return True
    return False


def _another(booking: Booking, booker: Keeper) -> Chosen:
    """What else of its product stands at the same place, and is free for all of it."""
    own = booker.catalogue.asset(booking.partner_id, booking.asset_id)
    if own is None or own.place_id is None:
        raise NothingFree
    where = {"product_id": booking.product_id, "place_id": own.place_id}
    found = booker.catalogue.assets_of(booking.partner_id, **where, limit=_PAGE, after=None).rows
    others = [each for each in found if not each.retired and each.asset_id != own.asset_id]
    candidates = [the_asset(each, catalogue=booker.catalogue) for each in others]
    return chosen(candidates, booking.entry, booker.now, bookings=booker.bookings)


def _move(before: Booking, best: Chosen, out: TakeOut, booker: Keeper) -> None:
    """One transaction: the booking, both calendars, and word to its customer."""
    asset, now = best.candidate.asset, booker.now
    after = before.moved(asset.asset_id)
    calendar = with_booking(best.seen, after.entry, asset.capacity, now)
    said = {**_until(out), "left": before.asset_id, "free_until": format_instant(after.free_until)}
    writes = [
        *booker.bookings.rebooking(after, before),
        *booker.bookings.keeping_more(calendar, after.entry, asset.capacity, now),
        *leaving(before, after, booker),
        booker.bookings.telling(after, "booking_moved", out.made_at, said),
    ]
    booker.commit(writes, None)


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
