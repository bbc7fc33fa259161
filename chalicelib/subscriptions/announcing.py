"""Announce a new version of a plan: each customer who has an earlier one is told, and may leave before it holds.

Telling goes in pages by the worker. Each customer is told in one transaction with what it changes, once, however often
a page is done.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.kernel.time import Interval, format_instant
from chalicelib.kernel.writes import Write
from chalicelib.subscriptions.announcement import Announcement, Standing, Told, holds_for
from chalicelib.subscriptions.countries import COUNTRIES, law_of
from chalicelib.subscriptions.errors import ChangeToCome, SubscriptionEnded, UnknownPlan, UnknownSubscription
from chalicelib.subscriptions.law_errors import (
    AnnouncedAlready,
    AnnouncementOver,
    NothingToAnnounce,
    TooSoon,
    UnknownAnnouncement,
)
from chalicelib.subscriptions.law_ports import Announcements, Pasts, Residents
from chalicelib.subscriptions.living import Act, change_cancelled, changed
from chalicelib.subscriptions.plan import Plan, PlanKind
from chalicelib.subscriptions.subscribing import Keeping
from chalicelib.subscriptions.subscription import Subscription
from chalicelib.subscriptions.withdrawal import may_hold_from

TOLD, CALLED_OFF, ACCEPTED = "price_change", "price_change_called_off", "price_change_accepted"
PAGE = 25
"""How many are told in one go of the worker."""
PAST = timedelta(days=90)
"""How much of their own past a customer sees the difference on."""


@dataclass(frozen=True, slots=True)
class Announcing:
    """By what changes are announced and customers told."""

    keeping: Keeping
    announcements: Announcements
    residents: Residents
    pasts: Pasts

    @property
    def now(self) -> datetime:
        """The instant of the act."""
        return self.keeping.now


def announce(plan_id: str, holds_from: datetime, reason: str, by: str, *, parts: Announcing) -> Announcement:
    """Have the plan's newest version hold for all who have an earlier one. The same again changes nothing."""
    plan = parts.keeping.plans.plan(plan_id)
    if plan is None:
        raise UnknownPlan(plan_id=plan_id[:64])
    if plan.version == 1 or plan.kind is PlanKind.PASS:
        raise NothingToAnnounce(plan_id=plan_id, version=plan.version)
    for before in parts.announcements.announcements(plan_id):
        if before.version == plan.version and before.holds_from == holds_from and before.standing is Standing.ANNOUNCED:
            return before
        if before.version == plan.version:
            raise NothingToAnnounce(plan_id=plan_id, version=plan.version)
        if before.is_open(parts.now):
            raise AnnouncedAlready(plan_id=plan_id, version=before.version)
    earliest = min(may_hold_from(parts.now, law_of(each)) for each in COUNTRIES)
    if holds_from < earliest:
        raise TooSoon(pointer="/holds_from", earliest=format_instant(earliest))
    announced = Announcement(plan_id, plan.version, holds_from, reason, parts.now, by)
    writes = [
        parts.keeping.plans.is_newest(plan),
        parts.announcements.saving_announcement(announced),
        parts.announcements.going_on(announced, None, parts.now),
    ]
    return parts.keeping.commit(writes, announced)


def call_off(plan_id: str, version: int, *, parts: Announcing) -> Announcement:
    """Take an announcement back before it holds: who was told is told so, and keeps what they have."""
    found = known(plan_id, version, parts.announcements)
    if found.standing is Standing.CALLED_OFF:
        return found
    if not found.is_open(parts.now):
        raise AnnouncementOver(plan_id=plan_id, version=version)
    called_off = found.called_off(parts.now)
    writes = [
        parts.announcements.saving_announcement(called_off),
        parts.announcements.going_on(called_off, None, parts.now),
    ]
    return parts.keeping.commit(writes, called_off)


def known(plan_id: str, version: int, announcements: Announcements) -> Announcement:
    """The announcement of a version."""
    found = announcements.announcement(plan_id, version)
    if found is None:
        raise UnknownAnnouncement(plan_id=plan_id[:64], version=version)
    return found


def go_on(plan_id: str, version: int, after: str | None, *, parts: Announcing) -> None:
    """A page of telling, or of telling that it was called off, and the word to go on behind it."""
    found = parts.announcements.announcement(plan_id, version)
    if found is None:
        return
    last = _tell_page(found, after, parts) if found.standing is Standing.ANNOUNCED else _untell(found, after, parts)
    if last is not None:
        parts.keeping.commit([parts.announcements.going_on(found, last, parts.now)], None)


def _tell_page(announcement: Announcement, after: str | None, parts: Announcing) -> str | None:
    plan = parts.keeping.plans.plan(announcement.plan_id, announcement.version)
    if plan is None or not announcement.is_open(parts.now):
        return None
    page = parts.keeping.lives.of_plan(announcement.plan_id, ended=False, limit=PAGE, after=after)
    for subscription in page.rows:
        already = parts.announcements.told(plan.plan_id, plan.version, subscription.subscription_id)
        if already is None and subscription.phase.plan_version < plan.version:
            _tell(subscription, announcement, plan, parts)
    return page.after


