"""Revenue by the time of need: what was earned, booked, accrued, deferred. It ties to the month's journal."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from chalicelib.billing.parts import taxes_in
from chalicelib.billing.postings import SETTLEMENT
from chalicelib.finance.asset_rows import only_before
from chalicelib.finance.facts import AccountMonth
from chalicelib.finance.monitor_model import Figures, Key, Row, Sums
from chalicelib.finance.tie import Tie
from chalicelib.kernel.time import Month
from chalicelib.ledger.accounts import GIFTS, STRIPE_CLEARING
from chalicelib.ledger.model import JournalEntry, Posting
from chalicelib.rating.figures import TaxRates, figures_of
from chalicelib.rating.stated import product_of

_PASS = "pass"  # noqa: S105 -- a ticket
_PAYOUT = "wallet-payout:"
_WEEK = 7


class Recognition:
    """Adds up what need came to by product, what is booked of it, and what customers have paid ahead."""

    def __init__(self, month: Month, rates: TaxRates) -> None:
        self._month, self._rates = month, rates
        self.products = Sums()
        self.wallets = Sums()
        self.billing = Sums()

    def account(self, each: AccountMonth) -> None:
        """What an account's need came to, and what is booked and billed of it."""
        booked = _booked(each)
        stated = booked if _is_settled(each) else _stated(each, self._rates)
        passes = _deferred_passes(each, self._month)
        for key, (gross, net) in stated.items():
            place = (each.currency, product_of(key))
            self.products.add(place, "need", net)
            if key in passes:
                self.products.add(place, "pass_closing", (2 * passes[key] * net + gross) // (2 * gross))
        for key, (_, net) in booked.items():
            self.products.add((each.currency, product_of(key)), "booked", net)
        invoiced = sum(invoice.total.minor for invoice in each.invoices)
        if invoiced:
            self.billing.add((each.currency,), "invoiced", invoiced)

    def entry(self, entry: JournalEntry) -> None:
        """What an entry books as revenue, asks for, and holds of what was paid ahead."""
        for posting in entry.postings:
            kind, _, name = posting.ledger_account.partition(":")
            minor, currency = posting.amount.minor, posting.amount.currency
            if kind == "revenue":
                self.products.add((currency, product_of(name)), "revenue", -minor)
            elif kind == "wallet":
                self._ahead(entry, posting)
            elif kind == "receivable" and entry.kind == SETTLEMENT:
                self.billing.add((currency,), "posted", minor)

    def _ahead(self, entry: JournalEntry, posting: Posting) -> None:
        """What came in, by whatever way; what went back as money; and what paid for something."""
        minor, currency = -posting.amount.minor, posting.amount.currency
        moved = any(each.ledger_account == STRIPE_CLEARING for each in entry.postings)
        back = moved or posting.source.startswith(_PAYOUT)
        figure = "came_in" if minor > 0 else ("paid_back" if back else "used")
        self.wallets.add((currency, "gift" if posting.ledger_account == GIFTS else "wallet"), figure, minor)

    def rows(self, before: Mapping[Key, Figures]) -> Iterator[Row]:
        """Billing, products, and what is paid ahead: those of the month before open it."""
        for (currency,), figures in self.billing.items():
            carried = figures.get("posted", 0) - figures.get("invoiced", 0)
            shown = {"posted": figures.get("posted", 0), "invoiced": figures.get("invoiced", 0), "carried": carried}
            yield Row("billing", "", currency, shown, before.get(("billing", "", currency)))
        for place in _places("product", self.products, before):
            yield self._product_row(place, before.get(place))
        for place in _places("wallet", self.wallets, before):
            yield self._wallet_row(place, before.get(place))

    def _product_row(self, place: Key, before: Figures | None) -> Row:
        by, product, currency = place
        found = self.products.of((currency, product))
        need, booked, revenue = (found.get(name, 0) for name in ("need", "booked", "revenue"))
        opening, closing = (before or {}).get("pass_closing", 0), found.get("pass_closing", 0)
        shown = {
            "need": need,
            "booked": booked,
            "accrued": need - booked,
            "earlier": revenue - booked,
            "revenue": revenue,
            "pass_opening": opening,
            "pass_closing": closing,
            "recognised": need + opening - closing,
        }
        return Row(by, product, currency, shown, before, {"partner": product.partition(":")[0]})

    def _wallet_row(self, place: Key, before: Figures | None) -> Row:
        by, kind, currency = place
        found = self.wallets.of((currency, kind))
        moved = {name: found.get(name, 0) for name in ("came_in", "used", "paid_back")}
        opening = (before or {}).get("closing", 0)
        return Row(by, kind, currency, {"opening": opening, **moved, "closing": opening + sum(moved.values())}, before)


def _places(by: str, sums: Sums, before: Mapping[Key, Figures]) -> list[Key]:
    """This month's, and those of which the month before has something: it may open this one, and stands beside it."""
    now = {(by, name, currency) for (currency, name), _ in sums.items()}
    return sorted(now | set(only_before(before, now, (by,))))


def ties_of(rows: list[Row], journal: Mapping[tuple[str, str], int]) -> list[Tie]:
    """What rows come to against the journal: revenue, and the change of what is paid ahead."""
    found = []
    for currency in sorted({row.currency for row in rows} | {currency for currency, _ in journal}):
        own = [row for row in rows if row.currency == currency]
        revenue = sum(row.figures["revenue"] for row in own if row.by == "product")
        ahead = sum(row.figures["closing"] - row.figures["opening"] for row in own if row.by == "wallet")
        found.append(Tie("recognition_revenue", currency, revenue, -journal.get((currency, "revenue"), 0)))
        found.append(Tie("recognition_ahead", currency, ahead, -journal.get((currency, "wallet"), 0)))
    return found


def _booked(each: AccountMonth) -> dict[str, tuple[int, int]]:
    """By what was bought, with and without tax, what the month's settlement took of its own need."""
    settlement = each.settlement
    if settlement is None:
        return {}
    taxes = {key: sum(taxes_in(settlement.parts, key).values()) for key in settlement.charges}
    return {key: (minor, minor - taxes[key]) for key, minor in settlement.charges.items()}


def _is_settled(each: AccountMonth) -> bool:
    """Whether the settlement took what the month is rated at now, so that nothing has to be split anew."""
    charges = each.settlement.charges if each.settlement is not None else {}
    return _not_nothing(charges) == _not_nothing(each.statement.by_product)


def _not_nothing(sums: Figures) -> dict[str, int]:
    return {key: minor for key, minor in sums.items() if minor}


def _stated(each: AccountMonth, rates: TaxRates) -> dict[str, tuple[int, int]]:
    """The same of what the month is rated at."""
    found = figures_of(each.statement.lines, each.statement.uses, rates)
    return {key: (figures.gross, figures.net) for key, figures in found.items()}


def _deferred_passes(each: AccountMonth, month: Month) -> dict[str, int]:
    """By what was bought, what of the passes of a week is for days after the month; they are paid day by day."""
    found: dict[str, int] = {}
    products = {use.use_id: use.tariff.settled_as for use in each.statement.uses}
    for line in each.statement.lines:
        if line.code == _PASS and line.facts.get("once_per") == "week":
            days = _days_after(line.facts["period"], month)
            key = products[line.use_id]
            found[key] = found.get(key, 0) + (2 * line.amount.minor * days + _WEEK) // (2 * _WEEK)
    return {key: minor for key, minor in found.items() if minor}


def _days_after(week: str, month: Month) -> int:
    """Of the days of a week (2021-W22), how many are after the month."""
    year, _, number = week.partition("-W")
    first = date.fromisocalendar(int(year), int(number), 1)
    end = date(month.next.year, month.next.number, 1)
    return min(_WEEK, max(0, (first + timedelta(days=_WEEK) - end).days))
