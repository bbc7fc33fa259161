"""A month of several accounts, made by what makes it in earnest: rating, shares, settlement entries, payments."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from chalicelib.access.model import AccessSession, ChargeRecord, NeedInterval, NeedState, State
from chalicelib.access.model import Need as NeedOfSession
from chalicelib.billing.model import Invoice, InvoiceLine, InvoiceState, Settlement
from chalicelib.billing.parts import figures_in, parts_of
from chalicelib.billing.postings import invoice_source, payment_entry, settlement_entry
from chalicelib.billing.postings_of_money import bad_debt_entry, fee_entry
from chalicelib.billing.statement import Statement
from chalicelib.finance.facts import AccountMonth
from chalicelib.finance.monitor_model import Row
from chalicelib.finance.monitors import Monitors, Stated
from chalicelib.finance.offered import CloudCost, OnOffer, Owned
from chalicelib.finance.tallies import TalliesOnDisk
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Interval, Month
from chalicelib.ledger.model import JournalEntry, Posting
from chalicelib.rating import Need, Tariff, Use, rate, tariff_from_document
from chalicelib.rating.figures import TaxRates
from chalicelib.rating.share import ShareRule, ShareTier
from tests.unit.billing.books import SharesInMemory
from tests.unit.finance.months import Looked

ZONE = "UTC"
APRIL, MAY, JUNE = (Month(2021, number) for number in (4, 5, 6))
CLOSED = datetime(2021, 6, 1, 3, tzinfo=UTC)
CLOUD = CloudCost(session={"write_units": Decimal(1_000)}, event={"write_units": Decimal(100)})
DEAR = replace(CLOUD, per_dollar=Decimal(1000))
PRODUCTS = ("par-1:bike", "par-1:van", "par-2:drill")
STATES = ("in_use", "kept", "released", "faulty", "grace")


def tariff(product: str) -> Tariff:
    """A cent a unit, and two cents a started minute of use."""
    return tariff_from_document(
        {
            "tariff_id": product,
            "version": 1,
            "currency": "EUR",
            "zone": ZONE,
            "tax_inclusive": True,
            "meters": [
                {"name": "cents", "unit": "x", "most_per_hour": "1000000"},
                {"name": "time", "unit": "s", "most_per_hour": "3600"},
            ],
            "prices": [
                {
                    "id": "all",
                    "kind": "package",
                    "meter": "cents",
                    "included": "0",
                    "size": "1",
                    "per_package": "0.01",
                },
                {
                    "id": "time",
                    "kind": "package",
                    "meter": "time",
                    "included": "0",
                    "size": "60",
                    "per_package": "0.02",
                },
            ],
        }
    )


TARIFFS = {product: tariff(product) for product in PRODUCTS}


@dataclass(frozen=True)
class Ride:
    """A session on an asset: so many cents, and stretches of need in whole seconds."""

    product: str = PRODUCTS[0]
    asset: str = "one"
    cents: int = 100
    stretches: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Account:
    """What an account did, paid and cost in a month; money in cents. `fees` are of payments of `paid`, by month."""

    name: str
    rides: tuple[Ride, ...] = ()
    paid: tuple[tuple[Month, int], ...] = ()
    fee: int = 0
    lost: int = 0
    goodwill: int = 0
    settled: bool = True


class Shared(SharesInMemory):
    """A quarter of tax in everything, and 70 % for each partner."""

    def __init__(self) -> None:
        super().__init__()
        self.rates = TaxRates(others=Decimal("0.25"))
        self.rules = {partner: ShareRule("EUR", (ShareTier(Decimal(70)),)) for partner in ("par-1", "par-2")}


@dataclass(frozen=True)
class Street:
    """Satisfies `finance.offered.Offered`: two things of each product, in service since a year ago, on offer for ever.

    The drill is in a category of its own. `known` are the partners in the list of all.
    """

    known: tuple[str, ...] = ()
    things: ClassVar[tuple[OnOffer, ...]] = tuple(
        OnOffer(product, asset, 1, None, date(2020, 5, 1)) for product in PRODUCTS for asset in ("one", "two")
    )

    def category(self, product: str) -> str:
        return {"par-1:bike": "bikes", "par-1:van": "vans", "par-2:drill": "tools"}.get(product, "")

    def owned(self, product: str) -> Owned | None:
        loses, upkeep = Money(55_000, "EUR"), Money(9_000, "EUR")
        return Owned(loses, 1825, upkeep) if product == "par-1:bike" else None

    def partners(self) -> tuple[str, ...]:
        return self.known

    def on_offer(self, partners: Iterable[str]) -> list[OnOffer]:
        return [each for each in self.things if each.product.partition(":")[0] in set(partners)]


@dataclass
class Nothing:
    """Satisfies `finance.monitors.Earlier`: the month before has no export."""

    month: Month | None = None
    kept: dict[str, list[Row]] = field(default_factory=dict)
    late: tuple[JournalEntry, ...] = ()

    def posted_since(self) -> tuple[JournalEntry, ...]:
        return self.late

    def rows(self, monitor: str) -> Iterator[Row]:
        return iter(self.kept.get(monitor, []))


def after(monitors: Monitors) -> Nothing:
    """What the month after finds of this one."""
    names = ("profit", "customer-values", "behaviour", "purchases", "recognition")
    return Nothing(monitors.month, {name: list(monitors.rows(name)) for name in names})


def use_of(name: str, ride: Ride, month: Month) -> Use:
    start = month.interval(ZONE).start
    needs, at = [], start
    for state, seconds in ride.stretches:
        needs.append(Need(at, at + timedelta(seconds=seconds), state))  # type: ignore[arg-type]
        at += timedelta(seconds=seconds)
    used = sum(seconds for state, seconds in ride.stretches if state == "in_use")
    return Use(
        name,
        TARIFFS[ride.product],
        start,
        at,
        open=False,
        quantities={"cents": Decimal(ride.cents), "time": Decimal(used)},
        evidence={"start": (f"{name}-out",), "cents": (f"{name}-a", f"{name}-b")},
        needs=tuple(needs),
        product=ride.product,
    )


def record_of(account: str, use: Use, ride: Ride) -> ChargeRecord:
    partner, _, product = ride.product.partition(":")
    session = AccessSession(
        session_id=use.use_id,
        account_id=account,
        customer_id="cus",
        partner_id=partner,
        product_id=product,
        asset_id=ride.asset,
        tariff_version=1,
        quote_id="quo",
        started_at=use.started_at,
        meters={"cents": "x", "time": "s"},
        state=State.ENDED,
        ended_at=use.ended_at,
    )
    intervals = tuple(NeedInterval(NeedState(need.state), Interval(need.start, need.end)) for need in use.needs)
    return ChargeRecord(session, NeedOfSession(intervals, use.quantities, {}, "d" * 64), (), "EUR", use.ended_at)


def month_of(account: Account, month: Month, shared: Shared) -> tuple[AccountMonth, list[JournalEntry]]:
    """What finance sees of an account's month, and what is posted."""
    uses = [use_of(f"{account.name}-{number}", ride, month) for number, ride in enumerate(account.rides)]
    stated = Statement(account.name, month, "EUR", rate(uses), tuple(uses), frozenset())
    records = {use.use_id: record_of(account.name, use, ride) for use, ride in zip(uses, account.rides, strict=True)}
    entries: list[JournalEntry] = []
    settlement, invoices = None, list[Invoice]()
    if account.settled and stated.total.minor:
        before = Settlement(account.name, month, "EUR")
        parts = parts_of(figures_in(stated, shared), month, shared)
        settlement = Settlement(account.name, month, "EUR", 1, charges=stated.by_product, parts=parts)
        invoice = invoice_of(account.name, month, stated.total.minor)
        invoices = [invoice]
        entry = settlement_entry(before, settlement, invoice_source(invoice.invoice_id), {}, CLOSED)
        entries += [entry] if entry else []
    entries += moved(account, month)
    return AccountMonth(stated, records, invoices, settlement=settlement), entries


