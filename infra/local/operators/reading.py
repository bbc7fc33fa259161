"""Reading an operator's file: what can be known without a system is checked, and each fault is told with its place."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from chalicelib.catalogue.chargeable import not_chargeable
from chalicelib.edge.asset_shapes import asset_of
from chalicelib.edge.call import decode, json_pointer
from chalicelib.edge.category_shapes import category_of
from chalicelib.edge.fare_caps import FareCapsBody, fare_caps_of
from chalicelib.edge.meters import meter_from
from chalicelib.edge.place_shapes import place_of
from chalicelib.edge.plan_shapes import PlanBody, plan_stated
from chalicelib.edge.product_shapes import product_of
from chalicelib.edge.share_shapes import TaxRatesBody, rates_of, rule_of
from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.time import Month
from chalicelib.rating import Tariff, tariff_from_document
from chalicelib.subscriptions.plan import Plan
from chalicelib.subscriptions.plan_checking import checked
from infra.local.operators.errors import Fault, OperatorFileError, faults_of
from infra.local.operators.shapes import OperatorPart, PartnerPart, ProductPart

HERE = Path(__file__).resolve().parent
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)
_ANY_MONTH = Month(_ANY_TIME.year, _ANY_TIME.month)


@dataclass(frozen=True, slots=True)
class OperatorFile:
    """A file that can be loaded: as it stands, and in its shape."""

    name: str
    document: Mapping[str, Any]
    read: OperatorPart


def example(operator: str) -> Path:
    """Where an example is, by its operator's name."""
    found = examples()
    if operator not in found:
        raise OperatorFileError(operator, [Fault("", f"there are examples of {', '.join(sorted(found))}")])
    return found[operator]


def examples() -> dict[str, Path]:
    """All of them, by name."""
    return {path.stem: path for path in sorted(HERE.glob("*.json"))}


def read_operator(path: Path) -> OperatorFile:
    """Read a file, or `OperatorFileError` with every fault that is found."""
    try:
        return operator_of(path.read_bytes(), str(path))
    except OSError as error:
        raise OperatorFileError(str(path), [Fault("", error.strerror or str(error))]) from error


def operator_of(content: bytes, name: str) -> OperatorFile:
    """The same of a file's content. What has another shape is told alone, since nothing else can be looked at then."""
    try:
        read = decode(content, OperatorPart)
    except Refusal as refusal:
        raise OperatorFileError(name, faults_of(refusal, "")) from refusal
    faults = [*_faults(read)]
    if faults:
        raise OperatorFileError(name, faults)
    return OperatorFile(name, json.loads(content), read)


def tariff_of(rules: Mapping[str, Any], tariff_id: str, version: int, zone: str) -> Tariff:
    """A tariff as the catalogue would publish it; that a fare is for members alone is no rule of its own."""
    told = {name: value for name, value in rules.items() if name != "members_only"}
    return tariff_from_document({"zone": zone, **told, "tariff_id": tariff_id, "version": version})


def _faults(read: OperatorPart) -> Iterator[Fault]:
    currency = read.stage.get("ADGANG_CURRENCY", "EUR")
    for category_id, category in read.categories.items():
        at = json_pointer("categories", category_id)
        yield from _refused(at, partial(category_of, category_id, category))
        if category.parent is not None and category.parent not in read.categories:
            yield Fault(f"{at}/parent", f"no category {category.parent!r} in this file")
    for partner_id, partner in read.partners.items():
        yield from _of_partner(read, partner_id, partner, currency)
    yield from _of_codes(read)
    yield from _of_money(read, currency)
    for plan_id, plan in read.plans.items():
        yield from _refused(json_pointer("plans", plan_id), partial(_checked, read, plan_id, plan, currency))


def _refused(pointer: str, made: Callable[[], object]) -> Iterator[Fault]:
    """What a rule of ours says against this part, if it does."""
    try:
        made()
    except Refusal as refusal:
        yield from faults_of(refusal, pointer)


