"""Products as items."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from chalicelib.catalogue.asking import Hold
from chalicelib.catalogue.booking_policy import BookingPolicy
from chalicelib.catalogue.details import Picture, ProductKind, ProductTax, ProductTerms, Seller, SuppliedAt
from chalicelib.catalogue.model import CeilingTerms, DataItem, FormerTerms, Owning, Product
from chalicelib.catalogue.policy import CreditOf, FaultCredit, Offline, Unused, UsePolicy
from chalicelib.catalogue.records import ProductRecord, partition
from chalicelib.kernel.money import Money
from chalicelib.kernel.quantity import plain
from chalicelib.kernel.time import Month

_PREFIX = "product#"
_MICROSECOND = timedelta(microseconds=1)
_OF_BOOKING = ("buffer", "ahead", "longest", "free_cancellation", "no_show")


def product_record(product: Product) -> ProductRecord:
    """The item of a product."""
    seller, terms = product.seller, product.terms
    return ProductRecord(
        pk=partition(product.partner_id),
        sk=f"{_PREFIX}{product.product_id}",
        name=product.name,
        category=product.category,
        zone=product.zone,
        data_card=[[item.what, item.why, item.kept_days] for item in product.data_card],
        owning=_owning_document(product.owning),
        ceiling=_ceiling_document(product.ceiling),
        tariff_version=product.tariff_version,
        fares=dict(product.fares) or None,
        members=list(product.members) or None,
        former=[
            [str(each.until), each.category, _owning_document(each.owning), _ceiling_document(each.ceiling)]
            for each in product.former
        ]
        or None,
        revision=product.revision,
        kind=str(product.kind),
        seller=[seller.legal_name, seller.country, seller.vat_number] if seller else None,
        terms=[terms.version, dict(terms.texts)] if terms else None,
        pictures=[[each.url, each.alt] for each in product.pictures] or None,
        policy=None if product.policy == UsePolicy() else _policy_document(product.policy),
        tax=_tax_row(product.tax),
    )


def product_of(record: ProductRecord) -> Product:
    """The product of an item."""
    return Product(
        partner_id=record.pk.removeprefix("partner#"),
        product_id=record.sk.removeprefix(_PREFIX),
        name=record.name,
        category=record.category,
        zone=record.zone,
        data_card=tuple(DataItem(*item) for item in record.data_card),
        owning=_owning_from(record.owning),
        ceiling=_ceiling_from(record.ceiling),
        tariff_version=int(record.tariff_version),
        fares=record.fares or {},
        members=tuple(record.members or ()),
        former=tuple(
            FormerTerms(Month.parse(until), category, _owning_from(owning), _ceiling_from(ceiling))
            for until, category, owning, ceiling in record.former or ()
        ),
        revision=int(record.revision or 0),
        kind=ProductKind(record.kind or ProductKind.PHYSICAL),
        seller=Seller(*record.seller) if record.seller else None,
        terms=ProductTerms(*record.terms) if record.terms else None,
        pictures=tuple(Picture(*each) for each in record.pictures or ()),
        policy=_policy_from(record.policy),
        tax=_tax_from(record.tax),
    )


def _tax_row(tax: ProductTax | None) -> list[str | None] | None:
    return None if tax is None else [tax.code, tax.supplied, tax.country, tax.postal_code]


def _tax_from(row: list[Any] | None) -> ProductTax | None:
    if row is None:
        return None
    code, supplied, country, postal_code = row
    return ProductTax(code, SuppliedAt(supplied) if supplied else None, country, postal_code)


def _owning_document(owning: Owning | None) -> dict[str, object] | None:
    if owning is None:
        return None
    return {
        "purchase": _minor(owning.purchase),
        "worth_after": _minor(owning.worth_after),
        "life_days": owning.life_days,
        "upkeep_per_year": _minor(owning.upkeep_per_year),
    }


def _ceiling_document(ceiling: CeilingTerms | None) -> dict[str, object] | None:
    return None if ceiling is None else {"upkeep": _minor(ceiling.upkeep)}


def _minor(amount: Money | None) -> list[object] | None:
    return None if amount is None else [amount.minor, amount.currency]


def _owning_from(document: dict[str, Any] | None) -> Owning | None:
    if document is None:
        return None
    amounts = {name: Money(*document[name]) for name in ("purchase", "worth_after", "upkeep_per_year")}
    return Owning(life_days=document["life_days"], **amounts)


def _ceiling_from(document: dict[str, Any] | None) -> CeilingTerms | None:
    if document is None:
        return None
    return CeilingTerms(None if document["upkeep"] is None else Money(*document["upkeep"]))


def _policy_document(policy: UsePolicy) -> dict[str, object]:
    lengths = {
        "silence": policy.silence,
        "grace": policy.grace,
        "free_reservation": policy.free_reservation,
        "position_kept": policy.position_kept,
    }
    return {
        "use_signals": list(policy.use_signals),
        "rest_signals": list(policy.rest_signals),
        "return_signals": list(policy.return_signals),
        "unused": str(policy.unused),
        "offline": str(policy.offline),
        **({} if policy.streams is None else {"streams": policy.streams}),
        **({} if not policy.requires else {"requires": list(policy.requires)}),
        **({} if not policy.consents else {"consents": list(policy.consents)}),
        **({} if policy.hold is None else {"hold": _hold_document(policy.hold)}),
        **({} if policy.fault_credit is None else {"fault_credit": _credit_row(policy.fault_credit)}),
        "priced_reservation": policy.priced_reservation // _MICROSECOND,
        "booking": _booking_document(policy.booking),
        **{name: None if each is None else each // _MICROSECOND for name, each in lengths.items()},
    }


def _policy_from(document: dict[str, Any] | None) -> UsePolicy:
    if document is None:
        return UsePolicy()
    silence = document["silence"]
    return UsePolicy(
        use_signals=tuple(document["use_signals"]),
        rest_signals=tuple(document["rest_signals"]),
        return_signals=tuple(document["return_signals"]),
        silence=None if silence is None else silence * _MICROSECOND,
        grace=document["grace"] * _MICROSECOND,
        unused=Unused(document["unused"]),
        free_reservation=document["free_reservation"] * _MICROSECOND,
        offline=Offline(document["offline"]),
        position_kept=document["position_kept"] * _MICROSECOND,
        streams=document.get("streams"),
        requires=tuple(document.get("requires", ())),
        consents=tuple(document.get("consents", ())),
        hold=_hold_from(document.get("hold")),
        fault_credit=_credit_from(document.get("fault_credit")),
        booking=_booking_from(document.get("booking")),
        **{name: document[name] * _MICROSECOND for name in ("priced_reservation",) if name in document},
    )


def _hold_document(hold: Hold) -> dict[str, object]:
    return {"amount": _minor(hold.amount)} if hold.share is None else {"share": plain(hold.share)}


def _hold_from(document: dict[str, Any] | None) -> Hold | None:
    if document is None:
        return None
    return Hold(share=Decimal(document["share"])) if "share" in document else Hold(Money(*document["amount"]))


def _credit_row(credit: FaultCredit) -> list[object]:
    return [str(credit.of), credit.percent]


def _credit_from(row: list[Any] | None) -> FaultCredit | None:
    return None if row is None else FaultCredit(CreditOf(row[0]), int(row[1]))


def _booking_document(booking: BookingPolicy | None) -> dict[str, int] | None:
    if booking is None:
        return None
    return {name: getattr(booking, name) // _MICROSECOND for name in _OF_BOOKING}


def _booking_from(document: dict[str, int] | None) -> BookingPolicy | None:
    if document is None:
        return None
    return BookingPolicy(**{name: document[name] * _MICROSECOND for name in _OF_BOOKING})
