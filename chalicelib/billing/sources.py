"""What an account's month was rated from, by name: so it can be read again as it was, together with other accounts'."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from chalicelib.kernel.time import format_instant, parse_instant

if TYPE_CHECKING:
    from chalicelib.access.model import RecordName

MOST_NAMED = 5
"""Charge records that a settlement names. More of them are read as fast with one query, and are long to keep."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The charge records of a month's own sessions, and whether subscriptions or partners' charges came beside."""

    records: tuple[RecordName, ...]
    subscriptions: bool = False
    charges: bool = False


@dataclass(frozen=True, slots=True)
class Stood:
    """When a month was settled last, and what it was rated from; None of more than a settlement names."""

    at: datetime
    sources: Sources | None = None

    @classmethod
    def of(cls, sources: Sources | None, at: datetime) -> Stood:
        """Few are named."""
        few = sources is not None and len(sources.records) <= MOST_NAMED
        return cls(at, sources if few else None)

    def document(self) -> list[object]:
        """As values of JSON."""
        if self.sources is None:
            return [format_instant(self.at)]
        rows = [[format_instant(each.charged_at), *each[1:]] for each in self.sources.records]
        return [format_instant(self.at), rows, int(self.sources.subscriptions), int(self.sources.charges)]


def stood_of(document: Sequence[Any]) -> Stood:
    """What the document says."""
    at, *sources = document
    if not sources:
        return Stood(parse_instant(at))
    from chalicelib.access.model import RecordName  # noqa: PLC0415 -- who reads a payer at a cold start needs none of it

    rows, subscriptions, charges = sources
    names = tuple(RecordName(parse_instant(charged_at), *rest) for charged_at, *rest in rows)
    return Stood(parse_instant(at), Sources(names, bool(subscriptions), bool(charges)))
