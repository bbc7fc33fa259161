"""The acts on a subscription: each one transaction, on the condition that it is as it was read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chalicelib.kernel.time import Month, format_instant
from chalicelib.kernel.writes import Write
from chalicelib.subscriptions import living
from chalicelib.subscriptions.difference import Difference
from chalicelib.subscriptions.errors import PassNotChanged, TermsNotShown, UnknownConfirmation, UnknownSubscription
from chalicelib.subscriptions.life_ports import ChangeCosts
from chalicelib.subscriptions.living import Act
from chalicelib.subscriptions.plan import Plan, PlanKind
from chalicelib.subscriptions.subscribing import (
    Confirm,
    Keeping,
    acceptance,
    accepted_terms,
    check_members,
    check_seats,
    check_shown,
    has_not,
    on_offer,
    shown_by,
)
from chalicelib.subscriptions.subscription import Pause, Phase, Subscription
from chalicelib.subscriptions.terms import Acceptance, Accepted


class Why(StrEnum):
    """Why somebody ends a subscription, if they like to say: never in words of their own, which could tell of them."""

    NOT_NEEDED = "not_needed"
    TOO_DEAR = "too_dear"
    MOVED_AWAY = "moved_away"
    ANOTHER_SERVICE = "another_service"
    DISSATISFIED = "dissatisfied"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ChangePlan:
    """To what a subscription is to change, and when; `at` None: now. `seats` None: as many as it has.

    `accepted` is needed where the plan has other terms than those that were accepted.
    """

    plan_id: str
    plan_version: int
    at: datetime | None = None
    seats: int | None = None
    accepted: Accepted | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change would do."""

    before: Phase
    after: Phase
    plan: Plan
    needs_terms: bool
    difference: Difference


def subscription_of(account_id: str, subscription_id: str, *, keeping: Keeping) -> Subscription:
    """The account's subscription, ended or not."""
    found = keeping.lives.find(account_id, subscription_id)
    if found is None:
        raise UnknownSubscription(subscription_id=subscription_id[:40])
    return found


def check_sees(subscription: Subscription, person: str, *, reads: bool) -> None:
    """Refuse who neither takes part nor reads what the account has: to them there is none."""
    if not reads and person not in subscription.members:
        raise UnknownSubscription(subscription_id=subscription.subscription_id)


def confirmed(acceptances: Sequence[Acceptance], number: int | None) -> Acceptance:
    """One of the confirmations by its number, the last one by default."""
    if number is not None and number > len(acceptances):
        raise UnknownConfirmation(number=number, confirmations=len(acceptances))
    return acceptances[-1 if number is None else number - 1]


def pause(
    subscription: Subscription, since: datetime | None, until: datetime | None, *, keeping: Keeping
) -> Subscription:
    """Pause now or later, up to an instant or until it is woken."""
    return _done(living.paused(subscription, Pause(since or keeping.now, until), keeping.now), keeping)


def wake(subscription: Subscription, *, keeping: Keeping) -> Subscription:
    """End the pause that holds. What costs from then on needs an account that can pay, as when it began."""
    act = living.woken(subscription, keeping.now)
    in_order = keeping.belonging.in_order(act.after.account_id, pays=not act.after.phase.free)
    return keeping.commit([*keeping.writes(act), *in_order], act.after)


def cancel_pause(subscription: Subscription, *, keeping: Keeping) -> Subscription:
    """Let a pause to come not come."""
    return _done(living.pause_cancelled(subscription, keeping.now), keeping)


def add_member(subscription: Subscription, member: str, *, keeping: Keeping) -> Subscription:
    """Let one more take part, who belongs to the account and has shown what the plan requires."""
    check_members(subscription.account_id, (member,), keeping=keeping)
    act = living.joined(subscription, member, keeping.now)
    if act is None:
        return subscription
    upcoming, plan = act.after.next_phase, keeping.plan(act.after.phase)
    alone = has_not(subscription.account_id, (member,), plan, keeping=keeping, but=subscription)
    if upcoming is not None:
        check_shown((member,), keeping.plan(upcoming), keeping=keeping)
    conditions = shown_by((member,), plan, keeping=keeping)
    act = keeping.shown(act, keeping.now)
    return keeping.commit([*keeping.writes(act), *conditions, *alone], act.after)


def remove_member(subscription: Subscription, member: str, *, keeping: Keeping) -> Subscription:
    """Let somebody not take part any more. What they ride now they may end."""
    return _done(keeping.shown(living.left(subscription, member, keeping.now), keeping.now), keeping)


def shown(subscription: Subscription, at: datetime, *, keeping: Keeping) -> Subscription:
    """What its plans require has been shown anew at an instant: from then on it counts again, if it rested for it."""
    act = living.turned(subscription, keeping.now)
    found = keeping.shown(act, at)
    if act.after.ended_at is not None or found.after == act.after:
        return subscription
    return _done(found, keeping)


def vacate(subscription: Subscription, member: str, *, keeping: Keeping) -> Subscription:
    """Have somebody not take part who is in the account no more; it goes on with nobody, and the account is told."""
    act = living.left(subscription, member, keeping.now, may_be_last=True)
    alone = not act.after.members
    told = [keeping.lives.telling(act.after, "subscription_without_members", keeping.now)] if alone else []
    return keeping.commit([*keeping.writes(act), *told], act.after)


