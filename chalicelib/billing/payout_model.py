"""How partners are paid: their account at the provider, what waits to be sent, and each movement of money.

What a partner is owed is what waits and what is on its way: both together are its account `payable` in the ledger.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chalicelib.kernel.money import Money


@dataclass(frozen=True, slots=True)
class PayoutAccount:
    """A partner's account at the provider. `ready`: money can be sent to it; `due`: what the provider asks yet."""

    partner_id: str
    provider_account: str
    opened_at: datetime
    ready: bool = False
    submitted: bool = False
    due: tuple[str, ...] = ()
    version: int = 1

    def as_it_stands(self, stands: "AccountStands") -> "PayoutAccount":
        """With what the provider says by now."""
        return replace(self, ready=stands.ready, submitted=stands.submitted, due=stands.due, version=self.version + 1)


@dataclass(frozen=True, slots=True)
class AccountStands:
    """The provider's side of an account as read just now; None for `partner_id` if it is none of ours."""

    partner_id: str | None
    ready: bool
    submitted: bool
    due: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OnboardingLink:
    """Where the partner answers the provider's questions: one visit, for some minutes."""

    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Due:
    """An amount that waits to be sent to a partner; below zero, what it has had too much.

    `provider_invoice` names the payment that it is a part of, if it is one: then it is sent from that; of an invoice
    that holds paid with others, `payment` names the hold's. `taken_from` names the movement that sent too much, as long
    as that may be reversed.
    """

    partner_id: str
    due_id: str
    amount: Money
    since: datetime
    provider_invoice: str | None = None
    taken_from: int | None = None
    payment: str | None = None


class MovementKind(StrEnum):
    """Which way money moves."""

    TRANSFER = "transfer"
    REVERSAL = "reversal"


class MovementState(StrEnum):
    """Where a movement is."""

    PLANNED = "planned"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Movement:
    """Money sent to a partner, or taken back: planned first, so that a crash repeats it under the same number.

    `dues` are what it settles, together its amount: those below zero came off the first. `of` is the number of the
    transfer that a reversal takes back, `taken_back` how much of a transfer was.
    """

    partner_id: str
    number: int
    kind: MovementKind
    amount: Money
    dues: tuple[Due, ...]
    planned_at: datetime
    state: MovementState = MovementState.PLANNED
    of: int | None = None
    provider_id: str | None = None
    done_at: datetime | None = None
    taken_back: int = 0

    @property
    def movement_id(self) -> str:
        """Unique, and the key under which the provider hears of it."""
        return f"{self.partner_id}:{self.number}"

    @property
    def left(self) -> int:
        """What of a transfer was not taken back."""
        return self.amount.minor - self.taken_back


@dataclass(frozen=True, slots=True)
class Paying:
    """Where a partner's movements stand: the last number, and whether that one is on its way. One at a time."""

    partner_id: str
    last: int = 0
    on_its_way: bool = False
    version: int = 0
