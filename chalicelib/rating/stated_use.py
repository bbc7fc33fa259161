"""Uses as somebody states them, to try a tariff on: in quantities by meter, events, or need intervals."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import cast

from chalicelib.kernel.errors import Invalid
from chalicelib.kernel.quantity import quantity
from chalicelib.rating.amounts import NOTHING
from chalicelib.rating.model import NEED_STATES, Need, NeedState, Tariff, Use, UseKind
from chalicelib.rating.rate import EXACT
from chalicelib.rating.reading import Fields, escaped

EARLIEST, LATEST = datetime(1970, 1, 2, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""Stated instants lie within these."""
LONGEST = timedelta(days=366)
"""No stated use is longer."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def stated_use(fields: Fields, tariff: Tariff, use_id: str) -> Use | None:
    """Read a use; `use_id` is its id if it has none of its own. None if anything is at fault: then that is noted."""
    faults = fields.faults
    before = len(faults.found)
    kind = cast("UseKind", fields.one_of("kind", ("session", "agreement"), default="session"))
    use_id = fields.identifier("use_id") if "use_id" in fields.values else use_id
    started_at, ended_at = _instant(fields, "started_at"), _instant(fields, "ended_at")
    if len(faults.found) == before and ended_at < started_at:
        fields.fault("ended_at", "before_its_start")
    if len(faults.found) == before and ended_at - started_at > LONGEST:
        fields.fault("ended_at", "more_than_366_days_after_its_start")
    knows_when = len(faults.found) == before
    quantities = _quantities(fields)
    evidence = _events(fields, quantities, (started_at, ended_at) if knows_when else None)
    needs = _needs(fields, (started_at, ended_at) if knows_when else None)
    last_need_on = _day(fields, "last_need_on")
    fields.no_others()
    if len(faults.found) > before:
        return None
    return Use(
        use_id=use_id,
        tariff=tariff,
        started_at=started_at,
        ended_at=ended_at,
        open=False,
        quantities=quantities,
        evidence=evidence,
        needs=needs,
        kind=kind,
        last_need_on=last_need_on,
    )


def _instant(fields: Fields, name: str) -> datetime:
    before = len(fields.faults.found)
    instant = fields.moment(name)
    if len(fields.faults.found) == before and not EARLIEST <= instant < LATEST:
        fields.fault(name, "not_between_1970_and_2200")
    return instant


def _day(fields: Fields, name: str) -> date | None:
    value = fields.take(name, default=None)
    if value is None:
        return None
    try:
        return date.fromisoformat(value if isinstance(value, str) and _DAY.fullmatch(value) else "")
    except ValueError:
        return fields.wrong(name, value, "not_a_day", None)


def _quantities(fields: Fields) -> dict[str, Decimal]:
    stated = fields.inside(fields.take("quantities", default={}), "quantities")
    for name in stated.values:
        if not _NAME.fullmatch(name):
            stated.fault(name, "not_an_id")
    return {name: stated.not_negative(name) for name in stated.values}


def _events(
    fields: Fields, quantities: dict[str, Decimal], within: tuple[datetime, datetime] | None
) -> dict[str, tuple[str, ...]]:
    """Add the events' values to the quantities; their ids, by meter."""
    ids: list[str] = []
    shown: dict[str, list[str]] = {}
    sums: dict[str, Decimal] = {}
    for event in fields.items("events", default=()):
        meter, event_id, value = event.identifier("meter"), event.identifier("id"), event.not_negative("value")
        _check_within(event, "time", within)
        event.no_others()
        ids.append(event_id)
        shown.setdefault(meter, []).append(event_id)
        sums[meter] = EXACT.add(sums.get(meter, NOTHING), value)
    fields.unique("events", ids, "id")
    for meter, amount in sums.items():
        if meter in quantities:
            fields.faults.add(f"{fields.pointer}/quantities/{escaped(meter)}", "also_told_by_events")
        elif not _is_quantity(amount):
            fields.fault("events", "their_sum_is_too_large")
    quantities |= sums
    return {meter: tuple(each) for meter, each in shown.items()}


def _is_quantity(amount: Decimal) -> bool:
    try:
        quantity(amount)
    except Invalid:
        return False
    return True


def _needs(fields: Fields, within: tuple[datetime, datetime] | None) -> tuple[Need, ...]:
    found = fields.items("needs", default=())
    needs = [_need(each, within) for each in found]
    for (_, earlier), (place, later) in pairwise(zip(found, needs, strict=True)):
        if later.start < earlier.end:
            place.fault("start", "before_the_end_of_the_one_before")
    return tuple(needs)


def _need(fields: Fields, within: tuple[datetime, datetime] | None) -> Need:
    state = cast("NeedState", fields.one_of("state", NEED_STATES))
    start, end = _check_within(fields, "start", within), _check_within(fields, "end", within)
    if end < start:
        fields.fault("end", "before_its_start")
    need = Need(start, end, state, fields.texts("evidence", default=()))
    fields.no_others()
    return need


def _check_within(fields: Fields, name: str, within: tuple[datetime, datetime] | None) -> datetime:
    before = len(fields.faults.found)
    instant = fields.moment(name)
    if within is not None and len(fields.faults.found) == before and not within[0] <= instant <= within[1]:
        fields.fault(name, "outside_its_use")
    return instant
