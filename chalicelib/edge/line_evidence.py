"""What a line of a statement rests on, as whom it is for sees it: a session, a charge beside use, or a subscription."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from chalicelib.access.reading import seen_of, what_shows
from chalicelib.access.timeline import acts_of
from chalicelib.billing.statement_lines import is_of_line, rule_of
from chalicelib.edge.amounts import show_instant
from chalicelib.edge.call import pointing_at
from chalicelib.edge.charge_shapes import ChargeShown, show_charge
from chalicelib.edge.month_shapes import StatementLine, show_stated_line
from chalicelib.edge.paging import Page, PageQuery, paged
from chalicelib.edge.receipts import NeedShown, show_need
from chalicelib.edge.timeline_shapes import EntryShown
from chalicelib.edge.timelines import show_entries
from chalicelib.kernel.quantity import plain
from chalicelib.kernel.time import parse_instant
from chalicelib.metering.reference import read_reference, reference_of
from chalicelib.rating.stated import is_stated

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from collections.abc import Sequence
    from datetime import datetime

    from chalicelib.access.model import ChargeRecord
    from chalicelib.access.reading import WhatShows
    from chalicelib.billing.statement_lines import NamedLine
    from chalicelib.edge.wiring import Wiring
    from chalicelib.edge.words import Words
    from chalicelib.kernel.time import Month
    from chalicelib.metering.model import Event
    from chalicelib.rating import Use


class TariffOfLine(msgspec.Struct):
    """The version of the tariff that the line was rated by; `rule` is the cap in it that made the line, or the price
    that the line charges or lowers. A cap of the account and a promotion are in no tariff.
    """

    tariff_id: str
    version: int
    rule: dict[str, Any] | None


class RecordShown(msgspec.Struct):
    """The sealed charge record: a correction has a higher `revision`. The digest is over all that need is made of."""

    revision: int
    sealed_at: str
    evidence_sha256: str


class SessionEvidence(msgspec.Struct):
    """The session with its need intervals, what was done with it, and its record; one that is open has none yet."""

    session_id: str
    product: str
    asset: str
    quote_id: str
    started_at: str
    ended_at: str | None
    need: list[NeedShown]
    quantities: dict[str, str]
    acts: list[EntryShown]
    record: RecordShown | None


class TermsRead(msgspec.Struct):
    """What was accepted for the subscription, when, for which version of its plan, by the digest of the text."""

    plan: str
    plan_version: int
    terms_version: str
    language: str
    sha256: str
    accepted_at: str


class StretchShown(msgspec.Struct):
    """From when to when, the end excluded."""

    start: str
    end: str


class SubscriptionEvidence(msgspec.Struct):
    """The subscription's phase in the month, the stretches in which it counted, and what was accepted for it.

    `needed_by` are the sessions that show that it was needed, of a plan that sleeps when it is not.
    """

    subscription_id: str
    plan: str
    plan_version: int
    since: str
    until: str | None
    seats: int
    counted: list[StretchShown]
    needed_by: list[str]
    accepted: list[TermsRead]


class EventOfLine(msgspec.Struct):
    """An event of the session that counts, by its reference. `of_line` says whether the line rests on it."""

    reference: str
    source: str
    id: str
    time: str
    name: str
    value: str | None
    dimensions: dict[str, str]
    of_line: bool


class LineEvidence(msgspec.Struct):
    """A line of a month's statement with what it rests on: one of `session`, `charge` and `subscription`.

    `shared_with` are the other lines that the same reduction has on the statement. `events` are those of the session.
    """

    month: str
    line: StatementLine
    tariff: TariffOfLine
    shared_with: list[str]
    session: SessionEvidence | None
    charge: ChargeShown | None
    subscription: SubscriptionEvidence | None
    events: Page[EventOfLine]


def line_evidence(
    month: Month,
    named: NamedLine,
    account_id: str,
    query: PageQuery,
    *,
    words: Words | None,
    wired: Wiring,
    now: datetime,
) -> LineEvidence:
    """All of it; only a line of a session has events."""
    use, tariff, rule = named.use, named.use.tariff, rule_of(named.line, named.use.tariff)
    shown = LineEvidence(
        month=str(month),
        line=show_stated_line(named.line_id, named.line, words),
        tariff=TariffOfLine(tariff.tariff_id, tariff.version, dict(rule) if rule is not None else None),
        shared_with=list(named.shared_with),
        session=None,
        charge=None,
        subscription=None,
        events=Page([]),
    )
    if is_stated(use):
        charge = wired.charges.find(use.use_id)
        shown.charge = show_charge(charge) if charge is not None else None
    elif use.held is not None:
        shown.subscription = _subscription(use, account_id, wired)
    else:
        found = _session_of(use, account_id, wired, now)
        shown.session, shown.events = _session(found), _events(named, found.events, query)
    return shown


def _session_of(use: Use, account_id: str, wired: Wiring, now: datetime) -> WhatShows:
    session = seen_of(use.use_id, account_id, sessions=wired.sessions)
    return what_shows(session, now, wired.settings.zone, sessions=wired.sessions, heads=wired.heads)


def _session(found: WhatShows) -> SessionEvidence:
    session, need, record = found.session, found.need, found.record
    ended_at = record.ended_at if record is not None else session.ended_at
    return SessionEvidence(
        session_id=session.session_id,
        product=session.product_id,
        asset=session.asset_id,
        quote_id=session.quote_id,
        started_at=show_instant(session.started_at),
        ended_at=show_instant(ended_at) if ended_at is not None and session.ended_at is not None else None,
        need=[show_need(each) for each in need.intervals],
        quantities={meter: plain(amount) for meter, amount in need.quantities.items()},
        acts=show_entries(sorted(acts_of(session), key=lambda each: each.at)),
        record=_record(record) if record is not None else None,
    )


def _record(record: ChargeRecord) -> RecordShown:
    return RecordShown(record.revision, show_instant(record.sealed_at), record.need.digest)


def _events(named: NamedLine, events: Sequence[Event], query: PageQuery) -> Page[EventOfLine]:
    own = is_of_line(named.line, [(each.event_id, each.name) for each in events])
    first = _first_after(query.after, events) if query.after else 0
    rows = [(each, place in own) for place, each in enumerate(events)][first : first + query.limit]
    return paged(rows, query, lambda row: _event(*row), lambda row: _reference(row[0]))


def _first_after(reference: str, events: Sequence[Event]) -> int:
    """Behind the event of that reference, or where it would be if it counts no more."""
    with pointing_at("after"):
        source, event_id, _, time = read_reference(reference)
        last = (parse_instant(time), (source, event_id))
    return sum(1 for each in events if (each.time, each.key) <= last)


def _reference(event: Event) -> str:
    return reference_of(event)


def _event(event: Event, of_line: bool) -> EventOfLine:  # noqa: FBT001 -- a row of the page above
    return EventOfLine(
        reference=_reference(event),
        source=event.source,
        id=event.event_id,
        time=show_instant(event.time),
        name=event.name,
        value=plain(event.value) if event.value is not None else None,
        dimensions=dict(event.dimensions),
        of_line=of_line,
    )


def _subscription(use: Use, account_id: str, wired: Wiring) -> SubscriptionEvidence | None:
    held = use.held
    if held is None:
        return None
    accepted = [
        TermsRead(
            each.plan_id,
            each.plan_version,
            each.accepted.version,
            each.accepted.language,
            each.accepted.digest,
            show_instant(each.at),
        )
        for each in wired.lives.acceptances(account_id, held.agreement)
    ]
    return SubscriptionEvidence(
        subscription_id=held.agreement,
        plan=use.tariff.tariff_id.partition("+")[2],
        plan_version=use.tariff.version,
        since=show_instant(use.started_at),
        until=None if use.open else show_instant(use.ended_at),
        seats=held.seats,
        counted=[StretchShown(show_instant(start), show_instant(end)) for start, end in held.stretches],
        needed_by=list(dict.fromkeys(name for each in use.needs for name in each.evidence)),
        accepted=accepted,
    )
