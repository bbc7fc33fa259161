"""Events of one ride, and heads in memory."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from chalicelib.kernel.time import Month
from chalicelib.metering.changes import Change
from chalicelib.metering.errors import HeadChanged, MetersChanged
from chalicelib.metering.fold import Settled
from chalicelib.metering.head import Head, unpack_head
from chalicelib.metering.limits import Reached
from chalicelib.metering.meters import Meter
from chalicelib.metering.model import Event, Subject
from chalicelib.metering.ports import BlockKey, Log, Where
from chalicelib.metering.usage import usages_of
from tests.unit.memory import InMemory, write

START = datetime(2021, 5, 31, 20, 0, tzinfo=UTC)  # 23:00 in Helsinki, the last evening of May
HELSINKI = "Europe/Helsinki"
MAY, JUNE = Month(2021, 5), Month(2021, 6)
RIDE = Subject("ride-1", "par-1", {"use_seconds": "s", "metres": "m"}, START, None)


def event(number: int, minutes: int = 10, value: int | str | None = None, name: str = "moving", **other: str) -> Event:
    """Number names it; `minutes` after the start; a value makes it a usage event."""
    return Event(
        source=other.get("source", "bikes"),
        event_id=f"event-{number}",
        subject=other.get("subject", "ride-1"),
        time=START + timedelta(minutes=minutes),
        name=name,
        value=None if value is None else Decimal(value),
        place_id=other.get("place"),
        dimensions=tuple(sorted((key[2:], text) for key, text in other.items() if key.startswith("d_"))),
    )


class HeadsInMemory:
    """Satisfies `metering.ports.Heads`."""

    def __init__(self) -> None:
        self.kept: dict[Where, Head] = {}
        self.shelf: dict[BlockKey, bytes] = {}
        self.logs_kept: dict[str, Log] = {}
        self.defined: dict[str, dict[str, Meter]] = {}
        self.versions: dict[tuple[str, str, int], Meter] = {}
        self.changes: dict[tuple[str, str], Change] = {}
        self.told: list[tuple[Month, str, int]] = []
        self.roster: set[Where] = set()

    def find(self, subject: str, month: Month) -> Head:
        return self.kept.get((subject, month), Head(subject, month))

    def many(self, wanted: Sequence[Where]) -> dict[Where, Head]:
        return {where: self.find(*where) for where in wanted}

    def each_of(self, subjects: Iterable[Sequence[str]], month: Month) -> Iterator[list[Head]]:
        return (list(self.many([(subject, month) for subject in part]).values()) for part in subjects)

    def all_of(self, subject: str) -> list[Head]:
        return [head for (name, _), head in sorted(self.kept.items(), key=str) if name == subject]

    def forget(self, subject: str) -> None:
        self.shelf = {key: body for key, body in self.shelf.items() if key[0] != subject}
        self.logs_kept = {name: log for name, log in self.logs_kept.items() if log.subject != subject}

    def blocks(self, wanted: Sequence[BlockKey]) -> dict[BlockKey, bytes]:
        return {key: self.shelf[key] for key in wanted}

    def prepare(self, settled: Sequence[Settled]) -> None:
        for each in settled:
            where = (each.head.subject, each.head.month)
            self.shelf |= {(*where, block.kind, block.digest): block.body for block in each.blocks}
            self.roster |= {where} if each.first else set()

    def put(self, settled: Sequence[Settled]) -> list[bool]:
        return [self._put(self.saving(each)) for each in settled]

    def _put(self, one: InMemory) -> bool:
        if one.holds():
            one.do()
            return True
        if isinstance(one.otherwise, HeadChanged):
            return False
        raise one.otherwise

    def saving(self, settled: Settled) -> InMemory:
        head = settled.head
        key = (head.subject, head.month)
        return write(
            HeadChanged(),
            lambda: self.kept.update({key: unpack_head(*key, head.version, settled.state)}),
            holds=lambda: self.find(*key).version == head.version - 1,
        )

    def telling(self, head: Head, reached: Reached, _now: datetime) -> InMemory:
        return write(HeadChanged(), lambda: self.told.append((head.month, reached.meter, reached.part)))

    def unchanged(self, head: Head) -> InMemory:
        return write(HeadChanged(), holds=lambda: self.find(head.subject, head.month).version == head.version)

    def spill(self, log: Log, _now: datetime) -> list[InMemory]:
        return [write(HeadChanged(), lambda: self.logs_kept.update({str(len(self.logs_kept)): log}))]

    def spilled(self, _subject: str, _month: Month, digest: str) -> Log | None:
        return self.logs_kept.get(digest)

    def logs(self, subject: str, month: Month) -> Iterator[Log]:
        return (each for each in self.logs_kept.values() if (each.subject, each.month) == (subject, month))

    def meters(self, partner_id: str) -> dict[str, Meter]:
        return self.defined.get(partner_id, {})

    def meter_version(self, partner_id: str, name: str, version: int) -> Meter | None:
        return self.versions.get((partner_id, name, version))

    def defining(self, partner_id: str, meters: Mapping[str, Meter], new: Meter) -> list[InMemory]:
        before = {name: each for name, each in meters.items() if name != new.name}

        def do() -> None:
            self.defined[partner_id] = dict(meters)
            self.versions[partner_id, new.name, new.version] = new

        def holds() -> bool:
            found = self.defined.get(partner_id, {})
            same = {name: each for name, each in found.items() if name != new.name} == before
            return same and (found[new.name].version if new.name in found else 0) == new.version - 1

        return [write(MetersChanged(), do, holds=holds)]

    def change(self, partner_id: str, change_id: str) -> Change | None:
        return self.changes.get((partner_id, change_id))

    def changing(self, change: Change, *, first: bool) -> list[InMemory]:
        key = (change.partner_id, change.change_id)

        def holds() -> bool:
            return key not in self.changes if first else self.changes[key].reverted_at is None

        return [write(HeadChanged(), lambda: self.changes.update({key: change}), holds=holds)]

    def subjects_of(self, month: Month) -> Iterator[str]:
        return (subject for _, subject in self.noted(month))

    def noted(self, month: Month, after: str | None = None) -> Iterator[tuple[str, str]]:
        return (
            (each, each) for each in sorted(name for name, of in self.roster if of == month) if each > (after or "")
        )


def events_of(heads: HeadsInMemory, month: Month = MAY, subject: str = "ride-1") -> list[Event]:
    """All events of a subject's month, from pages and head, in order of time."""
    (found,) = usages_of([heads.find(subject, month)], heads=heads)
    return list(found.events)


class SubjectsInMemory:
    """Satisfies `metering.ports.Subjects`."""

    def __init__(self, *subjects: Subject) -> None:
        self.kept = {each.subject: each for each in subjects}
        self.heard: list[str] = []

    def known(self, subjects: Sequence[str]) -> Mapping[str, Subject]:
        return {name: self.kept[name] for name in subjects if name in self.kept}

    def hearing(self, subject: Subject) -> list[InMemory]:
        return [write(HeadChanged(), lambda: self.heard.append(subject.subject))]


def event_of(**attributes: Any) -> Event:  # noqa: ANN401 -- of any attribute
    """For Hypothesis, which would make up what a tuple holds and nobody states."""
    return Event(**attributes)
