"""What did not fit a declared shape: the field at fault, what was said of it, and what would have been right.

Loaded when the first body or query is refused.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import inspect

_AT = re.compile(r" - at (?:`key` in )?`\$(.*)`$")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]|\[(\.\.\.)\]")
_UNKNOWN = re.compile(r"unknown field `(.+?)`")
_NO_VALUE = re.compile(r"Invalid (enum )?value")
_SOME_MEMBER = "..."
Check = Callable[[Any], object]
"""Raises `msgspec.ValidationError` for what does not fit."""


def facts_of(error: msgspec.ValidationError, given: object, shape: Any, fits: Check) -> dict[str, object]:  # noqa: ANN401 -- any shape
    """`pointer` and `reason`; and where the shape tells, `one_of` the valid values, or what is `wanted` instead."""
    text = str(error)
    steps = [name or number or some for name, number, some in _STEP.findall(_path(text))]
    named = _named(given, steps, fits, text) if _SOME_MEMBER in steps else steps
    unknown = _UNKNOWN.search(text)
    facts: dict[str, object] = {
        "pointer": _pointer([*named, *([unknown[1]] if unknown else [])]),
        "reason": _AT.sub("", text),
    }
    kinds = list(_at(_described(shape), steps))
    values = [value for kind in kinds for value in _values(kind)]
    wanted = [each for each in map(_wanted, kinds) if each]
    if values and _NO_VALUE.match(text):
        facts["one_of"] = list(dict.fromkeys(values))
    elif wanted and unknown is None:
        facts["wanted"] = wanted[0]
    return facts


def _path(text: str) -> str:
    found = _AT.search(text)
    return found[1] if found else ""


def _pointer(steps: list[str]) -> str:
    """RFC 6901; what msgspec did not name ends it."""
    known = steps[: steps.index(_SOME_MEMBER)] if _SOME_MEMBER in steps else steps
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in known)


def _named(given: object, steps: list[str], fits: Check, text: str) -> list[str]:
    """The same path with the names of the members, which msgspec leaves out (`$.need[...]`)."""
    named, inner = list(steps), given
    for number, step in enumerate(steps):
        if isinstance(inner, dict) and step == _SOME_MEMBER:
            found = _first_at_fault(given, inner, fits, text)
            if found is None:
                return named
            named[number] = found
            inner = inner[found]
        elif isinstance(inner, dict):
            inner = inner.get(step)
        elif isinstance(inner, list) and step.isdecimal():
            inner = inner[int(step)]
    return named


def _first_at_fault(given: object, members: dict[str, object], fits: Check, text: str) -> str | None:
    """The first member without which, and without those behind it, the fault is gone; found by halves."""
    every = list(members.items())

    def faulty(many: int) -> bool:
        members.clear()
        members.update(every[:many])
        try:
            fits(given)
        except msgspec.ValidationError as error:
            return _path(str(error)) == _path(text)  # the words differ between JSON and what was read of it
        return False

    low, high = 0, len(every)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if faulty(middle) else (middle, high)
    at_fault = faulty(high) and not faulty(low)
    members.clear()
    members.update(every)
    return every[high - 1][0] if at_fault else None


@lru_cache(maxsize=64)
def _described(shape: Any) -> inspect.Type:  # noqa: ANN401 -- as above
    return inspect.type_info(shape)


def _at(kind: inspect.Type, steps: list[str]) -> Iterator[inspect.Type]:
    """What the shape says of the field at the end of the path; several answers, where any of several may stand."""
    if isinstance(kind, inspect.UnionType):
        for each in kind.types:
            yield from _at(each, steps)
        return
    if isinstance(kind, inspect.Metadata) and steps:
        yield from _at(kind.type, steps)
        return
    if not steps:
        yield kind
        return
    inner = _inside(kind, steps[0])
    if inner is not None:
        yield from _at(inner, steps[1:])


def _inside(kind: inspect.Type, step: str) -> inspect.Type | None:
    match kind:
        case inspect.StructType(tag_field=str(tag_field), tag=str(tag)) if step == tag_field:
            return inspect.LiteralType((tag,))
        case inspect.StructType(fields=fields):
            return next((each.type for each in fields if each.encode_name == step), None)
        case inspect.DictType(value_type=inner) if step == _SOME_MEMBER:
            return inner
        case inspect.ListType(item_type=inner):
            return inner
    return None


def _values(kind: inspect.Type) -> list[str | int]:
    match kind:
        case inspect.Metadata(type=inner):
            return _values(inner)
        case inspect.LiteralType(values=values):
            return [each for each in values if isinstance(each, str | int)]
        case inspect.EnumType(cls=named):
            return [each.value for each in named if isinstance(each, Enum)]
        case inspect.UnionType(types=kinds):
            return [value for each in kinds for value in _values(each)]
    return []


def _wanted(kind: inspect.Type) -> str | None:
    """The field's own description, where it has one."""
    if not isinstance(kind, inspect.Metadata):
        return None
    schema: Mapping[str, object] = kind.extra_json_schema or {}
    return str(schema["description"]) if "description" in schema else None
