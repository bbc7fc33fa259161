"""Reserve, hand out, give up: a thing held for its customer, free of charge for a while and at a price thereafter."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.access.agreed import Agreed
from chalicelib.access.allowing import commit_start
from chalicelib.access.ending import Ending
from chalicelib.access.errors import AssetInUse, UnknownSession, WrongCode
from chalicelib.access.life import cancelled, expired, handed_out, reserved
from chalicelib.access.model import AccessSession, State
from chalicelib.access.ordering import charging_orders, cost_of_orders, longest_reservation, reserved_unit
from chalicelib.access.priced import PricedReservation
from chalicelib.access.starting import (
    Starting,
    StartSession,
    agreed_now,
    allowed,
    begin,
    opened,
    promised,
    stopped_as_wished,
    taken_up,
)
from chalicelib.access.uses import tariff_for
from chalicelib.catalogue.errors import NoTariff
from chalicelib.catalogue.model import Asset
from chalicelib.catalogue.service import on_offer
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write


def reserve(command: StartSession, *, starting: Starting) -> AccessSession:
    """Hold the quoted asset, on the same conditions as a start, for as long as its product and bookings allow."""
    session, asset = held(command, starting=starting)
    if session.priced is not None:
        session = replace(session, agreed=_agreed_to_reserve(session, starting))
    writes = [
        *starting.sessions.reserving(session, asset.capacity),
        *conditions(session, asset, starting=starting),
        starting.allowing.limits.leaving_alone(session, starting.now),
    ]
    try:
        return commit_start(writes, session, allowing=starting.allowing, commit=starting.commit)
    except AssetInUse as refusal:
        return taken_up(session, {State.RESERVED}, refusal, starting=starting)


def _agreed_to_reserve(session: AccessSession, starting: Starting) -> Agreed:
    """Its account's budgets have room for what it costs if nobody takes it up, too."""
    tariff = tariff_for(session, catalogue=starting.catalogue)
    most = cost_of_orders(session, tariff, session.reserved_until or starting.now)
    return agreed_now(session, tariff, starting, most)


def held(command: StartSession, *, starting: Starting) -> tuple[AccessSession, Asset]:
    """The reservation of an accepted quote, with its asset; nothing is stored yet."""
    session, asset, product = promised(command, starting=starting)
    tariff = tariff_for(session, catalogue=starting.catalogue)
    free_until = starting.now + product.policy.free_reservation
    unit = reserved_unit(tariff)
    priced = PricedReservation(free_until, unit) if unit else None
    until = starting.now + longest_reservation(product, tariff)
    room = starting.sessions.room(session.asset_key, asset.capacity, starting.now)
    if room.free:  # booked since it was quoted, or not any more
        session = replace(session, booked_from=room.booked_from)
    return reserved(session, min(until, session.booked_from or until), priced), asset


def held_free(command: StartSession, least: timedelta, *, starting: Starting) -> tuple[AccessSession, Asset]:
    """The same for who has not asked for it now: for `least`, or as long as is free, and never at a price."""
    session, asset, product = promised(command, starting=starting)
    until = starting.now + max(least, product.policy.free_reservation)
    return reserved(session, min(until, session.booked_from or until)), asset


def conditions(session: AccessSession, asset: Asset, *, starting: Starting) -> Sequence[Write]:
    """What has to hold for a reservation, beside that there is room."""
    return [
        on_offer(asset, starting.now, catalogue=starting.catalogue),
        *allowed(session, starting=starting),
        starting.allowing.limits.reserving(session, session.agreed.turn if session.agreed else 0),
    ]


def hand_out(session: AccessSession, code: str, *, starting: Starting) -> AccessSession:
    """The reserved asset is at hand: its code was scanned. What was reserved starts at the price of its quote.

    The account's budgets are looked at anew: they may have changed, and so may what was spent.
    """
    what = (session.partner_id, session.asset_id, session.product_id, session.tariff_version, session.fare)
    asset, _, tariff = starting.catalogue.promised(*what).fetch()
    if asset is None or asset.code != code:
        raise WrongCode(pointer="/code")
    started = handed_out(session, starting.now)
    if started is session:
        return session
    if tariff is None:
        raise NoTariff(product_id=session.product_id, version=session.tariff_version)
    started = stopped_as_wished(replace(started, agreed=agreed_now(started, tariff, starting)))
    writes = [
        *starting.sessions.handing_out(started),
        *starting.sessions.stopping(started, starting.now),
        starting.sessions.active_in(session.account_id, Month.of(starting.now, starting.zone)),
        on_offer(asset, starting.now, catalogue=starting.catalogue),
        *allowed(started, starting=starting),
        *opened(started, starting=starting),
    ]
    return begin(writes, started, starting=starting)


def give_up(session: AccessSession, *, ending: Ending) -> AccessSession:
    """The customer needs it no more; the priced time up to now is charged."""
    given_up = cancelled(session, ending.now, _had_until(session, ending.now, ending))
    return session if given_up is session else ending.commit(_over(given_up, ending.now, ending), given_up)


def expire(session_id: str, at: datetime, *, ending: Ending) -> AccessSession:
    """Free the asset of a reservation that nobody took up. Whatever became of it meanwhile stays so."""
    session = ending.sessions.find(session_id)
    if session is None:
        raise UnknownSession(session_id=session_id)
    over = expired(session, at, _had_until(session, at, ending))
    if over is session:
        return session
    return ending.commit([*_over(over, at, ending), ending.sessions.telling(over, "reservation_expired", at)], over)


def _had_until(session: AccessSession, at: datetime, ending: Ending) -> datetime:
    """Until when it could be had: what is retired, or looked after by then, nobody can have."""
    if session.priced is None:
        return at
    asset = ending.catalogue.asset(session.partner_id, session.asset_id)
    if asset is None or asset.retired:
        return session.started_at
    return min([at, *(each.start for each in asset.take_outs if each.holds(at))])


def _over(session: AccessSession, at: datetime, ending: Ending) -> list[Write]:
    writes = list(ending.sessions.giving_up(session, at))
    if session.ended_at is not None:
        tariff = tariff_for(session, catalogue=ending.catalogue)
        writes += charging_orders(session, tariff, ending.now, ending.zone, sessions=ending.sessions)
    return writes
