"""Events of a batch that share a head: by subject, and by month of the event's time in the operator's zone."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import NamedTuple

from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.time import Month, instant_of, zone
from chalicelib.metering.columns import Given
from chalicelib.metering.model import Answer, Event, Outcome
from chalicelib.metering.ports import Where

_SECOND, _SURE = 2, 27
"""Days of a month between which no change of clocks leads into another one."""
_QUARTER = 900_000_000


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
    months, which = _months(events, zone_name)
    found: dict[tuple[str, int], list[int]] = defaultdict(list)
    for number, key in enumerate(zip([event.subject for event in events], which, strict=False)):
        found[key].append(number)
    groups = []
    for (subject, month), numbers in found.items():
        own = given.among(numbers) if len(found) > 1 else given
        groups.append(Group((subject, months[month]), numbers, own, own.names))
    return groups


def _months(events: Sequence[Event], zone_name: str) -> tuple[Sequence[Month], Iterable[int]]:
    """The months, and which of them each time lies in."""
    times = [event.at for event in events]
    first, last = (instant_of(at).astimezone(zone(zone_name)) for at in (min(times), max(times)))
    if (first.year, first.month) == (last.year, last.month) and first.day >= _SECOND and last.day <= _SURE:
        return [Month(first.year, first.month)], repeat(0)
    # each quarter of an hour lies within one local day, whatever the zone
    quarters = [at // _QUARTER for at in times]
    month_of = {quarter: Month.of(instant_of(quarter * _QUARTER), zone_name) for quarter in {*quarters}}
    months = sorted(set(month_of.values()))
    which = {quarter: months.index(month) for quarter, month in month_of.items()}
    return months, map(which.__getitem__, quarters)
