"""Withdraw from a subscription in two steps: it is stated, then confirmed; what comes of it stands on a receipt."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import NamedTuple

from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Interval, format_instant
from chalicelib.subscriptions.countries import law_of
from chalicelib.subscriptions.errors import SubscriptionEnded, UnknownSubscription
from chalicelib.subscriptions.law import CountryLaw, Kind
from chalicelib.subscriptions.law_errors import NothingStated, NotWithdrawn, NoWithdrawal
from chalicelib.subscriptions.law_ports import Costs, Residents, Withdrawals
from chalicelib.subscriptions.life_ports import Needs
from chalicelib.subscriptions.living import Act, ended
from chalicelib.subscriptions.plan import Plan, PlanKind
from chalicelib.subscriptions.subscribing import Keeping
from chalicelib.subscriptions.subscription import Lived, Phase, State, Subscription
from chalicelib.subscriptions.withdrawal import Contract, Owed, Right, WhyNot, right_of, settle, share_owed
from chalicelib.subscriptions.withdrawal_sums import Piece, counted, months_of
from chalicelib.subscriptions.withdrawals import Withdrawal, receipt_of

WITHDRAWN = "withdrawn"
_MOMENT = timedelta(microseconds=1)
_CONSUMERS = frozenset({"person", "family"})


@dataclass(frozen=True, slots=True)
class Withdrawing:
    """By what withdrawals are looked at and made."""

    keeping: Keeping
    withdrawals: Withdrawals
    residents: Residents
    needs: Needs
    costs: Costs
    currency: str

    @property
    def now(self) -> datetime:
        """The instant of the act."""
        return self.keeping.now


class Sum(NamedTuple):
    """What was charged and what is owed, and up to which instant the last stretch counts."""

    charged: Money
    owed: Money
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Looked:
    """How a withdrawal would stand now: the right, what it would come to, and what was stated or confirmed of it."""

    subscription: Subscription
    right: Right
    owed: Owed
    law: CountryLaw
    withdrawal: Withdrawal | None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """What a customer says in the first step; all of it may be left out, as they are signed in."""

    by: str
    language: str = ""
    name: str = ""
    contact: str = ""


def look(account_id: str, subscription_id: str, *, parts: Withdrawing) -> Looked:
    """Whether one may withdraw, until when, why not, and what it would come to now."""
    subscription = parts.keeping.lives.find(account_id, subscription_id)
    if subscription is None:
        raise UnknownSubscription(subscription_id=subscription_id[:64])
    law = law_of(parts.residents.country(account_id))
    stated = parts.withdrawals.withdrawal(account_id, subscription_id)
    lived = _lived(subscription, parts)
    contract = contract_of(lived, parts)
    if stated is not None and stated.confirmed_at is not None and stated.owed is not None:
        until = right_of(contract, law, parts.now).until
        return Looked(subscription, Right(until, WhyNot.WITHDRAWN), stated.owed, law_of(stated.country), stated)
    right = right_of(contract, law, stated.stated_at if stated is not None and stated.stands(parts.now) else parts.now)
    if right.why_not is None and subscription.stored_state(parts.now) is State.ENDED:
        right = Right(right.until, WhyNot.ENDED)
    comes = comes_to(lived, contract, parts)
    return Looked(subscription, right, settle(comes.charged, comes.owed, parts.now, law), law, stated, comes.until)


def state(account_id: str, subscription_id: str, said: Statement, *, parts: Withdrawing) -> Looked:
    """The first step. It may be said again until it is confirmed, and binds to nothing before."""
    found = look(account_id, subscription_id, parts=parts)
    if found.right.why_not is WhyNot.WITHDRAWN:
        return found
    _refuse(found.right, parts.now)
    language = said.language if said.language in found.law.languages else found.law.languages[0]
    stated = Withdrawal(
        subscription_id=subscription_id,
        account_id=account_id,
        by=said.by,
        country=found.law.country,
        language=language,
        stated_at=parts.now,
        name=said.name,
        contact=said.contact,
    )
    if found.withdrawal is not None:
        stated = found.withdrawal.again(stated)
    saved = parts.withdrawals.saving_withdrawal(stated)
    return parts.keeping.commit([saved], Looked(found.subscription, found.right, found.owed, found.law, stated))


def confirm(account_id: str, subscription_id: str, *, parts: Withdrawing) -> Looked:
    """The second step: the subscription ends, and what is not owed is paid back as its months are settled.

    One transaction. Who confirms again has the same receipt.
    """
    found = look(account_id, subscription_id, parts=parts)
    if found.right.why_not is WhyNot.WITHDRAWN:
        return found
    if found.withdrawal is None or not found.withdrawal.stands(parts.now):
        raise NothingStated(subscription_id=subscription_id)
    _refuse(found.right, parts.now)
    confirmed = _confirmed(found, found.withdrawal, parts)
    act = withdrawn(found, parts.now)
    after = act.after
    facts = {"owed": str(found.owed.owed), "back": str(found.owed.back), "back_by": format_instant(found.owed.back_by)}
    writes = [
        *parts.keeping.writes(act),
        parts.withdrawals.saving_withdrawal(confirmed),
        parts.keeping.lives.closing(after, parts.now),
        parts.keeping.lives.telling(after, WITHDRAWN, parts.now, facts),
    ]
    right = Right(found.right.until, WhyNot.WITHDRAWN)
    return parts.keeping.commit(writes, Looked(after, right, found.owed, found.law, confirmed))


def withdrawn(found: Looked, now: datetime) -> Act:
    """The subscription's end: of its last stretch whole minor units count; and none of it, if nothing is owed."""
    act = ended(found.subscription, WITHDRAWN, now)
    if act is None:
        raise SubscriptionEnded(ended_at=format_instant(found.subscription.ended_at or now))
    after = act.after
    if not found.owed.owed.minor:
        return replace(act, after=replace(after, annulled=True))
    if found.until is None or not after.phase.since < found.until < now:
        return act
    return replace(act, after=replace(after, phase=replace(after.phase, until=found.until)))


