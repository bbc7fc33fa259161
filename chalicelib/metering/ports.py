"""What this area needs from outside."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write
from chalicelib.metering.changes import Change
from chalicelib.metering.fold import Settled
from chalicelib.metering.head import Head
from chalicelib.metering.limits import Reached
from chalicelib.metering.meters import Meter
from chalicelib.metering.model import Event, Subject

Where = tuple[str, Month]
"""A subject and a month: what has a head."""
BlockKey = tuple[str, Month, str, bytes]
"""Subject, month, kind and digest of a page or node."""


@dataclass(frozen=True, slots=True)
class Log:
    """Events that could not be counted at once: saved under the digest of what they are, to be counted by a worker."""

    subject: str
    month: Month
    events: tuple[Event, ...]
    received_at: datetime


class Heads(Protocol):
    """Where heads are kept, and what they name."""

    def find(self, subject: str, month: Month) -> Head:
        """The head, empty if nothing was reported yet."""

    def many(self, wanted: Sequence[Where]) -> Mapping[Where, Head]:
        """All of them; those that are not there are empty."""

    def each_of(self, subjects: Iterable[Sequence[str]], month: Month) -> Iterator[Sequence[Head]]:
        """The heads of a month, some subjects at a time: those that come next may be read already."""

    def all_of(self, subject: str) -> Sequence[Head]:
        """The subject's heads of all months."""

    def forget(self, subject: str) -> None:
        """Remove what the subject has beside heads: pages, nodes and logs."""

    def blocks(self, wanted: Sequence[BlockKey]) -> Mapping[BlockKey, bytes]:
        """Pages and nodes. One that is named by a head and not there is `PageMissing`."""

    def prepare(self, settled: Sequence[Settled]) -> None:
        """Store the pages and nodes of heads, and that their subjects have a head; nothing shows them yet."""

    def put(self, settled: Sequence[Settled]) -> Sequence[bool]:
        """Store each head if the stored version is the one before its own; whether it was."""

    def saving(self, settled: Settled) -> Write:
        """The same as a write of a transaction."""

    def telling(self, head: Head, reached: Reached, now: datetime) -> Write:
        """Have a worker tell that so much of a limit was reached."""

    def unchanged(self, head: Head) -> Write:
        """Let nothing be written unless the head is still as read."""

    def spill(self, log: Log, now: datetime) -> Sequence[Write]:
        """Store a log, and have a worker told of it by the writes."""

    def spilled(self, subject: str, month: Month, digest: str) -> Log | None:
        """A log."""

    def logs(self, subject: str, month: Month) -> Iterator[Log]:
        """The subject's logs, also those that were counted since."""

    def meters(self, partner_id: str) -> Mapping[str, Meter]:
        """The newest version of each meter that the partner has defined."""

    def meter_version(self, partner_id: str, name: str, version: int) -> Meter | None:
        """A version of a meter."""

    def defining(self, partner_id: str, meters: Mapping[str, Meter], new: Meter) -> Sequence[Write]:
        """Store the partner's meters, of which one is new or changed, unless another one was changed meanwhile."""

    def change(self, partner_id: str, change_id: str) -> Change | None:
        """A change that the partner has made."""

    def changing(self, change: Change, *, first: bool) -> Sequence[Write]:
        """Store a change: the first time unless there is one of that id, later with its revert, unless it has one."""

    def subjects_of(self, month: Month) -> Iterator[str]:
        """The subjects that have a head in the month, each once."""

    def noted(self, month: Month, after: str | None = None) -> Iterator[tuple[str, str]]:
        """The same, or those after a place, each with its place; one may be there twice."""


class Subjects(Protocol):
    """Who knows what an event may be about (access does)."""

    def known(self, subjects: Sequence[str]) -> Mapping[str, Subject]:
        """Those that exist, by name."""

    def hearing(self, subject: Subject) -> Sequence[Write]:
        """What goes with evidence for a subject that has ended, may be over, or turns: it is looked at again."""
