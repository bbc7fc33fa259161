"""What the workers do about bookings, and about who waits for what."""

from collections.abc import Callable, Mapping

from chalicelib.access.booking_closing import lose_booking, warn_before_booking
from chalicelib.access.booking_taken_out import tell_of_take_out
from chalicelib.access.queueing import Queueing, serve, stop_waiting
from chalicelib.customers.model import Customer
from chalicelib.edge.reacting_customers import signed_up
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.kernel.time import parse_instant

Facts = Mapping[str, str]


def lose_booked(facts: Facts, wired: BackOffice) -> None:
    """Free what was booked and nobody came for."""
    keeper = wired.keeper(wired.now(), wired.commit)
    lose_booking(facts["booking_id"], parse_instant(facts["at"]), booker=keeper)


def warn_of_booking(facts: Facts, wired: BackOffice) -> None:
    """Tell who has what is booked soon."""
    keeper = wired.keeper(wired.now(), wired.commit)
    warn_before_booking(facts["booking_id"], parse_instant(facts["at"]), booker=keeper)


def tell_of_taken_out(facts: Facts, wired: BackOffice) -> None:
    """Tell who has booked what is taken out."""
    keeper = wired.keeper(wired.now(), wired.commit)
    tell_of_take_out(facts["partner_id"], facts["asset_id"], facts["take_out_id"], booker=keeper)


def freed(facts: Facts, wired: BackOffice) -> None:
    """Hold what has become free for who waits longest for it."""
    serve(facts["partner_id"], facts["asset_id"], queueing=_queueing(wired))


def waited(facts: Facts, wired: BackOffice) -> None:
    """Drop from a line whoever has waited in vain."""
    at = parse_instant(facts["at"])
    stop_waiting(facts["account_id"], facts["waiting_id"], at, queueing=_queueing(wired))


def _queueing(wired: BackOffice) -> Queueing:
    def customer_of(account_id: str) -> Customer | None:
        agreement = wired.agreements.find(account_id)
        return None if agreement is None else signed_up(agreement)

    return Queueing(wired.lines, wired.starting(wired.now(), wired.commit), customer_of)


TOPICS: Mapping[str, Callable[[Facts, BackOffice], None]] = {
    "access.booked_soon": warn_of_booking,
    "access.freed": freed,
    "access.no_show": lose_booked,
    "access.taken_out": tell_of_taken_out,
    "access.waited": waited,
}
