"""The rows of assets, of which there are the most but customers: made as they are asked for, and never all at once."""

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, groupby

from chalicelib.finance.monitor_model import NOTHING, Figures, Key, Row, Rows, of_view
from chalicelib.finance.offered import Offered
from chalicelib.finance.sums_on_disk import SumsOnDisk, following

ASSET = "asset"
Shown = Callable[[Figures], Figures]


def asset_key(product: str, asset: str) -> str:
    """An asset among all partners'; of what is of none of a product's, the product with nothing behind it."""
    return f"{product.partition(':')[0]}/{asset}" if asset else f"{product}/"


def about_product(product: str, offered: Offered) -> Mapping[str, str]:
    """What else is known of a product."""
    return {"partner": product.partition(":")[0], "category": offered.category(product)}


class AssetRows:
    """What assets come to. `before` is the month before by key, currency and product.

    `beside` are further figures of this month by key and currency. What only the month before has is shown too, as
    nothing now, so that a column of it is that month's.
    """

    def __init__(self, offered: Offered, before: SumsOnDisk, beside: SumsOnDisk | None = None) -> None:
        self._offered, self._before, self._beside = offered, before, beside or SumsOnDisk()
        self._sums = SumsOnDisk()

    def add(self, place: Key, figure: str, amount: int) -> None:
        """So much more of a figure of a currency's product and asset."""
        currency, product, asset = place
        self._sums.add((asset_key(product, asset), currency, product), figure, amount)

    def rows(self, shown: Shown = dict) -> Iterator[Row]:
        """From the first on, each with the last of the products that it was of."""
        beside, texts = following(self._beside), dict[str, Mapping[str, str]]()
        both = heapq.merge(_of_month(self._sums, now=True), _of_month(self._before, now=False), key=_place)
        for (name, currency), group in groupby(both, key=_place):
            figures, before, product = dict[str, int](), dict[str, int](), ""
            is_now = False
            for key, now, found in group:
                product = key[-1] if now or not is_now else product
                is_now = is_now or now
                _more(figures if now else before, found)
            if not is_now and not any(before.values()):
                continue
            _more(figures, beside((name, currency)) or NOTHING)
            if product not in texts:
                texts[product] = {**about_product(product, self._offered), "product": product}
            yield Row(ASSET, name, currency, shown(figures), before or None, texts[product])


_OfMonth = tuple[Key, bool, Figures]


def _of_month(sums: SumsOnDisk, *, now: bool) -> Iterator[_OfMonth]:
    return ((key, now, figures) for key, figures in sums.items())


def _place(each: _OfMonth) -> tuple[str, str]:
    name, currency, _ = each[0]
    return name, currency


def _more(figures: dict[str, int], found: Figures) -> None:
    for figure, amount in found.items():
        figures[figure] = figures.get(figure, 0) + amount


def in_order(others: Iterable[Row], assets: Callable[[], Iterator[Row]]) -> Rows:
    """All rows of a monitor by view, of which only the others are held: who asks for one of these makes no others."""
    held = list(others)

    def rows(by: str | None = None) -> Iterator[Row]:
        if by is not None:
            return assets() if by == ASSET else of_view(held, by)
        before, behind = (row for row in held if row.by < ASSET), (row for row in held if row.by > ASSET)
        return chain(before, assets(), behind)

    return rows


def only_before(before: Mapping[Key, Figures], now: Iterable[Key], views: Iterable[str]) -> list[Key]:
    """Places of views of which only the month before has something: they are shown as nothing now."""
    known, wanted = set(now), set(views)
    left = (place for place, each in before.items() if place[0] in wanted and any(each.values()))
    return sorted(place for place in left if place not in known)
