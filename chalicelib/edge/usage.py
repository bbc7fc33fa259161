"""What partners read of usage, and how they change what was reported."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Annotated, Literal

import msgspec

from chalicelib.access.model import AccessSession, ChargeRecord
from chalicelib.edge.amounts import show_instant
from chalicelib.edge.call import pointing_at, pointing_within
from chalicelib.edge.cloudevents import SIGNAL, USAGE, CloudEvent, EventData, event_in, event_of, no_position
from chalicelib.edge.refusals import BodyInvalid
from chalicelib.kernel.quantity import plain, quantity
from chalicelib.kernel.time import Interval, Month, NotAnInstant, format_instant, micros, parse_instant
from chalicelib.metering.changes import Change, is_mark, voided_by
from chalicelib.metering.changing import MOST_EVENTS
from chalicelib.metering.errors import BadEvent
from chalicelib.metering.head import Head
from chalicelib.metering.meters import Limit, Stamp, stamp_of
from chalicelib.metering.model import Event, Key
from chalicelib.metering.reading import Found, Place, Standing
from chalicelib.metering.reference import NotAReference, read_reference, reference_of
from chalicelib.metering.usage import Usage

ChangeId = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._-]{1,64}(?!\n)$")]
Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
MonthText = Annotated[str, msgspec.Meta(pattern="^[0-9]{4}-[0-9]{2}$")]


class VoidBody(msgspec.Struct, forbid_unknown_fields=True):
    """Why an event shall not count. `change_id` is yours: asked for again, the change is made once."""

    change_id: ChangeId
    reason: Reason


class AmendBody(VoidBody, forbid_unknown_fields=True):
    """What counts in the place of an event: its data, and its time if that is another one of the same month."""

    data: EventData
    time: str | None = None


class BackfillBody(VoidBody, forbid_unknown_fields=True, rename={"since": "from"}):
    """Between `from` and `to` these events count, and none that was reported for the same meters before."""

    subject: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    since: str
    to: str
    events: Annotated[list[CloudEvent], msgspec.Meta(min_length=1, max_length=MOST_EVENTS)]


class ChangeShown(msgspec.Struct):
    """A change: how many events it took out and brought, in which months, and whether it was taken back."""

    change_id: str
    kind: str
    subject: str
    reason: str
    made_at: str
    voided: int
    added: int
    months: list[str]
    reverted_at: str | None


class MonthQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Which month, in the operator's time zone; this one if none is named."""

    month: MonthText | None = None


class ChartQuery(MonthQuery, forbid_unknown_fields=True, kw_only=True):
    """Of which meter, by hour or by local day."""

    meter: str
    by: Literal["hour", "day"] = "day"


class ReplayQuery(MonthQuery, forbid_unknown_fields=True):
    """A page of the replay: `after` is the `next` of the page before, or any event's reference."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 200
    after: Annotated[str, msgspec.Meta(max_length=4400)] | None = None


class TotalShown(msgspec.Struct):
    """What one meter says, apart by its billable dimensions."""

    meter: str
    unit: str
    amount: str
    dimensions: dict[str, str]


class LimitBody(msgspec.Struct, forbid_unknown_fields=True):
    """No more than `most` in a month; null takes the limit away. What is not hard is told, and not refused."""

    most: str | int | None
    hard: bool = True


class LimitShown(msgspec.Struct):
    """A limit, and how much of it is used."""

    meter: str
    most: str
    hard: bool
    used: str


class UsageShown(msgspec.Struct):
    """A subject's month as it stands now."""

    subject: str
    month: str
    events: int
    totals: list[TotalShown]
    limits: list[LimitShown]


class ErasedMonth(msgspec.Struct):
    """How many events were erased, and the digest of all of them."""

    month: str
    events: int
    sha256: str


class ChartRow(msgspec.Struct, rename={"since": "from"}):
    """What the events of an hour or a day say by themselves."""

    since: str
    to: str
    amount: str


class ReplayRow(msgspec.Struct, omit_defaults=True):
    """An event. `voided_by` is the change by which it does not count."""

    reference: str
    id: str
    source: str
    time: str
    name: str
    value: str | None = None
    dimensions: dict[str, str] = {}
    voided_by: str | None = None


class Replay(msgspec.Struct):
    """Events in order of time, source and id; `next` is null at the end.

    What comes late between two pages is in none of them if it lies before the second, and moves nothing else.
    """

    events: list[ReplayRow]
    next: str | None


class EventQuery(msgspec.Struct, forbid_unknown_fields=True):
    """An event by what it was sent with, for whoever has lost the answer with its reference."""

    source: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    subject: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    time: Annotated[str, msgspec.Meta(max_length=40)]


class EventStatus(msgspec.Struct):
    """Where an event is: counted, voided (by which change), queued, or refused since; and whether it is charged.

    `charge` is open while the session goes on, charged (with the revision of the charge record that has it), or
    pending while a correction is on its way; null for what counts nothing, or for no session. Unless it is charged,
    `why_not` says why: `queued`, `voided`, `of_no_session`, `session_goes_on`, `correction_pending`, or the refusal.
    """

    reference: str
    state: str
    voided_by: str | None
    month: str
    charge: str | None
    revision: int | None
    sealed_at: str | None
    why_not: str | None


def reference_parts(reference: str) -> tuple[Key, str, datetime]:
    """Key, subject and time of an event."""
    source, event_id, subject, time = read_reference(reference)
    try:
        return (source, event_id), subject, parse_instant(time)
    except NotAnInstant as error:
        raise NotAReference from error


