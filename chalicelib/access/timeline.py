"""Track and trace: all that is known of a session, in order, with who and why.

What a session was charged is shown as it was charged; what it is charged for is shown as it stands.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from chalicelib.access.model import NEVER_STARTED, OPEN, AccessSession, ChargeRecord, NeedInterval, State
from chalicelib.access.position_ports import Seen
from chalicelib.kernel.money import Money, total
from chalicelib.kernel.quantity import plain
from chalicelib.metering.changes import is_mark, voided_by
from chalicelib.metering.model import Event
from chalicelib.metering.usage import Usage
from chalicelib.rating import line_from_document


class Kind(StrEnum):
    """What an entry is; at the same instant in this order."""

    ACT = "act"
    SIGNAL = "signal"
    USAGE = "usage"
    NEED = "need"
    CHARGE = "charge"
    PAYMENT = "payment"


Places = Mapping[tuple[datetime, str, str], Seen]
"""Roughly where events say that it was, by time, source and id: letters of a geohash."""
NOWHERE: Places = MappingProxyType({})
_FEW = 5
_ORDER = {kind: number for number, kind in enumerate(Kind)}


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened: when, what, by whom (a customer's word, a thing's or its partner's report, or ours)."""

    at: datetime
    kind: Kind
    what: str
    by: str
    facts: dict[str, str] = field(default_factory=dict)
    amount: Money | None = None


def timeline_of(
    session: AccessSession,
    usages: Sequence[Usage],
    intervals: Sequence[NeedInterval],
    charges: Sequence[ChargeRecord],
    payments: Iterable[Entry],
    *,
    now: datetime,
    places_kept: timedelta,
    places: Places = NOWHERE,
) -> list[Entry]:
    """Every act, report, interval, charge and payment in order of time. Where it was is told for `places_kept`."""
    reports = _reports(usages, now - places_kept, places)
    found = [*acts_of(session), *reports, *_needs(intervals), *_charges(charges), *payments]
    return sorted(found, key=lambda entry: (entry.at, _ORDER[entry.kind]))


def acts_of(session: AccessSession) -> list[Entry]:
    """What its customers and their partner did with it, as far as that is known by itself."""
    who = "customer"
    never = session.state in NEVER_STARTED
    begun = "reserved" if session.reserved_until is not None else "booked" if never else "start"
    found = [Entry(at, Kind.ACT, what, who) for what, at in session.earlier]
    found.append(Entry(session.started_at, Kind.ACT, begun, who, {"quote": session.quote_id}))
    found += _parts(session)
    left = {move.act_id: {"left": move.asset_id} for move in session.moves}
    found += [
        Entry(act.at, Kind.ACT, str(act.kind), who, {"act": act.act_id, **left.get(act.act_id, {})})
        for act in session.acts
    ]
    if session.ended_at is not None and not never:
        stopped = session.stop is not None and session.stop.at == session.ended_at
        found.append(Entry(session.ended_at, Kind.ACT, "end", session.ended_by or ("stop" if stopped else who)))
    if session.state not in OPEN and session.state not in (State.RESERVED, State.ENDED):
        found.append(
            Entry(session.ended_at or session.reserved_until or session.started_at, Kind.ACT, str(session.state), who)
        )
    return found


def _parts(session: AccessSession) -> list[Entry]:
    """When somebody came to take part, or left; who it was is for nobody else to know."""
    members = session.parts[1:]
    found = [Entry(each.joined_at, Kind.ACT, "joined", "member", {"weight": str(each.weight)}) for each in members]
    return found + [Entry(each.left_at, Kind.ACT, "left", "member") for each in members if each.left_at is not None]


def _reports(usages: Sequence[Usage], places_from: datetime, places: Places) -> list[Entry]:
    """What counts, and what was voided, with the change that says so."""
    return [
        _report(event, by(event), places, places_from)
        for usage, by in ((each, voided_by(each.everything)) for each in usages)
        for event in usage.everything
        if not is_mark(event)
    ]


def _report(event: Event, voided: str | None, places: Places, places_from: datetime) -> Entry:
    facts = {"id": event.event_id, **dict(event.dimensions)}
    if event.value is not None:
        facts["value"] = plain(event.value)
    seen = places.get((event.time, event.source, event.event_id))
    if event.time >= places_from:
        place, cell = (seen.place, seen.cell) if seen is not None else (None, None)
        said = ("place", place or event.place_id), ("position", cell)  # events of before had their place in them
        facts |= {name: text for name, text in said if text is not None}
    if voided is not None:
        facts["voided_by"] = voided
    return Entry(event.time, Kind.SIGNAL if event.is_signal else Kind.USAGE, event.name, event.source, facts)


def _needs(intervals: Sequence[NeedInterval]) -> list[Entry]:
    return [
        Entry(
            each.interval.start,
            Kind.NEED,
            str(each.state),
            "evidence",
            {"seconds": str(each.interval.length // timedelta(seconds=1)), "evidence": " ".join(each.evidence[:_FEW])},
        )
        for each in intervals
    ]


def _charges(charges: Sequence[ChargeRecord]) -> list[Entry]:
    """The first seals the session, each further one corrects it."""
    return [
        Entry(
            record.sealed_at,
            Kind.CHARGE,
            "corrected" if record.revision else "sealed",
            "rating",
            {"revision": str(record.revision), "sha256": record.need.digest},
            total((line_from_document(line).amount for line in record.lines), record.currency),
        )
        for record in charges
    ]
