"""Plans, terms and subscriptions in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from chalicelib.kernel.errors import PaymentDue, Refusal
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Interval, Month
from chalicelib.subscriptions.difference import Difference
from chalicelib.subscriptions.errors import PlanMoved, SubscriptionChanged
from chalicelib.subscriptions.life_ports import Page
from chalicelib.subscriptions.living import Act
from chalicelib.subscriptions.moves import Counted
from chalicelib.subscriptions.plan import Plan, PlanKind
from chalicelib.subscriptions.publishing import Publishing
from chalicelib.subscriptions.subscribing import Keeping
from chalicelib.subscriptions.subscription import Has, Lived, Pause, Phase, Subscription
from chalicelib.subscriptions.terms import Acceptance, Accepted, Terms
from tests.unit.memory import Commits, InMemory, write

ACCOUNT, CUSTOMER, ZONE = "acc_1", "cus_1", "Europe/Copenhagen"
START = datetime(2026, 3, 1, 9, tzinfo=UTC)
TERMS = Terms("7", {"da": "Vilkår.", "en": "Terms."}, START, "olga")
ACCEPTED = Accepted("7", "da", TERMS.digest("da"))
FEE: dict[str, Any] = {"id": "fee", "kind": "recurring", "charge_class": "ordered", "amount": "99", "per": "month"}
MONTHLY: dict[str, Any] = {"currency": "DKK", "prices": [FEE]}
ONCE: dict[str, Any] = {
    "currency": "DKK",
    "prices": [{"id": "ten", "kind": "once", "charge_class": "ordered", "amount": "150"}],
}


def plan(plan_id: str = "member", version: int = 1, **given: object) -> Plan:
    """A plan as it is stated, without its fee."""
    stated: dict[str, Any] = {"names": {"da": "Medlem"}, "terms_version": "7", **given}
    return Plan(plan_id, version, stated.pop("kind", PlanKind.SUBSCRIPTION), **stated)


@dataclass
class Shelf:
    """Satisfies `PlanVersions`, `Publications` and `FaresOnOffer`."""

    kept: dict[str, list[Plan]] = field(default_factory=dict)
    published: dict[str, Terms] = field(default_factory=lambda: {"7": TERMS})
    offered: dict[str, set[str]] = field(default_factory=lambda: {"par_1:bike": {"members"}})

    def plan(self, plan_id: str, version: int | None = None) -> Plan | None:
        versions = self.kept.get(plan_id, [])
        return next((each for each in reversed(versions) if version in (None, each.version)), None)

    def plans(self, *, limit: int, after: str | None) -> Sequence[Plan]:
        return [self.kept[each][-1] for each in sorted(self.kept) if after is None or each > after][:limit]

    def versions(self, plan_id: str, *, limit: int, after: int | None) -> Sequence[Plan]:
        return [each for each in self.kept.get(plan_id, []) if each.version > (after or 0)][:limit]

    def publishing(self, plan: Plan) -> list[InMemory]:
        def is_next() -> bool:
            return len(self.kept.get(plan.plan_id, [])) == plan.version - 1

        return [write(PlanMoved(), lambda: self.kept.setdefault(plan.plan_id, []).append(plan), holds=is_next)]

    def is_newest(self, plan: Plan) -> InMemory:
        return write(PlanMoved(), holds=lambda: self.plan(plan.plan_id) == plan)

    def terms(self, version: str) -> Terms | None:
        return self.published.get(version)

    def publishing_terms(self, terms: Terms) -> list[InMemory]:
        return [write(PlanMoved(), lambda: self.published.update({terms.version: terms}))]

    def fares(self, products: Sequence[str]) -> Mapping[str, set[str]]:
        return {each: self.offered[each] for each in products if each in self.offered}


@dataclass
class People:
    """Satisfies `Belonging`."""

    account_kind: str = "person"
    belong: set[str] = field(default_factory=lambda: {CUSTOMER, "cus_2", "cus_3"})
    shown: dict[tuple[str, str], datetime] = field(default_factory=dict)
    can_pay: bool = True

    def kind(self, _account_id: str) -> str:
        return self.account_kind

    def in_order(self, _account_id: str, *, pays: bool) -> list[InMemory]:
        return [write(PaymentDue(), holds=lambda: self.can_pay or not pays)]

    def strangers(self, _account_id: str, people: Sequence[str]) -> list[str]:
        return [each for each in people if each not in self.belong]

    def lacking(self, person: str, requires: Sequence[str], now: datetime) -> list[str]:
        return [each for each in requires if self.shown.get((person, each), now) <= now]

    def shown_until(self, people: Sequence[str], requires: Sequence[str], now: datetime) -> datetime:
        return max(min(self.shown.get((person, each), now) for each in requires) for person in people)

    def has_shown(self, person: str, requires: Sequence[str], now: datetime, otherwise: Refusal) -> list[InMemory]:
        return [write(otherwise, holds=lambda: not self.lacking(person, requires, now))]


@dataclass
class Lives:
    """Satisfies `Subscriptions`."""

    now: dict[str, Subscription] = field(default_factory=dict)
    over: dict[str, list[Phase | Pause]] = field(default_factory=dict)
    counts: dict[Counted, int] = field(default_factory=dict)
    accepted: list[Acceptance] = field(default_factory=list)
    told: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    begun: int = 0

    def lived(self, account_id: str, _within: Interval) -> list[Lived]:
        return [self.life(each) for each in self.now if self.now[each].account_id == account_id]

    def life(self, subscription_id: str) -> Lived:
        """All of a subscription's life."""
        now = self.now[subscription_id]
        parts = [*self.over.get(subscription_id, []), now.phase, now.next_phase, now.pause]
        found = sorted((each for each in parts if each is not None), key=lambda each: each.since)
        phases = tuple(each for each in found if isinstance(each, Phase))
        return Lived(now, phases, tuple(each for each in found if isinstance(each, Pause)))

    def find(self, account_id: str, subscription_id: str) -> Subscription | None:
        found = self.now.get(subscription_id)
        return found if found is not None and found.account_id == account_id else None

    def of_account(self, account_id: str) -> list[Subscription]:
        return [each for each in self.now.values() if each.account_id == account_id and each.ended_at is None]

    def had(self, _account_id: str) -> int:
        return self.begun

    def having(self, _account_id: str, had: int) -> InMemory:
        def do() -> None:
            self.begun += 1

        return write(SubscriptionChanged(), do, holds=lambda: self.begun == had)

    def began(self, _account_id: str) -> InMemory:
        return self.having(_account_id, self.begun)

    def never_among(self, accounts: Sequence[str]) -> list[str]:
        raise NotImplementedError

    def ended_of(self, account_id: str, *, limit: int, after: str | None) -> Page:
        raise NotImplementedError

    def of_plan(self, plan_id: str, *, ended: bool, limit: int, after: str | None) -> Page:
        raise NotImplementedError

    def acting(self, act: Act, counts: Mapping[Counted, int]) -> list[InMemory]:
        name = act.after.subscription_id

        def do() -> None:
            self.now[name] = act.after
            self.over.setdefault(name, []).extend(act.over)
            for each, many in counts.items():
                self.counts[each] = self.counts.get(each, 0) + many

        return [write(SubscriptionChanged(), do, holds=lambda: self.now.get(name) == act.before)]

    def accepting(self, acceptance: Acceptance) -> InMemory:
        return write(SubscriptionChanged(), lambda: self.accepted.append(acceptance))

    def acceptances(self, _account_id: str, subscription_id: str) -> list[Acceptance]:
        return [each for each in self.accepted if each.subscription_id == subscription_id]

    def telling(
        self, _about: Subscription, code: str, _at: datetime, more: Mapping[str, str] | None = None
    ) -> InMemory:
        return write(SubscriptionChanged(), lambda: self.told.append((code, more or {})))

    def closing(self, about: Subscription, _now: datetime) -> InMemory:
        return write(SubscriptionChanged(), lambda: self.closed.append(about.subscription_id))

    def counted(self, month: Month) -> dict[Counted, int]:
        return {each: many for each, many in self.counts.items() if each.month == month and many}

    def in_force(self, has: Has) -> InMemory:
        raise NotImplementedError

    def using(self, has: Has) -> InMemory:
        raise NotImplementedError


