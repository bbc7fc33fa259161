"""Revenue by the time of need: what was earned, booked, accrued, deferred. It ties to the month's journal."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from chalicelib.billing.parts import taxes_in
from chalicelib.billing.postings import SETTLEMENT
from chalicelib.finance.asset_rows import only_before
from chalicelib.finance.deferred_passes import deferred_passes, ended_passes, is_plan, left_at
from chalicelib.finance.facts import AccountMonth
from chalicelib.finance.monitor_model import NOTHING, Figures, Key, Row, Sums
from chalicelib.finance.tie import Tie
from chalicelib.kernel.time import Month
from chalicelib.ledger.accounts import GIFTS
from chalicelib.ledger.model import JournalEntry, Posting
from chalicelib.rating.figures import TaxRates, figures_of
from chalicelib.rating.stated import product_of

_INVOICE, _WALLETS = "invoice:", "wallet:"
_DEFERRED, _ENDED, _KEPT, _TAKEN_UP = "deferred", "ended", "passes", "taken_up"
_Sums = Mapping[str, tuple[int, int]]
"""By what was bought, with and without tax, in minor units."""
_NONE = (0, 0)


class Change(NamedTuple):
    """What a settlement took of an earlier month for what was bought, with tax and without, in minor units."""

    month: Month
    key: str
    gross: int
    net: int


class Recognition:
    """Adds up what need came to by product, what is booked of it, and what customers have paid ahead.

    `began` is the instant at which the month did, where the operator is.
    """

    def __init__(self, month: Month, rates: TaxRates, began: datetime) -> None:
        self._month, self._rates, self._began = month, rates, began
        self.products = Sums()
        self.passes = Sums()
        self.wallets = Sums()
        self.billing = Sums()

    def account(self, each: AccountMonth) -> None:
        """What an account's need came to, and what is booked and billed of it."""
        booked = _booked(each)
        stated = booked if _is_settled(each) else _stated(each, self._rates)
        needed = {**stated, **_plans_needed(each, booked, stated)}
        more = [key for key, (gross, _) in needed.items() if gross > stated.get(key, (0, 0))[0]]
        passes = deferred_passes(each, self._month, more)
        for key, (gross, net) in needed.items():
            place = (each.currency, product_of(key))
            self.products.add(place, "need", net)
            for until, minor in passes.get(key, NOTHING).items() if gross > 0 else ():
                self.passes.add((*place, until), _DEFERRED, _part(minor, net, gross))
        for key, (_, net) in booked.items():
            self.products.add((each.currency, product_of(key)), "booked", net)
        for change in _of_this_month(each, self._began):
            self._adjusted(each, change)
        invoiced = sum(invoice.total.minor for invoice in each.invoices)
        if invoiced:
            self.billing.add((each.currency,), "invoiced", invoiced)

    def _adjusted(self, each: AccountMonth, change: Change) -> None:
        """Need of this month that the settlement took of an earlier one; passes that ended are deferred no more."""
        place = each.currency, product_of(change.key)
        for figure in ("need", "booked"):
            self.products.add(place, figure, change.net)
        if change.gross < 0 and is_plan(change.key):
            for _, until, minor in ended_passes(each, change.month, change.key):
                left = left_at(_part(minor, change.net, change.gross), until, change.month.next, self._month)
                self.passes.add((*place, str(until)), _ENDED, left)

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
        """What came in, by whatever way; what paid for something; and what went back as money, or a bank took back."""
        minor, currency = -posting.amount.minor, posting.amount.currency
        gave = any(each.ledger_account.startswith(_WALLETS) and each.amount.minor < 0 for each in entry.postings)
        used = gave or posting.source.startswith(_INVOICE)
        figure = "came_in" if minor > 0 else ("used" if used else "paid_back")
        self.wallets.add((currency, _paid_ahead(posting)), figure, minor)

    def take_up(self, entry: JournalEntry) -> None:
        """What was posted to an earlier month and is in no closing of one opens this month."""
        for posting in entry.postings:
            if posting.ledger_account.startswith(_WALLETS):
                place = posting.amount.currency, _paid_ahead(posting)
                self.wallets.add(place, _TAKEN_UP, -posting.amount.minor)

    def rows(
        self, before: Mapping[Key, Figures], kept: Mapping[Key, Mapping[str, Any]], behind: Month | None = None
    ) -> Iterator[Row]:
        """Billing, products, and what is paid ahead: those of the month before open it, with what its rows kept.

        `behind` is which month that is, where it is not the one just before.
        """
        first = (behind or self._month.previous).next
        for (currency,), figures in self.billing.items():
            carried = figures.get("posted", 0) - figures.get("invoiced", 0)
            shown = {"posted": figures.get("posted", 0), "invoiced": figures.get("invoiced", 0), "carried": carried}
            yield Row("billing", "", currency, shown, before.get(("billing", "", currency)))
        for place in _places("product", self.products, before):
            yield self._product_row(place, before.get(place), self._opened(kept.get(place, NOTHING), first))
        for place in _places("wallet", self.wallets, before):
            yield self._wallet_row(place, before.get(place))

    def _product_row(self, place: Key, before: Figures | None, passes: Figures) -> Row:
        """A pass of before is deferred by the days that are left of it: `passes` says until when which amount was."""
        by, product, currency = place
        found, opening = self.products.of((currency, product)), sum(passes.values())
        passes = self._deferred(place, passes)
        need, booked, revenue = (found.get(name, 0) for name in ("need", "booked", "revenue"))
        closing = sum(passes.values())
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
        texts = {"partner": product.partition(":")[0]}
        return Row(by, product, currency, shown, before, texts, {_KEPT: passes} if passes else {})

    def _opened(self, kept: Mapping[str, Any], since: Month) -> Figures:
        """What an earlier month deferred and is still for days from this month's first on, by the day of its end."""
        passes: Figures = kept.get(_KEPT, NOTHING)
        return {until: left_at(minor, date.fromisoformat(until), since, self._month) for until, minor in passes.items()}

    def _deferred(self, place: Key, before: Figures) -> dict[str, int]:
        """By the day until which a pass is good, what of it is for days after the month."""
        _, product, currency = place
        own = {until: each for (*owner, until), each in self.passes.items() if tuple(owner) == (currency, product)}
        found: dict[str, int] = {}
        for until, minor in before.items():
            opened = minor - own.get(until, NOTHING).get(_ENDED, 0)
            found[until] = left_at(opened, date.fromisoformat(until), self._month, self._month.next)
        for until, figures in own.items():
            found[until] = found.get(until, 0) + figures.get(_DEFERRED, 0)
        return {until: minor for until, minor in sorted(found.items()) if minor}

    def _wallet_row(self, place: Key, before: Figures | None) -> Row:
        by, kind, currency = place
        found = self.wallets.of((currency, kind))
        moved = {name: found.get(name, 0) for name in ("came_in", "used", "paid_back")}
        opening = (before or {}).get("closing", 0) + found.get(_TAKEN_UP, 0)
        return Row(by, kind, currency, {"opening": opening, **moved, "closing": opening + sum(moved.values())}, before)


