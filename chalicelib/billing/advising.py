"""Advice to a customer: what each product cost in the last months, against owning it and against its other tariffs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.billing.ports import Used
from chalicelib.billing.statement import Statement, statement
from chalicelib.catalogue.model import Owning, Product
from chalicelib.catalogue.ports import Catalogue
from chalicelib.catalogue.service import fares_of
from chalicelib.kernel.money import Money, total
from chalicelib.kernel.time import Interval, Month
from chalicelib.rating.advice import Advice, Ownership, advise


@dataclass(frozen=True, slots=True)
class ProductAdvice:
    """Advice on one product; `saved` is what its best fares saved already."""

    product: Product
    advice: Advice
    saved: Money


@dataclass(frozen=True, slots=True)
class Advised:
    """Advice on all that was used in a stretch of months."""

    period: Interval
    products: tuple[ProductAdvice, ...]


def advise_account(
    account_id: str,
    months: int,
    zone: str,
    currency: str,
    *,
    used: Used,
    catalogue: Catalogue,
    now: datetime,
) -> Advised:
    """Look at this month and those before it: so many in all. What is still open counts as it stands."""
    last = Month.of(now, zone)
    chosen = [last]
    for _ in range(months - 1):
        chosen.insert(0, chosen[0].previous)
    stated = [statement(account_id, month, currency, used=used, now=now) for month in chosen]
    period = Interval(chosen[0].interval(zone).start, now)
    products = {key: None for each in stated for key in each.by_product}
    found = {key: catalogue.product(*key.split(":", 1)) for key in products}
    known = {key: product for key, product in found.items() if product is not None}
    return Advised(period, _advice_on(known, stated, period, catalogue, currency))


def _advice_on(
    products: Mapping[str, Product],
    stated: Sequence[Statement],
    period: Interval,
    catalogue: Catalogue,
    currency: str,
) -> tuple[ProductAdvice, ...]:
    advised = []
    for key, product in sorted(products.items()):
        uses = [use for each in stated for use in each.uses if use.product == key]
        paid = Money(sum(each.by_product.get(key, 0) for each in stated), currency)
        tariffs = fares_of(product, period.end, catalogue=catalogue)
        saved = total((fare.saved for each in stated for fare in each.fares if fare.product == key), currency)
        advice = advise(uses, period, paid, _ownership(product.owning), tariffs)
        advised.append(ProductAdvice(product, advice, saved))
    return tuple(advised)


def _ownership(owning: Owning | None) -> Ownership | None:
    if owning is None:
        return None
    return Ownership(owning.purchase, owning.worth_after, owning.life_days, owning.upkeep_per_year)
