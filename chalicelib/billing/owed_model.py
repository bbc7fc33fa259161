"""Charges that partners state beside use: what may be done with one in which state, and what of it is billed.

drafted -> stated -> accepted, or objected -> decided; then billed. Before it is billed its partner may withdraw it, and
the operator may drop it when deciding; afterwards it is taken back by counter-charges. Nothing else ends a charge, and
nothing but *accepted* and *decided* leads to a bill.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from chalicelib.billing.owed_errors import (
    ChargeNotOpen,
    CounterTooHigh,
    DecisionInvalid,
    EvidenceMissing,
    EvidenceTooMuch,
)
from chalicelib.kernel.money import Money, total
from chalicelib.kernel.time import Month
from chalicelib.rating.stated import OWED, ChargeKind

MOST_EVIDENCE = 10
MOST_BYTES = 10 * 1024 * 1024
MOST_OF_A_SESSION = 20
ContentType = Literal["image/jpeg", "image/png", "application/pdf"]
Verdict = Literal["upheld", "reduced", "dropped"]


class ChargeState(StrEnum):
    """Where a charge is in its life."""

    DRAFTED = "drafted"
    STATED = "stated"
    OBJECTED = "objected"
    DECIDED = "decided"
    ACCEPTED = "accepted"
    BILLED = "billed"
    DROPPED = "dropped"
    WITHDRAWN = "withdrawn"


DUE = frozenset({ChargeState.ACCEPTED, ChargeState.DECIDED})
"""What the next settlement bills."""
UNDECIDED = DUE | {ChargeState.STATED, ChargeState.OBJECTED}
"""What its customer was told of and is not billed yet: it may still have to be paid."""
CHARGED = DUE | {ChargeState.BILLED}
"""What stands on a statement."""
_WITHDRAWN_FROM = frozenset({ChargeState.DRAFTED, ChargeState.STATED, ChargeState.OBJECTED}) | DUE


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file that shows a charge, by the SHA-256 of its bytes; once sealed, by the version that no one can change."""

    sha256: str
    content_type: ContentType
    size: int
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A change of a charge: to which state, when, by whom, and what was said."""

    state: ChargeState
    at: datetime
    by: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Counter:
    """What was taken back of a billed charge."""

    amount: Money
    at: datetime
    by: str
    note: str


@dataclass(frozen=True, slots=True)
class ChargePolicy:
    """The most that one charge may come to, and how long its customer may object, by kind."""

    most: Money
    period: timedelta
    periods: Mapping[str, timedelta]

    def objection_period(self, kind: ChargeKind) -> timedelta:
        """The kind's own, or the usual one."""
        return self.periods.get(kind, self.period)