def _paid_ahead(posting: Posting) -> str:
    return "gift" if posting.ledger_account == GIFTS else "wallet"


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


def _booked(each: AccountMonth) -> _Sums:
    """What the month's settlement took of its own need."""
    return _taken(each.settlement.charges, each.settlement.parts) if each.settlement is not None else {}


def _taken(sums: Figures, parts: Figures) -> _Sums:
    return {key: (gross, gross - sum(taxes_in(parts, key).values())) for key, gross in sums.items()}


def _plans_needed(each: AccountMonth, booked: _Sums, stated: _Sums) -> _Sums:
    """Of plans: what a later month's settlement paid back is not needed any more from then on, and was before."""
    name, changes = str(each.month), list[tuple[str, tuple[int, int]]]()
    for after in each.afterwards:
        changes += _taken(after.adjusted[name], after.parts_adjusted.get(name, {})).items()
    found = {}
    for key in {*booked, *(key for key, _ in changes)}:
        if is_plan(key):
            own = [change for of, change in changes if of == key]
            taken = _sum(booked.get(key, _NONE), *(change for change in own if change[0] > 0))
            paid_back = [(-gross, -net) for gross, net in own if gross < 0]
            found[key] = max(taken, _sum(stated.get(key, _NONE), *paid_back))
    return found


def _sum(*sums: tuple[int, int]) -> tuple[int, int]:
    return sum(gross for gross, _ in sums), sum(net for _, net in sums)


def _of_this_month(each: AccountMonth, began: datetime) -> Iterator[Change]:
    """What the settlement took of earlier months for need of this one.

    Sessions that went on are charged at each month's end, as an adjustment of their first month (0061); what was
    corrected of the same product's other sessions of that month is not told apart from it. What of a plan was paid back
    is not needed any more from now on.
    """
    settlement = each.settlement
    if settlement is None:
        return
    going_on = {
        (month, f"{record.session.partner_id}:{record.session.product_id}") for month, record in each.gone_on(began)
    }
    for name, sums in settlement.adjusted.items():
        month = Month.parse(name)
        for key, (gross, net) in _taken(sums, settlement.parts_adjusted.get(name, {})).items():
            if (month, product_of(key)) in going_on or (is_plan(key) and gross < 0):
                yield Change(month, key, gross, net)


def _part(minor: int, net: int, gross: int) -> int:
    """An amount without the tax that is in it as it is in all of what was bought, rounded half up."""
    return (2 * minor * net + gross) // (2 * gross)


def _is_settled(each: AccountMonth) -> bool:
    """Whether the settlement took what the month is rated at now, so that nothing has to be split anew."""
    charges = each.settlement.charges if each.settlement is not None else {}
    return _not_nothing(charges) == _not_nothing(each.statement.by_product)


def _not_nothing(sums: Figures) -> dict[str, int]:
    return {key: minor for key, minor in sums.items() if minor}


def _stated(each: AccountMonth, rates: TaxRates) -> _Sums:
    """The same of what the month is rated at."""
    found = figures_of(each.statement.lines, each.statement.uses, rates)
    return {key: (figures.gross, figures.net) for key, figures in found.items()}
