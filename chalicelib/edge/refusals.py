"""The one place that knows HTTP statuses: a refusal becomes an RFC 9457 problem."""

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from chalicelib.kernel.errors import Invalid, Refusal, TooMuch

STATUS: Mapping[str, int] = {
    "malformed": 400,
    "unauthenticated": 401,
    "payment_due": 402,
    "forbidden": 403,
    "not_found": 404,
    "wrong_method": 405,
    "conflict": 409,
    "too_much": 413,
    "unsupported": 415,
    "invalid": 422,
    "contended": 429,
    "failed": 500,
    "unavailable": 503,
}
PROBLEM_TYPE = "application/problem+json"
_URN = "urn:adgang:problem:"


class Unauthenticated(Refusal):
    """A valid access token or API key is needed."""

    kind: ClassVar[str] = "unauthenticated"


class Malformed(Refusal):
    """The request cannot be read."""

    kind: ClassVar[str] = "malformed"


class BodyInvalid(Invalid):
    """The body does not fit the schema."""


class QueryInvalid(Invalid):
    """A query parameter does not fit."""


class BodyTooLarge(TooMuch):
    """The body is larger than this door takes."""


class UnsupportedMediaType(Refusal):
    """The body's media type is not one that this door reads."""

    kind: ClassVar[str] = "unsupported"


class RouteUnknown(Refusal):
    """There is nothing at this address."""

    kind: ClassVar[str] = "not_found"


class MethodNotAllowed(Refusal):
    """This address does not take that method."""

    kind: ClassVar[str] = "wrong_method"


class InternalError(Refusal):
    """Something failed on our side; the correlation id helps us to find it."""

    kind: ClassVar[str] = "failed"


class Problem(msgspec.Struct, omit_defaults=True):
    """RFC 9457. `code` is stable; `pointer` names the field at fault; `facts` are safe to show."""

    type: str
    title: str
    status: int
    code: str
    correlation_id: str
    pointer: str | None = None
    errors: list[dict[str, str]] | None = None
    facts: dict[str, Any] | None = None


class RefusedItem(msgspec.Struct, omit_defaults=True):
    """Why one item of a batch was refused."""

    code: str
    title: str
    pointer: str | None = None
    facts: dict[str, Any] | None = None


def status_of(refusal: Refusal) -> int:
    """The HTTP status of a refusal."""
    return STATUS[refusal.kind]


def problem_of(refusal: Refusal, correlation_id: str) -> Problem:
    """What the client is told."""
    facts = _shown(refusal.facts)
    pointer, errors = facts.pop("pointer", None), facts.pop("errors", None)
    return Problem(
        type=_URN + refusal.code,
        title=refusal.title,
        status=status_of(refusal),
        code=refusal.code,
        correlation_id=correlation_id,
        pointer=str(pointer) if pointer is not None else None,
        errors=errors if isinstance(errors, list) else None,
        facts=facts or None,
    )


def refused_item(refusal: Refusal) -> RefusedItem:
    """The same for one item of a batch."""
    facts = _shown(refusal.facts)
    pointer = facts.pop("pointer", None)
    return RefusedItem(refusal.code, refusal.title, str(pointer) if pointer is not None else None, facts or None)


def _shown(facts: Mapping[str, object]) -> dict[str, object]:
    plain = (str, int, list, dict, bool)
    return {
        name: value if isinstance(value, plain) else str(value) for name, value in facts.items() if value is not None
    }
