"""Tariffs as documents: read whole, with every fault named; written so that reading gives the same tariff."""

from collections.abc import Callable, Iterable, Mapping
from typing import cast

from chalicelib.kernel.money import UnknownCurrency, decimals_of
from chalicelib.kernel.quantity import plain
from chalicelib.kernel.time import UnknownZone, zone
from chalicelib.rating import flat, package, threshold
from chalicelib.rating.errors import InvalidTariff
from chalicelib.rating.lines import ChargeClass
from chalicelib.rating.model import Cap, CapPeriod, Meter, Price, Tariff
from chalicelib.rating.reading import Faults, Fields

_KINDS: Mapping[str, Callable[[Fields, str, ChargeClass], Price]] = {
    flat.FlatFee.kind: flat.read,
    package.PackagePrice.kind: package.read,
    threshold.ThresholdFee.kind: threshold.read,
}
_CLASSES = ("use", "ordered", "owed")
_PERIODS = ("day",)


def tariff_from_document(document: object) -> Tariff:
    """Read a tariff. `InvalidTariff` names all faults: a list of `{"pointer": ..., "reason": ...}`."""
    faults = Faults()
    tariff = _tariff(Fields.of(document, "", faults))
    if faults.found:
        raise InvalidTariff(errors=faults.found)
    return tariff


def _tariff(fields: Fields) -> Tariff:
    currency = _currency(fields)
    meters = tuple(_meter(each) for each in fields.items("meters", default=()))
    fields.meters = {meter.name: meter for meter in meters}
    prices = tuple(_price(each) for each in fields.items("prices"))
    known = {price.id for price in prices}
    caps = tuple(_cap(each, currency, known) for each in fields.items("caps", default=()))
    _unique(fields, "meters", (meter.name for meter in meters), "name")
    _unique(fields, "prices", (price.id for price in prices), "id")
    _unique(fields, "caps", (cap.id for cap in caps), "id")
    tariff = Tariff(
        tariff_id=fields.identifier("tariff_id"),
        version=_version(fields),
        currency=currency,
        zone=_zone(fields),
        tax_inclusive=_truth(fields, "tax_inclusive"),
        prices=prices,
        caps=caps,
        meters=meters,
    )
    fields.no_others()
    return tariff


def _currency(fields: Fields) -> str:
    value = fields.take("currency")
    try:
        decimals_of(str(value))
    except UnknownCurrency:
        return fields.wrong("currency", value, "unknown_currency", "EUR")
    return str(value)


def _zone(fields: Fields) -> str:
    value = fields.take("zone")
    try:
        zone(str(value))
    except UnknownZone:
        return fields.wrong("zone", value, "unknown_zone", "UTC")
    return str(value)


def _version(fields: Fields) -> int:
    value = fields.take("version")
    if type(value) is int and value > 0:
        return value
    return fields.wrong("version", value, "not_a_whole_number_above_zero", 1)


def _truth(fields: Fields, name: str) -> bool:
    value = fields.take(name)
    return value if isinstance(value, bool) else fields.wrong(name, value, "not_true_or_false", harmless=False)


def _meter(fields: Fields) -> Meter:
    most = fields.not_negative("most_per_hour") if "most_per_hour" in fields.values else None
    meter = Meter(fields.identifier("name"), fields.identifier("unit"), most)
    if not meter.is_bounded and meter.unit:
        fields.fault("most_per_hour", "needed_where_the_unit_is_no_time")
    fields.no_others()
    return meter


def _price(fields: Fields) -> Price:
    kind = fields.one_of("kind", tuple(_KINDS))
    price_id = fields.identifier("id")
    charge_class = cast("ChargeClass", fields.one_of("charge_class", _CLASSES, default="use"))
    if fields.values.get("kind") not in _KINDS:
        return flat.FlatFee(price_id, charge_class, fields.price("amount", default="0"))
    price = _KINDS[kind](fields, price_id, charge_class)
    fields.no_others()
    return price


def _cap(fields: Fields, currency: str, known: set[str]) -> Cap:
    cap = Cap(
        fields.identifier("id"),
        cast("CapPeriod", fields.one_of("period", _PERIODS)),
        fields.money("amount", currency),
        fields.names("over"),
    )
    for index, name in enumerate(cap.over):
        if name not in known:
            fields.faults.add(f"{fields.pointer}/over/{index}", "unknown_price")
    fields.no_others()
    return cap


def _unique(fields: Fields, name: str, ids: Iterable[str], member: str) -> None:
    seen: set[str] = set()
    for index, each in enumerate(ids):
        if each and each in seen:
            fields.faults.add(f"{fields.pointer}/{name}/{index}/{member}", "not_unique")
        seen.add(each)


def tariff_document(tariff: Tariff) -> dict[str, object]:
    """The tariff as JSON-ready values; decimals are plain text."""
    return {
        "tariff_id": tariff.tariff_id,
        "version": tariff.version,
        "currency": tariff.currency,
        "zone": tariff.zone,
        "tax_inclusive": tariff.tax_inclusive,
        "meters": [_meter_document(meter) for meter in tariff.meters],
        "prices": [
            {"id": price.id, "kind": price.kind, "charge_class": price.charge_class, **price.document()}
            for price in tariff.prices
        ],
        "caps": [
            {"id": cap.id, "period": cap.period, "amount": str(cap.amount.amount), "over": list(cap.over)}
            for cap in tariff.caps
        ],
    }


def _meter_document(meter: Meter) -> dict[str, object]:
    bound = {} if meter.most_per_hour is None else {"most_per_hour": plain(meter.most_per_hour)}
    return {"name": meter.name, "unit": meter.unit, **bound}
