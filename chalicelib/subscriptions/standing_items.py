"""A subscription that has not ended as an item, which says by itself whether it lets somebody have something."""

from typing import Any

from pynamodb.attributes import UnicodeAttribute
from pynamodb.expressions.condition import Condition

from chalicelib.storage.attributes import InstantAttribute
from chalicelib.storage.record import TableName
from chalicelib.subscriptions.life_items import STANDING, LifeRecord, life_values
from chalicelib.subscriptions.subscription import Has, Subscription


class StandingRecord(LifeRecord):
    """One that has not ended, with what says by itself whether it lets somebody have something: `lets` reads it."""

    class Meta:
        """Owned by subscriptions."""

        table_name = TableName("subscriptions")

    plan = UnicodeAttribute()
    plan_until = InstantAttribute(null=True)
    next_plan = UnicodeAttribute(null=True)
    paused_from = InstantAttribute(null=True)
    paused_until = InstantAttribute(null=True)


def standing_key(subscription: Subscription) -> tuple[str, str]:
    """Where it is while it has not ended."""
    return standing_of(subscription.account_id, subscription.subscription_id)


def standing_of(account_id: str, subscription_id: str) -> tuple[str, str]:
    """The same, by their ids."""
    return f"account#{account_id}", f"{STANDING}{subscription_id}"


def standing_record(subscription: Subscription) -> StandingRecord:
    """The item of one that has not ended."""
    phase, upcoming, pause = subscription.phase, subscription.next_phase, subscription.pause
    return StandingRecord(
        **life_values(subscription, *standing_key(subscription)),
        plan=phase.plan,
        plan_until=phase.until,
        next_plan=upcoming and upcoming.plan,
        paused_from=pause and pause.since,
        paused_until=pause and pause.until,
    )


def lets(has: Has) -> Condition:
    """`Subscription.lets`, as a condition on the item: no act that leaves it true makes anything stale."""
    kept: Any = StandingRecord
    at = has.at
    now: Condition = (kept.plan == has.plan) & (kept.plan_until.does_not_exist() | (kept.plan_until > at))
    in_force = now | ((kept.next_plan == has.plan) & (kept.plan_until <= at))
    awake = kept.paused_from.does_not_exist() | (kept.paused_from > at) | (kept.paused_until <= at)
    left = kept.uses_left.does_not_exist() | (kept.uses_left > 0)
    found: Condition = in_force & awake & left & kept.members.contains(has.person)
    return found