@dataclass(frozen=True, slots=True)
class PartnerCharge:
    """A charge. `stated` is what its partner asked for, `amount` what is due of it by now, tax included.

    It is billed in `month`, the one that was open when it became due, with `happened_at` beside it.
    """

    charge_id: str
    account_id: str
    partner_id: str
    session_id: str
    product_id: str
    asset_id: str
    category: str
    kind: ChargeKind
    stated: Money
    amount: Money
    description: Mapping[str, str]
    happened_at: datetime
    created_at: datetime
    state: ChargeState = ChargeState.DRAFTED
    evidence: tuple[Evidence, ...] = ()
    objection_until: datetime | None = None
    reason: str | None = None
    charged_at: datetime | None = None
    month: Month | None = None
    counters: tuple[Counter, ...] = ()
    history: tuple[Step, ...] = ()
    version: int = 1

    @property
    def place(self) -> str:
        """Its place in lists: in order of when it was made."""
        return f"{self.created_at:%Y%m%dT%H%M%S.%f}#{self.charge_id}"

    @property
    def is_owed(self) -> bool:
        """Damage, loss or a fine, and nothing that was ordered."""
        return self.kind in OWED

    @property
    def is_told(self) -> bool:
        """Whether its customer was told of it."""
        return self.objection_until is not None

    def _to(self, state: ChargeState, at: datetime, by: str, note: str = "") -> "PartnerCharge":
        step = Step(state, at, by, note)
        return replace(self, state=state, history=(*self.history, step), version=self.version + 1)

    def _check(self, states: frozenset[ChargeState] | set[ChargeState], what: str) -> None:
        if self.state not in states:
            raise ChargeNotOpen(charge_id=self.charge_id, state=str(self.state), act=what)

    def begun(self, by: str) -> "PartnerCharge":
        """With the first step of its history."""
        return replace(self, history=(Step(self.state, self.created_at, by),))

    def announcing(self, file: Evidence) -> "PartnerCharge":
        """With one more piece from the beginning; the same piece again changes nothing."""
        return replace(self.with_evidence(file), version=self.version)

    def with_evidence(self, file: Evidence) -> "PartnerCharge":
        """With one more piece, as long as it is a draft; the same piece again changes nothing."""
        self._check({ChargeState.DRAFTED}, "evidence")
        if any(each.sha256 == file.sha256 for each in self.evidence):
            return self
        if len(self.evidence) >= MOST_EVIDENCE:
            raise EvidenceTooMuch(most=MOST_EVIDENCE)
        return replace(self, evidence=(*self.evidence, file), version=self.version + 1)

    def state_to_customer(
        self, sealed: tuple[Evidence, ...], policy: ChargePolicy, at: datetime, by: str
    ) -> "PartnerCharge":
        """Told to its customer, who may object from now on. What is owed is shown."""
        self._check({ChargeState.DRAFTED}, "submit")
        if self.is_owed and not sealed:
            raise EvidenceMissing(charge_id=self.charge_id)
        until = at + policy.objection_period(self.kind)
        return replace(self._to(ChargeState.STATED, at, by), evidence=sealed, objection_until=until)

    def accept(self, at: datetime, by: str, month: Month) -> "PartnerCharge":
        """Due from now on: its customer said so, also after an objection."""
        self._check({ChargeState.STATED, ChargeState.OBJECTED}, "accept")
        return replace(self._to(ChargeState.ACCEPTED, at, by), charged_at=at, month=month)

    def lapse(self, at: datetime, month: Month) -> "PartnerCharge":
        """The period is over: what is owed is accepted by silence; what was never ordered by an act is not charged."""
        self._check({ChargeState.STATED}, "lapse")
        if self.is_owed:
            return replace(self._to(ChargeState.ACCEPTED, at, "silence"), charged_at=at, month=month)
        return self._to(ChargeState.WITHDRAWN, at, "silence")

    def object(self, reason: str, text: str, at: datetime, by: str) -> "PartnerCharge":
        """The customer objects in time: the operator decides. An order that the customer denies is none."""
        self._check({ChargeState.STATED}, "objection")
        if self.objection_until is not None and at >= self.objection_until:
            raise ChargeNotOpen(charge_id=self.charge_id, state=str(self.state), act="objection")
        state = ChargeState.OBJECTED if self.is_owed else ChargeState.WITHDRAWN
        return replace(self._to(state, at, by, text), reason=reason)

    def decide(
        self, verdict: Verdict, amount: Money | None, note: str, *, at: datetime, by: str, month: Month
    ) -> "PartnerCharge":
        """The operator's word about an objection: the whole, less, or nothing."""
        self._check({ChargeState.OBJECTED}, "decision")
        if (verdict == "reduced") != (amount is not None):
            raise DecisionInvalid(pointer="/amount", verdict=verdict)
        if verdict == "dropped":
            return self._to(ChargeState.DROPPED, at, by, note)
        due = self.amount if amount is None else amount
        if not 0 < due.minor <= self.amount.minor or (verdict == "reduced" and due == self.amount):
            raise DecisionInvalid(pointer="/amount", verdict=verdict)
        return replace(self._to(ChargeState.DECIDED, at, by, note), amount=due, charged_at=at, month=month)

    def withdraw(self, at: datetime, by: str, note: str) -> "PartnerCharge":
        """Its partner takes it back before it is billed."""
        self._check(_WITHDRAWN_FROM, "withdraw")
        return self._to(ChargeState.WITHDRAWN, at, by, note)

    def bill(self, at: datetime) -> "PartnerCharge":
        """A settlement has taken it."""
        self._check(DUE, "bill")
        return self._to(ChargeState.BILLED, at, "settlement")

    def counter(self, amount: Money, at: datetime, by: str, note: str) -> "PartnerCharge":
        """Its partner gives back some or all of what was billed."""
        self._check({ChargeState.BILLED}, "counter")
        left = self.amount - self.countered(None)
        if not 0 < amount.minor <= left.minor:
            raise CounterTooHigh(pointer="/amount", left=str(left.amount), currency=left.currency)
        counters = (*self.counters, Counter(amount, at, by, note))
        return replace(self, counters=counters, version=self.version + 1)

    def countered(self, as_of: datetime | None) -> Money:
        """What was taken back by then; by now, if no instant is given."""
        found = (each.amount for each in self.counters if as_of is None or each.at <= as_of)
        return total(found, self.amount.currency)

    def is_charged(self, month: Month, as_of: datetime) -> bool:
        """Whether it stands on the month's statement."""
        due = self.state in CHARGED and self.charged_at is not None and self.charged_at <= as_of
        return due and self.month == month
