"""Events of one ride, and heads in memory."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from chalicelib.kernel.time import Month
from chalicelib.metering.errors import HeadChanged
from chalicelib.metering.model import Event, Head, Subject
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
    )


class HeadsInMemory:
    """Satisfies `metering.ports.Heads`."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, Month], Head] = {}

    def find(self, subject: str, month: Month) -> Head:
        return self.kept.get((subject, month), Head(subject, month))

    def saving(self, head: Head) -> InMemory:
        key = (head.subject, head.month)
        return write(
            HeadChanged(),
            lambda: self.kept.update({key: head}),
            holds=lambda: self.find(*key).version == head.version - 1,
        )

    def unchanged(self, head: Head) -> InMemory:
        return write(HeadChanged(), holds=lambda: self.find(head.subject, head.month).version == head.version)


class SubjectsInMemory:
    """Satisfies `metering.ports.Subjects`."""

    def __init__(self, *subjects: Subject) -> None:
        self.kept = {each.subject: each for each in subjects}

    def known(self, subjects: Sequence[str]) -> Mapping[str, Subject]:
        return {name: self.kept[name] for name in subjects if name in self.kept}

    def hearing(self, subject: Subject) -> list[InMemory]:
        return [write(HeadChanged(), holds=lambda: self.kept[subject.subject] == subject)]
