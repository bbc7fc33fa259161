"""One request as a view sees it, and how its parts are read."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Generic, TypeVar

import msgspec

from chalicelib.edge.refusals import BodyInvalid, BodyTooLarge, Malformed, QueryInvalid, UnsupportedMediaType
from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.writes import Commit

Body = TypeVar("Body")
Caller = TypeVar("Caller")

MOST_BYTES = 64 * 1024
_CORRELATION = re.compile(r"[A-Za-z0-9._:-]{8,64}")


@dataclass(frozen=True, slots=True)
class Call(Generic[Caller, Body]):
    """What a view gets: who calls, what was sent, when it is, and the commit that saves the answer.

    `says` takes headers that the view adds to its answer; a repeat's saved answer goes without them. `needs` is the
    right that the route declares.
    """

    caller: Caller
    body: Body
    query: Any
    now: datetime
    commit: Commit
    idempotency_key: str
    headers: Mapping[str, str]
    raw: bytes
    says: dict[str, str] = field(default_factory=dict)
    needs: str | None = None


def correlation_id(given: str | None, request_id: str) -> str:
    """The caller's own, if it is one that can be logged; else the gateway's request id."""
    return given if given and _CORRELATION.fullmatch(given) else request_id


def read_body(raw: bytes, content_type: str, shape: type[Body], most: int) -> Body:
    """The JSON body in its declared shape: no unknown field, no wrong type, not too large."""
    if len(raw) > most:
        raise BodyTooLarge(most_bytes=most)
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise UnsupportedMediaType(takes="application/json")
    return decode(raw, shape)


def read_object(raw: bytes, headers: Mapping[str, str]) -> dict[str, object]:
    """A JSON object whose members are read by the area that knows them, so that it can name every fault at once."""
    return read_body(raw, headers.get("content-type", "application/json"), dict[str, object], MOST_BYTES)


def decode(raw: bytes, shape: type[Body]) -> Body:
    """Decode JSON; the refusal points at the field at fault."""
    try:
        return msgspec.json.decode(raw, type=shape)
    except msgspec.ValidationError as error:
        raise BodyInvalid(**_facts(error, _untyped(raw), shape, strict=True)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(reason="the body is not valid JSON") from error


def convert(given: object, shape: type[Body]) -> Body:
    """Members that came as text, in their declared shape; the refusal points at the field at fault."""
    try:
        return msgspec.convert(given, shape, strict=False)
    except msgspec.ValidationError as error:
        raise BodyInvalid(**_facts(error, given, shape, strict=False)) from error


def read_query(given: Mapping[str, str] | None, shape: type[Any] | None) -> Any:  # noqa: ANN401 -- the route's own shape
    """Query parameters in their declared shape; None where a route takes none."""
    if shape is None:
        if given:
            raise QueryInvalid(reason="takes no query parameters", pointer=f"/{next(iter(given))}")
        return None
    asked = dict(given or {})
    try:
        return msgspec.convert(asked, shape, strict=False)
    except msgspec.ValidationError as error:
        raise QueryInvalid(**_facts(error, asked, shape, strict=False)) from error


@contextmanager
def pointing_at(*steps: str) -> Iterator[None]:
    """A refusal from within points at this field of the body, unless it points at one itself."""
    try:
        yield
    except Refusal as refusal:
        refusal.facts.setdefault("pointer", json_pointer(*steps))
        raise


@contextmanager
def pointing_within(*steps: str) -> Iterator[None]:
    """What a refusal from within points at lies in this member of the body."""
    try:
        yield
    except Refusal as refusal:
        refusal.facts["pointer"] = json_pointer(*steps) + str(refusal.facts.get("pointer") or "")
        raise


def json_pointer(*steps: str) -> str:
    """RFC 6901: `/need/use_seconds`."""
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)


def _untyped(raw: bytes) -> object:
    """The body in no shape, or None if what comes after the field at fault is not even JSON."""
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _facts(error: msgspec.ValidationError, given: object, shape: Any, *, strict: bool) -> dict[str, object]:  # noqa: ANN401 -- any shape
    """What is told of a body or a query that does not fit."""
    from chalicelib.edge.misfits import facts_of  # noqa: PLC0415 -- only what is refused pays for it

    return facts_of(error, given, shape, partial(msgspec.convert, type=shape, strict=strict))
