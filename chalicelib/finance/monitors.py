"""The four monitors and revenue recognition: one book of a month, read once, with the month before beside it."""

from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, Protocol

from chalicelib.finance.before import Before
from chalicelib.finance.behaviour import Behaviour
from chalicelib.finance.customer_value import ValueTerms
from chalicelib.finance.customers import BILLED, PAID, POSTED_LATE, CustomerBook
from chalicelib.finance.facts import AccountMonth, BookFile, Column, Tally
from chalicelib.finance.largest import Largest, largest
from chalicelib.finance.money_moved import MoneyMoved
from chalicelib.finance.monitor_files import control_totals, file_name, packed
from chalicelib.finance.monitor_model import (
    BEHAVIOUR,
    CUSTOMER,
    CUSTOMERS,
    MONITORS,
    OF_THE_JOURNAL,
    PROFIT,
    PURCHASES,
    RECOGNITION,
    Figures,
    Head,
    Row,
    Rows,
    Sums,
    of_view,
)
from chalicelib.finance.offered import CloudCost, Days, Offered, OnOffer
from chalicelib.finance.ports import Lookups
from chalicelib.finance.profit import (
    CLOUD,
    OTHERS,
    Cell,
    ProfitViews,
    cloud_costs,
    effects,
    over_assets,
    paid_for,
    standing_costs,
)
from chalicelib.finance.purchases import Purchases
from chalicelib.finance.recognition import Recognition, ties_of
from chalicelib.finance.sums_on_disk import SumsOnDisk
from chalicelib.finance.tallies import Tallies
from chalicelib.finance.tie import Tie
from chalicelib.finance.use_units import events_of
from chalicelib.kernel.time import Interval, Month
from chalicelib.ledger.model import JournalEntry
from chalicelib.rating.figures import TaxRates

_LEDGER = {
    "revenue": "revenue",
    "partner_share": "share-cost",
    "payment_fees": "stripe-fees",
    "promotions": "promotions",
    "bad_debt": "bad-debt",
}
_TALLY = "tally"
_TOTALLED = {PROFIT: "product", BEHAVIOUR: "all", PURCHASES: "class", RECOGNITION: "product"}
COLUMNS = (
    Column("by", "text", "", "which view the row is of"),
    Column("key", "text", "", "what the row is about: an id, or nothing where it is of none"),
    Column("currency", "text", "", "of the row's amounts"),
    Column("figures", "object", "", "whole numbers by name: money in minor units, times in seconds, counts"),
    Column("before", "object", "", "the same of the month before, if it had the row"),
    Column("texts", "object", "", "what else is known of what the row is about"),
    Column("kept", "object", "", "what the next month's monitor reads"),
)


class MonitorMonth(Protocol):
    """A month's monitors, finished just now or read from an export."""

    @property
    def month(self) -> Month:
        """Which month."""

    def head(self, monitor: str) -> Head:
        """What a monitor's file says of itself."""

    def rows(self, monitor: str, by: str | None = None) -> Iterator[Row]:
        """A monitor's rows, from the first on; those of a view, where one is named."""

    def largest_customers(self, most: int) -> Iterator[Row]:
        """The rows of the customers of the largest margin, the largest first."""


class Earlier(Protocol):
    """The monitors of the month before, in its newest export, or of the newest one with any; none if there is none."""

    @property
    def month(self) -> Month | None:
        """Which month it is."""

    def rows(self, monitor: str) -> Iterator[Row]:
        """A monitor's rows, from the first on."""

    def posted_since(self) -> Iterable[JournalEntry]:
        """What was posted to earlier months and is in no monitors of them."""


Report = Callable[[MonitorMonth], BookFile]


