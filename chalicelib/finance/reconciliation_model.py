"""Reconciling a month: two sums for each stage of a cent's way, and each difference between them with its cause."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from chalicelib.kernel.time import Month

BY_THE_COMPARISON = "comparison"


class Stage(StrEnum):
    """What is held against what, from the use to the bank.

    `billed`: what the month's use was rated at, and the month's documents. `collected`: these, and what was paid.
    `paid_out`: what became payable to partners in the month, and what was sent. `stripe`: what the ledger says that
    Stripe holds more by the month's movements, and those movements. `balance`: both balances as of now.
    """

    BILLED = "billed"
    COLLECTED = "collected"
    PAID_OUT = "paid_out"
    STRIPE = "stripe"
    BALANCE = "balance"


class Cause(StrEnum):
    """Why two sums differ. There is no other, and `unknown` is what none of them explains."""

    CARRIED = "carried_below_minimum"
    PARKED = "parked"
    NOT_SETTLED = "not_settled"
    CORRECTED_SINCE = "corrected_since"
    BILLED_LATER = "billed_in_another_month"
    OF_ANOTHER_MONTH = "of_another_month"
    FROM_WALLET = "paid_from_wallet"
    CREDITED = "credited"
    STOPPED = "collection_stopped"
    DISPUTED = "in_dispute"
    NOT_PAID = "not_yet_paid"
    FAILED = "payment_failed"
    WRITTEN_OFF = "written_off"
    PAID_OUT_LATER = "paid_out_later"
    TIMING = "timing_over_month_end"
    NOT_POSTED = "not_yet_posted"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Difference:
    """By how much one thing makes the left sum of a stage larger than the right one, and why. Minor units."""

    stage: Stage
    cause: Cause
    about: str
    currency: str
    minor: int


@dataclass(frozen=True, slots=True)
class StageSum:
    """Both sums of a stage, in minor units."""

    stage: Stage
    currency: str
    left: int = 0
    right: int = 0

    @property
    def difference(self) -> int:
        """What the listed differences add up to, all of it."""
        return self.left - self.right


@dataclass(frozen=True, slots=True)
class Run:
    """Which run of a month's reconciling, named by when it was asked for."""

    month: Month
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """A run: as of when, by whose wish, and once it is done, its sums and how many differences have which cause.

    `refused` says why it cannot be done: its code and facts.
    """

    month: Month
    asked_at: datetime
    asked_by: str
    done_at: datetime | None = None
    sums: tuple[StageSum, ...] = ()
    causes: Mapping[str, int] = field(default_factory=dict)
    movements: int = 0
    entries: int = 0
    refused: Mapping[str, str] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """Running, refused or done."""
        return "running" if self.done_at is None else "refused" if self.refused else "done"

    def done(
        self, sums: Sequence[StageSum], causes: Mapping[str, int], read: tuple[int, int], at: datetime
    ) -> "Reconciliation":
        """With what was found, and how many movements and entries were read for it."""
        movements, entries = read
        kept = tuple(sums), dict(causes)
        return replace(self, done_at=at, sums=kept[0], causes=kept[1], movements=movements, entries=entries)


def explained(
    stage: Stage, currency: str, about: str, difference: int, known: Sequence[tuple[Cause, str, int]]
) -> list[Difference]:
    """The difference as what is known of it, and what nobody can explain as that: together it is all of it."""
    rest = difference - sum(minor for _, _, minor in known)
    rows = [*known, (Cause.UNKNOWN, about, rest)]
    return [Difference(stage, cause, name, currency, minor) for cause, name, minor in rows if minor]
