"""Things, writers and a worker whose clocks disagree by minutes, while sessions end near an edge."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import cycle
from typing import NamedTuple

from chalicelib.access.acting import end_session
from chalicelib.access.model import AccessSession
from chalicelib.edge.reacting import TOPICS
from chalicelib.metering.errors import TooEarly
from chalicelib.metering.model import Event, Outcome
from chalicelib.metering.service import ingest
from chalicelib.storage.outbox import MessageRecord
from tests.faults.stream_story import World
from tests.faults.usage_set import METERS, NAMES, ZONE, differences, subjects_at

THINGS = dict(zip(NAMES, (-4, 0, 4), strict=True))
"""By how many minutes the clock of each is ahead."""
EVIDENCE = "access.evidence"
_FIRST, _STEP = -12, 3


class Clocks(NamedTuple):
    """By how many minutes clocks are ahead; and when, from the edge, sessions end and things say their last."""

    first: int
    second: int
    worker: int
    ends: int
    last: int


@dataclass
class ClockStory:
    """Each step all three report; what a writer takes for the future is sent again with the next."""

    edge: datetime
    clocks: Clocks
    sent: list[Event] = field(default_factory=list)
    refused: int = 0

    def __post_init__(self) -> None:
        self.world = World(self.edge)
        self.heads = self.world.heads
        self._ended = False
        self._heard: dict[str, datetime] = {}

    def run(self) -> None:
        for name in NAMES:
            self.world.commit(self.world.sessions.starting(self._session(name), 1), None)
        waiting = list[Event]()
        writers = cycle((self.clocks.first, self.clocks.second))
        for minute in range(_FIRST, self.clocks.last + 1, _STEP):
            waiting = self._sent([*waiting, *self._reported(minute)], minute, next(writers))
            if minute >= self.clocks.ends and not self._ended:
                self._end(minute)
            self._work(minute)
        if waiting:
            later = self.clocks.last + 2 * _STEP
            assert not self._sent(waiting, later, next(writers))
            self._work(later)

    def _session(self, name: str) -> AccessSession:
        begun = self.edge - timedelta(hours=2)
        return AccessSession(name, "acc-1", "cus-1", "par-1", "bike", f"bike-{name}", 1, "quo-1", begun, METERS)

    def _true(self, minute: int, ahead: int) -> datetime:
        return self.edge + timedelta(minutes=minute + ahead)

    def _reported(self, minute: int) -> Iterator[Event]:
        for name, ahead in THINGS.items():
            at = self._true(minute, ahead)
            yield Event("bikes", f"{name}-{minute}", name, at, "metres", Decimal(100 + minute))
            self.sent.append(Event("bikes", f"{name}-{minute}", name, at, "metres", Decimal(100 + minute)))

    def _sent(self, events: list[Event], minute: int, ahead: int) -> list[Event]:
        """Twice, by clocks that say the same; what was refused as being ahead of time."""
        early = list[Event]()
        for _ in range(2):
            self.world.clock = self._true(minute, ahead)
            now = self.world.now()
            answers = ingest(
                events,
                partner_id="par-1",
                zone=ZONE,
                heads=self.heads,
                subjects=self.world.metered(now),
                now=now,
                commit=self.world.commit,
            )
            refused = [each for each in answers if each.outcome is Outcome.REFUSED]
            assert all(isinstance(each.refusal, TooEarly) for each in refused), refused[:1]
            assert not any(each.outcome is Outcome.CONFLICT for each in answers)
            early = [each.event for each in refused]
        self.refused += len(early)
        return early

    def _end(self, minute: int) -> None:
        """By the first writer's clock."""
        self._ended, world = True, self.world
        world.clock = self._true(minute, self.clocks.first)
        for name in NAMES:
            end_session(name, "acc-1", ending=replace(world.ending(world.now(), world.commit), heads=self.heads))

    def _work(self, minute: int) -> None:
        """What was said since is heard by the worker's clock."""
        for name in NAMES:
            said = MessageRecord.find(f"{EVIDENCE}#{name}", "message")
            if said is not None and self._heard.get(name) != said.said_at:
                self.world.clock = self._true(minute, self.clocks.worker)
                TOPICS[EVIDENCE](said.body, self.world)
                self._heard[name] = said.said_at

    def differs(self) -> list[str]:
        """Where usage differs from what was sent, or what is charged from usage."""
        until = self.edge + timedelta(hours=2)
        found = differences(self.sent, subjects_at(self.edge), until, self.heads)
        for name in NAMES:
            session = self.world.sessions.find(name)
            charge = self.world.sessions.charge_of(session) if session else None
            assert charge is not None
            own = sorted(each.event_id for each in self.sent if each.subject == name)
            if missing := sorted(set(own) - set(charge.need.evidence["metres"])):
                found.append(f"{name} is not charged for {missing}")
        return found
