"""The history of an entry: who stated what anew, and when."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Protocol

from chalicelib.kernel.quantity import plain
from chalicelib.kernel.text import canonical
from chalicelib.kernel.time import format_instant

_MOST_LETTERS = 400
_MOST_FIELDS = 100
_CUT = "…"
_NOT_STATED = frozenset({"former", "listed_on", "revision", "take_outs"})
"""What follows from other acts, each of which is kept by itself."""


class Entry(Protocol):
    """What has a history."""

    @property
    def revision(self) -> int:
        """Counts its changes."""


class EntryKind(StrEnum):
    """Of what there is a history."""

    PLACE = "place"
    PRODUCT = "product"
    ASSET = "asset"
    CATEGORY = "category"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field before and after, as JSON text of bounded length; None where it was or is not stated."""

    pointer: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """One statement of an entry anew. `owner` is its partner, or None for what is the operator's."""

    owner: str | None
    kind: EntryKind
    entry_id: str
    revision: int
    at: datetime
    by: str
    changed: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class Author:
    """Who states an entry, and when."""

    by: str
    at: datetime


def changed(kind: EntryKind, entry_id: str, before: Entry | None, after: Entry, author: Author) -> Change | None:
    """What a statement changes, for its history; None if it changes nothing. The owner is the entry's partner."""
    found = differences(before, after)
    if before is not None and not found:
        return None
    owner = getattr(after, "partner_id", None)
    return Change(owner, kind, entry_id, after.revision, author.at, author.by, found)


def differences(before: object | None, after: object) -> tuple[FieldChange, ...]:
    """The fields that differ, in order; nothing if none does. A first statement has nothing before."""
    was = dict(_flat(before)) if before is not None else {}
    now = dict(_flat(after))
    names = sorted({*was, *now})
    found = [FieldChange(each, was.get(each), now.get(each)) for each in names if was.get(each) != now.get(each)]
    return tuple(FieldChange(each.pointer, _cut(each.before), _cut(each.after)) for each in found[:_MOST_FIELDS])


def _flat(entry: object) -> Iterator[tuple[str, str]]:
    """Each field that says something, by its JSON pointer; members of members have a pointer of their own."""
    for name, value in _members(entry):
        if isinstance(value, Mapping) or (is_dataclass(value) and not _has_a_text(value)):
            found = [(f"/{name}{pointer}", text) for pointer, text in _flat(value)]
            yield from found or ([] if isinstance(value, Mapping) else [(f"/{name}", "{}")])
        elif value is not None and value != ():
            yield f"/{name}", _text(value)


def _members(entry: object) -> Iterator[tuple[str, object]]:
    if isinstance(entry, Mapping):
        yield from ((str(name), value) for name, value in entry.items())
    elif is_dataclass(entry):
        yield from ((each.name, getattr(entry, each.name)) for each in fields(entry) if each.name not in _NOT_STATED)


def _has_a_text(value: object) -> bool:
    """Whether it writes itself, as an amount or a span of hours does."""
    return type(value).__str__ is not object.__str__


def _text(value: object) -> str:
    return canonical(_plain(value)).decode()


def _plain(value: object) -> object:
    """JSON-ready, and the same for the same value."""
    found: object
    match value:
        case Decimal():
            found = plain(value)
        case datetime():
            found = format_instant(value)
        case date():
            found = value.isoformat()
        case timedelta():
            found = plain(Decimal(value // timedelta(microseconds=1)) / 1_000_000)
        case Enum():
            found = str(value)
        case tuple() | list():
            found = [_plain(each) for each in value]
        case Mapping():
            found = {str(name): _plain(each) for name, each in value.items()}
        case str() | int() | None:
            found = value
        case _ if is_dataclass(value):
            found = str(value) if _has_a_text(value) else {name: _plain(each) for name, each in _members(value)}
        case _:
            raise TypeError(f"cannot be kept in a history: {type(value).__name__}")
    return found


def _cut(text: str | None) -> str | None:
    if text is None or len(text) <= _MOST_LETTERS:
        return text
    return json.dumps(text[: _MOST_LETTERS - 1] + _CUT, ensure_ascii=False)