def receipt(account_id: str, subscription_id: str, *, withdrawals: Withdrawals) -> Withdrawal:
    """The withdrawal with its receipt, as it was given."""
    found = withdrawals.withdrawal(account_id, subscription_id)
    if found is None or found.confirmed_at is None:
        raise NotWithdrawn(subscription_id=subscription_id[:64])
    return found


def contract_of(lived: Lived, parts: Withdrawing) -> Contract:
    """What the right to withdraw from a subscription depends on: its first plan, and what was accepted then."""
    subscription, plan = lived.subscription, _plan(lived.phases[0], parts)
    accepted = parts.keeping.lives.acceptances(subscription.account_id, subscription.subscription_id)
    first, agreed_at = next(iter(accepted), None), subscription.subscribed_at
    kinds = frozenset(Kind(each) for each in plan.goods)
    begun = None
    if Kind.DIGITAL_CONTENT in kinds:
        needed = parts.needs.needed(
            subscription.account_id, [*plan.fares], Interval(agreed_at, max(parts.now, agreed_at))
        )
        begun = min((each.start for each in needed), default=None)
    spent = subscription.uses_left == 0 or (subscription.is_pass and subscription.ended_at is not None)
    return Contract(
        kinds=kinds,
        consumer=parts.keeping.belonging.kind(subscription.account_id) in _CONSUMERS,
        agreed_at=agreed_at,
        told_at=agreed_at if first is not None and first.told_of_withdrawal else None,
        asked_at=agreed_at if first is not None and first.begin_at_once else None,
        dated=plan.lasts is not None and plan.lasts.until is not None,
        begun_at=begun,
        performed_at=(subscription.ended_at or parts.now) if spent else None,
    )


def comes_to(lived: Lived, contract: Contract, parts: Withdrawing) -> Sum:
    """What the subscription itself has cost up to now, and what of it is owed if it is withdrawn from."""
    cost = parts.costs.so_far(lived.subscription, parts.now)
    pieces: list[Piece] = []
    for phase in lived.phases:
        plan = _plan(phase, parts)
        if plan.kind is PlanKind.PASS:
            paid = parts.costs.price(plan, phase.seats, phase.since) or cost
            return Sum(paid, _of_pass(paid, plan, lived, contract, parts.now), None)
        for stretch in lived.stretches(phase, Interval(contract.agreed_at, parts.now)):
            for within, month in months_of(stretch, parts.keeping.zone):
                price = parts.costs.price(plan, phase.seats, month.start)
                pieces += [] if price is None else [Piece(price, within, month)]
    owes = counted(pieces)
    owed = share_owed(Money(owes.owed, parts.currency), 1, 1, contract)
    return Sum(cost, min(owed, cost), owes.until)


def _of_pass(price: Money, plan: Plan, lived: Lived, contract: Contract, now: datetime) -> Money:
    """By its time or by its uses; of one that is bounded by both the larger part, as when it is ended.

    What is paid back is rounded to the nearest unit, as it is on the bill.
    """
    subscription, uses = lived.subscription, plan.lasts.uses if plan.lasts else None
    since, until = subscription.phase.since, plan.runs_out(subscription.phase.since)
    left = [] if uses is None else [Fraction(subscription.uses_left or 0, uses)]
    if until is not None and until > since:
        left.append(max(Fraction(), Fraction((until - now) // _MOMENT, (until - since) // _MOMENT)))
    back = int(min(left, default=Fraction(1)) * price.minor + Fraction(1, 2))
    return share_owed(Money(price.minor - min(back, price.minor), price.currency), 1, 1, contract)


def _confirmed(found: Looked, stated: Withdrawal, parts: Withdrawing) -> Withdrawal:
    plan = _plan(found.subscription.phase, parts)
    text = receipt_of(
        stated,
        found.owed,
        plan=plan.name_in(stated.language),
        agreed_at=found.subscription.subscribed_at,
        at=parts.now,
        law=found.law,
    )
    return stated.confirmed(found.owed, text, parts.now)


def _lived(subscription: Subscription, parts: Withdrawing) -> Lived:
    since = subscription.subscribed_at
    found = parts.keeping.lives.lived(subscription.account_id, Interval(since, max(parts.now, since)))
    same = (each for each in found if each.subscription.subscription_id == subscription.subscription_id)
    return next(same, Lived(subscription, (subscription.phase,), ()))


def _plan(phase: Phase, parts: Withdrawing) -> Plan:
    plan = parts.keeping.plans.plan(phase.plan_id, phase.plan_version)
    if plan is None:
        raise LookupError("a plan's version is kept for good")
    return plan


def _refuse(right: Right, now: datetime) -> None:
    if right.why_not is not None:
        raise NoWithdrawal(**_facts(right), now=format_instant(now))


def _facts(right: Right) -> dict[str, object]:
    rules = [f"{each.paragraph or each.article} ({each.when})" for each in right.exemptions]
    return {"why_not": str(right.why_not), "until": format_instant(right.until), **({"rules": rules} if rules else {})}
