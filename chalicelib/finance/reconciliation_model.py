"""Reconciling a month: two sums for each stage of a cent's way, and each difference between them with its cause."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from chalicelib.kernel.time import Month

BY_THE_COMPARISON = "comparison"


class Stage(StrEnum):
    """What is held against what, from the use to the bank.

    `rated`: what the month's sessions come to by what metering holds of them, each by itself, and what their charge
    records say. `together`: these, with what was charged beside use, and what the month's use was rated at with all
    that sessions share. `billed`: what the month's use was rated at, and the month's documents. `booked`: what these,
    wallets and goodwill have to be in the journal, and the journal. `invoiced`: what of the month's invoices Stripe
    was asked to collect, and Stripe's invoices. `collected`: the month's invoices, and what the ledger has as paid of
    them. `stated`: what of the month's use bills have as partners' shares, with what was added, and their statements.
    `paid_out`: what became payable to partners in the month, and what was sent. `due`: what the ledger owes partners by
    now, and what waits to be sent to them.
    `stripe`: what the ledger says that Stripe holds more by the month's movements, and those movements. `balance`: both
    balances as of now.
    """

    RATED = "rated"
    TOGETHER = "together"
    BILLED = "billed"
    BOOKED = "booked"
    INVOICED = "invoiced"
    COLLECTED = "collected"
    STATED = "stated"
    PAID_OUT = "paid_out"
    DUE = "due"
    STRIPE = "stripe"
    BALANCE = "balance"


class Cause(StrEnum):
    """Why two sums differ. There is no other, and `unknown` is what none of them explains.

    Of usage it is listed too where it changes no price. `usage_not_rated` is what no charge record has taken in yet,
    `session_goes_on` what the next one of a session that was cut takes in, `rated_without_usage` a record of which
    metering holds nothing, `evidence_differs` one that was made from other evidence than is there, `totals_differ` a
    session of which metering's totals are not what its events come to.

    Together, `reduced_together` is what caps, best fares, included uses and ceilings took off, by rule; `promoted` what
    the operator bears; `priced_together` a session whose tariff counts over several, and charged it by the others.
    """

    NOT_RATED = "usage_not_rated"
    GOES_ON = "session_goes_on"
    WITHOUT_USAGE = "rated_without_usage"
    EVIDENCE_DIFFERS = "evidence_differs"
    TOTALS_DIFFER = "totals_differ"
    REDUCED_TOGETHER = "reduced_together"
    PROMOTED = "promoted"
    PRICED_TOGETHER = "priced_together"
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


class Step(StrEnum):
    """What a run reads, in this order; then it holds against each other what both sides have moved."""

    ACCOUNTS = "accounts"
    PARTNERS = "partners"
    LOSSES = "losses"
    LEDGER = "ledger"
    PROVIDER = "provider"
    INVOICES = "invoices"
    MATCHING = "matching"

    @property
    def next(self) -> "Step | None":
        """The one after it; None after the last."""
        steps = list(Step)
        behind = steps[steps.index(self) + 1 :]
        return behind[0] if behind else None


@dataclass(frozen=True, slots=True)
class Going:
    """How far a run is: `turn` counts its transactions, `after` is where its step goes on behind.

    What may change while it goes on is as of its beginning: `balances` are by currency what the ledger says that the
    provider holds, and what that says; `compared` is until when a comparison had read by then, `stopped` whether all
    collection was. `explained` is by currency what of the balances' difference is listed by now.
    """

    as_of: datetime
    stopped: bool
    balances: Mapping[str, tuple[int, int]]
    compared: datetime | None = None
    step: Step = Step.ACCOUNTS
    after: str | None = None
    turn: int = 0
    explained: Mapping[str, int] = field(default_factory=dict)

    def behind(self, after: str | None) -> "Going":
        """One turn further; at the next step, where nothing of this one is left."""
        step = self.step if after is not None else self.step.next or self.step
        return replace(self, turn=self.turn + 1, step=step, after=after)


@dataclass(frozen=True, slots=True)
class Run:
    """Which run of a month's reconciling, named by when it was asked for."""

    month: Month
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """A run: when and by whom it was asked for, its sums, and how many differences have which cause.

    Both grow while it is `going`. `refused` says why it cannot be done: its code and facts.
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
    going: Going | None = None

    @property
    def as_of(self) -> datetime | None:
        """As of when both sides are read; runs of before were read as of their end."""
        return self.going.as_of if self.going is not None else self.done_at

    @property
    def state(self) -> str:
        """Running, refused or done."""
        return "running" if self.done_at is None else "refused" if self.refused else "done"

    def is_done_by(self, at: datetime | None) -> bool:
        """Whether it had been done at an instant; at all, if none is named."""
        return self.state == "done" and self.done_at is not None and (at is None or self.done_at <= at)

    def with_more(self, found: "Found", going: Going) -> "Reconciliation":
        """With what a turn has found."""
        sums = {(each.stage, each.currency): each for each in self.sums}
        for part in found.sums:
            key = part.stage, part.currency
            known = sums.get(key, StageSum(*key))
            sums[key] = StageSum(*key, known.left + part.left, known.right + part.right)
        order = list(Stage)
        return replace(
            self,
            sums=tuple(sorted(sums.values(), key=lambda each: (order.index(each.stage), each.currency))),
            causes=_plus(self.causes, found.causes),
            movements=self.movements + found.movements,
            entries=self.entries + found.entries,
            going=replace(going, explained=_plus(going.explained, found.explained)),
        )


@dataclass(slots=True)
class Found:
    """What a turn of a run has found: sums, how many differences of which cause, and how much was read for it.

    `differences` are those that are not written down yet; `explained` is what they explain of balances, by currency.
    """

    sums: list[StageSum] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    causes: dict[str, int] = field(default_factory=dict)
    explained: dict[str, int] = field(default_factory=dict)
    movements: int = 0
    entries: int = 0

    def count(self, differences: Iterable[Difference]) -> Iterator[Difference]:
        """These, each counted under its cause."""
        for each in differences:
            self.causes[str(each.cause)] = self.causes.get(str(each.cause), 0) + 1
            yield each


def _plus(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {
        name: one.get(name, 0) + other.get(name, 0) for name in (*one, *(each for each in other if each not in one))
    }


def explained(
    stage: Stage, currency: str, about: str, difference: int, known: Sequence[tuple[Cause, str, int]]
) -> list[Difference]:
    """The difference as what is known of it, and what nobody can explain as that: together it is all of it."""
    rest = difference - sum(minor for _, _, minor in known)
    rows = [*known, (Cause.UNKNOWN, about, rest)]
    return [Difference(stage, cause, name, currency, minor) for cause, name, minor in rows if minor]
