"""Refunds that somebody made at the provider by hand, and what finance has decided to have booked of them."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chalicelib.kernel.money import Money
from chalicelib.kernel.time import format_instant


class OutsideState(StrEnum):
    """Whether it is booked yet; one that cannot be says why, and may be asked for again."""

    ASKED = "asked"
    BOOKED = "booked"
    REFUSED = "refused"


class PartKind(StrEnum):
    """As what a part is booked.

    Open `credit` first, then `goodwill`; of a top-up what is left in the `wallet`, then what the operator bears
    (`spent`).
    """

    CREDIT = "credit"
    GOODWILL = "goodwill"
    WALLET = "wallet"
    SPENT = "spent"


@dataclass(frozen=True, slots=True)
class OutsidePart:
    """A part of it: under which number of the account's refunds, or of its wallet's, and how much, in minor units."""

    kind: PartKind
    number: int
    minor: int


@dataclass(frozen=True, slots=True)
class Outside:
    """A refund by hand. How much it is, and what its payment was for (`paid`, as postings name it), a worker finds."""

    provider_refund: str
    asked_at: datetime
    asked_by: str
    note: str
    state: OutsideState = OutsideState.ASKED
    reason: str = ""
    account_id: str = ""
    paid: str = ""
    amount: Money | None = None
    parts: tuple[OutsidePart, ...] = ()
    version: int = 1

    @property
    def left(self) -> int:
        """What is not booked yet, in minor units."""
        return (self.amount.minor if self.amount is not None else 0) - sum(each.minor for each in self.parts)

    def refused(self, reason: str) -> "Outside":
        """Not to be booked as things stand."""
        return replace(self, state=OutsideState.REFUSED, reason=reason, version=self.version + 1)

    def booking(self, part: OutsidePart) -> "Outside":
        """With a part of it booked; with the last one, all of it is."""
        after = replace(self, parts=(*self.parts, part), version=self.version + 1)
        return replace(after, state=OutsideState.BOOKED) if after.left == 0 else after


@dataclass(frozen=True, slots=True)
class OutsideStands:
    """The provider's side of it as read just now. `ours`: one that we have asked for ourselves."""

    amount: Money
    status: str
    charge: str
    payment: str | None
    ours: bool
    reason: str | None = None

    @property
    def failed(self) -> bool:
        """Whether the money does not go back after all."""
        return self.status in {"failed", "canceled"}


def place_of(outside: Outside) -> str:
    """Where it stands among all."""
    return f"{format_instant(outside.asked_at)}#{outside.provider_refund}"
