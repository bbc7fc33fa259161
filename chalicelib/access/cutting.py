"""A session that goes on is charged at the end of each month that it passes.

One that has not lasted a day by then is a ride over midnight, and belongs to the month in which it ends: a day is also
what the worst case of its quote is stated for.

It is rated as a whole each time: the first month's end seals what it cost until then, each later one and its end seal a
counter-record, and the difference is billed with the month that is over. So the months add up to what the session would
have cost uncut.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.access.ending import Ending, next_revision, sealed
from chalicelib.access.errors import SessionChanged
from chalicelib.access.model import OPEN, AccessSession, ChargeRecord, State
from chalicelib.access.need import need_of
from chalicelib.access.sharing import views_of
from chalicelib.kernel.time import Month
from chalicelib.metering.model import AHEAD
from chalicelib.metering.usage import usage_between

GOES_ON = timedelta(days=1)
_TRIES = 6


def cut_open(account_id: str, month: Month, *, ending: Ending) -> Sequence[ChargeRecord]:
    """Seal what each of the account's open sessions cost until the month's end, for all that take part in it.

    What was cut there stays as it is.
    """
    end = month.interval(ending.zone).end
    if ending.now < end:
        return []
    due = [each.session_id for each in ending.sessions.open_of(account_id) if is_due(each, end)]
    return [record for each in ending.sessions.many(due).values() for record in _cut(each, month, ending)]


def is_due(session: AccessSession, end: datetime) -> bool:
    """Whether it goes on over that month's end, and has not been cut there."""
    return (
        session.state in OPEN and session.started_at <= end - GOES_ON and not (session.cuts and session.cuts[-1] >= end)
    )


def cut_at(session: AccessSession, end: datetime) -> AccessSession:
    """The session, which goes on, with one more cut."""
    return replace(session, cuts=(*session.cuts, end), revision=session.revision + 1)


def until(cut: AccessSession, end: datetime) -> AccessSession:
    """The session as it was at that end, as its charge record holds it."""
    acts = tuple(act for act in cut.acts if act.at < end)
    return replace(cut, ended_at=end, state=State.ENDED, acts=acts)


def _cut(session: AccessSession, month: Month, ending: Ending) -> Sequence[ChargeRecord]:
    """None if it has ended, or was cut, by somebody else's act meanwhile. Any other act makes us read again."""
    end, zone, sessions = month.interval(ending.zone).end, ending.zone, ending.sessions
    for _ in range(_TRIES):
        if not is_due(session, end):
            return []
        cut = cut_at(session, end)
        was = until(cut, end)
        seen = usage_between(session.session_id, session.started_at, end + AHEAD, zone, heads=ending.heads)
        need, revision = need_of(was, seen, ending.now), next_revision(session, ending)
        records = [
            sealed(each, need, ending.now, catalogue=ending.catalogue, revision=revision) for each in views_of(was)
        ]
        try:
            return ending.commit(sessions.cutting(cut, records, month, Month.of(records[0].charged_at, zone)), records)
        except SessionChanged:
            session = sessions.find(session.session_id) or session
    raise SessionChanged(session_id=session.session_id)
