"""Events of three things on their way into the table, with somebody in the way; and what has to be there in the end."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from chalicelib.kernel.time import Month
from chalicelib.metering.fold import Settled, fold, settled
from chalicelib.metering.model import AHEAD, Event, Outcome, Subject
from chalicelib.metering.sealing import sealing
from chalicelib.metering.service import ROUNDS, Taking, count_spilled, ingest
from chalicelib.metering.store import FOLD_LATER, HeadStore, PynamoItems
from chalicelib.metering.usage import nodes_of, usage_between
from chalicelib.storage.outbox import MessageRecord, message
from chalicelib.storage.writes import Put, Transaction
from tests.faults.faults import Faults

ZONE = "Europe/Helsinki"
EDGES = {
    "month's edge": datetime(2021, 5, 31, 21, 0, tzinfo=UTC),
    "summer time begins": datetime(2021, 3, 28, 1, 0, tzinfo=UTC),
    "summer time ends, and the month": datetime(2021, 10, 31, 1, 0, tzinfo=UTC),
}
_TRIES = 8


def _within(month: Month) -> datetime:
    """A time of the month that is near one of the edges."""
    near = [edge + timedelta(minutes=minutes) for edge in EDGES.values() for minutes in (-5, 5)]
    return next(each for each in near if Month.of(each, ZONE) == month)


class KilledError(BaseException):
    """The process is gone: nothing catches this but the story."""


class InTheWay(HeadStore):
    """Before each of so many writes to the first subject, another writer is faster by an event of its own."""

    def __init__(self, faults: Faults) -> None:
        super().__init__(PynamoItems(pause=lambda _attempt: None))
        self._faults, self.times, self.others = faults, 0, list[Event]()

    def put(self, given: Sequence[Settled]) -> Sequence[bool]:
        first = next((each.head for each in given if each.head.subject == "ride-0"), None)
        if self.times and first is not None:
            self.times -= 1
            paused, self._faults.paused = self._faults.paused, True
            number = 1000 + len(self.others)
            other = Event("other", f"other-{number}", "ride-0", _within(first.month), "metres", Decimal(1))
            before = replace(self.find("ride-0", first.month), about=first.about)
            after, _ = fold(before, [other])
            new = settled(after, nodes_of([before], heads=self), first=not before.count)
            self.prepare([new])
            super().put([new])
            self.others.append(other)
            self._faults.paused = paused
        return super().put(given)


@dataclass
class Story:
    """What is sent, by whom, and until when."""

    edge: datetime
    faults: Faults
    deliveries: int = 1
    sent: list[Event] = field(default_factory=list)
    heard: int = 0

    def __post_init__(self) -> None:
        self.heads = InTheWay(self.faults)
        self.commit = Transaction(pause=lambda _attempt: None)
        begin = self.edge - timedelta(hours=2)
        self.subjects = {
            name: Subject(name, "par-1", {"metres": "m", "use_seconds": "s"}, begin, None)
            for name in ("ride-0", "ride-1", "ride-2")
        }

    def known(self, names: Sequence[str]) -> dict[str, Subject]:
        return {name: self.subjects[name] for name in names if name in self.subjects}

    def hearing(self, subject: Subject) -> list[Put]:
        return [message("access.evidence", subject.subject, {"session_id": subject.subject}, self.edge)]

    def _until_done(self, do: Callable[[], Any]) -> Any:  # noqa: ANN401 -- whatever it gives
        """As clients and Lambda do: what fails is tried again, in a process of its own."""
        for _ in range(_TRIES):
            try:
                return do()
            except (Exception, KilledError) as error:  # noqa: BLE001 -- whatever it was
                last = error
        raise AssertionError(f"still {last!r}") from last

    def send(self, events: Sequence[Event], skew: timedelta = timedelta(0)) -> None:
        """Whole batches again until nothing of them is left to do."""
        now = self.edge + timedelta(hours=3) + skew

        def once() -> None:
            answers = ingest(
                events,
                partner_id="par-1",
                zone=ZONE,
                heads=self.heads,
                subjects=self,
                now=now,
                commit=self.commit,
            )
            assert {each.outcome for each in answers} <= set(Outcome) - {Outcome.REFUSED, Outcome.CONFLICT}

        for _ in range(self.deliveries):
            self._until_done(once)
        self.sent += [event for event in events if event not in self.sent]

    def work(self) -> None:
        """The worker, which is told of each log at least once, the newest first."""
        for said in sorted(MessageRecord.scan(), key=lambda each: each.pk, reverse=True):
            if said.topic == FOLD_LATER:
                for _ in range(self.deliveries):
                    self._until_done(lambda said=said: self._count(said.body))

    def _count(self, facts: dict[str, str]) -> None:
        log = self.heads.spilled(facts["subject"], Month.parse(facts["month"]), facts["digest"])
        assert log is not None
        count_spilled(log, Taking(ZONE, self.heads, self, log.received_at, self.commit, lambda _attempt: None))

    def end(self, name: str) -> None:
        """The session ends: its heads are sealed."""
        ended = replace(self.subjects[name], ended_at=self.edge + timedelta(hours=2))

        def once() -> None:
            if self.subjects[name].ended_at is None:
                now = self.edge + timedelta(hours=3) + AHEAD
                seen = usage_between(name, ended.started_at, now, ZONE, heads=self.heads)
                if not all(each.head.sealed for each in seen):
                    self.commit([*sealing(ended, seen, heads=self.heads), *self.hearing(ended)], None)
                self.subjects[name] = ended

        self._until_done(once)

    def run(self) -> None:
        """Batches that overlap, a contended subject, a session that ends while things still report."""
        batches = list(_batches(self.edge))
        for number, batch in enumerate(batches[:5]):
            self.heads.times = {2: 2, 4: ROUNDS + 1}.get(number, 0)
            self.send(batch, skew=timedelta(minutes=4 - 2 * number))
        self.heads.times = 0
        self.end("ride-1")
        self.send(batches[5])
        self.work()
        self.send(batches[0])

    def differs(self) -> list[str]:
        """Where totals, replay, and what was sent are not the same."""
        found = []
        for name, subject in self.subjects.items():
            usages = usage_between(name, subject.started_at, self.edge + timedelta(hours=4), ZONE, heads=self.heads)
            kept = sorted(event.event_id for each in usages for event in each.events)
            expected = [each for each in [*self.sent, *self.heads.others] if each.subject == name]
            if kept != sorted(each.event_id for each in expected):
                found.append(f"{name}: {len(kept)} kept of {len(expected)}")
            for meter in subject.meters:
                sums = [
                    sum((each.head.total(meter) or Decimal(0) for each in usages), Decimal(0)),
                    sum(
                        (one.value or Decimal(0) for each in usages for one in each.events if one.name == meter),
                        Decimal(0),
                    ),
                    sum((each.value or Decimal(0) for each in expected if each.name == meter), Decimal(0)),
                ]
                if len(set(sums)) > 1:
                    found.append(f"{name}: {meter} {sums}")
            for each in usages:
                wrong = [one.event_id for one in each.events if Month.of(one.time, ZONE) != each.head.month]
                if wrong:
                    found.append(f"{name}: in the wrong month {wrong}")
        if not all(MessageRecord.find(f"access.evidence#{name}", "message") for name in ["ride-1"]):
            found.append("nobody was told of what came late")
        return found


def _batches(edge: datetime) -> Iterator[list[Event]]:
    """Six batches of 50, the first fifth of each from the one before."""
    random, before = Random(7), list[Event]()
    for number in range(6):
        new = []
        for each in range(40):
            minutes = random.randint(-115, 120)
            name = f"ride-{random.choice((0, 0, 0, 1, 2))}"
            meter = random.choice(["metres", "metres", "use_seconds" if name == "ride-2" else "metres", "moving"])
            value = {"metres": Decimal(random.randint(1, 900)) / 10, "use_seconds": Decimal(1)}.get(meter)
            at = edge + timedelta(minutes=minutes, seconds=each)
            new.append(Event("bikes", f"event-{number}-{each}", name, at, meter, value))
        yield [*itertools.islice(before, 10), *new]
        before = new