def end(subscription: Subscription, why: Why | None, *, keeping: Keeping) -> Subscription:
    """End it at once: it is settled, and its file is made. Ended already, nothing is changed."""
    act = living.ended(subscription, str(why or ""), keeping.now)
    if act is None:
        return subscription
    at = format_instant(keeping.now)
    told = keeping.lives.telling(act.after, "subscription_ended", keeping.now, {"ended_at": at})
    return keeping.commit([*keeping.writes(act), told, keeping.lives.closing(act.after, keeping.now)], act.after)


def turn(account_id: str, subscription_id: str, *, keeping: Keeping) -> None:
    """Put among what is over what has come to its end by itself; done already, nothing is changed.

    Of one that rests because nobody has what its plan requires any more, the account is told, once.
    """
    found = keeping.lives.find(account_id, subscription_id)
    if found is None or found.ended_at is not None:
        return
    act = living.turned(found, keeping.now)
    if act.over or act.after.ended_at is not None:
        _done(act, keeping)
    rest = act.after.rest_at(keeping.now)
    if rest is not None and rest.lapsed and act.after.ended_at is None:
        facts = {"plan": act.after.phase.plan_id, "since": format_instant(rest.since)}
        keeping.commit([keeping.lives.telling(act.after, "subscription_rests", rest.since, facts)], None)


def preview_change(subscription: Subscription, wished: ChangePlan, *, keeping: Keeping, costs: ChangeCosts) -> Preview:
    """What a change would do and cost, without doing it. It is refused where the change would be."""
    plan, act, _ = _change(subscription, wished, keeping)
    after = act.after.next_phase or act.after.phase
    month = Month.of(after.since, keeping.zone).interval(keeping.zone)
    lived = next(
        each
        for each in keeping.lives.lived(subscription.account_id, month)
        if each.subscription.subscription_id == subscription.subscription_id
    )
    difference = costs.difference(lived, after, keeping.now)
    return Preview(subscription.phase_at(keeping.now), after, plan, _needs_terms(subscription, plan), difference)


def change_plan(
    subscription: Subscription, wished: ChangePlan, by: str, *, keeping: Keeping, confirm: Confirm
) -> Subscription:
    """Go over to another plan, version or number of seats, at once or from an instant on, with its confirmation."""
    plan, act, alone = _change(subscription, wished, keeping)
    if wished.accepted is None and _needs_terms(subscription, plan):
        raise TermsNotShown(pointer="/terms", accepted=subscription.terms_version, in_force=plan.terms_version)
    said = wished.accepted or Accepted(subscription.terms_version, subscription.language, subscription.terms_digest)
    terms = accepted_terms(plan, said, keeping=keeping)
    after = replace(act.after, terms_version=said.version, terms_digest=said.digest, language=said.language)
    begins = (after.next_phase or after.phase).since
    accepted = acceptance((after, plan), said, confirm(after, plan, terms, keeping.now), by, keeping.now)
    facts = {"plan": plan.plan_id, "from": format_instant(begins)}
    writes = [
        *keeping.writes(replace(act, after=after)),
        keeping.lives.accepting(accepted),
        keeping.lives.telling(after, "subscription_changed", keeping.now, facts),
        *([] if _has(subscription, plan, keeping.now) else [keeping.plans.is_newest(plan)]),
        *keeping.belonging.in_order(subscription.account_id, pays=plan.fee is not None),
        *shown_by(after.members, plan, keeping=keeping),
        *alone,
    ]
    return keeping.commit(writes, after)


def cancel_change(subscription: Subscription, *, keeping: Keeping) -> Subscription:
    """Let a change to come not come."""
    return _done(living.change_cancelled(subscription, keeping.now), keeping)


def _change(subscription: Subscription, wished: ChangePlan, keeping: Keeping) -> tuple[Plan, Act, list[Write]]:
    """The plan, the act, and that nobody has it beside; other seats may be had in a version of before."""
    plan = keeping.plans.plan(wished.plan_id, wished.plan_version)
    if plan is None or not _has(subscription, plan, keeping.now):
        plan = on_offer(wished.plan_id, wished.plan_version, subscription.account_id, keeping=keeping)
    standing = subscription.phase_at(keeping.now)
    seats = check_seats(plan, wished.seats or standing.seats, len(subscription.members))
    at = keeping.now if wished.at is None else wished.at
    act = living.changed(subscription, keeping.phase(plan, subscription.members, at, seats), keeping.now)
    if plan.kind is PlanKind.PASS:
        raise PassNotChanged(pointer="/plan_id", plan_id=plan.plan_id)
    return plan, act, has_not(subscription.account_id, subscription.members, plan, keeping=keeping, but=subscription)


def _has(subscription: Subscription, plan: Plan, now: datetime) -> bool:
    standing = subscription.phase_at(now)
    return (standing.plan_id, standing.plan_version) == (plan.plan_id, plan.version)


def _needs_terms(subscription: Subscription, plan: Plan) -> bool:
    return subscription.terms_version != plan.terms_version


def _done(act: Act, keeping: Keeping) -> Subscription:
    return keeping.commit(keeping.writes(act), act.after)
