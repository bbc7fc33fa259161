"""Sessions that are reported on, and the worker behind the outbox's stream, fed in every way that may happen."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from chalicelib.access.acting import end_session
from chalicelib.access.model import AccessSession
from chalicelib.catalogue.store import CatalogueStore
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.kernel.time import Month
from chalicelib.metering.limiting import set_limit
from chalicelib.metering.meters import Limit
from chalicelib.metering.model import Event, Outcome
from chalicelib.metering.service import ROUNDS, Taking, ingest
from chalicelib.metering.store import HeadStore, PynamoItems
from chalicelib.rating import Tariff
from infra.local.apps import LoadedApp
from infra.local.event_sources import failed_items
from infra.local.streams import lambda_record
from tests.faults.faults import Faults
from tests.faults.usage_set import METERS, NAMES, ZONE, batches_at, differences, months_at, others_at, subjects_at
from tests.faults.usage_story import InTheWay
from tests.faults.world import ENVIRONMENT
from tests.unit.rating.city_bike import city_bike

Record = dict[str, Any]
Batches = Callable[[Sequence[Record]], Iterator[Sequence[Record]]]
_MOST = 10
_TICK = timedelta(milliseconds=1)
_TRIES = 8


def in_order(records: Sequence[Record]) -> Iterator[Sequence[Record]]:
    return (records[at : at + _MOST] for at in range(0, len(records), _MOST))


def twice(records: Sequence[Record]) -> Iterator[Sequence[Record]]:
    return (batch for batch in in_order(records) for _ in range(2))


def backwards(records: Sequence[Record]) -> Iterator[Sequence[Record]]:
    return in_order(records[::-1])


def shuffled(seed: int) -> Batches:
    """In any order, in batches of any size, a third of the records once more somewhere else."""
    random = Random(seed)

    def batches(records: Sequence[Record]) -> Iterator[Sequence[Record]]:
        mixed = [*records, *(each for each in records if random.random() < 1 / 3)]
        random.shuffle(mixed)
        while mixed:
            size = random.randint(1, _MOST)
            yield mixed[:size]
            mixed = mixed[size:]

    return batches


class OneTariff(CatalogueStore):
    """Every product has the city bike's tariff."""

    def tariff(self, _partner_id: str, _product_id: str, _version: int, _fare: str = "") -> Tariff:
        return city_bike()


class World(BackOffice):
    """The worker's parts, with a clock that goes on with each look at it."""

    def __init__(self, clock: datetime) -> None:
        super().__init__(ENVIRONMENT, now=self._ticks, random_bytes=bytes)
        self.clock = clock

    def _ticks(self) -> datetime:
        self.clock += _TICK
        return self.clock

    @property
    def catalogue(self) -> CatalogueStore:  # type: ignore[override]
        return OneTariff()