def queried_parts(query: EventQuery) -> tuple[Key, str, datetime]:
    """The same of an event that is asked for by what it was sent with."""
    with pointing_at("time"):
        return (query.source, query.id), query.subject, parse_instant(query.time)


def amended(body: AmendBody, source: str, event_id: str, subject: str, time: datetime) -> Event:
    """The event that counts instead."""
    no_position(body.data)
    kind: Literal["adgang.usage.v1", "adgang.signal.v1"] = USAGE if body.data.signal is None else SIGNAL
    at = format_instant(time) if body.time is None else body.time
    return event_in(CloudEvent("1.0", event_id, source, kind, subject, at, body.data))


def stretch_of(body: BackfillBody) -> Interval:
    """The stretch of time that is filled anew."""
    with pointing_at("from"):
        since = parse_instant(body.since)
    with pointing_at("to"):
        return Interval(since, parse_instant(body.to))


def events_in(body: BackfillBody) -> list[Event]:
    """The events that fill it; each is about the subject."""
    found = []
    for number, given in enumerate(body.events):
        with pointing_within("events", str(number)):
            no_position(given.data)
            if given.subject != body.subject:
                raise BadEvent(pointer="/subject", reason="that of the backfill")
            found.append(event_of(given))
    return found


def month_in(query: MonthQuery, now: datetime, zone: str) -> Month:
    """The month that is asked for."""
    with pointing_at("month"):
        return Month.parse(query.month) if query.month else Month.of(now, zone)


def show_change(change: Change) -> ChangeShown:
    """A change."""
    return ChangeShown(
        change_id=change.change_id,
        kind=change.kind.value,
        subject=change.subject,
        reason=change.reason,
        made_at=show_instant(change.made_at),
        voided=change.voided,
        added=change.added,
        months=list(change.months),
        reverted_at=show_instant(change.reverted_at) if change.reverted_at else None,
    )


def show_usage(stands: Standing) -> UsageShown:
    """Totals as they stand."""
    head = stands.head
    totals = [
        TotalShown(name, _unit(stands, name), plain(amount), dict(dimensions))
        for (name, dimensions), amount in sorted(stands.amounts.items())
    ]
    return UsageShown(head.subject, str(head.month), head.count, totals, show_limits(head))


def _unit(stands: Standing, name: str) -> str:
    head = stands.head
    return head.meters[name].unit if name in head.meters else (head.about.meters.get(name, "") if head.about else "")


def limit_from(body: LimitBody) -> Limit | None:
    """The limit that is asked for."""
    if body.most is None:
        return None
    with pointing_at("most"):
        most = quantity(body.most)
        if most <= 0:
            raise BodyInvalid(reason="above zero")
    return Limit(most, body.hard)


def show_limits(head: Head) -> list[LimitShown]:
    """Limits with what is used of them."""
    return [
        LimitShown(name, plain(each.most), each.hard, plain(head.total(name) or Decimal(0)))
        for name, each in sorted(head.limits.items())
    ]


def show_erased(kept: Sequence[Head]) -> list[ErasedMonth]:
    """What is left of each month."""
    return [ErasedMonth(str(head.month), head.count, head.erased.digest) for head in kept if head.erased is not None]


def show_chart(rows: Sequence[tuple[datetime, datetime, Decimal]]) -> list[ChartRow]:
    """A row for each hour or day."""
    return [ChartRow(show_instant(begin), show_instant(end), plain(amount)) for begin, end, amount in rows]


def show_replay(usage: Usage, query: ReplayQuery) -> Replay:
    """A page of events."""
    first = bisect_right(usage.everything, _stamp_in(query.after), key=stamp_of) if query.after else 0
    page = list(islice((each for each in usage.everything[first:] if not is_mark(each)), query.limit + 1))
    by, shown = voided_by(usage.everything), page[: query.limit]
    return Replay([_replayed(each, by(each)) for each in shown], reference_of(shown[-1]) if shown != page else None)


def _stamp_in(reference: str) -> Stamp:
    with pointing_at("after"):
        (source, event_id), _, time = reference_parts(reference)
    return micros(time), source, event_id


def _replayed(event: Event, by: str | None) -> ReplayRow:
    return ReplayRow(
        reference=reference_of(event),
        id=event.event_id,
        source=event.source,
        time=show_instant(event.time),
        name=event.name,
        value=None if event.value is None else plain(event.value),
        dimensions=dict(event.dimensions),
        voided_by=by,
    )


def status_of_event(
    found: Found, month: Month, session: AccessSession | None, charge: ChargeRecord | None, charged: Callable[[], bool]
) -> EventStatus:
    """Where it is, and whether it is charged: a record that lists it says so, or one that is made of all there is."""
    said: str | None = None
    revision, sealed_at = None, None
    if found.place is Place.COUNTED and session is not None:
        said = "open" if session.ended_at is None else "pending"
        if charge is not None and said == "pending" and (_lists(charge, found.event) or charged()):
            said, revision, sealed_at = "charged", charge.revision, show_instant(charge.sealed_at)
    why_not = _WHY_NOT[said] if found.place is Place.COUNTED else found.place.value
    if found.refusal is not None:
        why_not = found.refusal.code
    return EventStatus(
        reference=reference_of(found.event),
        state=found.place.value,
        voided_by=found.change_id,
        month=str(month),
        charge=said,
        revision=revision,
        sealed_at=sealed_at,
        why_not=why_not,
    )


_WHY_NOT = {None: "of_no_session", "open": "session_goes_on", "pending": "correction_pending", "charged": None}


def _lists(charge: ChargeRecord, event: Event) -> bool:
    """Of very many, a record lists some and the digest of all."""
    return any(event.event_id in each.evidence for each in charge.need.intervals)
