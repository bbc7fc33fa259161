"""Reserve, hand out, give up: a thing held for its customer, free of charge and not for long."""

from datetime import datetime

from chalicelib.access.errors import UnknownSession, WrongCode
from chalicelib.access.life import cancelled, expired, handed_out, reserved
from chalicelib.access.model import AccessSession
from chalicelib.access.ports import Sessions
from chalicelib.access.starting import Starting, StartSession, promised
from chalicelib.catalogue.service import on_offer
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Commit


def reserve(command: StartSession, *, starting: Starting) -> AccessSession:
    """Hold the quoted asset, on the same conditions as a start, for as long as its product allows without a price."""
    session, asset, product = promised(command, starting=starting)
    session = reserved(session, starting.now + product.policy.free_reservation)
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
        starting.sessions.active_in(session.account_id, Month.of(starting.now, starting.zone)),
        on_offer(asset, starting.now, catalogue=starting.catalogue),
        *starting.standing.conditions(session.account_id),
    ]
    return starting.commit(writes, started)


def give_up(session: AccessSession, *, sessions: Sessions, commit: Commit) -> AccessSession:
    """The customer needs it no more."""
    given_up = cancelled(session)
    return session if given_up is session else commit(sessions.giving_up(given_up), given_up)


def expire(session_id: str, at: datetime, *, sessions: Sessions, commit: Commit) -> AccessSession:
    """Free the asset of a reservation that nobody took up. Whatever became of it meanwhile stays so."""
    session = sessions.find(session_id)
    if session is None:
        raise UnknownSession(session_id=session_id)
    over = expired(session, at)
    if over is session:
        return session
    return commit([*sessions.giving_up(over), sessions.telling(over, "reservation_expired", at)], over)
