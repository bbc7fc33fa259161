"""CloudEvents 1.0, structured, single or batch, as usage events and signals."""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Final, Literal, cast

import msgspec

from chalicelib.edge.call import decode
from chalicelib.edge.lazily import lazily
from chalicelib.edge.media_types import BATCH, SINGLE
from chalicelib.edge.refusals import (
    BodyInvalid,
    BodyTooLarge,
    Malformed,
    RefusedItem,
    UnsupportedMediaType,
    refused_item,
)
from chalicelib.kernel.errors import Contended, Refusal
from chalicelib.kernel.quantity import quantities, quantity
from chalicelib.kernel.time import parse_instant, parse_instants
from chalicelib.metering.changes import check_reported
from chalicelib.metering.errors import BadEvent
from chalicelib.metering.lines import MARK
from chalicelib.metering.model import Answer, Event, Outcome, events_of
from chalicelib.metering.reference import references_of

if TYPE_CHECKING:
    from chalicelib.access import assets_named
    from chalicelib.access.metered import MeteredSubjects
    from chalicelib.access.positions import Whereabouts
    from chalicelib.edge import positions
else:
    assets_named = lazily("chalicelib.access.assets_named")
    positions = lazily("chalicelib.edge.positions")

MOST_EVENTS = 1_000
MOST_BYTES = 4 * 1024 * 1024
MOST_UNPACKED = 10 * 1024 * 1024
_GZIP = 16 + zlib.MAX_WBITS
USAGE: Final = "adgang.usage.v1"
SIGNAL: Final = "adgang.signal.v1"
SIGNALS = ("unlocked", "locked", "moving", "idle", "docked", "faulty", "heartbeat", "returned", "position")


Degrees = Annotated[str, msgspec.Meta(min_length=1, max_length=24)]


