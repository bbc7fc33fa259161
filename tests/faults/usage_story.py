"""Events of three things on their way into the table, with somebody in the way; and what has to be there in the end."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from chalicelib.kernel.time import Month
from chalicelib.metering.fold import Settled
from chalicelib.metering.model import AHEAD, Event, Outcome, Subject
from chalicelib.metering.sealing import sealing
from chalicelib.metering.service import ROUNDS, Taking, count_spilled, ingest
from chalicelib.metering.store import FOLD_LATER, HeadStore, Items
from chalicelib.metering.usage import usage_between
from chalicelib.storage.outbox import MessageRecord, message
from chalicelib.storage.writes import Put, Transaction
from tests.faults.faults import Faults
from tests.faults.usage_set import ZONE, batches_at, differences, months_at, others_at, subjects_at

BILLED = "test.billed"
"""What the end of a session has seen, in place of a charge record."""
_TRIES = 12


class KilledError(BaseException):
    """The process is gone: nothing catches this but the story."""


class InTheWay(HeadStore):
    """Before each of so many writes to the first subject, another writer is faster by an event of its own."""

    def __init__(self, items: Items, before: Callable[[Month], object]) -> None:
        super().__init__(items)
        self._before, self.times = before, 0

    def put(self, given: Sequence[Settled]) -> Sequence[bool]:
        first = next((each.head for each in given if each.head.subject == "ride-0"), None)
        if self.times and first is not None:
            self.times -= 1
            self._before(first.month)
        return super().put(given)


@dataclass
class Story:
    """What is sent, by whom, and until when. A new process tells it from the start."""

    edge: datetime
    items: Items
    faults: Faults = field(default_factory=Faults)
    deliveries: int = 1
    in_the_way: int = 0
    said: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.heads = InTheWay(self.items, self._other)
        self.commit = Transaction(pause=lambda _attempt: None)
        self.subjects = subjects_at(self.edge)
        self.others = {month: others_at(self.edge, month) for month in months_at(self.edge)}
        self.batches = list(batches_at(self.edge))

    @property
    def sent(self) -> list[Event]:
        """All that anybody sends."""
        return list(dict.fromkeys(chain(*self.batches, *self.others.values())))

    def known(self, names: Sequence[str]) -> dict[str, Subject]:
        return {name: self.subjects[name] for name in names if name in self.subjects}

    def hearing(self, subject: Subject) -> list[Put]:
        return [message("access.evidence", subject.subject, {"session_id": subject.subject}, self.edge)]

    def _other(self, month: Month) -> None:
        """Another writer sends the next of its events; that one's writes are not broken."""
        with self._unbroken():
            self._take_in([self.others[month][self.in_the_way]], timedelta(0), HeadStore(self.items))
        self.said.append(self.others[month][self.in_the_way])
        self.in_the_way += 1

    def _unsaid(self) -> list[Event]:
        """What the other writer has not got an answer for in this process; what was answered is not sent again."""
        return [each for own in self.others.values() for each in own if each not in self.said]

    @contextmanager
    def _unbroken(self) -> Iterator[None]:
        paused, self.faults.paused = self.faults.paused, True
        try:
            yield
        finally:
            self.faults.paused = paused

    def _until_done(self, do: Callable[[], Any]) -> Any:  # noqa: ANN401 -- whatever it gives
        """As clients and Lambda do: what fails is tried again, in a process of its own."""
        for _ in range(_TRIES):
            try:
                return do()
            except (Exception, KilledError) as error:  # noqa: BLE001 -- whatever it was
                last = error
        raise AssertionError(f"still {last!r}") from last

    def _take_in(self, events: Sequence[Event], skew: timedelta, heads: HeadStore) -> None:
        answers = ingest(
            events,
            partner_id="par-1",
            zone=ZONE,
            heads=heads,
            subjects=self,
            now=self.edge + timedelta(hours=3) + skew,
            commit=self.commit,
        )
        refused = [each for each in answers if each.outcome in {Outcome.REFUSED, Outcome.CONFLICT}]
        assert not refused, refused[:3]

    def send(self, events: Sequence[Event], skew: timedelta = timedelta(0)) -> None:
        """Whole batches again until nothing of them is left to do."""
        for _ in range(self.deliveries):
            self._until_done(lambda: self._take_in(events, skew, self.heads))

    def work(self) -> None:
        """The worker, which is told of each log at least once, the newest first."""
        said = self._until_done(lambda: list(MessageRecord.scan()))
        for each in sorted(said, key=lambda each: each.pk, reverse=True):
            if each.topic == FOLD_LATER:
                for _ in range(self.deliveries):
                    self._until_done(lambda each=each: self._count(each.body))

    def _count(self, facts: dict[str, str]) -> None:
        log = self.heads.spilled(facts["subject"], Month.parse(facts["month"]), facts["digest"])
        assert log is not None
        count_spilled(log, Taking(ZONE, self.heads, self, log.received_at, self.commit, lambda _attempt: None))

    def end(self, name: str) -> None:
        """The session ends: its heads are sealed."""
        ended = replace(self.subjects[name], ended_at=self.edge + timedelta(hours=2))

        def once() -> None:
            now = self.edge + timedelta(hours=3) + AHEAD
            seen = usage_between(name, ended.started_at, now, ZONE, heads=self.heads)
            if not all(each.head.sealed for each in seen):
                billed = {"events": str(sum(each.head.count for each in seen))}
                record = message(BILLED, name, billed, self.edge)
                self.commit([*sealing(ended, seen, heads=self.heads), record], None)
            self.subjects[name] = ended

        self._until_done(once)

    def run(self) -> None:
        """Batches that overlap, a contended subject, a session that ends while things still report."""
        for number, batch in enumerate(self.batches[:5]):
            self.heads.times = {2: 2, 4: ROUNDS + 1}.get(number, 0)
            self.send(batch, skew=timedelta(minutes=4 - 2 * number))
        self.heads.times = 0
        self.end("ride-1")
        self.send(self.batches[5])
        self.work()
        self.send([*self.batches[0], *self._unsaid()])

    def differs(self) -> list[str]:
        """Where totals, replay, and what was sent are not the same."""
        found = differences(self.sent, subjects_at(self.edge), self.edge + timedelta(hours=4), self.heads)
        billed = MessageRecord.find(f"{BILLED}#ride-1", "message")
        late = sum(each.subject == "ride-1" for each in self.sent) - int(billed.body["events"] if billed else 0)
        if billed is None:
            found.append("ride-1 was not billed")
        if late < 0 or (late and not MessageRecord.find("access.evidence#ride-1", "message")):
            found.append(f"nobody was told of {late} events that came late")
        return found