@dataclass(frozen=True, slots=True)
class Stated:
    """What a month's monitors are made by, beside its books. `zone` says where it begins."""

    month: Month
    currency: str
    zone: str
    rates: TaxRates = field(default_factory=TaxRates)
    cloud: CloudCost = field(default_factory=CloudCost)
    terms: ValueTerms = field(default_factory=ValueTerms)

    @property
    def interval(self) -> Interval:
        """From its beginning to its end."""
        return self.month.interval(self.zone)

    @property
    def days(self) -> int:
        """How many days it has."""
        return monthrange(self.month.year, self.month.number)[1]

    @property
    def basis(self) -> dict[str, str]:
        """What a reader has to know to compute it again."""
        return {
            "currency": self.currency,
            "lapsed_after_months": str(self.terms.lapsed_after),
            "mean_of_months": str(self.terms.mean_of),
            "cloud_nano_minor_per_session": str(self.cloud.weight(1, 0, self.currency)),
            "cloud_nano_minor_per_event": str(self.cloud.weight(0, 1, self.currency)),
            "days": str(self.days),
        }


class Monitors:
    """Satisfies `ports.Book` and `MonitorMonth`."""

    def __init__(
        self,
        stated: Stated,
        *,
        offered: Offered,
        tallies: Tallies,
        earlier: Earlier,
        lookups: Lookups,
        report: Report | None = None,
    ) -> None:
        self._stated, self._offered, self._tallies, self._earlier = stated, offered, tallies, earlier
        self._report = report
        self._products, self._assets = Sums(), SumsOnDisk()
        self._journal: dict[tuple[str, str], int] = {}
        self._statements: dict[str, int] = {}
        self._partners: set[str] = set()
        self._behaviour, self._purchases = Behaviour(offered, stated.interval), Purchases()
        self._recognition = Recognition(stated.month, stated.rates, stated.interval.start)
        self._moved = MoneyMoved(lookups)
        self._customers = CustomerBook(stated.month, tallies, lambda: earlier.rows(CUSTOMERS), stated.terms)
        self._largest = Largest()
        self._per: dict[str, tuple[int, int]] = {}
        self._finished: dict[str, tuple[Head, Rows]] = {}

    @property
    def month(self) -> Month:
        """Which month."""
        return self._stated.month

    def account(self, each: AccountMonth) -> None:
        """An account's month."""
        who = (each.account_id, each.currency)
        by_use, (per_session, per_event) = each.statement.by_use, self._cloud_of(each.currency)
        for use in each.statement.uses:
            about = each.about(use.use_id)
            place = (each.currency, f"{about.partner_id}:{about.product_id}", about.asset_id)
            used = int(use.kind == "session")
            weight = used * per_session + events_of(use) * per_event
            self._assets.add(place, "stated", by_use[use.use_id])
            self._assets.add(place, CLOUD, weight)
            self._tallies.add(who, CLOUD, weight)
            self._partners.add(about.partner_id)
        sessions = self._behaviour.account(each)
        if sessions:
            self._tallies.add(who, "sessions", sessions)
        self._statements[each.currency] = self._statements.get(each.currency, 0) + each.statement.total.minor
        for reader in (self._purchases, self._recognition, self._moved):
            reader.account(each)

    def entry(self, entry: JournalEntry) -> None:
        """A journal entry."""
        for posting in entry.postings:
            key = posting.amount.currency, posting.ledger_account.partition(":")[0]
            self._journal[key] = self._journal.get(key, 0) + posting.amount.minor
        for each in effects(entry):
            who = (each.customer, each.currency)
            self._tallies.add(who, each.figure, each.minor)
            if each.product is not None:
                self._products.add((each.currency, each.product), each.figure, each.minor)
                self._partners.add(each.product.partition(":")[0])
                if each.figure in ("revenue", "credits"):
                    self._tallies.add(who, BILLED + each.product, each.minor)
        paid = paid_for(entry)
        if paid is not None:
            of, currency, minor = paid
            self._tallies.add((entry.account_id, currency), PAID + of, minor)
        for reader in (self._purchases, self._recognition, self._moved):
            reader.entry(entry)

    def kept(self) -> Iterator[Any]:
        """All sums by name and key, statements, partners, and the figures of each account."""
        for name, sums in self._sums.items():
            for key, figures in sums.items():
                yield [name, key, figures]
        yield ["", self._statements, sorted(self._partners)]
        for who, figures in self._tallies.items():
            yield [_TALLY, who, figures]

    def take(self, kept: Any) -> None:  # noqa: ANN401 -- JSON
        """The same of a part."""
        name, key, figures = kept
        if name == _TALLY:
            for figure, amount in figures.items():
                self._tallies.add((key[0], key[1]), figure, amount)
        elif name:
            sums = self._sums[name]
            for figure, amount in figures.items():
                sums.add(tuple(key), figure, amount)
        else:
            for currency, minor in key.items():
                self._statements[currency] = self._statements.get(currency, 0) + minor
            self._partners |= set(figures)

    @cached_property
    def _sums(self) -> dict[str, Sums | SumsOnDisk]:
        """All that accounts are added up in, by name."""
        behaviour, recognition, moved = self._behaviour, self._recognition, self._moved
        return {
            "products": self._products,
            "assets": self._assets,
            "purchases": self._purchases.sums,
            "sessions": behaviour.sessions,
            "customers": behaviour.customers,
            "customers_of_assets": behaviour.customers_of_assets,
            "earned": recognition.products,
            "passes": recognition.passes,
            "ahead": recognition.wallets,
            "billing": recognition.billing,
            "cash": moved.cash,
            "tax": moved.tax,
            "documents": moved.documents,
            "document_tax": moved.document_tax,
        }

    def files(self) -> Iterable[BookFile]:
        """A file a monitor, and the report."""
        self._largest = Largest()
        for monitor in sorted(MONITORS):
            (head, rows), tally = self._of(monitor), Tally()
            content = packed(head, rows(), tally, self._largest.note)
            yield BookFile(file_name(monitor), "application/gzip", content, tally, COLUMNS, control_totals(head))
        if self._report is not None:
            yield self._report(self)

    def head(self, monitor: str) -> Head:
        """What a monitor's file says of itself."""
        return self._of(monitor)[0]

    def rows(self, monitor: str, by: str | None = None) -> Iterator[Row]:
        """A monitor's rows, or those of a view."""
        return self._of(monitor)[1](by)

    def largest_customers(self, most: int) -> Iterator[Row]:
        """As they were found while their file was written; if it was not, all are read."""
        head, rows = self._of(CUSTOMERS)
        found = self._largest
        known = found.seen == head.rows and most <= found.most
        return found.rows(most) if known else largest(rows(CUSTOMER), most)

    def _of(self, monitor: str) -> tuple[Head, Rows]:
        if not self._finished:
            self._finish()
        return self._finished[monitor]

    def _take_up(self) -> None:
        """What was posted to earlier months since they were exported: of customers, and of what is paid ahead."""
        for entry in self._earlier.posted_since():
            self._recognition.take_up(entry)
            for each in effects(entry):
                if each.customer != OTHERS:
                    self._tallies.add((each.customer, each.currency), POSTED_LATE, each.minor)

    def _finish(self) -> None:
        self._take_up()
        known = {monitor: Before.of(self._earlier.rows(monitor)) for monitor in MONITORS if monitor != CUSTOMERS}
        used = self._partners | {key for (by, key, _) in known[PROFIT].others if by == "partner"}
        partners = used.union(self._offered.partners()) - {OTHERS}
        things = list(self._offered.on_offer(sorted(partners)))
        customers = self._customers
        customers.count(self._products, _by_currency(self._standing(things)), self._cloud_weights())
        profit = ProfitViews(self._offered, known[PROFIT])
        profit.add(over_assets(self._products, self._assets))
        profit.add(self._standing(things))
        profit.add(cloud_costs(customers.cloud(), self._assets))
        self._keep(PROFIT, profit.rows(), lambda views: self._profit_ties(views, customers.totals))
        before = known[RECOGNITION]
        earned = [
            *self._recognition.rows(before.others, before.kept, self._earlier.month),
            *self._moved.rows(before.others),
        ]
        self._keep(RECOGNITION, partial(of_view, earned), lambda _: self._recognition_ties(earned))
        bought = list(self._purchases.rows(known[PURCHASES].others))
        self._keep(PURCHASES, partial(of_view, bought), lambda _: self._purchase_ties())
        self._keep(BEHAVIOUR, self._behaved(things, known[BEHAVIOUR]), lambda _: [])
        totals = {currency: dict(sorted(figures.items())) for (currency,), figures in customers.totals.items()}
        self._finished[CUSTOMERS] = (self._headed(CUSTOMERS, customers.rows, totals, []), customers.all)

    def _standing(self, things: Iterable[OnOffer]) -> Iterator[Cell]:
        return standing_costs(things, Days.of(self.month), self._offered)

    def _behaved(self, things: Iterable[OnOffer], before: Before) -> Rows:
        return self._behaviour.rows(things, self._stated.currency, before)

    def _cloud_weights(self) -> dict[str, int]:
        """What the cloud was used for, by currency: as much by asset as by customer."""
        weights: dict[str, int] = {}
        for (currency, *_), figures in self._assets.items():
            weights[currency] = weights.get(currency, 0) + figures.get(CLOUD, 0)
        return weights

    def _cloud_of(self, currency: str) -> tuple[int, int]:
        """What a session and an event cost, found once."""
        if currency not in self._per:
            weight = self._stated.cloud.weight
            self._per[currency] = weight(1, 0, currency), weight(0, 1, currency)
        return self._per[currency]

    def _keep(self, monitor: str, rows: Rows, ties: Callable[[Sums], list[Tie]]) -> None:
        """The rows, with what is said of them; it ties by what each view comes to."""
        counted, views, by = 0, Sums(), _TOTALLED[monitor]
        for row in rows():
            counted += 1
            views.plus_figures((row.by, row.currency), row.figures)
        totals = {key[1]: dict(sorted(figures.items())) for key, figures in views.items() if key[0] == by}
        self._finished[monitor] = (self._headed(monitor, counted, totals, ties(views)), rows)

    def _headed(self, monitor: str, rows: int, totals: Mapping[str, Figures], ties: list[Tie]) -> Head:
        return Head(monitor, self.month, self._earlier.month, rows, totals, tuple(ties), self._stated.basis)

    def _profit_ties(self, views: Sums, customers: Sums) -> list[Tie]:
        """Every figure of the journal by product and by customer, and every view against that by product."""
        found = []
        for currency in sorted({key[-1] for key, _ in views.items()} | {currency for currency, _ in self._journal}):
            sums = {by: views.of((by, currency)) for by in ("product", "asset", "category", "partner")}
            products, own = sums.pop("product"), customers.of((currency,))
            for figure, account in _LEDGER.items():
                booked = -self._journal.get((currency, account), 0)
                found.append(Tie(f"product_{figure}", currency, _with_credits(products, figure), booked))
                found.append(Tie(f"customer_{figure}", currency, _with_credits(own, figure), booked))
            margin = products.get("margin", 0)
            found += [Tie(f"{by}_margin", currency, its.get("margin", 0), margin) for by, its in sums.items()]
            found.append(Tie("customer_margin", currency, own.get("margin", 0), margin))
        return found

    def _recognition_ties(self, earned: list[Row]) -> list[Tie]:
        return [*ties_of(earned, self._journal), *self._moved.ties()]

    def _purchase_ties(self) -> list[Tie]:
        return [
            Tie("purchases_rated", currency, self._purchases.rated(currency), stated)
            for currency, stated in sorted(self._statements.items())
        ]


def _with_credits(figures: Figures, figure: str) -> int:
    """What is booked as revenue is what was earned less what credit notes took back."""
    more = figures.get("credits", 0) if figure == OF_THE_JOURNAL[0] else 0
    return figures.get(figure, 0) + more


def _by_currency(cells: Iterable[Cell]) -> Sums:
    sums = Sums()
    for (currency, *_), figure, minor in cells:
        sums.add((currency,), figure, minor)
    return sums
