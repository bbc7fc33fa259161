"""What finance sees of subscriptions: plans, states and moves; no customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from chalicelib.edge.amounts import Amount, show_amount, show_instant
from chalicelib.edge.lazily import lazily
from chalicelib.edge.paging import Page, PageQuery
from chalicelib.edge.refusals import QueryInvalid
from chalicelib.kernel.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from chalicelib.edge import subscription_areas
    from chalicelib.edge.wiring import Wiring
    from chalicelib.kernel.time import Month
    from chalicelib.subscriptions.looking import Looking, Seen
    from chalicelib.subscriptions.subscription import Subscription
else:
    subscription_areas = lazily("chalicelib.edge.subscription_areas")

PlanId = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
_MOST_PLANS = 20
"""So many plans are looked through for one page; a page without rows that names where to go on is no last one."""
_MOST_DIGITS = 8


class StandingQuery(PageQuery, forbid_unknown_fields=True):
    """Of which plan, and in which state; otherwise all that have not ended."""

    plan: PlanId | None = None
    state: Literal["active", "asleep", "paused", "ended"] | None = None


class MovesQuery(PageQuery, forbid_unknown_fields=True):
    """Of which plan it is to be looked what fell asleep; `after` is where the page before ended."""

    plan: PlanId | None = None


class StandingShown(msgspec.Struct):
    """A subscription of an account, which is a pseudonym, and how it stands."""

    subscription_id: str
    account_id: str
    plan_id: str
    plan_version: int
    seats: int
    members: int
    state: str
    since: str | None
    subscribed_at: str
    ends_at: str | None


class MovesOfPlan(msgspec.Struct):
    """What acts moved in a month, of those that have or had the plan."""

    plan_id: str
    new: int
    changed: int
    paused: int
    woken: int
    ended: int


class SleepShown(msgspec.Struct):
    """How often those of a page fell asleep in the month, and woke by themselves, and what rest took off their fees.

    All pages together are the plan's.
    """

    plan_id: str
    looked_at: int
    asleep: int
    woken: int
    saved_asleep: Amount
    saved_paused: Amount
    next: str | None


class MovesShown(msgspec.Struct):
    """The moves of a month; `sleep` where a plan was named."""

    month: str
    plans: list[MovesOfPlan]
    sleep: SleepShown | None


def version_after(text: str | None) -> int | None:
    """The version behind which a page goes on."""
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS):
        raise QueryInvalid(pointer="/after", reason="the `next` of the page before")
    return int(text)


def standing(wired: Wiring, query: StandingQuery, now: datetime) -> Page[StandingShown]:
    """A page of subscriptions."""
    looking, ended = subscription_areas.looking(wired, now), query.state == "ended"
    rows, after = listed(wired, query.plan, query.limit, query.after, ended=ended)
    seen = [each for each in looking.each(rows) if query.state in (None, str(each.standing.state))]
    return Page([_show(each, now) for each in seen], after)


def moves(wired: Wiring, month: Month, query: MovesQuery, now: datetime) -> MovesShown:
    """A month's counts; of a plan, what was asleep too."""
    found: dict[str, dict[str, int]] = {}
    for counted, many in wired.lives.counted(month).items():
        if query.plan in (None, counted.plan_id):
            found.setdefault(counted.plan_id, {})[str(counted.move)] = many
    names = ("new", "changed", "paused", "woken", "ended")
    plans = [MovesOfPlan(each, *(found[each].get(name, 0) for name in names)) for each in sorted(found)]
    return MovesShown(str(month), plans, _sleep(wired, month, query.plan, query, now) if query.plan else None)


def _sleep(wired: Wiring, month: Month, plan_id: str, query: MovesQuery, now: datetime) -> SleepShown:
    looking: Looking = subscription_areas.looking(wired, now)
    page = wired.lives.of_plan(plan_id, ended=False, limit=query.limit, after=query.after)
    slept = [looking.slept(each, month) for each in page.rows]
    saved = [_saved(wired, each, month, now) for each in page.rows]
    asleep, paused = (Money(sum(each), wired.settings.currency) for each in zip((0, 0), *saved, strict=True))
    sums = sum(each.asleep for each in slept), sum(each.woken for each in slept)
    return SleepShown(plan_id, len(page.rows), *sums, show_amount(asleep), show_amount(paused), page.after)


def _saved(wired: Wiring, subscription: Subscription, month: Month, now: datetime) -> tuple[int, int]:
    found = wired.fees.saved(subscription.account_id, month, now).get(subscription.subscription_id)
    return (found.asleep.minor, found.paused.minor) if found else (0, 0)


def listed(
    wired: Wiring, plan_id: str | None, limit: int, after: str | None, *, ended: bool
) -> tuple[Sequence[Subscription], str | None]:
    """A page of one plan's, or of all plans' one after another: `<plan>#<subscription>` is where it goes on."""
    if plan_id is not None:
        page = wired.lives.of_plan(plan_id, ended=ended, limit=limit, after=after)
        return page.rows, page.after
    first, _, behind = (after or "").partition("#")
    rows: list[Subscription] = []
    for number, each in enumerate(_plans(wired, first)):
        if number == _MOST_PLANS:
            return rows, f"{each}#"
        inner = behind if each == first and behind else None
        page = wired.lives.of_plan(each, ended=ended, limit=limit - len(rows), after=inner)
        rows += page.rows
        if page.after is not None:
            return rows, f"{each}#{page.after}"
    return rows, None


def _plans(wired: Wiring, first: str) -> Iterator[str]:
    """The ids of all plans, from one on."""
    if first:
        yield first
    after = first or None
    while True:
        found = wired.plans.plans(limit=_MOST_PLANS, after=after)
        yield from (each.plan_id for each in found)
        if len(found) < _MOST_PLANS:
            return
        after = found[-1].plan_id


def _show(seen: Seen, now: datetime) -> StandingShown:
    subscription, phase = seen.subscription, seen.subscription.phase_at(now)
    return StandingShown(
        subscription_id=subscription.subscription_id,
        account_id=subscription.account_id,
        plan_id=phase.plan_id,
        plan_version=phase.plan_version,
        seats=phase.seats,
        members=len(subscription.members),
        state=str(seen.standing.state),
        since=None if seen.standing.since is None else show_instant(seen.standing.since),
        subscribed_at=show_instant(subscription.subscribed_at),
        ends_at=None if subscription.ends_at is None else show_instant(subscription.ends_at),
    )