def _of_partner(read: OperatorPart, partner_id: str, partner: PartnerPart, currency: str) -> Iterator[Fault]:
    at, share, zone = json_pointer("partners", partner_id), partner.share, read.stage.get("ADGANG_ZONE", "UTC")
    if share is not None:
        yield from _refused(f"{at}/share", lambda: rule_of(share, currency))
    for name, meter in partner.meters.items():
        yield from _refused(at + json_pointer("meters", name), partial(meter_from, name, meter))
    for name, place in partner.places.items():
        yield from _refused(at + json_pointer("places", name), partial(place_of, partner_id, name, place, zone))
    for name, product in partner.products.items():
        where = at + json_pointer("products", name)
        yield from _refused(where, partial(product_of, partner_id, name, product, currency))
        if product.category not in read.categories:
            yield Fault(f"{where}/category", f"no category {product.category!r} in this file")
        yield from _of_tariffs(where, name, product, currency)
    for name, asset in partner.assets.items():
        where = at + json_pointer("assets", name)
        yield from _refused(where, partial(asset_of, partner_id, name, asset))
        if asset.product_id not in partner.products:
            yield Fault(f"{where}/product_id", f"no product {asset.product_id!r} of this partner")
        if asset.place_id is not None and asset.place_id not in partner.places:
            yield Fault(f"{where}/place_id", f"no place {asset.place_id!r} of this partner")
        if asset.device_id is not None and asset.device_id not in partner.devices:
            yield Fault(f"{where}/device_id", f"no device {asset.device_id!r} of this partner")


def _of_tariffs(where: str, product_id: str, product: ProductPart, currency: str) -> Iterator[Fault]:
    every = [("/tariff", "", product.tariff)]
    every += [(json_pointer("fares", fare), fare, rules) for fare, rules in product.fares.items()]
    for at, fare, rules in every:
        try:
            tariff = tariff_of(rules, product_id, 1, product.zone)
        except Refusal as refusal:
            yield from faults_of(refusal, where + at)
            continue
        if tariff.currency != currency:
            yield Fault(f"{where}{at}/currency", f"accounts settle in {currency}")
        open_fares = [name for name, each in product.fares.items() if not each.get("members_only")]
        for fault in not_chargeable(tariff, is_fare=fare in open_fares, has_fares=bool(open_fares)):
            yield Fault(where + at + fault["pointer"], fault["reason"])


def _checked(read: OperatorPart, plan_id: str, body: PlanBody, currency: str) -> Plan:
    """A plan by the rules of its publishing: its fee, fares of products of this file, and terms that are in it too."""
    fares = {
        f"{partner_id}:{name}": product.fares
        for partner_id, partner in read.partners.items()
        for name, product in partner.products.items()
    }
    terms, zone = read.terms.get(body.terms_version), read.stage.get("ADGANG_ZONE", "UTC")
    plan = replace(plan_stated(plan_id, body), version=1)
    texts = [] if terms is None else [*terms.texts]
    return checked(plan, fee=body.fee, fares=fares, terms=texts, zone=zone, currency=currency)


def _of_codes(read: OperatorPart) -> Iterator[Fault]:
    """A code is one of all partners' assets and places."""
    told = [
        (json_pointer("partners", partner_id, what, name, "code"), entry.code)
        for partner_id, partner in read.partners.items()
        for what, entries in (("places", partner.places), ("assets", partner.assets))
        for name, entry in entries.items()
        if entry.code is not None
    ]
    often = Counter(code for _, code in told)
    yield from (Fault(pointer, f"the code {code} is there twice") for pointer, code in told if often[code] > 1)


def _of_money(read: OperatorPart, currency: str) -> Iterator[Fault]:
    if read.tax:
        faults = _refused("", lambda: rates_of(_ANY_MONTH, TaxRatesBody(read.tax), "", _ANY_TIME))
        yield from (Fault("/tax" + fault.pointer.removeprefix("/rates"), fault.reason) for fault in faults)
    yield from _refused("", lambda: fare_caps_of(_ANY_MONTH, FareCapsBody(read.caps), currency))
    named = [(f"/tax/{number}/product", each.product) for number, each in enumerate(read.tax)]
    named += [(f"/caps/{number}/product", each.product) for number, each in enumerate(read.caps)]
    for pointer, product in named:
        if product and not _knows(read, product):
            yield Fault(pointer, f"no product {product!r} in this file: <partner>:<product>")


def _knows(read: OperatorPart, product: str) -> bool:
    partner_id, _, product_id = product.partition(":")
    return partner_id in read.partners and product_id in read.partners[partner_id].products