class EventData(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """Of a usage event `meter` and `value` (decimal text); of a signal `signal`. `place` where it is known: it is kept
    as a position is.

    `dimensions` are those of the meter's definition, if it has one. `latitude` and `longitude` are WGS 84 degrees as
    decimal text; only roughly where that is is kept, and only as long as the product's policy says. `asset` is the one
    it is about, where the session may have gone on with another: what is said of one that it had left counts for that.
    """

    meter: str | None = None
    value: str | int | None = None
    signal: str | None = None
    place: str | None = None
    dimensions: dict[str, str] = {}
    latitude: Degrees | None = None
    longitude: Degrees | None = None
    asset: Annotated[str, msgspec.Meta(min_length=1, max_length=64)] | None = None


class CloudEvent(msgspec.Struct, gc=False):
    """CloudEvents 1.0; extension attributes are let pass and not kept. `subject` is the access session."""

    specversion: Literal["1.0"]
    id: str
    source: str
    type: Literal["adgang.usage.v1", "adgang.signal.v1"]
    subject: str
    time: str
    data: EventData
    datacontenttype: str = "application/json"


class PlainData(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """Of a usage event that says nothing but how much: it has all that it needs, and says nothing of where it was."""

    meter: Annotated[str, msgspec.Meta(min_length=1)]
    value: str | int
    dimensions: dict[str, str] | None = None
    signal: None = None
    place: None = None
    latitude: None = None
    longitude: None = None
    asset: None = None


class PlainUsage(msgspec.Struct, gc=False):
    """A `CloudEvent` as most are."""

    specversion: Literal["1.0"]
    id: str
    source: str
    type: Literal["adgang.usage.v1"]
    subject: str
    time: str
    data: PlainData
    datacontenttype: str = "application/json"


class EventAnswer(msgspec.Struct, omit_defaults=True, gc=False):
    """What became of one event. `reference` finds it again."""

    id: str
    outcome: str
    reference: str | None = None
    refused: RefusedItem | None = None


class EventAnswers(msgspec.Struct):
    """One answer for each event, in the order sent."""

    events: list[EventAnswer]


Row = tuple[str, Event | Refusal]


class Rows(list[Row]):
    """What was sent, each event by itself; and where those were, and about which asset they are, that say so."""

    def __init__(self) -> None:
        super().__init__()
        self.where: dict[int, Whereabouts] = {}
        self.assets: dict[int, str] = {}

    def add(self, name: str, event: Event, data: EventData) -> None:
        """One more that could be read, if its position can. Where it was is apart from it: events are kept long."""
        if data.asset is not None:
            self.assets[len(self)] = data.asset
        if data.place is not None or data.latitude is not None or data.longitude is not None:
            self.where[len(self)] = positions.where_of(data)
            event = event.but(place_id=None)
        self.append((name, event))


_AT_ONCE = msgspec.json.Decoder(list[PlainUsage])
_WHOLE = msgspec.json.Decoder(list[CloudEvent])
"""A batch of plain usage is read at once; one without a fault in its form, too, but looked at event by event."""


def read_events(raw: bytes, headers: Mapping[str, str]) -> Rows:
    """Each event by itself: one that is not valid refuses itself, not the batch."""
    if len(raw) > MOST_BYTES:
        raise BodyTooLarge(most_bytes=MOST_BYTES)
    raw = unpacked(raw, headers.get("content-encoding", "identity"))
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == SINGLE:
        return _read_one_by_one([msgspec.Raw(raw)])
    if media_type != BATCH:
        raise UnsupportedMediaType(takes=[SINGLE, BATCH])
    at_once = _read_at_once(raw)
    if at_once is not None:
        return at_once
    try:
        events = _WHOLE.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        rows = decode(raw, list[msgspec.Raw])
        _check_count(len(rows))
        return _read_one_by_one(rows)
    _check_count(len(events))
    return _read(events)


def _check_count(count: int) -> None:
    if not 0 < count <= MOST_EVENTS:
        raise BodyInvalid(reason=f"1 to {MOST_EVENTS} events", pointer="")


def _read(events: list[CloudEvent]) -> Rows:
    rows = Rows()
    for given in events:
        try:
            rows.add(given.id, event_of(given), given.data)
        except Refusal as refusal:
            rows.append((given.id[:256], refusal))
    return rows


def _read_at_once(raw: bytes) -> Rows | None:
    """Column by column, if all are of plain usage and none may have to be refused."""
    try:
        given = _AT_ONCE.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    _check_count(len(given))
    ids, sources = [each.id for each in given], [each.source for each in given]
    if any(each.startswith(MARK) for each in {*sources}):
        return None
    data = [each.data for each in given]
    try:
        amounts = quantities([each.value for each in data])
        times = parse_instants([each.time for each in given])
    except Refusal:
        return None
    subjects, names = [each.subject for each in given], [each.meter for each in data]
    dimensions = [tuple(sorted(each.dimensions.items())) if each.dimensions else () for each in data]
    events = events_of(sources, ids, subjects, times, names, amounts, dimensions)
    if events is None:
        return None
    rows = Rows()
    rows += zip(ids, events, strict=True)
    return rows


def unpacked(raw: bytes, encoding: str) -> bytes:
    """The body as it was before it was compressed, if that is not more than it may be."""
    if encoding.strip().lower() in ("", "identity"):
        return raw
    if encoding.strip().lower() != "gzip":
        raise UnsupportedMediaType(takes=["identity", "gzip"])
    unpacking = zlib.decompressobj(wbits=_GZIP)
    try:
        whole = unpacking.decompress(raw, MOST_UNPACKED + 1)
    except zlib.error as error:
        raise Malformed(reason="the body is not valid gzip") from error
    if len(whole) > MOST_UNPACKED:
        raise BodyTooLarge(most_bytes=MOST_UNPACKED)
    if not unpacking.eof or unpacking.unused_data:
        raise Malformed(reason="the body is not one whole gzip member")
    return whole


def answered_with(found: list[tuple[str, Answer | Refusal]]) -> int:
    """429 if an event has to be sent again, since a hard limit is kept at once; 202 if one is still to be counted."""
    answers = [each for _, each in found if isinstance(each, Answer)]
    if any(isinstance(each.refusal, Contended) for each in answers):
        return 429
    return 202 if any(each.outcome is Outcome.QUEUED for each in answers) else 200


def _read_one_by_one(found: Sequence[msgspec.Raw]) -> Rows:
    rows = Rows()
    for raw in found:
        try:
            given = decode(bytes(raw), CloudEvent)
            rows.add(given.id, event_of(given), given.data)
        except Refusal as refusal:
            rows.append((id_of(raw), refusal))
    return rows


def id_of(raw: msgspec.Raw) -> str:
    """The id of what could not be read otherwise, if it has one."""

    class Named(msgspec.Struct):
        id: str = ""

    try:
        return decode(bytes(raw), Named).id[:256]
    except Refusal:
        return ""


def event_of(given: CloudEvent) -> Event:
    """The event that was sent, or why it is none."""
    return check_reported(event_in(given))


def event_in(given: CloudEvent) -> Event:
    """The same, under whatever source."""
    data = given.data
    if given.type == SIGNAL:
        if data.signal not in SIGNALS:
            raise BadEvent(pointer="/data/signal", reason="one of " + ", ".join(SIGNALS))
        if data.meter is not None or data.value is not None:
            raise BadEvent(pointer="/data", reason="a signal has neither meter nor value")
        name, value = data.signal, None
    else:
        if not data.meter or data.value is None or data.signal is not None:
            raise BadEvent(pointer="/data", reason="a usage event has meter and value")
        name = data.meter
        try:
            value = quantity(data.value)
        except Refusal as refusal:
            refusal.facts.setdefault("pointer", "/data/value")
            raise
    try:
        time = parse_instant(given.time)
    except Refusal as refusal:
        refusal.facts.setdefault("pointer", "/time")
        raise
    dimensions = tuple(sorted(data.dimensions.items())) if data.dimensions else ()
    return Event(
        source=given.source,
        event_id=given.id,
        subject=given.subject,
        time=time,
        name=name,
        value=value,
        place_id=data.place,
        dimensions=dimensions,
    )


def with_assets(rows: Rows, partner_id: str, subjects: "MeteredSubjects") -> Rows:
    """The rows, where each that names an asset counts for what had it, or for the asset itself."""
    named = {number: (rows[number][1], asset_id) for number, asset_id in rows.assets.items()}
    events = {number: (event, asset_id) for number, (event, asset_id) in named.items() if isinstance(event, Event)}
    for number, found in assets_named.of_their_assets(events, partner_id, subjects=subjects).items():
        rows[number] = (rows[number][0], found)
    return rows


def no_position(data: EventData) -> None:
    """A correction says nothing of where a thing was, nor which it was."""
    if data.asset is not None:
        raise BadEvent(pointer="/data/asset", reason="a correction is about what its subject says")
    if data.latitude is not None or data.longitude is not None:
        raise BadEvent(pointer="/data/latitude", reason="positions come with events and readings alone")
    if data.place is not None:
        raise BadEvent(pointer="/data/place", reason="places come with events and readings alone")


def show_answers(found: list[tuple[str, Answer | Refusal]]) -> EventAnswers:
    """What became of each event."""
    taken = [each.event for _, each in found if isinstance(each, Answer) and each.refusal is None]
    references = references_of(taken)
    if len(taken) == len(found):  # as of most batches
        answers = cast("list[tuple[str, Answer]]", found)
        return EventAnswers(
            [
                EventAnswer(event_id, answer.outcome, reference)
                for (event_id, answer), reference in zip(answers, references, strict=True)
            ]
        )
    rest = iter(references)
    return EventAnswers([_shown(event_id, answer, rest) for event_id, answer in found])


def _shown(event_id: str, answer: Answer | Refusal, references: Iterator[str]) -> EventAnswer:
    if isinstance(answer, Refusal):
        return EventAnswer(event_id, "refused", None, refused_item(answer))
    if answer.refusal is not None:
        return EventAnswer(event_id, answer.outcome, None, refused_item(answer.refusal))
    return EventAnswer(event_id, answer.outcome, next(references))
