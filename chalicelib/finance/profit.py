"""Profit and loss of a month: what its journal earned and cost, product by product, and what operating cost beside."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import NamedTuple

from chalicelib.billing.postings import PAYMENT, TRUE_UP
from chalicelib.billing.postings_of_money import PROVIDER
from chalicelib.finance.asset_rows import AssetRows, about_product, in_order, only_before
from chalicelib.finance.before import Before
from chalicelib.finance.monitor_model import OF_A_MARGIN, Figures, Key, Row, Rows, Sums, spread
from chalicelib.finance.offered import Days, Offered, OnOffer
from chalicelib.finance.sums_on_disk import SumsOnDisk
from chalicelib.kernel.money import shares
from chalicelib.kernel.time import Month
from chalicelib.ledger.accounts import BAD_DEBT, PROMOTIONS, STRIPE_CLEARING, STRIPE_FEES
from chalicelib.ledger.model import JournalEntry
from chalicelib.rating.stated import product_of

_BY_CREDIT_NOTE = "credit-note:"
_INVOICE = "invoice:"
_OF_PRODUCTS = {"revenue": "revenue", "share-cost": "partner_share"}
_OF_ACCOUNTS = {STRIPE_FEES: "payment_fees", PROMOTIONS: "promotions", BAD_DEBT: "bad_debt"}
CLOUD = "cloud_weight"
Cell = tuple[Key, str, int]
"""So much of a figure, of a currency's product and asset."""
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


def over_assets(products: Sums, assets: SumsOnDisk) -> Iterator[Cell]:
    """What products earned and cost, over their assets by what the sessions on each came to; else over none of them."""
    groups = groupby(assets.items(), key=lambda each: each[0][:2])
    group = next(groups, None)
    for place, figures in products.items():
        while group is not None and group[0] < place:
            group = next(groups, None)
        its = group[1] if group is not None and group[0] == place else ()
        weights = {key[-1]: found.get("stated", 0) for key, found in its}
        for figure, minor in figures.items():
            for asset, part in spread(minor, weights).items():
                yield (*place, asset), figure, part


def standing_costs(things: Iterable[OnOffer], days: Days, offered: Offered) -> Iterator[Cell]:
    """What things on offer cost in those days, whether or not anybody uses them."""
    for each in things:
        owned = offered.owned(each.product)
        if owned is not None:
            upkeep, lost = owned.upkeep(each.in_service_from, days), owned.lost(each.in_service_from, days)
            yield (upkeep.currency, each.product, each.asset), "upkeep", -upkeep.minor
            yield (lost.currency, each.product, each.asset), "depreciation", -lost.minor


def cloud_costs(costs: Mapping[str, int], assets: SumsOnDisk) -> Iterator[Cell]:
    """What the cloud costs by currency, over what it was used for; over nothing, it is of none."""
    weights: dict[str, list[int]] = {currency: [] for currency in costs}
    for (currency, *_), figures in assets.items():
        if currency in weights and figures.get(CLOUD, 0) > 0:
            weights[currency].append(figures[CLOUD])
    parts = {currency: iter(shares(-costs[currency], found)) for currency, found in weights.items() if found}
    for place, figures in assets.items():
        if place[0] in parts and figures.get(CLOUD, 0) > 0:
            yield place, "cloud", next(parts[place[0]])
    for currency in sorted(currency for currency in costs.keys() - parts.keys() if costs[currency]):
        yield (currency, OTHERS, OTHERS), "cloud", -costs[currency]


def with_margin(figures: Figures) -> dict[str, int]:
    """All figures of a margin in their order, with what they come to."""
    found = {name: figures.get(name, 0) for name in OF_A_MARGIN}
    return {**found, "margin": sum(found.values())}


class ProfitViews:
    """The same money by asset, category, partner and product."""

    def __init__(self, offered: Offered, before: Before) -> None:
        self._offered, self._before = offered, before
        self._assets = AssetRows(offered, before.of_assets)
        self._products = Sums()

    def add(self, cells: Iterable[Cell]) -> None:
        """Some more of it."""
        for place, figure, minor in cells:
            self._assets.add(place, figure, minor)
            self._products.add(place[:2], figure, minor)

    def rows(self) -> Rows:
        """In order of view."""
        return in_order(self._others(), lambda: self._assets.rows(with_margin))

    def _others(self) -> Iterator[Row]:
        by: dict[str, Sums] = {name: Sums() for name in ("category", "partner", "product")}
        texts: dict[tuple[str, str], Mapping[str, str]] = {}
        for (currency, product), figures in self._products.items():
            about = about_product(product, self._offered)
            texts["product", product] = about
            for name, key in {**about, "product": product}.items():
                for figure, minor in figures.items():
                    by[name].add((key, currency), figure, minor)
        now = [(name, *place) for name, sums in by.items() for place, _ in sums.items()]
        for name, key, currency in only_before(self._before.others, now, by):
            by[name].add((key, currency), "margin", 0)
            if name == "product":
                texts[name, key] = about_product(key, self._offered)
        for name, sums in by.items():
            for (key, currency), figures in sums.items():
                known = self._before.others.get((name, key, currency))
                yield Row(name, key, currency, with_margin(figures), known, texts.get((name, key), {}))
