"""The booking for which a thing is kept, where it is the account's own."""

from datetime import datetime

from chalicelib.access.booking import Booking
from chalicelib.access.booking_ports import Bookings


def own_booking(asset_key: str, account_id: str, now: datetime, *, bookings: Bookings) -> Booking | None:
    """The account's booking that may be handed out on the asset now."""
    entries = bookings.seen([asset_key], now)[asset_key].calendar.entries
    due = [each.booking_id for each in entries if each.session_id is None and each.kept_from <= now < each.end]
    found = (bookings.find(each) for each in due)
    return next((each for each in found if each is not None and each.account_id == account_id), None)
