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
    """A stretch in which one version of a plan held, for so many seats; `until` None: it goes on."""

    plan_id: str
    plan_version: int
    since: datetime
    until: datetime | None = None
    seats: int = 1


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch in which nothing counts, asked for by the customer; `until` None: until it is woken."""

    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Subscription:
    """The agreement as it stands: the phase in force, the pause that holds or is to come, who takes part.

    `members` are customers' ids. Phases and pauses that are over are kept beside it (`Lived`). `revision` counts its
    acts and guards each of them.
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


@dataclass(frozen=True, slots=True)
class Lived:
    """What of a subscription held in an interval: its phases and pauses that touch it, each in order of time."""

    subscription: Subscription
    phases: tuple[Phase, ...]
    pauses: tuple[Pause, ...]

    def stretches(self, phase: Phase, within: Interval) -> tuple[Interval, ...]:
        """When a phase held and was not paused, within the interval, to the microsecond."""
        ends = [each for each in (phase.until, self.subscription.ended_at, within.end) if each is not None]
        start, end = max(phase.since, within.start), min(ends)
        found: list[Interval] = []
        for pause in sorted(self.pauses, key=lambda each: each.since):
            if start >= end:
                break
            if pause.since > start:
                found.append(Interval(start, min(pause.since, end)))
            start = max(start, end if pause.until is None else pause.until)
        return tuple(found) if start >= end else (*found, Interval(start, end))