def _tell(subscription: Subscription, announcement: Announcement, plan: Plan, parts: Announcing) -> None:
    law = law_of(parts.residents.country(subscription.account_id))
    holds_from = holds_for(announcement, parts.now, law)
    act = _moving(subscription, plan, holds_from, parts.keeping) if law.price_change.silence_accepts else None
    if isinstance(act, SubscriptionEnded):
        return
    moving = act if isinstance(act, Act) else None
    told = Told(
        subscription_id=subscription.subscription_id,
        account_id=subscription.account_id,
        plan_id=plan.plan_id,
        version=plan.version,
        from_version=subscription.phase.plan_version,
        told_at=parts.now,
        holds_from=holds_from,
        country=law.country,
        past=parts.pasts.compared(subscription, _held(subscription, parts), plan, _past(subscription, parts.now)),
        silence_accepts=law.price_change.silence_accepts,
        moves=moving is not None,
    )
    after = moving.after if moving is not None else subscription
    writes = [
        *(parts.keeping.writes(moving) if moving is not None else ()),
        parts.announcements.still(announcement),
        parts.announcements.telling(told, None),
        parts.keeping.lives.telling(after, TOLD, parts.now, _facts(told, announcement)),
    ]
    parts.keeping.commit(writes, None)


def _moving(
    subscription: Subscription, plan: Plan, holds_from: datetime, keeping: Keeping
) -> Act | ChangeToCome | SubscriptionEnded:
    """The act by which the new version comes; a customer's own change to come goes before it."""
    wished = keeping.phase(plan, subscription.members, holds_from, subscription.phase.seats)
    try:
        return changed(subscription, replace(wished, announced=True), keeping.now)
    except (ChangeToCome, SubscriptionEnded) as refused:
        return refused


def _untell(announcement: Announcement, after: str | None, parts: Announcing) -> str | None:
    rows = parts.announcements.told_page(announcement.plan_id, announcement.version, limit=PAGE, after=after)
    for told in rows:
        if not told.called_off:
            _call_off_one(told, parts)
    return rows[-1].subscription_id if len(rows) == PAGE else None


def _call_off_one(told: Told, parts: Announcing) -> None:
    subscription = parts.keeping.lives.find(told.account_id, told.subscription_id)
    if subscription is None:
        return
    writes: list[Write] = [parts.announcements.telling(replace(told, called_off=True, moves=False), told)]
    after, upcoming = subscription, subscription.next_phase
    if subscription.ended_at is None and upcoming is not None and upcoming.announced:
        act = change_cancelled(subscription, parts.now, announced=True)
        after = act.after
        writes += parts.keeping.writes(act)
    facts = {"plan_id": told.plan_id, "version": str(told.version)}
    parts.keeping.commit([*writes, parts.keeping.lives.telling(after, CALLED_OFF, parts.now, facts)], None)


@dataclass(frozen=True, slots=True)
class Heard:
    """What a customer was told of their subscription's plan, and whether it still stands."""

    told: Told
    announcement: Announcement


def told_of(account_id: str, subscription_id: str, *, parts: Announcing) -> tuple[Subscription, Heard | None]:
    """The newest announcement that the subscription's customer was told of."""
    subscription = parts.keeping.lives.find(account_id, subscription_id)
    if subscription is None:
        raise UnknownSubscription(subscription_id=subscription_id[:64])
    for each in parts.announcements.announcements(subscription.phase.plan_id):
        told = parts.announcements.told(each.plan_id, each.version, subscription_id)
        if told is not None:
            return subscription, Heard(told, each)
    return subscription, None


def accept(account_id: str, subscription_id: str, *, parts: Announcing) -> Heard:
    """Say yes to what silence would not accept: it holds from its instant on. Saying so again changes nothing."""
    subscription, heard = told_of(account_id, subscription_id, parts=parts)
    if heard is None:
        raise UnknownAnnouncement(subscription_id=subscription_id)
    told, plan = heard.told, parts.keeping.plans.plan(heard.told.plan_id, heard.told.version)
    if told.moves:
        return heard
    if plan is None or not heard.announcement.is_open(parts.now):
        raise AnnouncementOver(plan_id=told.plan_id, version=told.version)
    act = _moving(subscription, plan, told.holds_from, parts.keeping)
    if not isinstance(act, Act):
        raise act
    accepted = replace(told, moves=True, accepted_at=parts.now)
    writes = [
        *parts.keeping.writes(act),
        parts.announcements.still(heard.announcement),
        parts.announcements.telling(accepted, told),
        parts.keeping.lives.telling(act.after, ACCEPTED, parts.now, _facts(accepted, heard.announcement)),
    ]
    return parts.keeping.commit(writes, Heard(accepted, heard.announcement))


def _held(subscription: Subscription, parts: Announcing) -> Plan:
    found = parts.keeping.plans.plan(subscription.phase.plan_id, subscription.phase.plan_version)
    if found is None:
        raise LookupError("a plan's version is kept for good")
    return found


def _past(subscription: Subscription, now: datetime) -> Interval:
    return Interval(min(now, max(subscription.subscribed_at, now - PAST)), now)


def _facts(told: Told, announcement: Announcement) -> dict[str, str]:
    past = told.past
    return {
        "plan_id": told.plan_id,
        "version": str(told.version),
        "holds_from": format_instant(told.holds_from),
        "reason": announcement.reason,
        "since": format_instant(past.within.start),
        "until": format_instant(past.within.end),
        "before": str(past.before),
        "after": str(past.after),
        "more": str(past.more),
        "accepted_by_silence": "yes" if told.silence_accepts else "no",
        "moves": "yes" if told.moves else "no",
    }
