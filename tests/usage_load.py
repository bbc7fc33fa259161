"""Batches of usage as partners send them, and a table in memory that meters what DynamoDB would."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from chalicelib.kernel.writes import Outcome, Write
from chalicelib.metering.model import Answer, Event, Subject
from chalicelib.metering.records import Item, Keys
from chalicelib.metering.service import ingest
from chalicelib.metering.store import HeadStore
from tests.units import item_size, read_units, write_units

ZONE = "Europe/Helsinki"
BEGIN = datetime(2021, 5, 2, tzinfo=UTC)
WIDTH, MOST_KEYS, MOST_WRITES = 16, 100, 25  # writes of a batch and statements alike
SUBJECTS = {10: 10, 100: 100, 630: 1000}
"""1,000 events drawn among 1,000 subjects are about 630 of them."""
FILL = {10: 6, 100: 12, 630: 28}
"""After as many batches their heads are full."""


@dataclass
class MeteredItems:
    """Satisfies `metering.store.Items`: what was read and written, in units and in round trips of requests at once."""

    kept: dict[Keys, Item] = field(default_factory=dict)
    written: float = 0.0
    read_: float = 0.0
    trips: int = 0

    def read(self, keys: Sequence[Keys], *, consistent: bool = True) -> Mapping[Keys, Item]:
        found = {key: self.kept[key] for key in keys if key in self.kept}
        self.read_ += sum(
            read_units(item_size(self.kept[key]) if key in self.kept else 0, consistent=consistent) for key in keys
        )
        self.trips += _waves(len(keys), MOST_KEYS)
        return found

    def read_each(self, parts: Iterable[Sequence[Keys]]) -> Iterator[Mapping[Keys, Item]]:
        return map(self.read, parts)

    def write(self, items: Sequence[Item]) -> None:
        for item in items:
            self._store(item)
        self.trips += _waves(len(items), MOST_WRITES)

    def remove(self, keys: Sequence[Keys]) -> None:
        for key in keys:
            self.kept.pop(key, None)

    def put(self, items: Sequence[tuple[Item, int]]) -> list[bool]:
        self.trips += _waves(len(items), MOST_WRITES)
        return [self._put(item, version) for item, version in items]

    def _put(self, item: Item, version: int) -> bool:
        there = self.kept.get((item["pk"]["S"], item["sk"]["S"]))
        if (int(there["version"]["N"]) if there else 0) != version:
            self.written += write_units(item)
            return False
        self._store(item)
        return True

    def _store(self, item: Item) -> None:
        self.kept[item["pk"]["S"], item["sk"]["S"]] = item
        self.written += write_units(item)

    def under(self, pk: str, prefix: str) -> Iterator[Item]:
        return (item for key, item in sorted(self.kept.items()) if key[0] == pk and key[1].startswith(prefix))


def _waves(requests: int, most: int) -> int:
    """Round trips of so many things, `most` in a request and `WIDTH` requests at once."""
    asked = -(-requests // most)
    return -(-asked // WIDTH)


@dataclass
class Load:
    """Batches of 1,000 events over so many subjects: one in ten was sent with the batch before."""

    among: int
    random: Random = field(default_factory=lambda: Random(7))
    before: list[Event] = field(default_factory=list)
    sent: int = 0

    def batch(self, size: int = 1000) -> list[Event]:
        again = self.random.sample(self.before, size // 10) if self.before else []
        new = [self._event(number) for number in range(size - len(again))]
        self.before = new
        self.sent += 1
        return [*again, *new]

    def _event(self, number: int) -> Event:
        at = BEGIN + timedelta(seconds=self.sent * 600 + self.random.randrange(600))
        subject = f"ses_{self.random.randrange(self.among) if self.among > 100 else number % self.among:026d}"
        value = Decimal(self.random.randrange(1, 5000)) / 10
        return Event("/bikes", str(UUID(int=self.random.getrandbits(128))), subject, at, "metres", value)


@dataclass
class Rides:
    """Satisfies `metering.ports.Subjects`: open sessions, which metering asks for once each."""

    asked: int = 0

    def known(self, names: Sequence[str]) -> dict[str, Subject]:
        self.asked += len(names)
        owner = "par_abcdefghijklmnopqrstuvwxyz"
        return {name: Subject(name, owner, {"use_seconds": "s", "metres": "m"}, BEGIN, None) for name in names}

    def hearing(self, _subject: Subject) -> list[Write]:
        raise AssertionError("none of these sessions has ended")


def no_transaction(writes: Sequence[Write], _outcome: Outcome) -> Outcome:
    raise AssertionError(f"an ordinary batch needs no transaction: {writes}")


def take_in(events: Sequence[Event], heads: HeadStore, rides: Rides) -> list[Answer]:
    """As the door does it."""
    return ingest(
        events,
        partner_id="par_abcdefghijklmnopqrstuvwxyz",
        zone=ZONE,
        heads=heads,
        subjects=rides,
        now=max(event.time for event in events),
        commit=no_transaction,
    )
