"""Assets and their take-outs as the partner door reads and shows them."""

from datetime import date
from typing import Annotated, Literal

import msgspec

from chalicelib.catalogue.details import Condition, Odometer, Wear
from chalicelib.catalogue.errors import BadCatalogueEntry
from chalicelib.catalogue.maintaining import AskTakeOut
from chalicelib.catalogue.model import Asset
from chalicelib.catalogue.taking_out import TakeOut
from chalicelib.edge.amounts import show_instant
from chalicelib.edge.call import pointing_at
from chalicelib.edge.imports import MOST_ROWS
from chalicelib.edge.paging import PageQuery
from chalicelib.edge.partner import Text
from chalicelib.kernel.quantity import plain, quantity
from chalicelib.kernel.time import parse_instant

Day = Annotated[str, msgspec.Meta(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$", extra_json_schema={"format": "date"})]
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
_UNLIMITED: Literal["unlimited"] = "unlimited"


class ConditionBody(msgspec.Struct, forbid_unknown_fields=True):
    """In which state it is, and what is to be known of it."""

    state: Literal["good", "worn", "damaged"] = "good"
    note: Annotated[str, msgspec.Meta(max_length=500)] = ""


class OdometerBody(msgspec.Struct, forbid_unknown_fields=True):
    """What its counter shows, as decimal text, and in which unit, as in km or h."""

    reading: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    unit: Word


class AssetBody(msgspec.Struct, forbid_unknown_fields=True):
    """An asset of a product, with the code that customers scan and the device that reports for it.

    `capacity` is how many may use it at once. `capabilities` say what it can do or has, as in {"child_seat": "yes"}.
    It is depreciated from the day `in_service_from` on, by default from that on which it is listed here first.
    """

    product_id: Text
    code: Text
    place_id: Text | None = None
    capacity: int | Literal["unlimited"] = 1
    retired: bool = False
    device_id: Text | None = None
    capabilities: Annotated[dict[str, Annotated[str, msgspec.Meta(max_length=100)]], msgspec.Meta(max_length=30)] = {}
    condition: ConditionBody = msgspec.field(default_factory=ConditionBody)
    odometer: OdometerBody | None = None
    accessibility: Annotated[list[Word], msgspec.Meta(max_length=20)] = []
    in_service_from: Day | None = None


class AssetRow(AssetBody, kw_only=True):
    """An asset in an import."""

    asset_id: Text


class AssetsBody(msgspec.Struct, forbid_unknown_fields=True):
    """An import of assets."""

    assets: Annotated[list[AssetRow], msgspec.Meta(min_length=1, max_length=MOST_ROWS)]


class AssetQuery(PageQuery):
    """How much of the list, and which assets: those of a product, at a place, or both."""

    product_id: Text | None = None
    place_id: Text | None = None


class AssetShown(msgspec.Struct):
    """An asset."""

    asset_id: str
    product_id: str
    code: str
    place_id: str | None
    capacity: int | Literal["unlimited"]
    retired: bool
    device_id: str | None
    capabilities: dict[str, str]
    condition: ConditionBody
    odometer: OdometerBody | None
    accessibility: list[str]
    in_service_from: str | None


class TakeOutBody(msgspec.Struct, forbid_unknown_fields=True):
    """Take the asset off the offers: why, from when (now, if left out or past), until when (until it is ended)."""

    reason: Text
    start: Annotated[str, msgspec.Meta(max_length=40)] | None = msgspec.field(default=None, name="from")
    until: Annotated[str, msgspec.Meta(max_length=40)] | None = None


class TakeOutShown(msgspec.Struct):
    """A take-out. `until` is as it was said first; one that somebody ended before has `ended_at`."""

    take_out_id: str
    asset_id: str
    reason: str
    start: str = msgspec.field(name="from")
    until: str | None
    made_at: str
    made_by: str
    ended_at: str | None
    ended_by: str | None


def asset_of(partner_id: str, asset_id: str, body: AssetBody) -> Asset:
    """An asset as the partner describes it."""
    return Asset(
        partner_id=partner_id,
        asset_id=asset_id,
        product_id=body.product_id,
        code=body.code,
        place_id=body.place_id,
        capacity=None if body.capacity == _UNLIMITED else body.capacity,
        retired=body.retired,
        device_id=body.device_id,
        capabilities=body.capabilities,
        condition=Condition(Wear(body.condition.state), body.condition.note),
        odometer=_odometer_of(body.odometer),
        accessibility=tuple(body.accessibility),
        in_service_from=_day_of(body.in_service_from),
    )


def _day_of(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise BadCatalogueEntry(pointer="/in_service_from", reason="a day of the calendar, as in 2021-05-31") from error


def _odometer_of(body: OdometerBody | None) -> Odometer | None:
    if body is None:
        return None
    with pointing_at("odometer", "reading"):
        return Odometer(quantity(body.reading), body.unit)


def show_asset(asset: Asset) -> AssetShown:
    """An asset."""
    odometer = asset.odometer
    return AssetShown(
        asset_id=asset.asset_id,
        product_id=asset.product_id,
        code=asset.code,
        place_id=asset.place_id,
        capacity=_UNLIMITED if asset.capacity is None else asset.capacity,
        retired=asset.retired,
        device_id=asset.device_id,
        capabilities=dict(asset.capabilities),
        condition=ConditionBody(asset.condition.state.value, asset.condition.note),
        odometer=OdometerBody(plain(odometer.reading), odometer.unit) if odometer else None,
        accessibility=list(asset.accessibility),
        in_service_from=None if asset.in_service_from is None else asset.in_service_from.isoformat(),
    )


def asked_take_out(partner_id: str, asset_id: str, body: TakeOutBody) -> AskTakeOut:
    """A take-out as the partner asks for it."""
    with pointing_at("from"):
        start = parse_instant(body.start) if body.start is not None else None
    with pointing_at("until"):
        until = parse_instant(body.until) if body.until is not None else None
    return AskTakeOut(partner_id, asset_id, body.reason, start, until)


def show_take_out(take_out: TakeOut) -> TakeOutShown:
    """A take-out."""
    return TakeOutShown(
        take_out_id=take_out.take_out_id,
        asset_id=take_out.asset_id,
        reason=take_out.reason,
        start=show_instant(take_out.start),
        until=show_instant(take_out.until) if take_out.until else None,
        made_at=show_instant(take_out.made_at),
        made_by=take_out.made_by,
        ended_at=show_instant(take_out.ended_at) if take_out.ended_at else None,
        ended_by=take_out.ended_by,
    )
