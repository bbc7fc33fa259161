"""How advice is shown: what each product cost, against owning it and against its other tariffs."""

import msgspec

from chalicelib.billing.advising import Advised, ProductAdvice
from chalicelib.edge.amounts import Amount, show_amount, show_instant


class OwningShown(msgspec.Struct):
    """What owning the product would have cost in the time: the value that it loses, and its upkeep."""

    purchase_price: Amount
    loss_of_value: Amount
    upkeep: Amount
    total: Amount
    break_even_uses: int | None


class CheaperTariff(msgspec.Struct):
    """The tariff by which the same use would have cost the least."""

    tariff_id: str
    version: int
    saves: Amount


class ProductAdviceShown(msgspec.Struct):
    """One product. `owning` is null where its partner states no purchase price, `cheaper` where nothing is cheaper."""

    product: str
    name: str
    uses: int
    access: Amount
    saved_by_best_fares: Amount
    owning: OwningShown | None
    cheaper: CheaperTariff | None


class AdviceShown(msgspec.Struct):
    """Advice on all that was used from `since` until `until`."""

    since: str
    until: str
    products: list[ProductAdviceShown]


def show_advice(found: Advised) -> AdviceShown:
    """Advice, product by product."""
    period = found.period
    return AdviceShown(
        show_instant(period.start), show_instant(period.end), [_product(each) for each in found.products]
    )


def _product(each: ProductAdvice) -> ProductAdviceShown:
    advice, product = each.advice, each.product
    cheaper = advice.cheaper
    return ProductAdviceShown(
        product=product.product_id,
        name=product.name,
        uses=advice.uses,
        access=show_amount(advice.access),
        saved_by_best_fares=show_amount(each.saved),
        owning=_owning(each),
        cheaper=None
        if cheaper is None
        else CheaperTariff(cheaper.tariff_id, cheaper.version, show_amount(advice.saves)),
    )


def _owning(each: ProductAdvice) -> OwningShown | None:
    owned, owning = each.advice.owned, each.product.owning
    if owned is None or owning is None:
        return None
    return OwningShown(
        purchase_price=show_amount(owning.purchase),
        loss_of_value=show_amount(owned.loss_of_value),
        upkeep=show_amount(owned.upkeep),
        total=show_amount(owned.together),
        break_even_uses=each.advice.break_even_uses,
    )
