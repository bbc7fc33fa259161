"""What positions need from outside."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

SeenKey = tuple[str, datetime, str, str]


@dataclass(frozen=True, slots=True)
class Seen:
    """Roughly where a session was, as one event said, or at which place; until when that is kept."""

    session_id: str
    time: datetime
    source: str
    event_id: str
    cell: str | None
    expires: datetime
    place: str | None = None

    @property
    def key(self) -> SeenKey:
        """Whose it is, and which event said so."""
        return self.session_id, self.time, self.source, self.event_id


class Positions(Protocol):
    """Where positions are kept."""

    def of_session(self, session_id: str, now: datetime) -> Sequence[Seen]:
        """Those that are still to be kept, in order of time."""

    def known(self, found: Sequence[Seen]) -> Collection[SeenKey]:
        """Those of them that are stored already."""

    def keep(self, found: Sequence[Seen]) -> None:
        """Store them."""

    def forget(self, session_id: str) -> None:
        """Remove all of a session."""
