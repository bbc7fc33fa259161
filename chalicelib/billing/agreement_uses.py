"""Subscriptions as a month's statement has them: a use of its own for each phase, and for each pass that was bought."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from chalicelib.billing.agreement_ports import Lives, Needed, Needs, Plans
from chalicelib.billing.ports import MonthUsed
from chalicelib.kernel.money import Money, total
from chalicelib.kernel.time import Interval, Month, local_day, midnight
from chalicelib.rating import START, Tariff, Use, rate, tariff_from_document
from chalicelib.rating import Need as RatedNeed
from chalicelib.rating.held import Held, Stretch
from chalicelib.rating.once import BOUGHT_S, BOUGHT_USES, UNUSED_S, UNUSED_USES
from chalicelib.rating.sleep import is_asleep
from chalicelib.subscriptions.plan import PassTerms, Plan, PlanKind
from chalicelib.subscriptions.subscription import Lived, Phase

_MOMENT = timedelta(microseconds=1)
_FAR = timedelta(days=3_660)


def fee_of(plan: Plan, zone: str) -> Tariff | None:
    """The tariff of a plan's fee, or None. A price that does not say when it sleeps does so when its plan does."""
    if plan.fee is None:
        return None
    named = {"tariff_id": plan.tariff_id, "version": plan.version}
    fee = {"zone": zone, "tax_inclusive": True, **plan.fee, **named}
    if plan.asleep_after_days is not None and plan.kind is not PlanKind.PASS:
        fee["prices"] = [{"asleep_after_days": plan.asleep_after_days, **each} for each in plan.fee["prices"]]
    return tariff_from_document(fee)


