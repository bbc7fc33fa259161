"""Reserve, hand out, give up: a thing held for its customer, free of charge and not for long."""

from dataclasses import replace
from datetime import datetime

from chalicelib.access.agreed import Agreed
from chalicelib.access.allowing import allowance, commit_start
from chalicelib.access.errors import UnknownSession, WrongCode
from chalicelib.access.life import cancelled, expired, handed_out, reserved
from chalicelib.access.model import AccessSession
from chalicelib.access.ports import Sessions
from chalicelib.access.starting import Starting, StartSession, allowed, opened, promised
from chalicelib.catalogue.errors import NoTariff
from chalicelib.catalogue.service import on_offer
from chalicelib.kernel.money import Money
from chalicelib.kernel.writes import Commit
from chalicelib.rating import Tariff


def reserve(command: StartSession, *, starting: Starting) -> AccessSession:
    """Hold the quoted asset, on the same conditions as a start, for as long as its product allows without a price."""
    session, asset, product = promised(command, starting=starting)
    session = reserved(session, starting.now + product.policy.free_reservation)
    writes = [
        *starting.sessions.reserving(session, asset.capacity),
        on_offer(asset, starting.now, catalogue=starting.catalogue),
        *allowed(session, starting=starting),
        starting.allowing.limits.checking(session.account_id, session.agreed.turn if session.agreed else 0),
    ]
    return commit_start(writes, session, allowing=starting.allowing, commit=starting.commit)


def hand_out(session: AccessSession, code: str, *, starting: Starting) -> AccessSession:
    """The reserved asset is at hand: its code was scanned. What was reserved starts at the price of its quote.

    The account's budgets are looked at anew: they may have changed, and so may what was spent.
    """
    what = (session.partner_id, session.asset_id, session.product_id, session.tariff_version)
    asset, _, tariff = starting.catalogue.promised(*what)
    if asset is None or asset.code != code:
        raise WrongCode(pointer="/code")
    started = handed_out(session, starting.now)
    if started is session:
        return session
    if tariff is None:
        raise NoTariff(product_id=session.product_id, version=session.tariff_version)
    started = replace(started, agreed=_agreed_now(started, tariff, starting))
    writes = [
        *starting.sessions.handing_out(started),
        on_offer(asset, starting.now, catalogue=starting.catalogue),
        *allowed(started, starting=starting),
        *opened(started, starting=starting),
    ]
    return commit_start(writes, started, allowing=starting.allowing, commit=starting.commit)


def _agreed_now(session: AccessSession, tariff: Tariff, starting: Starting) -> Agreed:
    agreed, nothing = session.agreed or Agreed(), Money.zero(tariff.currency)
    costs = (agreed.estimate or nothing, agreed.worst_case or nothing)
    found = allowance(session.account_id, tariff, *costs, allowing=starting.allowing)
    return replace(agreed, turn=found.now.turn, over=found.over, warns=found.warns, bound=found.bound)


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