@dataclass
class Billing:
    """Satisfies `Beside` and `ChangeCosts`: a krone for each whole day, and two after a change."""

    acts: list[Act] = field(default_factory=list)

    def writes(self, act: Act) -> list[InMemory]:
        return [write(SubscriptionChanged(), lambda: self.acts.append(act))]

    def difference(self, _lived: Lived, wished: Phase, _now: datetime) -> Difference:
        within = Interval(wished.since, Month.of(wished.since, ZONE).interval(ZONE).end)
        days = within.length.days
        return Difference(within, Money(100 * days, "DKK"), Money(200 * days, "DKK"))


@dataclass
class Operator:
    """All of it together, with a clock to set."""

    shelf: Shelf = field(default_factory=Shelf)
    lives: Lives = field(default_factory=Lives)
    people: People = field(default_factory=People)
    billing: Billing = field(default_factory=Billing)
    now: datetime = START
    commit: Any = field(default_factory=Commits)
    ids: int = 0

    def keeping(self) -> Keeping:
        shelf: Any = self.shelf
        lives: Any = self.lives
        people: Any = self.people
        billing: Any = self.billing
        return Keeping(lives, shelf, shelf, people, billing, ZONE, self.now, self.commit)

    def publishing(self) -> Publishing:
        shelf: Any = self.shelf
        return Publishing(shelf, shelf, shelf, ZONE, "DKK", "olga", self.now, self.commit)

    def random_bytes(self, many: int) -> bytes:
        """Others each time."""
        self.ids += 1
        return self.ids.to_bytes(many, "big")
