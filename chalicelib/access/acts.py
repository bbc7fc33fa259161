"""Acts: what people did with a session, beside what its thing reported."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.kernel.time import format_instant, parse_instant

UNPAID = "unpaid"
"""Who an act is by that follows from a payment that failed."""


class ActKind(StrEnum):
    """Hand-out, a rest by the customer's own word and its end, return, and the move to another asset."""

    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    END = "end"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True)
class Act:
    """What was done, when, and by whom. An act that is told twice has one id, and counts once."""

    kind: ActKind
    at: datetime
    by: str
    act_id: str

    def row(self) -> list[str]:
        """As JSON-ready values, in which text order is time order."""
        return [format_instant(self.at), self.act_id, str(self.kind), self.by]

    @classmethod
    def of(cls, row: Sequence[str]) -> "Act":
        """The act of a row."""
        at, act_id, kind, by = row
        return cls(ActKind(kind), parse_instant(at), by, act_id)
