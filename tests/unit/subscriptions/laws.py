"""Withdrawals, announcements, and what they cost, in memory."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Interval, Month
from chalicelib.subscriptions.announcement import Announcement, Told
from chalicelib.subscriptions.announcing import Announcing, go_on
from chalicelib.subscriptions.difference import Difference
from chalicelib.subscriptions.law_errors import AnnouncementOver, WithdrawalChanged
from chalicelib.subscriptions.life_ports import Page
from chalicelib.subscriptions.plan import Plan, PlanKind
from chalicelib.subscriptions.subscription import Phase, Subscription
from chalicelib.subscriptions.terms import Acceptance
from chalicelib.subscriptions.withdrawals import Withdrawal
from chalicelib.subscriptions.withdrawing import Withdrawing
from tests.unit.memory import InMemory, write
from tests.unit.subscriptions.lives import ACCEPTED, ACCOUNT, CUSTOMER, START, ZONE, Lives, Operator, plan

FEE: dict[str, Any] = {"currency": "DKK", "prices": []}
MICROSECOND = timedelta(microseconds=1)


@dataclass
class Listed(Lives):
    """Subscriptions that are listed by plan too."""

    def of_plan(self, plan_id: str, *, ended: bool, limit: int, after: str | None) -> Page:
        rows = [
            self.now[each]
            for each in sorted(self.now)
            if self.now[each].phase.plan_id == plan_id and (self.now[each].ended_at is not None) is ended
        ]
        rows = [each for each in rows if after is None or each.subscription_id > after][:limit]
        return Page(rows, rows[-1].subscription_id if len(rows) == limit else None)


@dataclass
class Fees:
    """What plans cost a month, by version, as rating charges it: a month of it is rounded once, to the nearest."""

    prices: dict[tuple[str, int], int] = field(default_factory=lambda: {("member", 1): 9_900})

    def price(self, plan: Plan, seats: int = 1) -> Money | None:
        minor = self.prices.get((plan.plan_id, plan.version))
        return None if minor is None else Money(minor * seats, "DKK")

    def of_stretch(self, plan: Plan, seats: int, stretch: Interval) -> Money:
        price, start, minor = self.price(plan, seats), stretch.start, 0
        while price is not None and start < stretch.end:
            month = Month.of(start, ZONE).interval(ZONE)
            until = min(month.end, stretch.end)
            minor += int(
                Fraction(price.minor) * ((until - start) // MICROSECOND) / (month.length // MICROSECOND)
                + Fraction(1, 2)
            )
            start = until
        return Money(minor, "DKK")

    def saved(self, _account_id: str, _month: Month, _now: datetime) -> dict[str, Any]:
        raise NotImplementedError


@dataclass
class Law:
    """All that withdrawing and announcing need: accounts' countries, stores, and what past use would have cost."""

    operator: Operator = field(default_factory=lambda: Operator(lives=Listed()))
    fees: Fees = field(default_factory=Fees)
    countries: dict[str, str] = field(default_factory=dict)
    withdrawals: dict[str, Withdrawal] = field(default_factory=dict)
    announced: dict[int, Announcement] = field(default_factory=dict)
    heard: dict[str, Told] = field(default_factory=dict)
    pages: list[str | None] = field(default_factory=list)
    needed_at: datetime | None = None

    # -- what the area asks of others

    def country(self, account_id: str) -> str | None:
        return self.countries.get(account_id, "DK")

    def needed(self, _account_id: str, _products: Collection[str], _within: Interval) -> list[Interval]:
        return [] if self.needed_at is None else [Interval(self.needed_at, self.needed_at)]

    def price(self, plan: Plan, seats: int, _at: datetime) -> Money | None:
        return self.fees.price(plan, seats)

    def so_far(self, subscription: Subscription, now: datetime) -> Money:
        life = self.operator.lives.life(subscription.subscription_id)
        minor = 0
        for phase in life.phases:
            plan = self.operator.shelf.plan(phase.plan_id, phase.plan_version)
            assert plan is not None
            for each in life.stretches(phase, Interval(subscription.subscribed_at, now)):
                minor += self.fees.of_stretch(plan, phase.seats, each).minor
        return Money(minor, "DKK")

    def compared(self, _subscription: Subscription, _before: Plan, _after: Plan, within: Interval) -> Difference:
        return Difference(within, Money(9_900, "DKK"), Money(12_900, "DKK"))

    # -- stores

    def withdrawal(self, _account_id: str, subscription_id: str) -> Withdrawal | None:
        return self.withdrawals.get(subscription_id)

    def saving_withdrawal(self, withdrawal: Withdrawal) -> InMemory:
        known = self.withdrawals.get(withdrawal.subscription_id)

        def holds() -> bool:
            before = 0 if known is None else known.version
            return before == withdrawal.version - 1 and (known is None or known.confirmed_at is None)

        return write(
            WithdrawalChanged(), lambda: self.withdrawals.update({withdrawal.subscription_id: withdrawal}), holds=holds
        )

    def announcement(self, _plan_id: str, version: int) -> Announcement | None:
        return self.announced.get(version)

    def announcements(self, _plan_id: str) -> Sequence[Announcement]:
        return [self.announced[each] for each in sorted(self.announced, reverse=True)]

    def saving_announcement(self, announcement: Announcement) -> InMemory:
        return write(AnnouncementOver(), lambda: self.announced.update({announcement.version: announcement}))

    def still(self, announcement: Announcement) -> InMemory:
        return write(AnnouncementOver(), holds=lambda: self.announced[announcement.version] == announcement)

    def told(self, _plan_id: str, _version: int, subscription_id: str) -> Told | None:
        return self.heard.get(subscription_id)

    def told_page(self, _plan_id: str, _version: int, *, limit: int, after: str | None) -> Sequence[Told]:
        return [self.heard[each] for each in sorted(self.heard) if after is None or each > after][:limit]

    def telling(self, told: Told, before: Told | None) -> InMemory:
        name = told.subscription_id
        return write(
            AnnouncementOver(), lambda: self.heard.update({name: told}), holds=lambda: self.heard.get(name) == before
        )

    def going_on(self, _announcement: Announcement, after: str | None, _now: datetime) -> InMemory:
        return write(AnnouncementOver(), lambda: self.pages.append(after))

    # -- a day at the operator's

    def withdrawing(self) -> Withdrawing:
        return Withdrawing(self.operator.keeping(), self, self, self, self, "DKK")

    def announcing(self) -> Announcing:
        return Announcing(self.operator.keeping(), self, self, self)

    def publish(self, version: int, price: int, plan_id: str = "member", **more: object) -> Plan:
        made = plan(plan_id, version, fee=FEE, **more)
        self.operator.shelf.kept.setdefault(plan_id, []).append(made)
        self.fees.prices[(plan_id, version)] = price
        return made

    def subscribe(
        self, name: str = "sub_1", made: Plan | None = None, account_id: str = ACCOUNT, **asked: bool
    ) -> Subscription:
        """One who was told of the right and asked to begin, unless it is said otherwise."""
        made = made or self.operator.shelf.kept["member"][-1]
        phase = Phase(made.plan_id, made.version, self.operator.now, made.runs_out(self.operator.now))
        lasts = made.lasts.uses if made.lasts else None
        new = Subscription(
            name,
            account_id,
            CUSTOMER,
            "7",
            "da",
            self.operator.now,
            phase,
            members=(CUSTOMER,),
            uses_left=lasts,
            is_pass=made.kind is PlanKind.PASS,
            terms_digest=ACCEPTED.digest,
        )
        self.operator.lives.now[name] = new
        said = {"begin_at_once": True, "told_of_withdrawal": True, **asked}
        accepted = Acceptance(
            name, account_id, CUSTOMER, self.operator.now, made.plan_id, made.version, ACCEPTED, **said
        )
        self.operator.lives.accepted.append(accepted)
        return new

    def work(self) -> None:
        """Do all pages that are to be done."""
        while self.pages:
            after = self.pages.pop(0)
            (version,) = [max(self.announced)]
            go_on("member", version, after, parts=self.announcing())

    def after(self, **time: float) -> None:
        self.operator.now = START + timedelta(**time)


def found(law: Law, name: str = "sub_1") -> Subscription:
    return law.operator.lives.now[name]