class EndedPass(NamedTuple):
    """A pass as it was bought, and when it ended: used up, run out, ended before, or withdrawn from."""

    use: Use
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class SubscriptionUses:
    """An account's subscriptions as billing reads them. Only of plans that sleep it is asked what was needed."""

    plans: Plans
    lives: Lives
    needs: Needs
    zone: str

    def with_agreements(self, found: MonthUsed, account_id: str, month: Month, now: datetime) -> MonthUsed:
        """What is used, and what subscriptions cost beside it."""
        uses = self.uses(account_id, month, now)
        if not uses:
            return found
        sources = replace(found.sources, subscriptions=True) if found.sources is not None else None
        return found._replace(uses=(*found.uses, *uses), own=found.own | {use.use_id for use in uses}, sources=sources)

    def uses(self, account_id: str, month: Month, now: datetime) -> tuple[Use, ...]:
        """Of each subscription, its phases in the month up to now, and the pass that was bought in it."""
        within = month.interval(self.zone)
        lived = self.lives.lived(account_id, within) if within.start <= now else ()
        fees = _Fees(self.plans, self.zone)
        seen: list[Needed] | None = None
        made: list[Use] = []
        for each in lived:
            for number, phase in enumerate(each.phases, start=1):
                plan, fee = fees.of(phase)
                if plan is None or fee is None or phase.since > now or each.subscription.annulled:
                    continue
                use_id = _use_id(each, month, number)
                if plan.kind is PlanKind.PASS:
                    made += [_bought(use_id, each, phase, plan, fee)] if within.holds(phase.since) else []
                    continue
                after_days = sleeps_after(fee)
                if after_days is not None and seen is None:
                    seen = self._needed(account_id, within, fees.longest_sleep(lived), now)
                needs = of_plan(seen or (), plan, each) if after_days is not None else []
                fares = tuple(f"{product}~{fare}" for product, fare in sorted(plan.fares.items()))
                use = _fee_use(use_id, (each, phase, fee), within, now, needs)
                made.append(replace(use, held=use.held._replace(fares=fares)) if use.held and fee.minimums else use)
        return tuple(made)

    def ended_passes(self, account_id: str, month: Month) -> tuple[EndedPass, ...]:
        """Of the passes that were bought in the month, those that have ended by now: also what no statement has."""
        within, fees = month.interval(self.zone), _Fees(self.plans, self.zone)
        made: list[EndedPass] = []
        for each in self.lives.lived(account_id, within):
            ended_at = each.subscription.ended_at
            for number, phase in enumerate(each.phases, start=1):
                plan, fee = fees.of(phase)
                is_pass = plan is not None and plan.kind is PlanKind.PASS
                if plan is None or fee is None or ended_at is None or not is_pass or not within.holds(phase.since):
                    continue
                use = _bought(_use_id(each, month, number), each, phase, plan, fee)
                quantities = {name: use.quantities[name] for name in (BOUGHT_S, BOUGHT_USES) if name in use.quantities}
                made.append(EndedPass(replace(use, quantities=quantities), ended_at))
        return tuple(made)

    def goes_on(self, account_id: str, month: Month, now: datetime) -> bool:
        """Whether a fee counts in the month unless something happens: what is asleep or paused by then has to wake.

        What wakes it has the account billed for that month itself: a start, an act, or an instant that was agreed.
        """
        return self._counts(account_id, month.interval(self.zone), now)

    def will_cost(self, account_id: str, now: datetime) -> bool:
        """Whether a fee counts from now on, or will from an instant that is agreed, without anybody doing anything."""
        return self._counts(account_id, Interval(now, now + _FAR), now)

    def to_come(self, account_id: str, now: datetime, currency: str) -> Money:
        """What fees that never sleep still come to in the month, as far as it is agreed."""
        within = Interval(now, Month.of(now, self.zone).interval(self.zone).end)
        fees, uses = _Fees(self.plans, self.zone), []
        for lived in self.lives.lived(account_id, within):
            for number, phase in enumerate(lived.phases):
                plan, fee = fees.of(phase)
                goes_on = plan is not None and plan.kind is not PlanKind.PASS and not lived.subscription.annulled
                if fee is not None and goes_on and sleeps_after(fee) is None:
                    name = f"{lived.subscription.subscription_id}:{number}"
                    uses.append(_fee_use(name, (lived, phase, fee), within, within.end, ()))
        return total((line.amount for line in rate(uses)), currency)

    def _counts(self, account_id: str, within: Interval, now: datetime) -> bool:
        lived = self.lives.lived(account_id, within)
        fees = _Fees(self.plans, self.zone)
        for each in lived:
            for phase in each.phases:
                plan, fee = fees.of(phase)
                if plan is None or fee is None or plan.kind is PlanKind.PASS or not each.stretches(phase, within):
                    continue
                after_days = sleeps_after(fee)
                if after_days is None:
                    return True
                seen = self._needed(account_id, Interval(within.start, within.start + _MOMENT), after_days, now)
                days = [_last_day(need, self.zone) for need in of_plan(seen, plan, each)]
                if not is_asleep(local_day(within.start, self.zone), max(days, default=None), after_days):
                    return True
        return False

    def _needed(self, account_id: str, within: Interval, after_days: int, now: datetime) -> list[Needed]:
        """What was needed in the interval, and before it as long as that keeps anything awake."""
        first = local_day(within.start, self.zone) - timedelta(days=after_days)
        looked_at = Interval(min(midnight(first, self.zone), within.start), within.end)
        return sorted(self.needs.needed(account_id, looked_at, now), key=lambda each: (each.start, each.end))


class _Fees:
    """Plans with their fees' tariffs, each read once."""

    def __init__(self, plans: Plans, zone: str) -> None:
        self._plans, self._zone = plans, zone
        self._known: dict[tuple[str, int], tuple[Plan | None, Tariff | None]] = {}

    def of(self, phase: Phase) -> tuple[Plan | None, Tariff | None]:
        key = (phase.plan_id, phase.plan_version)
        if key not in self._known:
            plan = self._plans.plan(*key)
            self._known[key] = (plan, fee_of(plan, self._zone) if plan is not None else None)
        return self._known[key]

    def longest_sleep(self, lived: Iterable[Lived]) -> int:
        """After how many days at most anything falls asleep."""
        found = (self.of(phase)[1] for each in lived for phase in each.phases)
        return max((sleeps_after(fee) or 0 for fee in found if fee is not None), default=0)


