"""Each door's OpenAPI 3.1 document, made of its operations and the shapes they declare."""

import re
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, get_type_hints

import msgspec

from chalicelib.edge.operation import Operation
from chalicelib.edge.refusals import PROBLEM_TYPE, Problem

VERSION = "1"
_SCHEMES: dict[str, dict[str, object]] = {
    "mobile": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "A customer's access token"},
    "partner": {"type": "http", "scheme": "bearer", "description": "An API key: adg_<test|live>_<keyid>_<secret>"},
    "finance": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "A staff access token"},
    "workers": {"type": "apiKey", "in": "header", "name": "Stripe-Signature"},
}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": "A repeat with the same key and body gets the first answer and does nothing.",
}


def document(door: str, operations: Sequence[Operation]) -> dict[str, object]:
    """The whole document, ready for JSON."""
    shapes = [shape for each in operations for shape in (each.takes, _shown(each)) if shape is not None]
    queries = [each.query for each in operations if each.query is not None]
    every = [*dict.fromkeys([*shapes, *queries, Problem])]
    schemas, components = msgspec.json.schema_components(
        every, ref_template="#/components/schemas/{name}", schema_hook=_anything
    )
    of_shape = dict(zip(every, schemas, strict=True))
    paths: dict[str, dict[str, object]] = {}
    for each in operations:
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each, of_shape, components)
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Adgang: {door}", "version": VERSION, "license": {"name": "Apache-2.0"}},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": {"caller": _SCHEMES[door]}},
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
    problem = {"description": "Refused", "content": {PROBLEM_TYPE: {"schema": of_shape[Problem]}}}
    described: dict[str, object] = {
        "operationId": each.view.__name__.strip("_"),
        "summary": each.summary,
        "security": [] if each.public else [{"caller": []}],
        "parameters": [*_path_parameters(each), *_query_parameters(each, of_shape, components)],
        "responses": {str(each.status): answer, "default": problem},
    }
    if each.takes is not None:
        content = {media_type: {"schema": _taken(media_type, of_shape[each.takes])} for media_type in each.media_types}
        described["requestBody"] = {"required": True, "content": content}
    return described


def _taken(media_type: str, schema: dict[str, Any]) -> dict[str, Any]:
    """The body in one of its media types: text has no members to describe, its first line names them."""
    if not media_type.startswith("text/"):
        return schema
    said = "The first line names the fields of a row, members of a field by a dot, as in owning.purchase_price"
    return {"type": "string", "description": said}


def _path_parameters(each: Operation) -> list[dict[str, object]]:
    names = re.findall(r"{(\w+)}", each.path)
    found: list[dict[str, object]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names
    ]
    return [*found, _IDEMPOTENCY_KEY] if each.idempotent else found


def _query_parameters(each: Operation, of_shape: dict[Any, Any], components: dict[str, Any]) -> list[dict[str, object]]:
    if each.query is None:
        return []
    schema = components[of_shape[each.query]["$ref"].rpartition("/")[2]]
    required = set(schema.get("required", ()))
    return [
        {"name": name, "in": "query", "required": name in required, "schema": shape}
        for name, shape in schema["properties"].items()
    ]
