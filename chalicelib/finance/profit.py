"""Profit and loss of a month: what its journal earned and cost, product by product, and what operating cost beside."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from chalicelib.billing.postings import PAYMENT, TRUE_UP
from chalicelib.billing.postings_of_money import PROVIDER
from chalicelib.finance.monitor_model import OF_A_MARGIN, Figures, Row, Sums, spread
from chalicelib.finance.offered import Offered
from chalicelib.kernel.time import Month
from chalicelib.ledger.accounts import BAD_DEBT, PROMOTIONS, STRIPE_CLEARING, STRIPE_FEES
from chalicelib.ledger.model import JournalEntry
from chalicelib.rating.stated import product_of

_BY_CREDIT_NOTE = "credit-note:"
_INVOICE = "invoice:"
_OF_PRODUCTS = {"revenue": "revenue", "share-cost": "partner_share"}
_OF_ACCOUNTS = {STRIPE_FEES: "payment_fees", PROMOTIONS: "promotions", BAD_DEBT: "bad_debt"}
OTHERS = ""
"""The product, asset or customer of what is not of one alone."""


class Effect(NamedTuple):
    """What a posting does to a margin: above zero it earns. `product` is None of what names none."""

    customer: str
    product: str | None
    currency: str
    figure: str
    minor: int


def effects(entry: JournalEntry) -> Iterator[Effect]:
    """What an entry does to margins. What it lowers revenue by with a credit note is told apart."""
    customer = OTHERS if entry.kind == TRUE_UP or entry.account_id == PROVIDER else entry.account_id
    credited = any(each.source.startswith(_BY_CREDIT_NOTE) for each in entry.postings)
    for posting in entry.postings:
        kind, _, name = posting.ledger_account.partition(":")
        amount = -posting.amount
        if kind in _OF_PRODUCTS:
            figure = "credits" if credited and kind == "revenue" else _OF_PRODUCTS[kind]
            yield Effect(customer, product_of(name), amount.currency, figure, amount.minor)
        elif kind in _OF_ACCOUNTS:
            yield Effect(customer, None, amount.currency, _OF_ACCOUNTS[kind], amount.minor)


def paid_for(entry: JournalEntry) -> tuple[str, str, int] | None:
    """Of a payment: the month of the invoice that it pays, in which currency, and how much; None of other entries."""
    if entry.kind != PAYMENT:
        return None
    for posting in entry.postings:
        if posting.ledger_account == STRIPE_CLEARING and posting.source.startswith(_INVOICE):
            return posting.source.rsplit(":", 2)[1], posting.amount.currency, posting.amount.minor
    return None


class Billed(NamedTuple):
    """What an account was billed in the month and in the one before, by product, and what it paid, by invoices' month.

    What it cost that names no product goes over the products that it is for. The provider's fees go by what the month's
    payments paid: each by the products that were billed in the month of its invoice. All else, and fees without a
    payment, go by what was billed in the month, or else in the one before; what nothing was billed beside is of none.
    """

    month: Month
    now: Figures
    before: Figures
    paid: Mapping[str, int]

    def by_product(self, figure: str, minor: int) -> dict[str, int]:
        """A cost over the products."""
        weights = self._paid_for() if figure == "payment_fees" else {}
        return spread(minor, weights or self._newest)

    @property
    def _newest(self) -> Figures:
        return self.now if any(minor > 0 for minor in self.now.values()) else self.before

    def _paid_for(self) -> dict[str, int]:
        """What the payments of the month paid, by product."""
        sums: dict[str, int] = {}
        for month, amount in sorted(self.paid.items()):
            weights = self._newest if month == str(self.month) else self.before
            for product, part in spread(max(0, amount), weights).items():
                sums[product] = sums.get(product, 0) + part
        return {product: minor for product, minor in sums.items() if product != OTHERS and minor > 0}


def over_assets(products: Sums, assets: Sums) -> Sums:
    """What products earned and cost, over their assets by what the sessions on each came to; else over none of them."""
    cells = Sums()
    weights: dict[tuple[str, str], dict[str, int]] = {}
    for (currency, product, asset), figures in assets.items():
        weights.setdefault((currency, product), {})[asset] = figures.get("stated", 0)
    for (currency, product), figures in products.items():
        its = weights.get((currency, product), {})
        for figure, minor in figures.items():
            for asset, part in spread(minor, its).items():
                cells.add((currency, product, asset), figure, part)
    return cells


def standing_costs(things: Iterable[tuple[str, str]], days: int, offered: Offered) -> Sums:
    """What things on offer cost in so many days, whether or not anybody uses them."""
    cells = Sums()
    for product, asset in things:
        owned = offered.owned(product)
        if owned is not None:
            upkeep, lost = owned.of_days(days)
            cells.add((upkeep.currency, product, asset), "upkeep", -upkeep.minor)
            cells.add((lost.currency, product, asset), "depreciation", -lost.minor)
    return cells


def with_margin(figures: Figures) -> dict[str, int]:
    """All figures of a margin in their order, with what they come to."""
    found = {name: figures.get(name, 0) for name in OF_A_MARGIN}
    return {**found, "margin": sum(found.values())}


def views(cells: Sums, offered: Offered, before: Mapping[tuple[str, ...], Figures]) -> Iterator[Row]:
    """The same money by asset, category, partner and product."""
    by: dict[str, Sums] = {name: Sums() for name in ("asset", "category", "partner", "product")}
    texts: dict[tuple[str, str], Mapping[str, str]] = {}
    for (currency, product, asset), figures in cells.items():
        partner, category = product.partition(":")[0], offered.category(product)
        keys = {"asset": asset_key(product, asset), "category": category, "partner": partner, "product": product}
        texts |= texts_of(product, asset, offered)
        for name, key in keys.items():
            for figure, minor in figures.items():
                by[name].add((key, currency), figure, minor)
    for name, sums in by.items():
        for (key, currency), figures in sums.items():
            place = (name, key, currency)
            yield Row(name, key, currency, with_margin(figures), before.get(place), texts.get((name, key), {}))


def texts_of(product: str, asset: str, offered: Offered) -> dict[tuple[str, str], Mapping[str, str]]:
    """What else is known of a product and of one of its assets, by view and key."""
    about = {"partner": product.partition(":")[0], "category": offered.category(product)}
    return {("product", product): about, ("asset", asset_key(product, asset)): {**about, "product": product}}


def asset_key(product: str, asset: str) -> str:
    """An asset among all partners'; of what is of none of a product's, the product with nothing behind it."""
    return f"{product.partition(':')[0]}/{asset}" if asset else f"{product}/"
