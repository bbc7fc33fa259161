"""An account's terms as documents, for its proofs."""

from collections.abc import Mapping
from typing import Literal, cast

from chalicelib.kernel.money import Money
from chalicelib.kernel.quantity import plain
from chalicelib.rating.account import AccountTerms
from chalicelib.rating.account_caps import AccountCap
from chalicelib.rating.ceiling import Ceiling
from chalicelib.rating.errors import InvalidTerms
from chalicelib.rating.model import Tariff
from chalicelib.rating.promotions import Coupon, Credit, Reward
from chalicelib.rating.reading import Faults, Fields
from chalicelib.rating.terms import PERIODS, Period
from chalicelib.rating.use_document import TariffKey

_COUPONS: tuple[Literal["percent", "amount", "first"], ...] = ("percent", "amount", "first")


def terms_document(terms: AccountTerms) -> dict[str, object]:
    """The terms as JSON-ready values; tariffs by id and version."""
    return {
        "alternatives": {
            product: [{"tariff_id": tariff.tariff_id, "version": tariff.version} for tariff in tariffs]
            for product, tariffs in terms.alternatives.items()
        },
        "caps": [
            {"id": c.id, "period": c.period, "amount": _money(c.amount), "product": c.product, "category": c.category}
            for c in terms.caps
        ],
        "ceilings": [_ceiling_document(ceiling) for ceiling in terms.ceilings],
        "coupons": [
            {"id": coupon.id, "kind": coupon.kind, "value": plain(coupon.value), "product": coupon.product}
            for coupon in terms.coupons
        ],
        "rewards": [{"id": r.id, "consent": r.consent, "amount": _money(r.amount)} for r in terms.rewards],
        "credits": [{"id": c.id, "reason": c.reason, "amount": _money(c.amount)} for c in terms.credits],
        "earlier": sorted(terms.earlier),
        "month": terms.month,
    }


def _money(amount: Money) -> dict[str, object]:
    return {"minor": amount.minor, "currency": amount.currency}


def _ceiling_document(ceiling: Ceiling) -> dict[str, object]:
    return {
        "id": ceiling.id,
        "product": ceiling.product,
        "price": _money(ceiling.price),
        "paid_before": _money(ceiling.paid_before),
        "upkeep": None if ceiling.upkeep is None else _money(ceiling.upkeep),
    }


def terms_from_document(document: object, tariffs: Mapping[TariffKey, Tariff]) -> AccountTerms:
    """Read the terms. `InvalidTerms` names all faults, each with its JSON pointer."""
    faults = Faults()
    fields = Fields.of(document, "", faults)
    terms = AccountTerms(
        alternatives=_alternatives(fields, tariffs),
        caps=tuple(_cap(each) for each in fields.items("caps", default=())),
        ceilings=tuple(_ceiling(each) for each in fields.items("ceilings", default=())),
        coupons=tuple(_coupon(each) for each in fields.items("coupons", default=())),
        rewards=tuple(_reward(each) for each in fields.items("rewards", default=())),
        credits=tuple(_credit(each) for each in fields.items("credits", default=())),
        earlier=frozenset(fields.texts("earlier", default=())),
        month=fields.text("month", default=""),
    )
    fields.unique("caps", (cap.id for cap in terms.caps), "id")
    fields.no_others()
    if faults.found:
        raise InvalidTerms(errors=faults.found)
    return terms


def _alternatives(fields: Fields, tariffs: Mapping[TariffKey, Tariff]) -> dict[str, tuple[Tariff, ...]]:
    products = fields.inside(fields.take("alternatives", default={}), "alternatives")
    found: dict[str, tuple[Tariff, ...]] = {}
    for product in products.values:
        rows = products.items(product)
        keys = [(row.text("tariff_id"), row.whole("version")) for row in rows]
        for row, key in zip(rows, keys, strict=True):
            if key not in tariffs:
                row.fault("tariff_id", "unknown_tariff")
        found[product] = tuple(tariffs[key] for key in keys if key in tariffs)
    return found


def _cap(row: Fields) -> AccountCap:
    period = cast("Period", row.one_of("period", PERIODS))
    scope = row.text("product", default=""), row.text("category", default="")
    return AccountCap(row.identifier("id"), period, row.minor_money("amount"), *scope)


def _ceiling(row: Fields) -> Ceiling:
    upkeep = row.minor_money("upkeep") if row.take("upkeep", default=None) is not None else None
    amounts = row.minor_money("price"), row.minor_money("paid_before")
    return Ceiling(row.identifier("id"), row.text("product"), *amounts, upkeep)


def _coupon(row: Fields) -> Coupon:
    kind = cast("Literal['percent', 'amount', 'first']", row.one_of("kind", _COUPONS))
    return Coupon(row.identifier("id"), kind, row.not_negative("value"), row.text("product", default=""))


def _reward(row: Fields) -> Reward:
    return Reward(row.identifier("id"), row.text("consent"), row.minor_money("amount"))


def _credit(row: Fields) -> Credit:
    return Credit(row.identifier("id"), row.text("reason"), row.minor_money("amount"))
