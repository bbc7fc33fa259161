"""What charge records say, beside what they would say by all that metering holds now: for many sessions at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from chalicelib.access.cutting import until
from chalicelib.access.ending import sealed
from chalicelib.access.listing import is_summary
from chalicelib.access.model import AccessSession, ChargeRecord, Need
from chalicelib.access.need import need_of
from chalicelib.access.ports import Sessions
from chalicelib.catalogue.ports import Catalogue
from chalicelib.metering.changes import totals_of
from chalicelib.metering.errors import PageMissing
from chalicelib.metering.head import Head
from chalicelib.metering.model import AHEAD
from chalicelib.metering.ports import Heads
from chalicelib.metering.sealing import CLOCKS_DIFFER
from chalicelib.metering.usage import Usage, months_between, usages_of

SESSIONS_AT_ONCE, EVENTS_AT_ONCE = 50, 20_000
"""So many are read together, and of so many events; a session with more is read by itself."""


class Basis(StrEnum):
    """How what metering holds of a session compares with what its charge record was made from.

    `more`: all that the record names is there, and something has come since. `other`: something that it names is not
    there, or says something else. `none`: nothing is there, though it names some. `goes_on`: of a session that was cut,
    what has come since tells another need until the cut; the next record takes that in. What was erased was charged
    before, and cannot differ any more.
    """

    SAME = "same"
    MORE = "more"
    OTHER = "other"
    NONE = "none"
    GOES_ON = "goes_on"


@dataclass(frozen=True, slots=True)
class Rerated:
    """A charge record, and what it would come to by what metering holds now, in minor units.

    `miscounted` are the meters of which a head's total is not what the events of its pages come to.
    """

    record: ChargeRecord
    basis: Basis
    minor: int
    miscounted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rerating:
    """What rating anew needs from outside."""

    zone: str
    catalogue: Catalogue
    sessions: Sessions
    heads: Heads
    now: datetime


def charged_minor(record: ChargeRecord) -> int:
    """What a charge record's lines come to."""
    return sum(int(str(line["minor"])) for line in record.lines)


def rerated(records: Sequence[ChargeRecord], by: Rerating) -> Iterator[Rerated]:
    """Each of the records, in their order, beside its evidence.

    What differs is looked at once more with the newest record: a correction may have been sealed since the records were
    read. What that has taken in came later, and the record is what it was.
    """
    for first in range(0, len(records), SESSIONS_AT_ONCE):
        for each in _compared(records[first : first + SESSIONS_AT_ONCE], by):
            newest = None if each.basis is Basis.SAME else by.sessions.charge_of(each.record.session)
            if newest is not None and newest.revision > each.record.revision:
                yield from (_as_it_was(each.record, known) for known in _compared([newest], by))
            else:
                yield each


def _as_it_was(record: ChargeRecord, newest: Rerated) -> Rerated:
    """The record, unless something is wrong with the one that has taken its place."""
    if newest.basis is Basis.SAME and newest.minor == charged_minor(newest.record):
        return replace(newest, record=record, minor=charged_minor(record))
    return newest


def _compared(records: Sequence[ChargeRecord], by: Rerating) -> Iterator[Rerated]:
    """The evidence is what is there in each month in which a correction would look for it."""
    sessions = by.sessions.many(list(dict.fromkeys(each.session.session_id for each in records)))
    latest = by.now + AHEAD + CLOCKS_DIFFER
    months = {each.session_id: [*months_between(each.started_at, latest, by.zone)] for each in sessions.values()}
    found = by.heads.many([(name, month) for name, those in months.items() for month in those])
    heads = {name: [found[name, month] for month in those] for name, those in months.items()}
    for group in _groups(records, heads):
        seen = _seen(list(dict.fromkeys(each.session.session_id for each in group)), heads, by.heads)
        for each in group:
            name = each.session.session_id
            yield _rerated(each, sessions.get(name), seen.get(name, ()), by)


def _groups(records: Sequence[ChargeRecord], heads: Mapping[str, Sequence[Head]]) -> Iterator[list[ChargeRecord]]:
    """Of no more events together than memory should hold, in their order."""
    group, events = list[ChargeRecord](), 0
    for each in records:
        own = sum(head.count for head in heads.get(each.session.session_id, ()) if head.erased is None)
        if group and events + own > EVENTS_AT_ONCE:
            yield group
            group, events = [], 0
        group.append(each)
        events += own
    if group:
        yield group


def _seen(
    names: Sequence[str], heads_of: Mapping[str, Sequence[Head]], heads: Heads
) -> Mapping[str, Sequence[Usage] | None]:
    """By session, what was reported; None of one of which a page is lost, which keeps no other from being read."""
    found = [head for name in names for head in heads_of.get(name, ())]
    try:
        usages = usages_of(found, heads=heads)
    except PageMissing:
        if len(names) == 1:
            return {names[0]: None}
        return {name: seen for each in names for name, seen in _seen([each], heads_of, heads).items()}
    by_session: dict[str, list[Usage]] = {name: [] for name in names}
    for usage in usages:
        by_session[usage.head.subject].append(usage)
    return by_session


