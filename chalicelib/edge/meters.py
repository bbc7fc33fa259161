"""How partners describe what they measure."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal, cast

import msgspec

from chalicelib.edge.call import pointing_at
from chalicelib.kernel.quantity import plain, quantity
from chalicelib.metering.meters import Kind, Meter

Name = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]{0,63}$")]
Kinds = Literal["sum", "count", "max", "min", "latest", "unique", "time_weighted", "register", "interval"]


Per = Literal["s", "min", "h"]


class MeterBody(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A meter: how its events become one quantity, in which unit.

    `dimensions` says of each whether totals are kept apart by it (billable). Values lie within `least` and `most`. A
    register is a counter that only grows; where it `rolls_over_at`, it begins at zero again. An interval begins with
    the value 1 and ends with 0; it and a time-weighted sum are counted `per` s, min or h. A unique count counts the
    values of the dimension `unique_by`.
    """

    kind: Kinds
    unit: Annotated[str, msgspec.Meta(min_length=1, max_length=16)]
    dimensions: dict[Name, bool] = {}
    least: str | int | None = None
    most: str | int | None = None
    unique_by: Name | None = None
    rolls_over_at: str | int | None = None
    per: Per | None = None


class MeterShown(MeterBody, kw_only=True):
    """A version of a meter; another definition is another version, and counts from the next month on."""

    name: str
    version: int


class MeterQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Which version; the newest one if none is named."""

    version: Annotated[int, msgspec.Meta(ge=1, le=999_999)] | None = None


def meter_from(name: str, body: MeterBody) -> Meter:
    """A meter as the partner describes it."""
    return Meter(
        name=name,
        kind=Kind(body.kind),
        unit=body.unit,
        billable=tuple(sorted(each for each, billable in body.dimensions.items() if billable)),
        described=tuple(sorted(each for each, billable in body.dimensions.items() if not billable)),
        unique_by=body.unique_by,
        per=body.per,
        least=_bound("least", body.least),
        most=_bound("most", body.most),
        rolls_over_at=_bound("rolls_over_at", body.rolls_over_at),
    )


def _bound(name: str, given: str | int | None) -> Decimal | None:
    with pointing_at(name):
        return None if given is None else quantity(given)


def show_meter(meter: Meter) -> MeterShown:
    """A version of a meter."""
    bounds = {each: getattr(meter, each) for each in ("least", "most", "rolls_over_at")}
    return MeterShown(
        name=meter.name,
        version=meter.version,
        kind=meter.kind.value,
        unit=meter.unit,
        dimensions={**dict.fromkeys(meter.billable, True), **dict.fromkeys(meter.described, False)},
        unique_by=meter.unique_by,
        per=cast("Per | None", meter.per),
        **{each: None if bound is None else plain(bound) for each, bound in bounds.items()},
    )


def show_meters(found: Mapping[str, Meter]) -> list[MeterShown]:
    """The newest version of each, by name."""
    return [show_meter(found[name]) for name in sorted(found)]
