"""What is sent around an edge, and whether totals, the replay of the events, and what was sent are the same."""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from chalicelib.kernel.ids import digest
from chalicelib.kernel.time import Month
from chalicelib.metering.model import Event, Subject
from chalicelib.metering.ports import Heads
from chalicelib.metering.usage import Usage, replayed, usage_between

ZONE = "Europe/Helsinki"
EDGES = {
    "month's edge": datetime(2030, 5, 31, 21, 0, tzinfo=UTC),
    "summer time begins": datetime(2030, 3, 31, 1, 0, tzinfo=UTC),
    "summer time ends": datetime(2032, 10, 31, 1, 0, tzinfo=UTC),
    "month's edge on the day on which summer time ends": datetime(2032, 10, 31, 22, 0, tzinfo=UTC),
}
"""Far ahead, since DynamoDB Local removes messages that have expired by its own clock."""
NAMES = ("ride-0", "ride-1", "ride-2")
METERS = {"metres": "m", "use_seconds": "s"}
OTHERS = 8
"""So often another writer may be in the way, in each month."""


def subjects_at(edge: datetime) -> dict[str, Subject]:
    """Three rides that began two hours before."""
    return {name: Subject(name, "par-1", METERS, edge - timedelta(hours=2), None) for name in NAMES}


def months_at(edge: datetime) -> list[Month]:
    """The months to both sides; where the edge is only one of clocks, one."""
    return sorted({Month.of(edge + timedelta(minutes=minutes), ZONE) for minutes in (-5, 5)})


def others_at(edge: datetime, month: Month, count: int = OTHERS) -> list[Event]:
    """What another writer says about the first ride, in the way of ours."""
    near = (edge + timedelta(minutes=minutes) for minutes in (-5, 5))
    at = next(each for each in near if Month.of(each, ZONE) == month)
    return [
        Event("other", f"{digest([str(month), number])[:32]}", "ride-0", at, "metres", Decimal(1))
        for number in range(count)
    ]


def batches_at(edge: datetime) -> Iterator[list[Event]]:
    """Six batches of 50, the first fifth of each from the one before. Few of the ids, texts and UUIDs, fit a head."""
    random, before = Random(7), list[Event]()
    for _ in range(6):
        new = []
        for each in range(40):
            minutes = random.randint(-115, 120)
            name = f"ride-{random.choice((0, 0, 0, 1, 2))}"
            meter = random.choice(["metres", "metres", "use_seconds" if name == "ride-2" else "metres", "moving"])
            value = {"metres": Decimal(random.randint(1, 900)) / 10, "use_seconds": Decimal(1)}.get(meter)
            at = edge + timedelta(minutes=minutes, seconds=each)
            number = UUID(int=random.getrandbits(128))
            new.append(Event("bikes", number.hex if name == "ride-0" else str(number), name, at, meter, value))
        yield [*itertools.islice(before, 10), *new]
        before = new


def differences(sent: Iterable[Event], subjects: Mapping[str, Subject], until: datetime, heads: Heads) -> list[str]:
    """Where totals, replay, and what was sent are not the same; by subject, and by enumeration of the months."""
    found, every = list[str](), set(sent)
    for name, subject in subjects.items():
        expected = [each for each in every if each.subject == name]
        found += _unlike(name, usage_between(name, subject.started_at, until, ZONE, heads=heads), expected)
    months: dict[Month, list[Event]] = {}
    for event in every:
        months.setdefault(Month.of(event.time, ZONE), []).append(event)
    for month, expected in sorted(months.items()):
        replay = [event for usage in replayed(month, heads=heads) for event in usage.events]
        found += _other_events(f"replay of {month}", replay, expected)
    return found


def _unlike(name: str, usages: Sequence[Usage], expected: Sequence[Event]) -> Iterator[str]:
    yield from _other_events(name, [event for usage in usages for event in usage.events], expected)
    for meter in METERS:
        sums = [
            sum((usage.head.total(meter) or Decimal(0) for usage in usages), Decimal(0)),
            _sum(meter, (event for usage in usages for event in usage.events)),
            _sum(meter, expected),
        ]
        if len(set(sums)) > 1:
            yield f"{name}: {meter} is {sums[0]} in total, {sums[1]} replayed, {sums[2]} sent"
    for usage in usages:
        if wrong := [each.event_id for each in usage.events if Month.of(each.time, ZONE) != usage.head.month]:
            yield f"{name}: in the wrong month {wrong}"
        if usage.head.count != len(usage.everything):
            yield f"{name}: the head of {usage.head.month} says {usage.head.count}, not {len(usage.everything)}"


def _other_events(what: str, kept: Iterable[Event], expected: Iterable[Event]) -> Iterator[str]:
    there, wanted = Counter(kept), Counter(expected)
    if missing := wanted - there:
        yield f"{what}: missing {sorted(each.event_id for each in missing.elements())}"
    if more := there - wanted:
        yield f"{what}: too many {sorted(each.event_id for each in more.elements())}"


def _sum(meter: str, events: Iterable[Event]) -> Decimal:
    return sum((each.value or Decimal(0) for each in events if each.name == meter), Decimal(0))
