"""The opaque reference of an event, by which it is found again."""

import base64
import json
from binascii import b2a_base64
from collections.abc import Iterable
from json.encoder import encode_basestring as quoted

from chalicelib.kernel.errors import Invalid
from chalicelib.kernel.time import format_instant
from chalicelib.metering.model import Event

_URL_SAFE = bytes.maketrans(b"+/", b"-_")


class NotAReference(Invalid):
    """The reference is none that we gave."""


def reference_of(event: Event) -> str:
    """Holds source, id, subject and time; callers pass it back and look into it at their own risk."""
    return references_of([event])[0]


def references_of(events: Iterable[Event]) -> list[str]:
    """Those of many events, which takes a third of the time of each by itself: they are made url-safe all at once."""
    lines = [
        b2a_base64(
            f'[{quoted(each.source)},{quoted(each.event_id)},{quoted(each.subject)},"{format_instant(each.time)}"]'.encode()
        )
        for each in events
    ]
    return [f"evr_{line}" for line in b"".join(lines).translate(_URL_SAFE, b"=").decode().split("\n")[:-1]]


def read_reference(reference: str) -> tuple[str, str, str, str]:
    """Source, id, subject and time."""
    body = reference.removeprefix("evr_")
    try:
        parts = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (ValueError, RecursionError) as error:
        raise NotAReference from error
    match parts:
        case [str(source), str(event_id), str(subject), str(time)]:
            return source, event_id, subject, time
    raise NotAReference
