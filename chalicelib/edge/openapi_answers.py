"""Which refusals an operation can answer, as its OpenAPI document tells: by what it reads, by who may, by what it does.

A rule may promise a refusal that a certain operation never needs; none that a door gives is left out, which the doors'
tests hold against every answer that they get.
"""

import re
from collections.abc import Iterator
from typing import Any

from chalicelib.edge.operation import Operation
from chalicelib.edge.refusals import PROBLEM_TYPE, STATUS

_MEANS = {
    "malformed": "The request cannot be read",
    "unauthenticated": "Not signed in: no valid access token or API key",
    "payment_due": "A payment method or a payment is needed first",
    "forbidden": "Not allowed",
    "not_found": "Nothing there by that name, for this caller",
    "conflict": "The state does not allow it",
    "too_much": "Too large",
    "unsupported": "The body's media type is not one that is read here",
    "invalid": "The content is not valid; `pointer` names the field at fault",
    "contended": "Too many just now, nothing was changed; API Gateway, when it throttles, says so in its own words",
    "unavailable": "Try again: nothing was changed",
}
_OTHERWISE = "Refused in another way, or failed on our side"
_LATER = ("contended", "unavailable")
_RETRY_AFTER = {"description": "Seconds", "schema": {"type": "integer"}}
_NAMING = re.compile(r"code|quote|booking|invitation|tariff|asset|customer|\w+_id")
"""Members of a body or a query that name something which may not be there."""


def refusals(each: Operation, members: set[str], problem: dict[str, Any]) -> dict[str, object]:
    """The refusals of an operation by status; `members` are those of its body and its query."""
    content = {PROBLEM_TYPE: {"schema": problem}}
    kinds = set(_kinds(each, members))
    by_status: dict[str, object] = {}
    for kind, status in STATUS.items():
        if kind in kinds:
            retry = {"headers": {"Retry-After": _RETRY_AFTER}} if kind in _LATER else {}
            by_status[str(status)] = {"description": _MEANS[kind], **retry, "content": content}
    return {**by_status, "default": {"description": _OTHERWISE, "content": content}}


def _kinds(each: Operation, members: set[str]) -> Iterator[str]:
    yield from ("invalid", *each.refuses)
    if each.describes_itself:
        return
    yield from _LATER
    if not each.public:
        yield "unauthenticated"
        if not each.anyone:
            yield "forbidden"
    if each.takes is not None or each.reads is not None:
        yield from ("malformed", "too_much", "unsupported")
    if each.idempotent:
        yield "malformed"
    named = set(re.findall(r"{(\w+)}", each.path)) - {"month"}
    if named or any(map(_NAMING.fullmatch, members)):
        yield "not_found"
    if each.method != "GET":
        yield "conflict"
