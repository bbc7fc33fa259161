"""What was used in a month and nobody is billed for, and why: subject by subject, as metering noted them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from chalicelib.access.ending import is_charged
from chalicelib.access.metered import is_asset
from chalicelib.access.ports import Sessions
from chalicelib.kernel.time import Month
from chalicelib.metering.head import Head
from chalicelib.metering.meters import Series
from chalicelib.metering.ports import Heads
from chalicelib.metering.reading import standing
from chalicelib.metering.usage import usages_of


class Why(StrEnum):
    """Why usage is on no bill.

    An asset's is what it reported while nobody had it, or while any number may, or on a meter that the tariff of who
    had it lacks. A session that goes on is charged at the month's end; one that has ended is charged within moments,
    and within moments again for what came late, so these two stay on the list only if something is wrong.
    """

    NOBODYS = "of_an_asset_that_nobody_had"
    GOES_ON = "session_goes_on"
    NOT_CHARGED = "session_not_charged"
    PENDING = "correction_pending"
    UNKNOWN = "session_unknown"


@dataclass(frozen=True, slots=True)
class Unbilled:
    """A subject with what it came to in the month. Of what no session is known by, whose it is is not either."""

    subject: str
    partner_id: str
    why: Why
    events: int
    amounts: Mapping[Series, Decimal]
    units: Mapping[str, str]


def unbilled(
    subjects: Sequence[str], month: Month, now: datetime, zone: str, *, heads: Heads, sessions: Sessions
) -> list[Unbilled]:
    """Of these subjects those that nobody is billed for. What counts nothing, as a heartbeat, is no usage."""
    found = []
    for head in heads.many([(each, month) for each in dict.fromkeys(subjects)]).values():
        why = _why_not(head, now, heads=heads, sessions=sessions) if head.count else None
        amounts = standing(head, now, zone, heads=heads).amounts if why else {}
        if why and any(amounts.values()):
            owner, units = (head.about.partner_id, head.about.meters) if head.about else ("", {})
            found.append(Unbilled(head.subject, owner, why, head.count, amounts, units))
    return found


def _why_not(head: Head, now: datetime, *, heads: Heads, sessions: Sessions) -> Why | None:
    """What was erased had been charged before."""
    if is_asset(head.subject):
        return Why.NOBODYS
    if head.erased is not None:
        return None
    session = sessions.find(head.subject)
    if session is None:
        return Why.UNKNOWN
    record = sessions.charge_of(session)
    if session.ended_at is None:
        return Why.GOES_ON if record is None else None
    if record is None:
        return Why.NOT_CHARGED
    seen = usages_of(heads.all_of(head.subject), heads=heads)
    return None if is_charged(head.subject, seen, sessions=sessions, now=now) else Why.PENDING
