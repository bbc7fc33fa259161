"""What events add to the totals of a head: many at once where all may be counted, else one by one."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Context, Decimal
from typing import cast

from chalicelib.kernel.quantity import plain
from chalicelib.metering.columns import Columns
from chalicelib.metering.errors import Implausible, OverLimit, SubjectFull
from chalicelib.metering.head import Head
from chalicelib.metering.meters import LIMITED, STEPS, Kind, Meter, Series, Total
from chalicelib.metering.model import Event

MOST_TOTAL = Decimal("1e13")
"""Of a meter in one month; far from where sums of quantities would stop being exact."""
MOST_SERIES = 200
_ZERO = Decimal(0)
_WIDE = Context(prec=60)


def added(head: Head, new: Columns, most: Mapping[str, Decimal]) -> dict[Series, Total] | None:
    """The totals with all of the events, added up as whole numbers; None if one of them may have to be refused.

    What only grows and is within its bounds in the end was so all the time, in whatever order the events came.
    """
    totals = dict(head.totals)
    names = new.names
    for name in names[:1] if len(names) == 1 else {*names}:
        meter = head.meter(name)
        if meter.kind is Kind.SUM or meter.kind is Kind.COUNT:
            for series, amount in _amounts(meter, new).items():
                before = totals.get(series)
                totals[series] = Total(amount if before is None else _WIDE.add(before.value, amount))
            if _may_be_too_much(head, meter, totals, most):
                return None
        elif meter.kind in STEPS:
            return None
    return totals if len(totals) <= MOST_SERIES else None


def _amounts(meter: Meter, new: Columns) -> dict[Series, Decimal]:
    """By series, the sum or the number of the meter's values."""
    if not meter.billable and None not in new.values and new.names.count(meter.name) == len(new.names):
        return {(meter.name, ()): _amount(meter, cast("Sequence[int]", new.values), new.scale)}  # as of most subjects
    found: dict[Series, list[int]] = {}
    for series, value in _values(meter, new):
        found.setdefault(series, []).append(value)
    return {series: _amount(meter, values, new.scale) for series, values in found.items()}


def _amount(meter: Meter, values: Sequence[int], scale: int) -> Decimal:
    return Decimal(len(values)) if meter.kind is Kind.COUNT else Decimal(sum(values)).scaleb(-scale, _WIDE)


def _values(meter: Meter, new: Columns) -> Iterator[tuple[Series, int]]:
    for name, value, dimensions in zip(new.names, new.values, new.dimensions, strict=True):
        if value is not None and name == meter.name:
            yield meter.series_of(dimensions), value


def _may_be_too_much(head: Head, meter: Meter, totals: Mapping[Series, Total], most: Mapping[str, Decimal]) -> bool:
    if len(totals) == 1:
        ((whole, _),) = totals.values()
    else:
        whole = sum([total.value for (name, _), total in totals.items() if name == meter.name], _ZERO)
    limit = head.limits.get(meter.name)
    if limit is not None and limit.hard and whole > limit.most:
        return True
    return meter.kind is Kind.SUM and whole > most.get(meter.name, MOST_TOTAL)


def count_one(
    head: Head, totals: dict[Series, Total], event: Event, most: Mapping[str, Decimal]
) -> Implausible | OverLimit | SubjectFull | None:
    """Add the event to its total, or say why not."""
    if event.value is None:
        return None
    meter = head.meter(event.name)
    step = STEPS.get(meter.kind)
    if step is None:
        return None
    series = meter.series(event)
    before = totals.get(series)
    if before is None and len(totals) >= MOST_SERIES:
        return SubjectFull(most=MOST_SERIES, pointer="/data/dimensions", reason="as many dimensions as are told apart")
    after = step(before, event)
    if meter.kind in LIMITED:
        whole = after.value
        if meter.billable:
            whole += sum((each.value for key, each in totals.items() if key[0] == meter.name and key != series), _ZERO)
        if meter.kind is Kind.SUM and whole > most.get(event.name, MOST_TOTAL):
            return _too_much(whole)
        limit = head.limits.get(event.name)
        if limit is not None and limit.hard and whole > limit.most:
            return OverLimit(pointer="/data/value", meter=event.name, most=plain(limit.most), total=plain(whole))
    totals[series] = after
    return None


def _too_much(total: Decimal) -> Implausible:
    reason = "more in all than the session can have had"
    return Implausible(pointer="/data/value", reason=reason, total=plain(total))
