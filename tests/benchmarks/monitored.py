"""The monitors of a made-up month, as an export fills them, with what is on offer and a month before."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from chalicelib.edge.report_files import report_in
from chalicelib.finance.asset_rows import asset_key
from chalicelib.finance.monitor_model import CUSTOMERS, OF_A_MARGIN, PROFIT, Row
from chalicelib.finance.monitors import Monitors, Stated
from chalicelib.finance.offered import OnOffer, Owned
from chalicelib.finance.tallies import TalliesOnDisk
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.ledger.model import JournalEntry

PARTNERS, ASSETS = 7, 21_000
PRODUCTS = tuple(f"par-{each}:bike" for each in range(PARTNERS))


def account_name(number: int, digest: str) -> str:
    """In order of number, as a store's are in order of their names."""
    return f"acc_{number:06x}{digest[:20]}"


def things() -> list[tuple[str, str]]:
    """Product and asset of all that are on offer, in order."""
    return sorted((PRODUCTS[each % PARTNERS], f"bike-{each:05d}") for each in range(ASSETS))


@dataclass(frozen=True)
class Fleet:
    """Satisfies `finance.offered.Offered`."""

    def category(self, _product: str) -> str:
        """One for all."""
        return "bikes"

    def owned(self, _product: str) -> Owned:
        """Each loses its price in five years."""
        return Owned(Money(55_000, "EUR"), 1825, Money(9_000, "EUR"))

    def partners(self) -> list[str]:
        """Those of the products."""
        return [each.partition(":")[0] for each in PRODUCTS]

    def on_offer(self, partners: Iterable[str]) -> Iterator[OnOffer]:
        """All of them, in order."""
        wanted = set(partners)
        return (OnOffer(*each, 1, None, date(2020, 5, 1)) for each in things() if each[0].partition(":")[0] in wanted)


@dataclass(frozen=True)
class Again:
    """Names in their order, as often as they are asked for."""

    names: Callable[[], Iterator[str]]

    def __iter__(self) -> Iterator[str]:
        return self.names()


@dataclass(frozen=True)
class Before:
    """Satisfies `finance.monitors.Earlier`: each account and thing was there in the month before."""

    month: Month
    accounts: Iterable[str]

    def posted_since(self) -> tuple[()]:
        """Nothing was posted late."""
        return ()

    def rows(self, monitor: str) -> Iterator[Row]:
        """Made up as they are asked for, as a stored file is read."""
        figures = {**dict.fromkeys(OF_A_MARGIN, 100_001), "margin": 900_009}
        if monitor == PROFIT:
            for product, asset in things():
                yield Row("asset", asset_key(product, asset), "EUR", dict(figures))
        elif monitor == CUSTOMERS:
            yield Row("stage", "active", "EUR", {"customers": 1, "margin": 1, "stood": 1, "used_again": 1})
            texts = {"stage": "active", "first": "2020-01", "last": str(self.month), "stage_before": "active"}
            more = {"sessions": 5, "margin_to_date": 9_000_009, "months_used": 12}
            kept = {"recent": [1, 2, 3], "billed": {PRODUCTS[0]: 505}}
            for name in self.accounts:
                yield Row("customer", name, "EUR", {**figures, **more}, None, texts, kept)


class Nothing:
    """Satisfies `finance.ports.Lookups` of a month without payments and goodwill."""

    def names_at_provider(self, entries: Sequence[JournalEntry]) -> list[None]:
        """None of them."""
        return [None for _ in entries]

    def goodwill(self, _entry: JournalEntry) -> None:
        """None was given."""


def books(month: Month, accounts: Iterable[str]) -> list[Monitors]:
    """Those that an export in earnest fills."""
    stated = Stated(month, "EUR", "UTC")
    before = Before(month.previous, accounts)
    return [
        Monitors(
            stated, offered=Fleet(), tallies=TalliesOnDisk(), earlier=before, lookups=Nothing(), report=report_in("en")
        )
    ]
