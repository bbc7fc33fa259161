"""Give back: seal what the session cost, and correct it by counter-record when evidence comes late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.access.errors import SessionChanged, UnknownSession
from chalicelib.access.listing import all_listed
from chalicelib.access.metered import subject_of
from chalicelib.access.model import AccessSession, ChargeRecord, Need
from chalicelib.access.need import need_of
from chalicelib.access.ports import Sessions
from chalicelib.access.reading import Receipt, cost_among, uses_around
from chalicelib.access.sharing import check_holder, views_of
from chalicelib.access.uses import use_of
from chalicelib.catalogue.ports import Catalogue
from chalicelib.kernel.errors import Unavailable
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Commit, Write
from chalicelib.metering.errors import HeadChanged
from chalicelib.metering.model import AHEAD
from chalicelib.metering.ports import Heads
from chalicelib.metering.sealing import CLOCKS_DIFFER, MOST_SEALED, sealing
from chalicelib.metering.usage import Usage, usage_between
from chalicelib.rating import line_document, rate
from chalicelib.rating.fault_credit import FAULT_CREDIT

_TRIES = 6


class StillReporting(Unavailable):
    """The asset is reporting just now; try again."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What an end needs from outside."""

    zone: str
    catalogue: Catalogue
    sessions: Sessions
    heads: Heads
    now: datetime
    commit: Commit


def end_as_of(
    session_id: str,
    at: datetime,
    *,
    ending: Ending,
    account_id: str | None = None,
    by: str | None = None,
    also: Sequence[Write] = (),
) -> Receipt:
    """End the use as of an instant, and seal its charge from the evidence that is there; what comes later corrects it.

    The evidence is as read when the record is stored: whatever arrives in between makes us read again, and so does an
    act of somebody else's. With the record the session's heads are sealed, so that whatever arrives afterwards is known
    to be missing in it.
    """
    zone, now, catalogue = ending.zone, ending.now, ending.catalogue
    until = now + AHEAD + CLOCKS_DIFFER
    for _ in range(_TRIES):
        session = ending.sessions.find(session_id)
        if session is None:
            raise UnknownSession(session_id=session_id)
        if account_id is not None:
            check_holder(session, session_id, account_id)
        ended = session.end(session.runs_until(at), by)
        around = uses_around(ended, zone, catalogue=catalogue, sessions=ending.sessions)
        seen = usage_between(session_id, ended.started_at, until, zone, heads=ending.heads)
        need, revision = need_of(ended, seen, now), next_revision(session, ending)
        records = [sealed(each, need, now, catalogue=catalogue, revision=revision) for each in views_of(ended)]
        record, months = records[0], _billed_in(records[0], now, zone)
        writes = [
            *ending.sessions.ending(record, *months),
            *(write for part in records[1:] for write in ending.sessions.ending_part(part, *months)),
            *sealing(subject_of(ended), seen, heads=ending.heads),
            *([ending.sessions.hear_again(session_id, now)] if len(seen) > MOST_SEALED else []),
            *also,
        ]
        cost = cost_among(around, ended, record.need, now, catalogue=catalogue)
        try:
            return ending.commit(writes, Receipt(record, cost))
        except (HeadChanged, SessionChanged):
            continue
    raise StillReporting(session_id=session_id)


def correct_charge(session_id: str, *, ending: Ending) -> ChargeRecord | None:
    """Look at an ended session's evidence again; if it says something else by now, seal a counter-record of each part.

    It looks into each month that has begun on any clock: a thing's may be ahead of ours, and ours behind. Of a session
    of many months it first seals what did not fit into the end's transaction, the newest first. Where evidence was
    erased, the charge that was made of it stays.
    """
    sessions, now, zone = ending.sessions, ending.now, ending.zone
    session = sessions.find(session_id)
    before = sessions.charge_of(session) if session else None
    if session is None or session.ended_at is None or before is None:
        return None
    seen = usage_between(session_id, session.started_at, now + AHEAD + CLOCKS_DIFFER, zone, heads=ending.heads)
    left = [each for each in seen if each.head.month <= Month.of(session.ended_at, zone) and not each.head.sealed]
    if left:
        again = sessions.hear_again(session_id, now)
        return ending.commit([*sealing(subject_of(session), left, heads=ending.heads), again], None)
    if any(each.head.erased for each in seen):
        return None
    need = need_of(session, seen, now)
    if need.digest == before.need.digest:
        return None
    views, revision = views_of(session), before.revision + 1
    records = [sealed(each, need, now, catalogue=ending.catalogue, revision=revision) for each in views]
    months = Month.of(now, zone), Month.of(before.charged_at, zone)
    writes = [write for each in records for write in sessions.correcting(each, *months)]
    if need.faults and not before.need.faults:
        writes.append(sessions.reporting_fault(session, now))
    return ending.commit(writes, records[0])


def is_charged(session_id: str, seen: Sequence[Usage], *, sessions: Sessions, now: datetime) -> bool:
    """Whether the session has ended, and its newest charge record was made from just this."""
    session = sessions.find(session_id)
    record = sessions.charge_of(session) if session and session.ended_at else None
    if session is None or record is None:
        return False
    return record.need.digest == need_of(session, seen, now).digest


def next_revision(session: AccessSession, ending: Ending) -> int:
    """What was sealed at a month's end, the end corrects."""
    before = ending.sessions.charge_of(session) if session.cuts else None
    return 0 if before is None else before.revision + 1


def _billed_in(record: ChargeRecord, now: datetime, zone: str) -> tuple[Month, Month]:
    """By now, since an earlier month may be closed; and the month to which the charge belongs.

    Each month that a session has begun in or passed is closed with its account, so it needs no mark here.
    """
    return Month.of(max(now, record.ended_at), zone), Month.of(record.charged_at, zone)


def sealed(
    session: AccessSession, need: Need, now: datetime, *, catalogue: Catalogue, revision: int = 0
) -> ChargeRecord:
    """The session rated by itself: its own charges change only with its own evidence, its part of caps with others'."""
    use = use_of(session, need, now, catalogue=catalogue)
    lines = [line for line in rate([use]) if line.kind == "charge" or line.code == FAULT_CREDIT]
    evidence = all_listed([line.evidence for line in lines])
    documents = tuple(line_document(line._replace(evidence=ids)) for line, ids in zip(lines, evidence, strict=True))
    return ChargeRecord(session, need, documents, use.tariff.currency, sealed_at=now, revision=revision)
