"""What was bought: use, passes, what was ordered, what is owed, what reduced it, and money paid ahead."""

from collections.abc import Iterator, Mapping

from chalicelib.billing.wallet_postings import GIFT, WALLET
from chalicelib.finance.asset_rows import only_before
from chalicelib.finance.facts import AccountMonth
from chalicelib.finance.monitor_model import Figures, Key, Row, Sums
from chalicelib.ledger.accounts import GIFTS, STRIPE_CLEARING
from chalicelib.ledger.model import JournalEntry
from chalicelib.rating import RatedLine
from chalicelib.rating.stated import kind_of, product_of

USE, PASS, REDUCTION, PROMOTION = "use", "pass", "reduction", "promotion"
AHEAD = "ahead"
"""The class of what is paid ahead: it buys nothing yet."""


class Purchases:
    """Adds up rated lines by class, what they are for, and product; and top-ups and gifts."""

    def __init__(self) -> None:
        self.sums = Sums()

    def account(self, each: AccountMonth) -> None:
        """An account's lines: together they are its statement."""
        keys = {use.use_id: use.tariff.settled_as for use in each.statement.uses}
        for line in each.statement.lines:
            key = keys.get(line.use_id, "")
            place = (line.amount.currency, line.charge_class, _what(line, key), product_of(key))
            self.sums.add(place, "count", 1)
            self.sums.add(place, "amount", line.amount.minor)

    def entry(self, entry: JournalEntry) -> None:
        """Of the journal, what was paid ahead."""
        if entry.kind not in (WALLET, GIFT):
            return
        paid = [each.amount for each in entry.postings if each.ledger_account == STRIPE_CLEARING]
        for amount in paid:
            if amount.minor > 0:
                what = "gift" if any(each.ledger_account == GIFTS for each in entry.postings) else "top_up"
                self.sums.add((amount.currency, AHEAD, what, ""), "count", 1)
                self.sums.add((amount.currency, AHEAD, what, ""), "amount", amount.minor)

    def rated(self, currency: str) -> int:
        """What all rated lines come to."""
        found = (figures for (unit, kind, *_), figures in self.sums.items() if unit == currency and kind != AHEAD)
        return sum(figures["amount"] for figures in found)

    def rows(self, before: Mapping[Key, Figures]) -> Iterator[Row]:
        """By class, by what was bought, and by what of which product."""
        views: dict[str, Sums] = {name: Sums() for name in ("class", "kind", "product")}
        texts: dict[str, dict[str, str]] = {}
        for (currency, kind, what, product), figures in self.sums.items():
            key = f"{product}|{kind}|{what}"
            texts[key] = {"class": kind, "kind": what, "product": product, "partner": product.partition(":")[0]}
            for by, name in (("class", kind), ("kind", f"{kind}|{what}"), ("product", key)):
                for figure, amount in figures.items():
                    views[by].add((name, currency), figure, amount)
        for by, key, currency in only_before(
            before, ((by, *place) for by, sums in views.items() for place, _ in sums.items()), views
        ):
            for figure in ("count", "amount"):
                views[by].add((key, currency), figure, 0)
            if by == "product":
                product, kind, what = key.split("|")
                texts[key] = {"class": kind, "kind": what, "product": product, "partner": product.partition(":")[0]}
        for by, sums in views.items():
            for (key, currency), figures in sums.items():
                yield Row(by, key, currency, figures, before.get((by, key, currency)), texts.get(key, {}))


def _what(line: RatedLine, key: str) -> str:
    """What the line is for: a kind of charge, a pass, an order by its price, use; or what took something off."""
    if line.facts.get("borne_by") == "operator":
        return PROMOTION
    if line.kind == REDUCTION:
        return REDUCTION
    if kind_of(key):
        return kind_of(key)
    if line.code == PASS:
        return PASS
    return USE if line.charge_class == USE else line.price_id
