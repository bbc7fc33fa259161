"""When a session ends by itself, and who has said so: its customer, or limits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.kernel.money import Money
from chalicelib.kernel.time import format_instant, parse_instant


@dataclass(frozen=True, slots=True)
class Until:
    """By when a limit ends a session, whatever it costs by then.

    One that was passed already when it was set is `eased`: whoever is under way then is looked at again later.
    """

    at: datetime
    eased: bool = False


@dataclass(frozen=True, slots=True)
class Limited:
    """The hand of limits in a stop: what its customer has said beside them, and `until` when they let it go on."""

    cost: Money | None = None
    by: datetime | None = None
    until: Until | None = None

    def document(self) -> dict[str, object]:
        """As JSON-ready values."""
        until = self.until
        return {
            "cost": _row(self.cost),
            "by": self.by and format_instant(self.by),
            "until": until and [format_instant(until.at), until.eased],
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Limited":
        """What a document says."""
        by, until = document["by"], document["until"]
        return cls(
            cost=_money(document["cost"]),
            by=parse_instant(by) if by else None,
            until=Until(parse_instant(until[0]), eased=bool(until[1])) if until else None,
        )


@dataclass(frozen=True, slots=True)
class Stop:
    """When a session ends by itself: at the instant, which is when it comes to `cost` if that is given.

    `by` is the instant that it is not to go beyond, whatever it costs by then. Where limits are no part in it, it is as
    its customer has said.
    """

    at: datetime
    cost: Money | None = None
    by: datetime | None = None
    limited: Limited | None = None

    @property
    def is_eased(self) -> bool:
        """Whether it waits for whoever is under way: it is that of a limit which was passed when it was set."""
        until = self.limited.until if self.limited else None
        return until is not None and until.eased and until.at == self.at

    def document(self) -> dict[str, object]:
        """As JSON-ready values."""
        by = {"by": format_instant(self.by)} if self.by else {}
        limited = self.limited and self.limited.document()
        return {"at": format_instant(self.at), "cost": _row(self.cost), **by, "limited": limited}

    @classmethod
    def of(cls, document: Mapping[str, Any], bound: Money | None) -> "Stop":
        """What a document says. One of before limits were told apart is theirs if its cost is the session's bound."""
        at, cost = parse_instant(document["at"]), _money(document["cost"])
        by = parse_instant(document["by"]) if "by" in document else None
        if "limited" not in document:
            return cls(at, cost, by, Limited(None, by) if cost is not None and cost == bound else None)
        limited = document["limited"]
        return cls(at, cost, by, Limited.of(limited) if limited else None)


def _row(cost: Money | None) -> list[object] | None:
    return None if cost is None else [cost.minor, cost.currency]


def _money(row: Sequence[Any] | None) -> Money | None:
    return Money(int(row[0]), row[1]) if row else None
