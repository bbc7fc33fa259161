"""What the workers do about usage."""

from collections.abc import Callable, Mapping

from chalicelib.dialogue import service as dialogue
from chalicelib.dialogue.model import Notice
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.kernel.time import Month, parse_instant
from chalicelib.metering.model import FURTHEST_BACK
from chalicelib.metering.service import Taking, count_spilled

Facts = Mapping[str, str]


def count_later(facts: Facts, wired: BackOffice) -> None:
    """Count events that were too contended to be counted when they came; those that were counted since stay as is."""
    log = wired.heads.spilled(facts["subject"], Month.parse(facts["month"]), facts["digest"])
    if log is None:
        return
    subjects = wired.metered(wired.now())
    zone, received = wired.settings.zone, log.received_at
    taking = Taking(zone, wired.heads, subjects, received, wired.commit, wired.pause, behind=FURTHEST_BACK)
    count_spilled(log, taking)


def limit_reached(facts: Facts, wired: BackOffice) -> None:
    """Tell the account of a session that a part of its limit is used."""
    session = wired.sessions.find(facts["subject"])
    if session is None:
        return
    said = {name: facts[name] for name in ("month", "meter", "percent", "most")}
    told_at = parse_instant(facts["reached_at"])
    notice = Notice(session.account_id, session.session_id, "usage_limit", said, told_at)
    dialogue.tell(notice, notices=wired.notices, commit=wired.commit)


TOPICS: Mapping[str, Callable[[Facts, BackOffice], None]] = {
    "metering.fold": count_later,
    "metering.limit": limit_reached,
}
