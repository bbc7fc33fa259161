"""What is refused of bookings."""

from chalicelib.kernel.errors import Conflict, Contended, Invalid, NotFound


class NotBookable(Conflict):
    """It is not booked ahead: its partner offers it for now only."""


class StretchPast(Invalid):
    """The stretch has begun already."""


class StretchEmpty(Invalid):
    """A stretch ends after it begins."""


class StretchTooLong(Invalid):
    """The stretch is longer than the product may be booked for."""


class StretchTooFarAhead(Invalid):
    """The stretch begins later than the product may be booked for."""


class PlaceClosed(Conflict):
    """Its place is closed when the stretch begins or ends."""


class NotFree(Conflict):
    """It is booked or out of service in the stretch."""


class NothingFree(Conflict):
    """Nothing of what was asked for is free there in the whole stretch."""


class AssetBooked(Conflict):
    """The asset is kept for a booking."""


class CalendarFull(Conflict):
    """The asset has as many bookings to come as it can have."""


class CalendarChanged(Contended):
    """Others are booking the same just now; nothing was changed, try again."""


class UnknownBooking(NotFound):
    """This customer has no such booking."""


class BookingChanged(Conflict):
    """The booking was changed since; look at it again."""


class BookingDone(Conflict):
    """The booking was handed out, cancelled or lost already."""


class TooManyBookings(Conflict):
    """As many of your bookings are to come as may be."""


class BookingBegun(Conflict):
    """The booking has begun, so it cannot be changed any more."""


class BookingTooEarly(Conflict):
    """It is too early to hand out what is booked."""


class BookingOver(Conflict):
    """It is too late to take up the booking."""


class TooManyChanges(Conflict):
    """The booking was changed as often as it can be."""
