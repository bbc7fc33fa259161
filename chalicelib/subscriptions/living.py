"""What may become of a subscription, and when: pure, and to the microsecond."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.kernel.time import format_instant
from chalicelib.subscriptions.errors import (
    BadChange,
    BadPause,
    ChangeToCome,
    LastMember,
    NoChangeToCome,
    NoPauseToCome,
    NotAMember,
    NothingToChange,
    NotPaused,
    PassNotChanged,
    PassNotPaused,
    PausedAlready,
    SeatsTaken,
    SubscriptionEnded,
    TooManySeats,
)
from chalicelib.subscriptions.subscription import Pause, Phase, Subscription

Part = Phase | Pause


@dataclass(frozen=True, slots=True)
class Act:
    """What an act makes of a subscription: how it stands before and after, and which parts of it are over since."""

    before: Subscription | None
    after: Subscription
    at: datetime
    over: tuple[Part, ...] = ()

    @property
    def ends_a_pass(self) -> bool:
        """Whether a pass ends by it before it has run out."""
        before, after = self.before, self.after
        ends = before is not None and before.ended_at is None and after.ended_at is not None and after.is_pass
        return ends and after.ended_at != (before.ends_at if before else None)

    def begins_to_cost(self) -> Iterator[datetime]:
        """The instants from which on something counts that did not before: begun, changed, woken, now or to come."""
        before, after = self.before, self.after
        if after.ended_at is not None:
            return
        known = [] if before is None else [_begins(each) for each in (before.phase, before.next_phase) if each]
        yield from (each.since for each in (after.phase, after.next_phase) if each and _begins(each) not in known)
        if before is not None and before.pause_at(self.at) is not None and after.pause is None:
            yield self.at
        pause = after.pause
        if pause is not None and pause.until is not None and (before is None or before.pause != pause):
            yield pause.until


def turned(subscription: Subscription, now: datetime) -> Act:
    """The same with what has come to its end by itself put among what is over: a phase, a pause, a whole pass."""
    phase, upcoming, pause = subscription.phase, subscription.next_phase, subscription.pause
    over: list[Part] = []
    if upcoming is not None and upcoming.since <= now:
        over += _some(phase)
        phase, upcoming = upcoming, None
    if pause is not None and pause.until is not None and pause.until <= now:
        over += _some(pause)
        pause = None
    ended_at = subscription.ended_at
    if ended_at is None and upcoming is None and phase.until is not None and phase.until <= now:
        ended_at = phase.until
    elif ended_at is None and subscription.is_used_up:
        ended_at, phase = now, replace(phase, until=now)
    after = replace(subscription, phase=phase, next_phase=upcoming, pause=pause, ended_at=ended_at)
    return Act(subscription, replace(after, revision=subscription.revision + 1), now, tuple(over))


def begun(subscription: Subscription) -> Act:
    """A new one."""
    return Act(None, subscription, subscription.subscribed_at)


def paused(subscription: Subscription, pause: Pause, now: datetime) -> Act:
    """Let nothing count from now or later on, up to an instant or until it is woken."""
    act = _living(subscription, now)
    if act.after.is_pass:
        raise PassNotPaused(subscription_id=subscription.subscription_id)
    if act.after.pause is not None:
        raise PausedAlready(**_told(act.after.pause))
    if pause.since < now:
        raise BadPause(pointer="/from", now=format_instant(now))
    if pause.until is not None and pause.until <= pause.since:
        raise BadPause(pointer="/until", begins=format_instant(pause.since))
    return replace(act, after=replace(act.after, pause=pause))


def woken(subscription: Subscription, now: datetime) -> Act:
    """End the pause that holds: from this instant on it counts again."""
    act = _living(subscription, now)
    pause = act.after.pause_at(now)
    if pause is None:
        raise NotPaused(**_told(act.after.pause))
    over = (*act.over, *_some(replace(pause, until=now)))
    return replace(act, after=replace(act.after, pause=None), over=over)


def pause_cancelled(subscription: Subscription, now: datetime) -> Act:
    """Let a pause to come not come."""
    act = _living(subscription, now)
    if act.after.pause is None or act.after.pause.since <= now:
        raise NoPauseToCome(**_told(act.after.pause))
    return replace(act, after=replace(act.after, pause=None))


def changed(subscription: Subscription, wished: Phase, now: datetime) -> Act:
    """Go over to another plan, version or number of seats at the beginning of `wished`: now or later."""
    act = _living(subscription, now)
    standing, upcoming = act.after.phase, act.after.next_phase
    if act.after.is_pass:
        raise PassNotChanged(subscription_id=subscription.subscription_id)
    if upcoming is not None and not _gives_way(upcoming, wished, standing, now):
        raise ChangeToCome(plan_id=upcoming.plan_id, at=format_instant(upcoming.since))
    if wished.since < now:
        raise BadChange(pointer="/at", now=format_instant(now))
    if wished.seats < len(act.after.members):
        raise TooManySeats(pointer="/seats", members=len(act.after.members), seats=wished.seats)
    if _which(wished) == _which(standing):
        raise NothingToChange(plan_id=standing.plan_id, version=standing.plan_version)
    before = replace(standing, until=wished.since)
    if wished.since > now:
        return replace(act, after=replace(act.after, phase=before, next_phase=wished))
    kept = replace(upcoming, seats=wished.seats) if upcoming is not None and _same(wished, standing) else None
    begins = replace(wished, until=None if kept is None else kept.since)
    return replace(act, after=replace(act.after, phase=begins, next_phase=kept), over=(*act.over, *_some(before)))


def _gives_way(upcoming: Phase, wished: Phase, standing: Phase, now: datetime) -> bool:
    """What was announced does to a change that the customer asks for, unless that would put it off.

    Other seats of the version that they have may be had at once: what was announced comes all the same.
    """
    sooner = wished.since <= (now if _same(wished, standing) else upcoming.since)
    return upcoming.announced and not wished.announced and sooner


def _same(wished: Phase, standing: Phase) -> bool:
    return (wished.plan_id, wished.plan_version) == (standing.plan_id, standing.plan_version)


def change_cancelled(subscription: Subscription, now: datetime, *, announced: bool = False) -> Act:
    """Let a change to come not come: the customer's own, or one that was `announced`, by who announced it."""
    act = _living(subscription, now)
    if act.after.next_phase is None or act.after.next_phase.announced is not announced:
        raise NoChangeToCome(subscription_id=subscription.subscription_id)
    standing = replace(act.after.phase, until=None)
    return replace(act, after=replace(act.after, phase=standing, next_phase=None))


