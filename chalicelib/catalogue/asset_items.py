"""Assets and their take-outs as items."""

from datetime import date

from chalicelib.catalogue.details import Condition, Odometer, Wear
from chalicelib.catalogue.model import Asset, FormerState
from chalicelib.catalogue.records import KEPT, AssetRecord, TakeOutRecord, partition
from chalicelib.catalogue.taking_out import Stretch, TakeOut, out_from
from chalicelib.kernel.quantity import plain, quantity
from chalicelib.kernel.time import Month, format_instant, parse_instant

_PREFIX = "asset#"


def asset_key(asset_id: str) -> str:
    """The sort key of an asset."""
    return f"{_PREFIX}{asset_id}"


def device_key(device_id: str) -> str:
    """The sort key of a partner's device."""
    return f"device#{device_id}"


def take_out_key(asset_id: str, take_out_id: str = "") -> str:
    """The sort key of a take-out, or what those of all of an asset begin with."""
    return f"out#{asset_id}#{take_out_id}"


def asset_record(asset: Asset) -> AssetRecord:
    """The item of an asset."""
    return _asset(asset, asset_key(asset.asset_id))


def device_record(asset: Asset) -> AssetRecord:
    """The same under the key of its device, so that one read finds it."""
    return _asset(asset, device_key(asset.device_id or ""))


def _asset(asset: Asset, sk: str) -> AssetRecord:
    odometer, first = asset.odometer, out_from(asset.take_outs)
    stretches = [
        [each.take_out_id, format_instant(each.start), each.until and format_instant(each.until)]
        for each in asset.take_outs
    ]
    return AssetRecord(
        pk=partition(asset.partner_id),
        sk=sk,
        asset_id=asset.asset_id,
        product_id=asset.product_id,
        code=asset.code,
        place_id=asset.place_id,
        capacity=asset.capacity,
        retired=asset.retired,
        device_id=asset.device_id,
        capabilities=dict(asset.capabilities) or None,
        condition=None if asset.condition == Condition() else [str(asset.condition.state), asset.condition.note],
        odometer=[plain(odometer.reading), odometer.unit] if odometer else None,
        accessibility=list(asset.accessibility) or None,
        take_outs=stretches or None,
        out_from=first[0] if first else None,
        out_until=first[1] if first else None,
        revision=asset.revision,
        in_service_from=_day_text(asset.in_service_from),
        listed_on=_day_text(asset.listed_on),
        former=[
            [str(each.until), each.product_id, each.capacity, each.retired, _day_text(each.in_service_from)]
            for each in asset.former
        ]
        or None,
    )


def asset_of(record: AssetRecord) -> Asset:
    """The asset of an item."""
    state, note = record.condition or (Wear.GOOD, "")
    reading, unit = record.odometer or (None, "")
    return Asset(
        partner_id=record.pk.removeprefix("partner#"),
        asset_id=record.asset_id or record.sk.removeprefix(_PREFIX),
        product_id=record.product_id,
        code=record.code,
        place_id=record.place_id,
        capacity=None if record.capacity is None else int(record.capacity),
        retired=record.retired,
        device_id=record.device_id,
        capabilities=record.capabilities or {},
        condition=Condition(Wear(state), note),
        odometer=None if reading is None else Odometer(quantity(reading), unit),
        accessibility=tuple(record.accessibility or ()),
        take_outs=tuple(
            Stretch(take_out_id, parse_instant(start), until and parse_instant(until))
            for take_out_id, start, until in record.take_outs or ()
        ),
        in_service_from=_day(record.in_service_from),
        listed_on=_day(record.listed_on),
        former=tuple(
            FormerState(Month.parse(until), product_id, capacity, retired, _day(day))
            for until, product_id, capacity, retired, day in record.former or ()
        ),
        revision=int(record.revision or 0),
    )


def _day_text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def take_out_record(take_out: TakeOut) -> TakeOutRecord:
    """The item of a take-out. One that is not over by itself is kept until somebody ends it."""
    over = take_out.ended_at or take_out.until
    return TakeOutRecord(
        pk=partition(take_out.partner_id),
        sk=take_out_key(take_out.asset_id, take_out.take_out_id),
        reason=take_out.reason,
        start=take_out.start,
        until=take_out.until,
        made_at=take_out.made_at,
        made_by=take_out.made_by,
        ended_at=take_out.ended_at,
        ended_by=take_out.ended_by,
        expires=over + KEPT if over else None,
    )


def take_out_of(record: TakeOutRecord) -> TakeOut:
    """The take-out of an item."""
    _, asset_id, take_out_id = record.sk.split("#")
    return TakeOut(
        partner_id=record.pk.removeprefix("partner#"),
        asset_id=asset_id,
        take_out_id=take_out_id,
        reason=record.reason,
        start=record.start,
        until=record.until,
        made_at=record.made_at,
        made_by=record.made_by,
        ended_at=record.ended_at,
        ended_by=record.ended_by,
    )
