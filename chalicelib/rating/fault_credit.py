"""A use that a fault ended: a part of what it costs is given back, and falls on the partner whose thing it was."""

from dataclasses import dataclass
from typing import Literal

from chalicelib.rating.left import Left
from chalicelib.rating.lines import RatedLine

FAULT_CREDIT = "fault_credit"
CreditOf = Literal["start_fee", "charge"]
CREDITS_OF: tuple[CreditOf, ...] = ("start_fee", "charge")
_HUNDRED = 100


@dataclass(frozen=True, slots=True)
class FaultCredit:
    """So many percent of the fee for each start, or of all that need is charged. `evidence` shows the fault."""

    of: CreditOf
    percent: int
    evidence: tuple[str, ...] = ()


def credited(credit: FaultCredit, left: Left) -> list[RatedLine]:
    """The lines that give it back: never more than the use is charged, half up to the minor unit.

    A pass stays, and so does what was ordered or is owed: a fault takes none of that away.
    """
    covered = left.where(lambda line: _covers(credit, line))
    due = left.due(covered)
    by = min(due, (2 * due * credit.percent + _HUNDRED) // (2 * _HUNDRED))
    if by <= 0:
        return []
    facts = {"of": credit.of, "percent": str(credit.percent), "borne_by": "partner"}
    return [line._replace(evidence=credit.evidence) for line in left.change(covered, -by, "fault_credit", facts)]


def _covers(credit: FaultCredit, line: RatedLine) -> bool:
    if line.charge_class != "use" or line.code == "pass":
        return False
    return credit.of == "charge" or line.code == "flat_fee"
