"""The opaque reference of an event, by which it is found again."""

import base64
import json

from chalicelib.kernel.errors import Invalid
from chalicelib.kernel.time import format_instant
from chalicelib.metering.model import Event

_text_of = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class NotAReference(Invalid):
    """The reference is none that we gave."""


def reference_of(event: Event) -> str:
    """Holds source, id, subject and time; callers pass it back and look into it at their own risk."""
    packed = _text_of([event.source, event.event_id, event.subject, format_instant(event.time)])
    return "evr_" + base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


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
