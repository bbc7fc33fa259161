"""What watching over unused things needs from outside."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from chalicelib.access.model import AccessSession
from chalicelib.kernel.writes import Write

MOST_TOLD = 100


@dataclass(frozen=True, slots=True)
class Told:
    """The newest instants as of which a session's account was told; `turn` counts them and guards each."""

    instants: tuple[datetime, ...] = ()
    turn: int = 0

    def with_one_more(self, at: datetime) -> "Told":
        """The oldest is forgotten where there are too many."""
        return replace(self, instants=tuple(sorted([*self.instants, at])[-MOST_TOLD:]), turn=self.turn + 1)


class Watches(Protocol):
    """Where it is kept what was told, and how a look is asked for."""

    def told(self, session_id: str) -> Told:
        """What was told of the session."""

    def noting(self, session_id: str, told: Told) -> Write:
        """Store what was told, unless somebody else told something meanwhile."""

    def due(self, session: AccessSession, at: datetime, now: datetime) -> Sequence[Write]:
        """Have the session looked at then."""
