"""The rows of assets, of which there are the most but customers: made as they are asked for, and never all at once."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby

from chalicelib.finance.monitor_model import NOTHING, Figures, Key, Row
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
    """What assets come to. `before` is the month before by key and currency, `beside` further figures by the same."""

    def __init__(self, offered: Offered, before: SumsOnDisk, beside: SumsOnDisk | None = None) -> None:
        self._offered, self._before, self._beside = offered, before, beside or SumsOnDisk()
        self._sums = SumsOnDisk()

    def add(self, place: Key, figure: str, amount: int) -> None:
        """So much more of a figure of a currency's product and asset."""
        currency, product, asset = place
        self._sums.add((asset_key(product, asset), currency, product), figure, amount)

    def rows(self, shown: Shown = dict) -> Iterator[Row]:
        """From the first on, each with the last of the products that it was of."""
        before, beside = following(self._before), following(self._beside)
        texts: dict[str, Mapping[str, str]] = {}
        for (name, currency), group in groupby(self._sums.items(), key=lambda each: (each[0][0], each[0][1])):
            figures, product = dict[str, int](), ""
            for key, found in group:
                product = key[-1]
                _more(figures, found)
            place = name, currency
            _more(figures, beside(place) or NOTHING)
            if product not in texts:
                texts[product] = {**about_product(product, self._offered), "product": product}
            yield Row(ASSET, name, currency, shown(figures), before(place), texts[product])


def _more(figures: dict[str, int], found: Figures) -> None:
    for figure, amount in found.items():
        figures[figure] = figures.get(figure, 0) + amount


def in_order(others: Iterable[Row], assets: Callable[[], Iterator[Row]]) -> Callable[[], Iterator[Row]]:
    """All rows of a monitor by view, of which only the others are held."""
    held = list(others)

    def rows() -> Iterator[Row]:
        yield from (row for row in held if row.by < ASSET)
        yield from assets()
        yield from (row for row in held if row.by > ASSET)

    return rows
