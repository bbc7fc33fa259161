"""What an account may have besides its own tariffs: fares of its products, caps over several, ceilings."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from chalicelib.billing.model import FareCaps, Settlement
from chalicelib.billing.ports import NOTHING_STATED, Paid
from chalicelib.catalogue.model import Product
from chalicelib.catalogue.ports import Catalogue
from chalicelib.catalogue.service import fares_of
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.rating.account import AccountTerms
from chalicelib.rating.account_caps import AccountCap
from chalicelib.rating.account_document import terms_from_document
from chalicelib.rating.ceiling import Ceiling

_MOMENT = timedelta(microseconds=1)


def caps_of(stated: FareCaps | None) -> tuple[AccountCap, ...]:
    """The caps over several products; `InvalidTerms` names all that is wrong with them."""
    return () if stated is None else terms_from_document({"caps": list(stated.caps)}, {}).caps


def terms_of(
    month: Month,
    zone: str,
    currency: str,
    *,
    products: Mapping[str, Product],
    caps: tuple[AccountCap, ...],
    earlier: frozenset[str],
    settled: Sequence[Settlement],
    catalogue: Catalogue,
    paid: Paid = NOTHING_STATED,
) -> AccountTerms:
    """The terms of a month: what could be had at its end, and what was paid for each product before it.

    `products` are those that were used, by `Use.product`; `earlier` names the uses that earlier months bill. What these
    took is `paid` where that says so, and what they were `settled` at otherwise.
    """
    ends = month.interval(zone).end - _MOMENT
    fares = {key: fares_of(product, ends, catalogue=catalogue) for key, product in products.items()}
    return AccountTerms(
        alternatives={key: found for key, found in fares.items() if found},
        caps=caps,
        ceilings=tuple(
            Ceiling(
                "ceiling",
                key,
                product.owning.purchase,
                Money(_paid_before(month, key, settled, paid), currency),
                granted.upkeep,
            )
            for key, product in sorted(products.items())
            if (granted := product.ceiling) is not None and product.owning is not None
        ),
        earlier=earlier,
        month=str(month),
    )


def _paid_before(month: Month, product: str, settled: Sequence[Settlement], paid: Paid) -> int:
    """What earlier months took for the product's use: as stated anew, or in all settlements together."""
    anew = sum(sums.get(product, 0) for about, sums in paid.items() if about < month)
    own = sum(each.charges.get(product, 0) for each in settled if each.month < month and each.month not in paid)
    changes = (
        change.get(product, 0)
        for each in settled
        for about, change in each.adjusted.items()
        if Month.parse(about) < month and Month.parse(about) not in paid
    )
    return anew + own + sum(changes)
