"""Each door's OpenAPI 3.1 document, made of its operations and the shapes they declare."""

import re
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, get_type_hints

import msgspec

from chalicelib.customers.model import Right
from chalicelib.edge.openapi_answers import refusals
from chalicelib.edge.openapi_examples import EXAMPLES
from chalicelib.edge.openapi_ways_in import schemes, security, who
from chalicelib.edge.operation import Operation
from chalicelib.edge.refusals import Problem
from chalicelib.kernel.languages import LANGUAGES

VERSION = "1"
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": "A repeat with the same key and body gets the first answer and does nothing.",
}
_ACCOUNT = {
    "name": "Adgang-Account",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 64},
    "description": "In which of my accounts' names this is done; without it in my own.",
}
_ALL = ", ".join(LANGUAGES)
_ACCEPT_LANGUAGE = {
    "name": "Accept-Language",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": f"In which language words are: {_ALL}. Else the customer's own, else English (RFC 9110).",
}
_SPEAKS = (
    f"Words, receipts and statements come in {_ALL}: what `Accept-Language` asks for, else what the customer signed up"
    " in, else English. Customers sign up in any language of ISO 639-1; for one that is not among these it is English."
)
_HERE = "."
"""The API's root, relative to this document, which lies there: `/mobile` here, the stage's path at API Gateway."""


def document(door: str, operations: Sequence[Operation]) -> dict[str, object]:
    """The whole document, ready for JSON."""
    shapes = [
        shape
        for each in operations
        for shape in (each.takes, *each.takes_as.values(), _shown(each))
        if shape is not None
    ]
    queries = [each.query for each in operations if each.query is not None]
    every = [*dict.fromkeys([*shapes, *queries, Problem])]
    schemas, components = msgspec.json.schema_components(
        every, ref_template="#/components/schemas/{name}", schema_hook=_anything
    )
    of_shape = dict(zip(every, schemas, strict=True))
    paths: dict[str, dict[str, object]] = {}
    for each in operations:
        described = _operation(each, of_shape, components)
        paths.setdefault(each.path, {})[each.method.lower()] = {"security": security(door, each), **described}
    speaks = {"description": _SPEAKS} if any(map(_has_words, operations)) else {}
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Adgang: {door}", "version": VERSION, "license": {"name": "Apache-2.0"}, **speaks},
        "servers": [{"url": _HERE}],
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": schemes(door)},
    }


def _anything(kind: type) -> dict[str, Any]:
    """A value of any shape, as in a tariff's document, which `rating` reads by itself."""
    if kind is object:
        return {"description": "Any JSON value"}
    raise NotImplementedError(kind)


def _shown(each: Operation) -> Any:  # noqa: ANN401 -- any type that msgspec can describe
    """What the answer is made of: the return type of `shows`, or of the view itself."""
    told = each.shows or each.view
    returns = SimpleNamespace(__annotations__={"return": told.__annotations__.get("return")})
    shape = get_type_hints(returns, globalns=told.__globals__).get("return")
    return None if shape in (object, type(None), Any) else shape


def _operation(each: Operation, of_shape: dict[Any, Any], components: dict[str, Any]) -> dict[str, object]:
    shown = _shown(each)
    answer: dict[str, object] = {"description": "Done"}
    if shown is not None:
        answer["content"] = {each.answers: {"schema": of_shape[shown]}}
    members = {name for shape in (each.takes, each.query) for name in _members(of_shape.get(shape), components)}
    described: dict[str, object] = {
        "operationId": each.view.__name__.strip("_"),
        "summary": each.summary,
        "parameters": [*_path_parameters(each), *_query_parameters(each, of_shape, components), *_headers(each)],
        "responses": {
            **{str(status): answer for status in (each.status, *each.also)},
            **refusals(each, members, of_shape[Problem]),
        },
    }
    if told := who(each):
        described["description"] = told
    if each.takes is not None:
        taken = {media_type: each.takes_as.get(media_type, each.takes) for media_type in each.media_types}
        content = {media_type: _taken(media_type, shape, of_shape[shape]) for media_type, shape in taken.items()}
        described["requestBody"] = {"required": not each.takes_nothing_too, "content": content}
    return described


def _has_words(each: Operation) -> bool:
    """Whether the answer depends on the language: words that are asked for, or a paper."""
    return each.answers.startswith("text/") or "words" in getattr(each.query, "__struct_fields__", ())


def _headers(each: Operation) -> list[dict[str, object]]:
    asked = (
        (each.needs in set(Right), _ACCOUNT),
        (each.idempotent, _IDEMPOTENCY_KEY),
        (_has_words(each), _ACCEPT_LANGUAGE),
    )
    return [header for is_read, header in asked if is_read]


def _members(schema: dict[str, Any] | None, components: dict[str, Any]) -> list[str]:
    """Of a shape that is an object, or a list of them."""
    inner = (schema or {}).get("items", schema or {})
    return list(components.get(inner.get("$ref", "").rpartition("/")[2], {}).get("properties", ()))


def _taken(media_type: str, shape: Any, schema: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401 -- as above
    """The body in one of its media types: text has no members to describe, its first line names them."""
    if not media_type.startswith("text/"):
        return {"schema": schema, "example": EXAMPLES[shape.__name__]}
    said = "The first line names the fields of a row, members of a field by a dot, as in owning.purchase_price"
    return {"schema": {"type": "string", "description": said}}


def _path_parameters(each: Operation) -> list[dict[str, object]]:
    names = re.findall(r"{(\w+)}", each.path)
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def _query_parameters(each: Operation, of_shape: dict[Any, Any], components: dict[str, Any]) -> list[dict[str, object]]:
    if each.query is None:
        return []
    schema = components[of_shape[each.query]["$ref"].rpartition("/")[2]]
    required = set(schema.get("required", ()))
    return [
        {"name": name, "in": "query", "required": name in required, "schema": shape}
        for name, shape in schema["properties"].items()
    ]
