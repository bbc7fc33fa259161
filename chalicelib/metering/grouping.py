"""Events of a batch that share a head: by subject, and by month of the event's time in the operator's zone."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple, TypeVar

from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.time import Month, instant_of, zone
from chalicelib.metering.columns import Given
from chalicelib.metering.model import Answer, Event, Outcome
from chalicelib.metering.ports import Where

_SECOND, _SURE = 2, 27
"""Days of a month between which no change of clocks leads into another one."""
_QUARTER = 900_000_000
Key = TypeVar("Key", bound=Hashable)


class Group(NamedTuple):
    """The events of a batch that share a head, and the place of each in the batch."""

    where: Where
    numbers: Sequence[int]
    given: Given
    names: frozenset[str]
    """What the events are called."""

    @property
    def events(self) -> Sequence[Event]:
        """As they were sent."""
        return self.given.events

    @property
    def subject(self) -> str:
        """What they are about."""
        return self.where[0]

    def answered(self, outcome: Outcome, refusal: Refusal | None = None) -> dict[int, Answer]:
        """The same answer to each."""
        return {
            number: Answer(event, outcome, refusal) for number, event in zip(self.numbers, self.events, strict=True)
        }


def grouped(events: Sequence[Event], zone_name: str) -> list[Group]:
    """By subject and month of the event's time in the operator's zone."""
    given = Given.of(events)
    subjects = [event.subject for event in events]
    months, which = _months([event.at for event in events], zone_name)
    if len(months) == 1:
        found = [((subject, months[0]), numbers) for subject, numbers in _places(subjects)]
    else:
        both = _places(zip(subjects, which, strict=True))
        found = [((subject, months[month]), numbers) for (subject, month), numbers in both]
    if len(found) == 1:
        return [Group(where, numbers, given, given.names) for where, numbers in found]
    return [Group(where, numbers, own := given.among(numbers), own.names) for where, numbers in found]


def _places(keys: Iterable[Key]) -> Iterable[tuple[Key, list[int]]]:
    """Where each key stands, in the order in which they are first met."""
    found: dict[Key, list[int]] = defaultdict(list)
    for number, key in enumerate(keys):
        found[key].append(number)
    return found.items()


def _months(times: Sequence[int], zone_name: str) -> tuple[Sequence[Month], Iterable[int]]:
    """The months, and, where they are several, which of them each time lies in."""
    first, last = (instant_of(at).astimezone(zone(zone_name)) for at in (min(times), max(times)))
    if (first.year, first.month) == (last.year, last.month) and first.day >= _SECOND and last.day <= _SURE:
        return [Month(first.year, first.month)], ()
    # each quarter of an hour lies within one local day, whatever the zone
    quarters = [at // _QUARTER for at in times]
    month_of = {quarter: Month.of(instant_of(quarter * _QUARTER), zone_name) for quarter in {*quarters}}
    months = sorted(set(month_of.values()))
    which = {quarter: months.index(month) for quarter, month in month_of.items()}
    return months, map(which.__getitem__, quarters)
