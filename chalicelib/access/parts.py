"""Who takes part in a session with which share, and which assets it was on before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.kernel.money import Money
from chalicelib.kernel.time import format_instant, parse_instant


@dataclass(frozen=True, slots=True)
class Part:
    """One account's share of a session: `weight` among all weights, and no more than `most` of the cost.

    `bound` is what the account's hard budgets had left for it. The first part is the holder's. Who left pays for
    nothing that came later; `invitation` is what was accepted.
    """

    account_id: str
    customer_id: str
    weight: int
    most: Money | None
    joined_at: datetime
    invitation: str = ""
    left_at: datetime | None = None
    bound: Money | None = None

    @property
    def limit(self) -> Money | None:
        """The most that it comes to."""
        found = [each for each in (self.most, self.bound) if each is not None]
        return min(found, key=lambda money: money.minor) if found else None

    def document(self) -> dict[str, object]:
        """As JSON-ready values."""
        return {
            "account_id": self.account_id,
            "customer_id": self.customer_id,
            "weight": self.weight,
            "most": self.most and [self.most.minor, self.most.currency],
            "joined_at": format_instant(self.joined_at),
            "invitation": self.invitation,
            "left_at": self.left_at and format_instant(self.left_at),
            **({"bound": [self.bound.minor, self.bound.currency]} if self.bound else {}),
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Part":
        """What a document says."""
        most, left_at, bound = document["most"], document["left_at"], document.get("bound")
        return cls(
            account_id=document["account_id"],
            customer_id=document["customer_id"],
            weight=int(document["weight"]),
            most=Money(int(most[0]), most[1]) if most else None,
            joined_at=parse_instant(document["joined_at"]),
            invitation=document["invitation"],
            left_at=parse_instant(left_at) if left_at else None,
            bound=Money(int(bound[0]), bound[1]) if bound else None,
        )


@dataclass(frozen=True, slots=True)
class Move:
    """That a session left an asset for another, when, and by which act."""

    asset_id: str
    at: datetime
    act_id: str

    def row(self) -> list[str]:
        """As JSON-ready values."""
        return [self.asset_id, format_instant(self.at), self.act_id]

    @classmethod
    def of(cls, row: list[str]) -> "Move":
        """The move of a row."""
        asset_id, at, act_id = row
        return cls(asset_id, parse_instant(at), act_id)