@dataclass
class StreamStory:
    """One run. `batches` says how what is new in the stream comes to the worker."""

    edge: datetime
    workers: LoadedApp
    read: Callable[[], list[Record]]
    batches: Batches = in_order
    faults: Faults = field(default_factory=Faults)
    again_after: timedelta | None = None
    taken: list[Record] = field(default_factory=list)
    deliveries: int = 0

    def __post_init__(self) -> None:
        self.world = World(self.edge + timedelta(hours=3))
        self.workers.module.wired = self.world  # type: ignore[attr-defined]
        self.faults.paused = True
        self.sent = list[Event]()
        self.others = {month: others_at(self.edge, month, 3 * ROUNDS) for month in months_at(self.edge)}
        self.heads = InTheWay(PynamoItems(lambda _attempt: None), self._other)
        self.queued = 0

    def run(self) -> None:
        """Contention that fills logs, a session that ends before they are counted, evidence after its end."""
        batches = list(batches_at(self.edge))
        for name in NAMES:
            self.world.commit(self.world.sessions.starting(self._session(name), 1), None)
        self.send(batches[0])
        limit = Limit(Decimal(1), hard=False)  # all of it is told at once, and holds up no batch
        set_limit("ride-0", months_at(self.edge)[0], "par-1", "metres", limit, taking=self._taking())
        for batch in batches[1:4]:
            self.heads.times = ROUNDS
            self.send(batch)
        self.heads.times = 0
        self.end("ride-0")
        self.send(batches[4])
        self.end("ride-1")
        self.work()
        self.send(batches[5])
        self.end("ride-2")
        self.send(batches[1][:20])
        self.work()
        if self.again_after is not None:
            self.world.clock += self.again_after
            self.deliver(self.taken)
            self.work()

    def _session(self, name: str) -> AccessSession:
        begun = self.edge - timedelta(hours=2)
        return AccessSession(name, "acc-1", "cus-1", "par-1", "bike", f"bike-{name}", 1, "quo-1", begun, METERS)

    def _taking(self) -> Taking:
        now = self.world.now()
        known = self.world.metered(now)
        return Taking(ZONE, self.heads, known, now, self.world.commit, lambda _attempt: None)

    def _other(self, month: Month) -> None:
        number = sum(each.source == "other" for each in self.sent)
        self.send([self.others[month][number]], HeadStore(PynamoItems(lambda _attempt: None)))

    def send(self, events: Sequence[Event], heads: HeadStore | None = None) -> None:
        with_them = self._taking()
        answers = ingest(
            events,
            partner_id="par-1",
            zone=ZONE,
            heads=heads or self.heads,
            subjects=with_them.subjects,
            now=with_them.now,
            commit=with_them.commit,
        )
        assert not {each.outcome for each in answers} & {Outcome.REFUSED, Outcome.CONFLICT}
        self.queued += sum(each.outcome is Outcome.QUEUED for each in answers)
        self.sent += [event for event in events if event not in self.sent]

    def end(self, name: str) -> None:
        world = self.world
        end_session(name, "acc-1", ending=replace(world.ending(world.now(), world.commit), heads=self.heads))

    def work(self) -> None:
        """Until the stream has nothing new."""
        while new := self.read()[len(self.taken) :]:
            self.taken += new
            self.deliver(new)

    def deliver(self, records: Sequence[Record]) -> None:
        for batch in self.batches(records):
            self._hand_over(batch)

    def _hand_over(self, batch: Sequence[Record]) -> None:
        """As Lambda does: from the first that failed on, again."""
        waiting = deque([list(batch)])
        for _ in range(_TRIES):
            left = waiting.popleft()
            self.deliveries += 1
            ids = [each["dynamodb"]["SequenceNumber"] for each in left]
            self.faults.paused = False
            try:
                answer = self.workers.handler("outbox")({"Records": left}, self.workers.context("outbox"))
            finally:
                self.faults.paused = True
            failed = failed_items(answer, ids)
            if not failed:
                return
            waiting.append(left[min(ids.index(each) for each in failed) :])
        raise AssertionError(f"{len(waiting[0])} records are still not handled")

    def differs(self) -> list[str]:
        """Where usage differs from what was sent, or what is charged from usage."""
        found = differences(self.sent, subjects_at(self.edge), self.world.clock, self.heads)
        for name in NAMES:
            session = self.world.sessions.find(name)
            charge = self.world.sessions.charge_of(session) if session else None
            assert charge is not None
            for meter in METERS:
                own = [each for each in self.sent if (each.subject, each.name) == (name, meter)]
                if sorted(charge.need.evidence[meter]) != sorted(each.event_id for each in own):
                    found.append(f"{name} is charged on {len(charge.need.evidence[meter])} of {len(own)} {meter}")
                counted = sum((each.value or Decimal(0) for each in own), Decimal(0))
                if own and charge.need.quantities[meter] != counted:
                    found.append(f"{name} is charged {charge.need.quantities[meter]} of {counted} {meter}")
        told = sorted(each.facts["percent"] for _, each in self.world.notices.of_account("acc-1", limit=99, after=None))
        if told != ["100", "50", "80"]:
            found.append(f"of the limit was told {told}")
        return found


def records_of(client: Any, arn: str) -> Callable[[], list[Record]]:  # noqa: ANN401 -- boto3 publishes no types
    """All that is in the stream, as Lambda hands it on."""

    def read() -> list[Record]:
        found: list[Record] = []
        for shard in client.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
            asked = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
            following = client.get_shard_iterator(**asked)["ShardIterator"]
            while following:
                said = client.get_records(ShardIterator=following)
                found += [lambda_record(each, arn) for each in said["Records"]]
                following = said.get("NextShardIterator") if said["Records"] else None
        return found

    return read
