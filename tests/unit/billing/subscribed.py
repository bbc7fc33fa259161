"""An account's subscriptions in memory, billed beside its rides."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.billing.agreement_ports import Needed
from chalicelib.billing.agreement_uses import SubscriptionUses
from chalicelib.billing.ports import NOTHING_STATED, MonthUsed, Paid
from chalicelib.kernel.time import Interval, Month
from chalicelib.subscriptions.plan import PassTerms, Plan, PlanKind
from chalicelib.subscriptions.subscription import Lived, Pause, Phase, Subscription
from tests.unit.billing.books import ACCOUNT, LATER, ZONE, Books, Rides

BIKE = "par-1:bike"
FEE: dict[str, Any] = {"id": "fee", "kind": "recurring", "charge_class": "ordered", "amount": "31", "per": "month"}
ONCE: dict[str, Any] = {"id": "once", "kind": "once", "charge_class": "ordered", "amount": "20"}


def plan(plan_id: str = "member", version: int = 1, *prices: dict[str, Any], **given: Any) -> Plan:  # noqa: ANN401
    fee = {"currency": "EUR", "prices": list(prices or [FEE])}
    kind = given.pop("kind", PlanKind.SUBSCRIPTION)
    return Plan(plan_id, version, kind, {"en": plan_id}, "7", **{"fee": fee, "fares": {BIKE: "members"}, **given})


def bought_once(plan_id: str = "ten", **lasts: Any) -> Plan:  # noqa: ANN401 -- as PassTerms has it
    return plan(plan_id, 1, ONCE, kind=PlanKind.PASS, lasts=PassTerms(**lasts))


def at(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2021, month, day, hour, minute, tzinfo=UTC)


@dataclass
class Agreed:
    """Satisfies billing's `Plans`, `Lives` and `Needs`."""

    plans: dict[tuple[str, int], Plan] = field(default_factory=dict)
    kept: list[Lived] = field(default_factory=list)
    seen: list[Needed] = field(default_factory=list)
    asked: int = 0

    def plan(self, plan_id: str, version: int | None = None) -> Plan | None:
        return self.plans.get((plan_id, version or 1))

    def lived(self, _account_id: str, within: Interval) -> Sequence[Lived]:
        def touches(part: Phase | Pause) -> bool:
            return part.since < within.end and (part.until is None or part.until > within.start)

        found = [
            replace(each, phases=tuple(filter(touches, each.phases)), pauses=tuple(filter(touches, each.pauses)))
            for each in self.kept
        ]
        return [each for each in found if each.phases]

    def needed(self, _account_id: str, within: Interval, _now: datetime) -> Sequence[Needed]:
        self.asked += 1
        return [each for each in self.seen if each.start < within.end and each.end > within.start]

    def subscribe(self, *phases: tuple[Plan, datetime, datetime | None], seats: int = 1, **given: Any) -> Lived:  # noqa: ANN401
        self.plans |= {(plan.plan_id, plan.version): plan for plan, _, _ in phases}
        made = tuple(Phase(each.plan_id, each.version, since, until, seats) for each, since, until in phases)
        pauses = tuple(Pause(*each) for each in given.pop("paused", ()))
        kept = Subscription(
            f"sub-{len(self.kept) + 1}",
            ACCOUNT,
            "cus-1",
            "7",
            "en",
            made[0].since,
            made[-1],
            members=("cus-1",),
            **given,
        )
        self.kept.append(Lived(kept, made, pauses))
        return self.kept[-1]

    def need(self, *starts: datetime, product: str = BIKE) -> None:
        self.seen += [
            Needed(product, start, start + timedelta(hours=1), f"ses-{len(self.seen) + number}")
            for number, start in enumerate(starts)
        ]

    @property
    def uses(self) -> SubscriptionUses:
        return SubscriptionUses(self, self, self, ZONE)


@dataclass
class Both(Rides):
    """Satisfies `billing.ports.Used`: rides, and subscriptions beside them."""

    agreed: Agreed = field(default_factory=Agreed)

    def month(self, account_id: str, month: Month, now: datetime, paid: Paid = NOTHING_STATED) -> MonthUsed:
        return self.agreed.uses.with_agreements(super().month(account_id, month, now, paid), account_id, month, now)


def books() -> tuple[Books, Agreed]:
    both = Both()
    return Books(rides=both), both.agreed


__all__ = ["ACCOUNT", "LATER", "Agreed", "Both", "at", "books", "bought_once", "plan"]
