"""Reserve, hand out, give up: a thing held for its customer, free of charge for a while and at a price thereafter."""

from datetime import datetime

from chalicelib.access.ending import Ending
from chalicelib.access.errors import UnknownSession, WrongCode
from chalicelib.access.life import cancelled, expired, handed_out, reserved
from chalicelib.access.model import AccessSession
from chalicelib.access.ordering import charging_orders, longest_reservation, reserved_unit
from chalicelib.access.priced import PricedReservation
from chalicelib.access.starting import Starting, StartSession, promised
from chalicelib.access.uses import tariff_for
from chalicelib.catalogue.service import on_offer
from chalicelib.kernel.writes import Write


def reserve(command: StartSession, *, starting: Starting) -> AccessSession:
    """Hold the quoted asset, on the same conditions as a start, for as long as its product and bookings allow."""
    session, asset, product = promised(command, starting=starting)
    tariff = tariff_for(session, catalogue=starting.catalogue)
    free_until = starting.now + product.policy.free_reservation
    unit = reserved_unit(tariff)
    priced = PricedReservation(free_until, unit) if unit else None
    until = starting.now + longest_reservation(product, tariff)
    session = reserved(session, min(until, session.booked_from or until), priced)
    writes = [
        *starting.sessions.reserving(session, asset.capacity),
        on_offer(asset, starting.now, catalogue=starting.catalogue),
        *starting.standing.conditions(session.account_id),
    ]
    return starting.commit(writes, session)


def hand_out(session: AccessSession, code: str, *, starting: Starting) -> AccessSession:
    """The reserved asset is at hand: its code was scanned. What was reserved starts at the price of its quote."""
    asset = starting.catalogue.asset(session.partner_id, session.asset_id)
    if asset is None or asset.code != code:
        raise WrongCode(pointer="/code")
    started = handed_out(session, starting.now)
    if started is session:
        return session
    writes = [
        *starting.sessions.handing_out(started),
        on_offer(asset, starting.now, catalogue=starting.catalogue),
        *starting.standing.conditions(session.account_id),
    ]
    return starting.commit(writes, started)


def give_up(session: AccessSession, *, ending: Ending) -> AccessSession:
    """The customer needs it no more; the priced time up to now is charged."""
    given_up = cancelled(session, ending.now)
    return session if given_up is session else ending.commit(_over(given_up, ending), given_up)


def expire(session_id: str, at: datetime, *, ending: Ending) -> AccessSession:
    """Free the asset of a reservation that nobody took up. Whatever became of it meanwhile stays so."""
    session = ending.sessions.find(session_id)
    if session is None:
        raise UnknownSession(session_id=session_id)
    over = expired(session, at)
    if over is session:
        return session
    return ending.commit([*_over(over, ending), ending.sessions.telling(over, "reservation_expired", at)], over)


def _over(session: AccessSession, ending: Ending) -> list[Write]:
    writes = list(ending.sessions.giving_up(session))
    if session.ended_at is not None:
        tariff = tariff_for(session, catalogue=ending.catalogue)
        writes += charging_orders(session, tariff, ending.now, ending.zone, sessions=ending.sessions)
    return writes