def _rerated(
    record: ChargeRecord, session: AccessSession | None, seen: Sequence[Usage] | None, by: Rerating
) -> Rerated:
    """What no session is known by any more, nothing shows. What was erased, or has lost a page, shows what it did."""
    if session is None:
        return Rerated(record, Basis.NONE, 0)
    if seen is None or any(each.head.erased for each in seen):
        basis = Basis.OTHER if seen is None else Basis.SAME
        return Rerated(record, basis, charged_minor(_anew(record, record.need, by)))
    found = _of_ended(session, record, seen, by) if session.ended_at is not None else _of_cut(session, record, seen, by)
    return replace(found, miscounted=_miscounted(seen))


def _anew(record: ChargeRecord, need: Need, by: Rerating) -> ChargeRecord:
    return sealed(record.session, need, by.now, catalogue=by.catalogue, revision=record.revision)


def _of_ended(session: AccessSession, record: ChargeRecord, seen: Sequence[Usage], by: Rerating) -> Rerated:
    """Its record was made from all there was."""
    need, named = need_of(session, seen, by.now), _named(record, session)
    minor = charged_minor(_anew(record, need, by))
    if need.digest == record.need.digest:
        return Rerated(record, Basis.SAME, minor)
    more = not named.whole or bool(_ids(seen) - named.ids)
    return Rerated(record, _lost(named, seen) or (Basis.MORE if more else Basis.OTHER), minor)


def _of_cut(session: AccessSession, record: ChargeRecord, seen: Sequence[Usage], by: Rerating) -> Rerated:
    """What goes on, by what was told of the time until its cut, and what else its record names.

    All others are of the next record; which these are nobody can tell of a record that names but the first of very
    many, so that is only looked at for what is lost.
    """
    named, end = _named(record, session), record.session.ended_at or record.session.started_at
    need = record.need
    if named.whole:
        ordered = {name: need.quantities[name] for name in session.ordered if name in need.quantities}
        was = replace(record.session, acts=until(session, end).acts, ordered=ordered)
        need = need_of(was, [_until(each, end, named.ids) for each in seen], by.now)
    anew = _anew(record, need, by)
    same = Basis.SAME if _tells_the_same(anew, record) else Basis.GOES_ON
    return Rerated(record, _lost(named, seen) or same, charged_minor(anew))


def _until(usage: Usage, end: datetime, named: frozenset[str]) -> Usage:
    return replace(usage, everything=tuple(e for e in usage.everything if e.time < end or e.event_id in named))


def _tells_the_same(anew: ChargeRecord, record: ChargeRecord) -> bool:
    """Whether need and price are the same: its digest is also of what was told of the time after the cut."""
    one, other = ([(each.state, each.interval) for each in need.intervals] for need in (anew.need, record.need))
    same = one == other and anew.need.quantities == record.need.quantities
    return same and charged_minor(anew) == charged_minor(record)


class _Named(NamedTuple):
    """The ids of events that a record names, and whether these are all: of very many it names the first."""

    ids: frozenset[str]
    whole: bool


def _named(record: ChargeRecord, session: AccessSession) -> _Named:
    """Beside events, a record names acts, and for what was ordered itself or its booking."""
    need = record.need
    lists = [each.evidence for each in need.intervals]
    lists += [ids for name, ids in need.evidence.items() if name not in session.ordered]
    lists += [need.faults, *need.left_faulty.values()]
    named = {each for ids in lists for each in ids} - {act.act_id for act in (*session.acts, *record.session.acts)}
    ids = frozenset(each for each in named if not is_summary(each))
    return _Named(ids, len(ids) == len(named))


def _lost(named: _Named, seen: Sequence[Usage]) -> Basis | None:
    """Whether some of what a record names is there no more, or nothing at all is."""
    events = _ids(seen)
    if not named.ids - events:
        return None
    return Basis.OTHER if events else Basis.NONE


def _ids(seen: Sequence[Usage]) -> frozenset[str]:
    return frozenset(event.event_id for usage in seen for event in usage.everything)


def _miscounted(seen: Sequence[Usage]) -> tuple[str, ...]:
    """A total of nothing is as good as none."""
    found = set[str]()
    for usage in seen:
        counted = totals_of(usage.events, usage.head.meter)
        for series in {*counted, *usage.head.totals}:
            one, other = counted.get(series), usage.head.totals.get(series)
            if (one.value if one else 0) != (other.value if other else 0):
                found.add(series[0])
    return tuple(sorted(found))
