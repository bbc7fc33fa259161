"""What this area needs from outside."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write
from chalicelib.metering.model import Head, Subject


class Heads(Protocol):
    """Where heads are kept."""

    def find(self, subject: str, month: Month) -> Head:
        """The head, empty if nothing was reported yet."""

    def saving(self, head: Head) -> Write:
        """Store the head if the stored version is the one before its own."""

    def unchanged(self, head: Head) -> Write:
        """Let nothing be written unless the head is still as read."""


class Subjects(Protocol):
    """Who knows what an event may be about (access does)."""

    def known(self, subjects: Sequence[str]) -> Mapping[str, Subject]:
        """Those that exist, by name."""

    def hearing(self, subject: Subject) -> Sequence[Write]:
        """What goes with new evidence: the subject is still as known, and if it has ended, its charge is seen again."""