def moved(account: Account, month: Month) -> list[JournalEntry]:
    """Payments with their fee, a bad debt, and goodwill."""
    entries: list[JournalEntry] = []
    for of, cents in account.paid:
        paid = payment_entry(invoice_of(account.name, of, cents), month.interval(ZONE).start, ZONE, CLOSED)
        entries += [paid] if paid else []
    if account.fee:
        entries.append(fee_entry(f"txn-{account.name}", Money(account.fee, "EUR"), account.name, month, CLOSED))
    if account.lost:
        entries.append(bad_debt_entry(invoice_of(account.name, APRIL, account.lost), ZONE, month.interval(ZONE).start))
    if account.goodwill:
        amount = Money(account.goodwill, "EUR")
        postings = Posting("promotions", amount), Posting(f"receivable:{account.name}", -amount)
        entries.append(
            JournalEntry(f"goodwill:{account.name}", "goodwill", account.name, month, CLOSED, tuple(postings))
        )
    return entries


def invoice_of(account: str, month: Month, cents: int) -> Invoice:
    total = Money(cents, "EUR")
    line = InvoiceLine("product", PRODUCTS[0], total)
    return Invoice(account, month, 1, (line,), total, CLOSED, InvoiceState.PAID)


def read(
    accounts: Sequence[Account],
    month: Month = MAY,
    earlier: Nothing | None = None,
    offered: Street | None = None,
    **more: Any,  # noqa: ANN401 -- of `Stated`
) -> Monitors:
    """The month, shown once to the monitors as an export shows it."""
    shared = Shared()
    stated = Stated(
        month,
        "EUR",
        ZONE,
        shared.rates,
        **{"cloud": CLOUD, **more},
    )
    monitors = Monitors(
        stated,
        offered=offered or Street(),
        tallies=TalliesOnDisk(most_held=7),
        lookups=Looked(),
        earlier=earlier or Nothing(),
    )
    entries: list[JournalEntry] = []
    for account in sorted(accounts, key=lambda each: each.name):
        each, posted = month_of(account, month, shared)
        monitors.account(each)
        entries += posted
    for entry in sorted(entries, key=lambda each: each.reference):
        monitors.entry(entry)
    return monitors
