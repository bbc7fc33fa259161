"""The price before the start: an estimate for the stated need, and the worst that a day can bring."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from chalicelib.kernel.money import Money, total
from chalicelib.rating.lines import RatedLine
from chalicelib.rating.model import Tariff, Use
from chalicelib.rating.rate import rate

HOURS = 24
_QUOTED = "quoted"


@dataclass(frozen=True, slots=True)
class Quoted:
    """What a use would cost: `lines` make up the estimate; `worst_case` holds for that many `hours` from the start."""

    estimate: Money
    worst_case: Money
    lines: tuple[RatedLine, ...]
    hours: int


def quote(tariff: Tariff, at: datetime, need: Mapping[str, Decimal], earlier: Sequence[Use] = ()) -> Quoted:
    """Rate the stated need as if it began at `at`, and the most that every meter can count in a day.

    Of what the customer used `earlier`, only ended uses count against the caps: one that is still open may end later
    than this one and leave the caps to it.
    """
    ended = [use for use in earlier if not use.open]
    lines = _rated(tariff, at, need, ended)
    worst = _rated(tariff, at, _most(tariff, need), ended)
    return Quoted(_sum(lines, tariff), _sum(worst, tariff), lines, HOURS)


def _most(tariff: Tariff, need: Mapping[str, Decimal]) -> dict[str, Decimal]:
    most = {meter.name: meter.most_in(HOURS) for meter in tariff.meters}
    return {name: max(most.get(name, Decimal(0)), need.get(name, Decimal(0))) for name in {**most, **need}}


def _rated(
    tariff: Tariff, at: datetime, quantities: Mapping[str, Decimal], ended: Sequence[Use]
) -> tuple[RatedLine, ...]:
    use = Use(_QUOTED, tariff, at, at + timedelta(hours=HOURS), open=True, quantities=quantities)
    return tuple(line for line in rate([*ended, use]) if line.use_id == _QUOTED)


def _sum(lines: Sequence[RatedLine], tariff: Tariff) -> Money:
    return total((line.amount for line in lines), tariff.currency)
