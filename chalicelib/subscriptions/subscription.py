"""An account's subscription to a plan, and what of it was in force when."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.kernel.time import Interval


class State(StrEnum):
    """How a subscription stands. Asleep is never stored: it follows from when something was needed last."""

    ACTIVE = "active"
    ASLEEP = "asleep"
    PAUSED = "paused"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch in which one version of a plan held, for so many seats; `until` None: it goes on.

    `announced` says that the operator announced it, and no customer asked for it. `shown_until` is until when somebody
    who takes part has shown what the plan requires; None: it requires nothing. From then on it rests. `free`: the plan
    has no fee at all, so nobody needs a card for it.
    """

    plan_id: str
    plan_version: int
    since: datetime
    until: datetime | None = None
    seats: int = 1
    announced: bool = False
    shown_until: datetime | None = None
    free: bool = False

    @property
    def plan(self) -> str:
        """The plan with its version, as one name."""
        return f"{self.plan_id}@{self.plan_version}"


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch in which nothing counts, asked for by the customer; `until` None: until it is woken.

    One that has `lapsed` nobody asked for: what the plan requires had run out, and was shown again at its end.
    """

    since: datetime
    until: datetime | None = None
    lapsed: bool = False


@dataclass(frozen=True, slots=True)
class Has:
    """That somebody has a version of a plan (`member@2`) by a subscription of an account, at an instant."""

    account_id: str
    subscription_id: str
    person: str
    plan: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Subscription:
    """The agreement as it stands: the phase in force, the pause that holds or is to come, who takes part.

    `members` are customers' ids. Phases and pauses that are over are kept beside it (`Lived`). `revision` counts its
    acts and guards each of them. `next_phase` is a change to come: it begins where `phase` ends. A phase that ends with
    none behind it is a pass that runs out. Nothing is written when an instant comes that was agreed before: what holds
    then follows from what is here. `is_pass` and `language` say under what it was agreed, `terms_digest` which text of
    the terms; `why` is why it was ended, if the customer liked to say. `annulled`: it was withdrawn from with
    nothing owed, and no time of it counts. `ran_out`: nobody ended it; its time is over, or its uses are all taken.
    """

    subscription_id: str
    account_id: str
    by: str
    terms_version: str
    language: str
    subscribed_at: datetime
    phase: Phase
    pause: Pause | None = None
    members: tuple[str, ...] = ()
    uses_left: int | None = None
    ended_at: datetime | None = None
    revision: int = 1
    next_phase: Phase | None = None
    is_pass: bool = False
    terms_digest: str = ""
    why: str = ""
    annulled: bool = False
    ran_out: bool = False

    @property
    def ends_at(self) -> datetime | None:
        """When it ended or runs out, as far as that is known."""
        if self.ended_at is not None:
            return self.ended_at
        return self.phase.until if self.next_phase is None else self.next_phase.until

    @property
    def is_used_up(self) -> bool:
        """Whether it is a pass for so many uses, and all of them are taken."""
        return self.is_pass and self.uses_left == 0

    def phase_at(self, at: datetime) -> Phase:
        """The phase in force then, among those that are not over."""
        upcoming = self.next_phase
        return upcoming if upcoming is not None and upcoming.since <= at else self.phase

    def pause_at(self, at: datetime) -> Pause | None:
        """The pause that holds then."""
        pause = self.pause
        holds = pause is not None and pause.since <= at and (pause.until is None or at < pause.until)
        return pause if holds else None

    def rest_at(self, at: datetime) -> Pause | None:
        """The pause that holds then, or the stretch since when nobody has what the plan requires."""
        lapsed = self.phase_at(at).shown_until
        resting = lapsed is not None and lapsed <= at
        return self.pause_at(at) or (Pause(lapsed, None, lapsed=True) if lapsed is not None and resting else None)

    def lets(self, person: str, plan: str, at: datetime) -> bool:
        """Whether by this the person has that version of a plan then: in force, not paused, with uses left."""
        takes_part = person in self.members and self.uses_left != 0
        return takes_part and self.stored_state(at) is State.ACTIVE and self.phase_at(at).plan == plan

    def stored_state(self, at: datetime) -> State:
        """How it stands then, as far as its acts say: whether it is asleep they do not."""
        if self.is_used_up or (self.ends_at is not None and self.ends_at <= at):
            return State.ENDED
        return State.ACTIVE if self.pause_at(at) is None else State.PAUSED

    def state_at(self, at: datetime) -> State:
        """The same; paused too while nobody has what the plan requires."""
        found = self.stored_state(at)
        return State.PAUSED if found is State.ACTIVE and self.rest_at(at) is not None else found


@dataclass(frozen=True, slots=True)
class Lived:
    """What of a subscription held in an interval: its phases and pauses that touch it, each in order of time."""

    subscription: Subscription
    phases: tuple[Phase, ...]
    pauses: tuple[Pause, ...]

    def stretches(self, phase: Phase, within: Interval) -> tuple[Interval, ...]:
        """When a phase held, was not paused and had what it requires, within the interval, to the microsecond."""
        if self.subscription.annulled:
            return ()
        known = (phase.until, phase.shown_until, self.subscription.ended_at, within.end)
        ends = [each for each in known if each is not None]
        start, end = max(phase.since, within.start), min(ends)
        found: list[Interval] = []
        for pause in sorted(self.pauses, key=lambda each: each.since):
            if start >= end:
                break
            if pause.since > start:
                found.append(Interval(start, min(pause.since, end)))
            start = max(start, end if pause.until is None else pause.until)
        return tuple(found) if start >= end else (*found, Interval(start, end))
