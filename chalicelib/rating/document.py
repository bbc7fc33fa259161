"""Tariffs as documents: read whole, with every fault named; written so that reading gives the same tariff."""

from collections.abc import Callable
from importlib import import_module
from typing import cast

from chalicelib.kernel.money import UnknownCurrency, decimals_of
from chalicelib.kernel.quantity import plain
from chalicelib.kernel.time import SECONDS_IN, UnknownZone, format_instant, zone
from chalicelib.rating import tariff_terms
from chalicelib.rating.errors import InvalidTariff
from chalicelib.rating.flat import FlatFee
from chalicelib.rating.lines import ChargeClass
from chalicelib.rating.meter import Meter
from chalicelib.rating.model import Price, Tariff
from chalicelib.rating.ordered import ORDERED, is_order, meter_of
from chalicelib.rating.reading import Faults, Fields

Reader = Callable[[Fields, str, ChargeClass], Price]

KINDS = (
    "flat",
    "unit",
    "package",
    "graduated",
    "volume",
    "percentage",
    "graduated_percentage",
    "need",
    "capacity",
    "threshold",
    "recurring",
    "once",
)
"""The kinds of prices; each has a module of its own, named after it."""
_STATED = ("stated",)
"""The one kind in the tariffs of what partners state, whose ids say so; no tariff on offer has it."""
_BY_THE_UNIT = ("unit", "package", "graduated", "volume")
_CLASSES = ("use", "ordered", "owed")


def tariff_from_document(document: object) -> Tariff:
    """Read a tariff. `InvalidTariff` names all faults: a list of `{"pointer": ..., "reason": ...}`."""
    faults = Faults()
    tariff = _tariff(Fields.of(document, "", faults))
    if faults.found:
        raise InvalidTariff(errors=faults.found)
    return tariff


def _tariff(fields: Fields) -> Tariff:
    fields.currency = _currency(fields)
    meters = tuple(_meter(each) for each in fields.items("meters", default=()))
    fields.meters = {meter.name: meter for meter in meters}
    kinds = _STATED if "/" in str(fields.values.get("tariff_id")) else KINDS
    prices = tuple(_price(each, kinds) for each in fields.items("prices"))
    _check_time(fields, prices)
    terms = tariff_terms.read(fields, {price.id for price in prices})
    valid_from, valid_until = fields.instant("valid_from"), fields.instant("valid_until")
    if valid_from is not None and valid_until is not None and valid_until <= valid_from:
        fields.fault("valid_until", "not_after_its_start")
    fields.unique("meters", (meter.name for meter in meters), "name")
    fields.unique("prices", (price.id for price in prices), "id")
    tariff = Tariff(
        tariff_id=fields.tariff_identifier("tariff_id"),
        version=_version(fields),
        currency=fields.currency,
        zone=_zone(fields),
        tax_inclusive=fields.truth("tax_inclusive"),
        prices=prices,
        meters=meters,
        valid_from=valid_from,
        valid_until=valid_until,
        caps=terms.caps,
        minimums=terms.minimums,
        allowances=terms.allowances,
        regret=terms.regret,
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


def _meter(fields: Fields) -> Meter:
    most = fields.not_negative("most_per_hour") if "most_per_hour" in fields.values else None
    meter = Meter(fields.identifier("name"), fields.identifier("unit"), most)
    if not meter.is_bounded and meter.unit and meter.name not in ORDERED:
        fields.fault("most_per_hour", "needed_where_the_unit_is_no_time")
    fields.no_others()
    return meter


def _price(fields: Fields, kinds: tuple[str, ...]) -> Price:
    kind = fields.one_of("kind", kinds)
    price_id = fields.identifier("id")
    charge_class = cast("ChargeClass", fields.one_of("charge_class", _CLASSES, default="use"))
    if fields.values.get("kind") not in kinds:
        return FlatFee(price_id, charge_class, fields.price("amount", default="0"))
    price = _reader(kind)(fields, price_id, charge_class)
    fields.no_others()
    return price


def _check_time(fields: Fields, prices: tuple[Price, ...]) -> None:
    """No second may be charged twice: one price by need state, or one for each meter that counts time."""
    seen: set[str] = set()
    for index, price in enumerate(prices):
        name: str = getattr(getattr(price, "meter", None), "name", "")
        meter = fields.meters.get(name) if price.kind in _BY_THE_UNIT else None
        counts_time = meter is not None and meter.unit in SECONDS_IN
        what = "need" if price.kind == "need" else f"meter {name}" if counts_time else ""
        if is_order(price):
            what = ""
        elif meter_of(price) is not None and not _is_bounded(price):
            fields.faults.add(f"{fields.pointer}/prices/{index}/charge_class", "ordered_is_needed_for_this_meter")
        if what and (what in seen or "need" in seen or (what == "need" and seen)):
            fields.faults.add(f"{fields.pointer}/prices/{index}", "charges_the_same_time_twice")
        seen |= {what} if what else set()


def _is_bounded(price: Price) -> bool:
    """A meter of what is ordered needs no bound, since we count it: as long as it is charged as ordered."""
    meter = meter_of(price)
    return meter is None or meter.name not in ORDERED or meter.is_bounded


def _reader(kind: str) -> Reader:
    """Each kind of price is a module of its own, loaded when the first tariff has one: most tariffs have three."""
    return cast("Reader", import_module(f"chalicelib.rating.{kind}").read)


def tariff_document(tariff: Tariff) -> dict[str, object]:
    """The tariff as JSON-ready values; decimals are plain text."""
    validity = {"valid_from": tariff.valid_from, "valid_until": tariff.valid_until}
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
        **tariff_terms.written(tariff),
        **{name: format_instant(instant) for name, instant in validity.items() if instant is not None},
    }


def _meter_document(meter: Meter) -> dict[str, object]:
    bound = {} if meter.most_per_hour is None else {"most_per_hour": plain(meter.most_per_hour)}
    return {"name": meter.name, "unit": meter.unit, **bound}
