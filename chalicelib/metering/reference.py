"""The opaque reference of an event, by which it is found again."""

import base64
import json
from collections.abc import Sequence
from json.encoder import encode_basestring as quoted

from chalicelib.kernel.errors import Invalid
from chalicelib.kernel.time import format_instant, instant_of
from chalicelib.metering.model import Event

_PLAIN = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-"


class NotAReference(Invalid):
    """The reference is none that we gave."""


def reference_of(event: Event) -> str:
    """Holds source, subject, id and time; callers pass it back and look into it at their own risk."""
    return references_of([event])[0]


def references_of(events: Sequence[Event]) -> list[str]:
    """Those of many events. Most have source and subject in common with others, and ids that are written plainly."""
    if not events:
        return []
    sources, ids, subjects, *_, times = zip(*events, strict=True)
    both = {*zip(sources, subjects, strict=True)}
    whose = {each: f"evr_{_encoded(f'[{quoted(each[0])},{quoted(each[1])}]'.encode())}." for each in both}
    if not _is_plain("".join(ids)):
        ids = tuple(map(_written, ids))
    return [
        f"{whose[source, subject]}{event_id}.{at}"
        for source, event_id, subject, at in zip(sources, ids, subjects, times, strict=True)
    ]


def _is_plain(text: str) -> bool:
    return not text.encode().translate(None, _PLAIN)


def _written(event_id: str) -> str:
    return event_id if _is_plain(event_id) else f"~{_encoded(event_id.encode())}"


def _encoded(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def _decoded(text: str) -> str:
    return base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True).decode()


def read_reference(reference: str) -> tuple[str, str, str, str]:
    """Source, id, subject and time."""
    body = reference.removeprefix("evr_")
    try:
        whose, *others = body.split(".")
        parts = json.loads(_decoded(whose))
        if others:  # the first references that were given held all in the first part
            (source, subject), (event_id, at) = parts, others
            event_id = _decoded(event_id[1:]) if event_id.startswith("~") else event_id
            parts = [source, event_id, subject, format_instant(instant_of(int(at)))]
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise NotAReference from error
    match parts:
        case [str(source), str(event_id), str(subject), str(time)]:
            return source, event_id, subject, time
    raise NotAReference