def sleeps_after(fee: Tariff) -> int | None:
    """After how many days without need it falls asleep; None where a price of it never does."""
    days: list[int | None] = [getattr(price, "asleep_after_days", None) for price in fee.prices]
    known = [each for each in days if each is not None]
    return max(known) if known and len(known) == len(days) else None


def of_plan(seen: Sequence[Needed], plan: Plan, lived: Lived) -> list[Needed]:
    """What was needed of the plan's products since it was subscribed to; of any where it names none."""
    since = lived.subscription.subscribed_at
    return [each for each in seen if each.end > since and (not plan.fares or each.product in plan.fares)]


def _fee_use(
    use_id: str, what: tuple[Lived, Phase, Tariff], within: Interval, now: datetime, needed: Sequence[Needed]
) -> Use:
    """A phase in the month, as far as it has come."""
    lived, phase, fee = what
    subscription = lived.subscription
    ends = [each for each in (phase.until, subscription.ended_at, within.end) if each is not None]
    start, end = max(phase.since, within.start), max(phase.since, within.start, min(ends))
    ended_at = max(start, min(end, now))
    stretches = lived.stretches(phase, Interval(start, ended_at))
    before = [_last_day(each, fee.zone) for each in needed if each.start < start]
    return Use(
        use_id=use_id,
        tariff=fee,
        started_at=start,
        ended_at=ended_at,
        open=end > now,
        quantities={},
        evidence={START: (subscription.subscription_id,)},
        needs=tuple(_daily(needed, start, ended_at, fee.zone)),
        kind="agreement",
        product=fee.settled_as,
        last_need_on=min(max(before), local_day(start, fee.zone)) if before else None,
        held=Held(
            subscription.subscription_id, tuple(Stretch(each.start, each.end) for each in stretches), phase.seats
        ),
    )


def _daily(needed: Collection[Needed], start: datetime, end: datetime, zone: str) -> Iterator[RatedNeed]:
    """So much of what was needed as shows each day with need once: one stretch a day, however much a day had."""
    shown: date | None = None
    free = start
    for each in needed:
        first, last = max(each.start, free), min(each.end, end)
        if first >= last or (shown is not None and local_day(last - _MOMENT, zone) <= shown):
            continue
        yield RatedNeed(first, last, "in_use", (each.session_id,))
        shown, free = local_day(last - _MOMENT, zone), last


def _use_id(lived: Lived, month: Month, number: int) -> str:
    return f"{lived.subscription.subscription_id}:{month}:{number}"


def _last_day(need: Needed, zone: str) -> date:
    return local_day(max(need.start, need.end - _MOMENT), zone)


def _bought(use_id: str, lived: Lived, phase: Phase, plan: Plan, fee: Tariff) -> Use:
    """A pass at the instant at which it was bought; if it has ended, with what was left of it then."""
    subscription, lasts = lived.subscription, plan.lasts or PassTerms()
    quantities: dict[str, Decimal] = {}
    good_until, ended_at = plan.runs_out(phase.since), subscription.ended_at
    if good_until is not None:
        quantities[BOUGHT_S] = _seconds(good_until - phase.since)
        quantities |= {} if ended_at is None else {UNUSED_S: _seconds(good_until - ended_at)}
    if lasts.uses is not None:
        quantities[BOUGHT_USES] = Decimal(lasts.uses)
        quantities |= {} if ended_at is None else {UNUSED_USES: Decimal(subscription.uses_left or 0)}
    return Use(
        use_id=use_id,
        tariff=fee,
        started_at=phase.since,
        ended_at=phase.since,
        open=False,
        quantities=quantities,
        evidence={START: (subscription.subscription_id,)},
        kind="agreement",
        product=fee.settled_as,
        held=Held(subscription.subscription_id, (), phase.seats),
    )


def _seconds(length: timedelta) -> Decimal:
    return Decimal(max(length, timedelta(0)) // _MOMENT) / 1_000_000
