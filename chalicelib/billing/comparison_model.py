"""A comparison of our books with the provider's: what was read, what differed, and what was done about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month

COMPARED = timedelta(days=35)
"""How far back invoices are compared."""
OVERLAP = timedelta(days=1)
"""How much of what the last comparison read of the balance is read again: what came in late is not missed."""
SETTLES_WITHIN = timedelta(days=1)
"""Younger than this, a draft or an invoice that was not tried may still be on its way."""

BY_THE_TIMER = "timer"
_NO_MONTH = Month(1970, 1)


class Step(StrEnum):
    """What is compared, in this order."""

    BALANCE = "balance"
    THEIRS = "theirs"
    OURS = "ours"
    CARDS = "cards"
    SUM = "sum"
    DONE = "done"

    @property
    def next(self) -> "Step":
        """The one after it."""
        steps = list(Step)
        return steps[min(steps.index(self) + 1, len(steps) - 1)]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that was not alike: what it is about, what was found, and what was done."""

    about: str
    cause: str
    done: str
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A run. `since` is from when on the balance is read; `after` how far the step is; sums are in minor units."""

    asked_at: datetime
    asked_by: str
    since: datetime | None = None
    step: Step = Step.BALANCE
    after: str | None = None
    movements: int = 0
    fees: int = 0
    invoices: int = 0
    done_at: datetime | None = None
    clearing: Mapping[str, int] = field(default_factory=dict)
    balance: Mapping[str, int] = field(default_factory=dict)
    version: int = 0


@dataclass(frozen=True, slots=True)
class BalanceMove:
    """A movement on our balance at the provider: `amount` in or out, and `fee`, which it kept of it.

    `source` is the payment, refund, dispute or transfer that it is of; `payment` the payment intent of a charge, and
    `named` what we wrote on it when we asked for it: which transfer, which refund.
    """

    movement_id: str
    kind: str
    amount: Money
    fee: int
    at: datetime
    source: str | None = None
    payment: str | None = None
    named: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TheirInvoice:
    """An invoice in the provider's list; of one that is not ours `account_id` is empty.

    `ended_at` is when it was paid or given up there.
    """

    provider_invoice: str
    status: str
    total: Money
    attempted: bool
    created: datetime
    account_id: str = ""
    month: Month = _NO_MONTH
    number: int = 0
    ended_at: datetime | None = None

    @property
    def named(self) -> tuple[str, Month, int]:
        """Our invoice that it says it is."""
        return self.account_id, self.month, self.number
