"""What walk-ups go by follows the capacity of an asset that is booked."""

from chalicelib.access.booking_errors import CalendarChanged
from chalicelib.access.booking_making import TRIES, Keeper


def restate(partner_id: str, asset_id: str, *, booker: Keeper) -> None:
    """State for how many there is room beside the bookings of an asset, by its capacity as it is now."""
    asset = booker.catalogue.asset(partner_id, asset_id)
    if asset is None:
        return None
    for attempt in range(TRIES):
        writes = booker.bookings.restating(f"{partner_id}/{asset_id}", asset.capacity, booker.now)
        if not writes:
            return None
        try:
            return booker.commit(writes, None)
        except CalendarChanged:
            booker.pause(attempt)
    raise CalendarChanged