def joined(subscription: Subscription, member: str, now: datetime) -> Act | None:
    """With one more who takes part; None: they do already. There has to be a seat now, and after a change to come."""
    act = _living(subscription, now)
    if member in act.after.members:
        return None
    phases = [each for each in (act.after.phase, act.after.next_phase) if each is not None]
    seats = min(each.seats for each in phases)
    if len(act.after.members) >= seats:
        raise SeatsTaken(seats=seats)
    return replace(act, after=replace(act.after, members=(*act.after.members, member)))


def left(subscription: Subscription, member: str, now: datetime, *, may_be_last: bool = False) -> Act:
    """Without one who took part; what they ride now they may end. Nobody is left only of who left the account."""
    act = _living(subscription, now)
    if member not in act.after.members:
        raise NotAMember(member=member[:40])
    if act.after.members == (member,) and not may_be_last:
        raise LastMember(subscription_id=subscription.subscription_id)
    staying = tuple(each for each in act.after.members if each != member)
    return replace(act, after=replace(act.after, members=staying))


def ended(subscription: Subscription, why: str, now: datetime) -> Act | None:
    """End it at this instant, with what was to come; None: it has ended already."""
    act = turned(subscription, now)
    if act.after.ended_at is not None:
        return None
    after, over, pause = act.after, act.over, act.after.pause_at(now)
    over = (*over, *(_some(replace(pause, until=now)) if pause is not None else ()))
    last = replace(after.phase, until=now)
    return replace(act, after=replace(after, phase=last, next_phase=None, pause=None, ended_at=now, why=why), over=over)


def _living(subscription: Subscription, now: datetime) -> Act:
    act = turned(subscription, now)
    if act.after.ended_at is not None:
        raise SubscriptionEnded(ended_at=format_instant(act.after.ended_at))
    return act


def _some(part: Part) -> tuple[Part, ...]:
    """What lasted for no time never was."""
    return () if part.until is not None and part.until <= part.since else (part,)


def _which(phase: Phase) -> tuple[str, int, int]:
    return phase.plan_id, phase.plan_version, phase.seats


def _told(pause: Pause | None) -> dict[str, str]:
    if pause is None:
        return {}
    until = {} if pause.until is None else {"until": format_instant(pause.until)}
    return {"paused_from": format_instant(pause.since), **until}


def _begins(phase: Phase) -> tuple[object, ...]:
    return (*_which(phase), phase.since)
