"""What devices report, over HTTP or through IoT Core: readings, each read and answered by itself."""

import json
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from chalicelib.access.metered import MeteredSubjects
from chalicelib.access.signalling import take_signals
from chalicelib.edge.call import decode
from chalicelib.edge.cloudevents import SIGNAL, USAGE, CloudEvent, EventData, Rows, answered_with, event_of, id_of
from chalicelib.edge.lazily import lazily
from chalicelib.edge.refusals import BodyInvalid, BodyTooLarge, UnsupportedMediaType
from chalicelib.kernel.errors import Refusal
from chalicelib.metering.errors import SubjectBusy
from chalicelib.metering.model import Answer, Event
from chalicelib.metering.service import Taking

if TYPE_CHECKING:
    from chalicelib.access.positions import Locating
    from chalicelib.edge import positions
else:
    positions = lazily("chalicelib.edge.positions")

MOST_READINGS = 1_000
MOST_BYTES = 1024 * 1024
_SEND_AGAIN = 429
_UNKNOWN_YET = "-"
_log = logging.getLogger("adgang")
Told = list[tuple[str, Answer | Refusal]]


class Reading(EventData, forbid_unknown_fields=True, kw_only=True):
    """A signal, or a meter's value. `id` names it among all that the device ever reports."""

    id: str
    time: str


class SignalsBody(msgspec.Struct, forbid_unknown_fields=True):
    """Readings, up to 400 days old, in any order; sent again they count once."""

    readings: Annotated[list[Reading], msgspec.Meta(min_length=1, max_length=MOST_READINGS)]


class _Rows(msgspec.Struct, forbid_unknown_fields=True):
    readings: list[msgspec.Raw]


def read_signals(raw: bytes, headers: Mapping[str, str]) -> Rows:
    """Each reading by itself: one that is not valid refuses itself, not the batch."""
    if len(raw) > MOST_BYTES:
        raise BodyTooLarge(most_bytes=MOST_BYTES)
    media_type = headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise UnsupportedMediaType(takes="application/json")
    rows = decode(raw, _Rows).readings
    if not 0 < len(rows) <= MOST_READINGS:
        raise BodyInvalid(reason=f"1 to {MOST_READINGS} readings", pointer="/readings")
    return _read(rows)


def _read(found: Sequence[msgspec.Raw]) -> Rows:
    rows = Rows()
    for raw in found:
        try:
            given = decode(bytes(raw), Reading)
            rows.add(given.id, _event_of(given), given)
        except Refusal as refusal:
            _without_data(refusal)
            rows.append((id_of(raw), refusal))
    return rows


def _event_of(given: Reading) -> Event:
    """As the event that it is; which device and what it is about is said by others."""
    data = EventData(given.meter, given.value, given.signal, given.place, given.dimensions)
    event = CloudEvent("1.0", given.id, _UNKNOWN_YET, USAGE, _UNKNOWN_YET, given.time, data)
    return event_of(event if given.signal is None else msgspec.structs.replace(event, type=SIGNAL))


def _without_data(refusal: Refusal) -> None:
    """A reading's fields are its own, those of an event are its data's."""
    pointer = str(refusal.facts.get("pointer") or "")
    if pointer.startswith("/data"):
        refusal.facts["pointer"] = pointer.removeprefix("/data")


def take(
    rows: Rows, partner_id: str, device_id: str, subjects: MeteredSubjects, taking: Taking, *, locating: "Locating"
) -> Told:
    """What became of each reading, in the order sent."""
    if rows.where:
        rows = positions.fenced_of_device(rows, partner_id, device_id, locating)
    source = f"device/{device_id}"
    events = [event.but(source=source) for _, event in rows if isinstance(event, Event)]
    answers = iter(take_signals(partner_id, device_id, events, subjects=subjects, taking=taking))
    told = [(name, event if isinstance(event, Refusal) else next(answers)) for name, event in rows]
    for _, each in told:
        if isinstance(each, Answer) and each.refusal is not None:
            _without_data(each.refusal)
    if rows.where:
        positions.keep(rows, told, locating)
    return told


def take_message(message: Mapping[str, Any], subjects: MeteredSubjects, taking: Taking, locating: "Locating") -> None:
    """A message of the rule in `infra/templates/partner.json`.

    What cannot be read, and what is contended, fails, so that Lambda tries it again and keeps it in the end; sent again
    as a whole it counts once. Readings that are refused by themselves are told in the log, since nobody waits for the
    answer.
    """
    rows = read_signals(msgspec.json.encode({"readings": message["readings"]}), {})
    told = take(rows, str(message["partner_id"]), str(message["device_id"]), subjects, taking, locating=locating)
    refusals = (each if isinstance(each, Refusal) else each.refusal for _, each in told)
    refused = Counter(each.code for each in refusals if each is not None)
    _log.info(json.dumps({"door": "partner", "route": "iot signals", "readings": len(told), "refused": refused}))
    if answered_with(told) == _SEND_AGAIN:
        raise SubjectBusy(readings=len(told))
