"""What a customer or a partner may know of sessions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.access.errors import NotCharged, UnknownSession
from chalicelib.access.model import AccessSession, ChargeRecord, Need
from chalicelib.access.need import need_of
from chalicelib.access.ports import Sessions
from chalicelib.access.sharing import view_for
from chalicelib.access.uses import cap_context, tariff_for, use_of
from chalicelib.catalogue.ports import Catalogue
from chalicelib.kernel.money import Money, total
from chalicelib.metering.model import AHEAD, Event
from chalicelib.metering.ports import Heads
from chalicelib.metering.usage import usage_between
from chalicelib.rating import RatedLine, Use, rate


@dataclass(frozen=True, slots=True)
class SessionCost:
    """A session with what it costs: so far, while it is open; as charged, once it has ended."""

    session: AccessSession
    lines: tuple[RatedLine, ...]
    amount: Money


@dataclass(frozen=True, slots=True)
class Receipt:
    """A sealed charge record, and what the session costs the account: its own charges and its part of shared caps."""

    record: ChargeRecord
    cost: SessionCost


def session_of(session_id: str, account_id: str, *, sessions: Sessions) -> AccessSession:
    """The account's session, or `UnknownSession`, which another account's is too."""
    session = sessions.find(session_id)
    if session is None or session.account_id != account_id:
        raise UnknownSession(session_id=session_id)
    return session


def seen_of(session_id: str, account_id: str, *, sessions: Sessions) -> AccessSession:
    """The session as the account has it, its own or one in which it takes part."""
    return view_for(sessions.find(session_id), session_id, account_id)


def cost_of(
    session: AccessSession, now: datetime, zone: str, *, catalogue: Catalogue, sessions: Sessions, heads: Heads
) -> SessionCost:
    """What the session costs, its part of shared caps included."""
    seen = usage_between(session.session_id, session.started_at, now + AHEAD, zone, heads=heads)
    around = uses_around(session, zone, catalogue=catalogue, sessions=sessions)
    return cost_among(around, session, need_of(session, seen, now), now, catalogue=catalogue)


def uses_around(session: AccessSession, zone: str, *, catalogue: Catalogue, sessions: Sessions) -> Sequence[Use]:
    """The account's other uses that may share a cap with the session."""
    tariff = tariff_for(session, catalogue=catalogue)
    found = cap_context(session.account_id, session.started_at, tariff, zone, catalogue=catalogue, sessions=sessions)
    return [each for each in found if each.use_id != session.session_id]


def cost_among(
    around: Sequence[Use], session: AccessSession, need: Need, now: datetime, *, catalogue: Catalogue
) -> SessionCost:
    """What the session costs beside the uses around it."""
    use = use_of(session, need, now, catalogue=catalogue)
    lines = tuple(line for line in rate([*around, use]) if line.use_id == session.session_id)
    return SessionCost(session, lines, total((line.amount for line in lines), use.tariff.currency))


@dataclass(frozen=True, slots=True)
class WhatShows:
    """What a session's charge rests on: its need, the events that count, and the sealed record, if there is one yet."""

    session: AccessSession
    need: Need
    record: ChargeRecord | None
    events: Sequence[Event]


def what_shows(session: AccessSession, now: datetime, zone: str, *, sessions: Sessions, heads: Heads) -> WhatShows:
    """What is sealed counts as it was sealed; of what is open, what is known now."""
    seen = usage_between(session.session_id, session.started_at, now + AHEAD, zone, heads=heads)
    record = sessions.charge_of(session)
    need = need_of(session, seen, now) if record is None else record.need
    events = [event for usage in seen for event in usage.events]
    return WhatShows(session, need, record, sorted(events, key=lambda each: (each.time, each.key)))


def receipt_of(session: AccessSession, zone: str, *, catalogue: Catalogue, sessions: Sessions) -> Receipt:
    """The receipt of an ended session."""
    record = sessions.charge_of(session)
    if record is None:
        raise NotCharged(session_id=session.session_id)
    around = uses_around(session, zone, catalogue=catalogue, sessions=sessions)
    return Receipt(record, cost_among(around, session, record.need, record.ended_at, catalogue=catalogue))
