"""What a customer is worth, and where a customer stands: the month before and this month in, a row out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple, cast

from chalicelib.finance.monitor_model import CUSTOMER, Figures, Row
from chalicelib.kernel.time import Month


class Stage(StrEnum):
    """Where an account is in its life as a customer, by when it used something."""

    NEVER_USED = "never_used"
    FIRST_USE = "first_use"
    ACTIVE = "active"
    ASLEEP = "asleep"
    LAPSED = "lapsed"
    WON_BACK = "won_back"


@dataclass(frozen=True, slots=True)
class ValueTerms:
    """After how many months without use an account has lapsed, and of how many months its mean margin is taken."""

    lapsed_after: int = 3
    mean_of: int = 3


@dataclass(frozen=True, slots=True)
class Past:
    """What the month before says of an account: months of first and last use, margins of the last months."""

    stage: Stage = Stage.NEVER_USED
    first: Month | None = None
    last: Month | None = None
    margin_to_date: int = 0
    months_used: int = 0
    recent: tuple[int, ...] = ()
    billed: Mapping[str, int] | None = None
    figures: Figures | None = None


NEW = Past()


class Standing(NamedTuple):
    """An account as the month leaves it. `was` is None of one that was not known."""

    stage: Stage
    was: Stage | None
    used: bool
    first: Month | None
    last: Month | None
    margin_to_date: int
    months_used: int
    recent: tuple[int, ...]

    def expected(self, again: int, of: int) -> int | None:
        """Its mean margin of the last months times the part of its stage that used something again, half up.

        None where nobody stood in the stage the month before, so that nothing is known.
        """
        return _half_up(sum(self.recent) * again, len(self.recent) * of) if of else None


def standing(past: Past | None, month: Month, margin: int, terms: ValueTerms, *, used: bool, late: int = 0) -> Standing:
    """Where an account stands after a month of that margin, in which it used something or not.

    `late` is what was posted to earlier months after they were exported: it is in the margin to date alone.
    """
    known = past or NEW
    return Standing(
        stage=_stage(known, month, terms, used=used),
        was=known.stage if past else None,
        used=used,
        first=known.first or (month if used else None),
        last=month if used else known.last,
        margin_to_date=known.margin_to_date + margin + late,
        months_used=known.months_used + used,
        recent=(*known.recent, margin)[-terms.mean_of :],
    )


def _stage(past: Past, month: Month, terms: ValueTerms, *, used: bool) -> Stage:
    if past.last is None:
        return Stage.FIRST_USE if used else Stage.NEVER_USED
    without = _months_between(past.last, month) - 1
    if used:
        return Stage.WON_BACK if without >= terms.lapsed_after else Stage.ACTIVE
    return Stage.LAPSED if without + 1 >= terms.lapsed_after else Stage.ASLEEP


def _months_between(one: Month, other: Month) -> int:
    return (other.year - one.year) * 12 + other.number - one.number


def _half_up(amount: int, by: int) -> int:
    return (2 * amount + by) // (2 * by)


def past_of(row: Row) -> Past:
    """What a row of the month before says."""
    first, last = row.texts.get("first"), row.texts.get("last")
    return Past(
        stage=Stage(row.texts["stage"]),
        first=Month.parse(first) if first else None,
        last=Month.parse(last) if last else None,
        margin_to_date=row.figures["margin_to_date"],
        months_used=row.figures["months_used"],
        recent=tuple(cast("Sequence[int]", row.kept["recent"])),
        billed=cast("Mapping[str, int]", row.kept.get("billed", {})),
        figures=row.figures,
    )


def row_of(who: tuple[str, str], found: Standing, figures: Figures, billed: Figures, past: Past | None) -> Row:
    """The row of an account in a currency; `figures` are those of its margin and its use."""
    texts: dict[str, str] = {"stage": str(found.stage)}
    dates: dict[str, Any] = {"first": found.first, "last": found.last, "stage_before": found.was}
    texts |= {name: str(value) for name, value in dates.items() if value is not None}
    shown = {**figures, "margin_to_date": found.margin_to_date, "months_used": found.months_used}
    kept: dict[str, object] = {"recent": list(found.recent)}
    if billed:
        kept["billed"] = dict(billed)
    return Row(CUSTOMER, *who, shown, past.figures if past else None, texts, kept)
