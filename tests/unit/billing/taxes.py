"""Somebody else who decides the tax, in memory: by country and kind, each line rounded once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from chalicelib.billing.errors import CollectorUnavailable, TaxedSaleChanged, TaxRefused
from chalicelib.billing.paper_model import Buyer, Seller
from chalicelib.billing.tax_model import (
    AskedSale,
    CalculatedLine,
    SuppliedAt,
    Supply,
    TakenBack,
    TaxedSale,
    TaxPlace,
    rate_name,
)
from chalicelib.billing.tax_ports import Calculated, Transacted
from chalicelib.billing.tax_splitting import ProviderTaxes
from chalicelib.kernel.errors import Conflict
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from tests.unit.billing.books import ZONE, Books
from tests.unit.memory import InMemory, write

PERCENT = {"FI": Decimal("25.5"), "SE": Decimal(25), "DE": Decimal(19), "JP": Decimal(0)}
"""None of them is meant to be the law's."""


class SalesInMemory:
    """Satisfies `tax_ports.TaxedSales`."""

    def __init__(self) -> None:
        self.kept: dict[str, TaxedSale] = {}
        self.said: list[str] = []

    def of_account(self, _account_id: str) -> list[TaxedSale]:
        return list(self.kept.values())

    def find(self, account_id: str, name: str) -> TaxedSale | None:
        return self.kept.get(f"{account_id}:{name}")

    def saving(self, sale: TaxedSale) -> InMemory:
        def same() -> bool:
            before = self.kept.get(sale.sale_id)
            return (before.revision if before else 0) == sale.revision - 1

        return write(TaxedSaleChanged(), lambda: self.kept.update({sale.sale_id: sale}), holds=same)

    def recording(self, sale: TaxedSale, _now: datetime) -> InMemory:
        return write(Conflict(), lambda: self.said.append(sale.name))

    def settling_later(self, account_id: str, month: Month, at: datetime, _now: datetime) -> InMemory:
        return write(Conflict(), lambda: self.said.append(f"{account_id} {month} {at}"))

    def taxes_left(self) -> dict[str, int]:
        sums: dict[str, int] = {}
        for sale in self.kept.values():
            for rate, tax in sale.taxes_left.items():
                sums[rate] = sums.get(rate, 0) + tax
        return {rate: tax for rate, tax in sums.items() if tax}


class Supplied:
    """Satisfies `tax_ports.Supplies`: a product is supplied in the country that its name ends with."""

    def __init__(self, usual: str | None = "FI") -> None:
        self.usual = usual

    def of(self, product: str, _seller: Seller | None, _buyer: Buyer | None) -> Supply:
        country = product[-2:].upper() if "-" in product.partition(":")[2] else self.usual
        return Supply("txcd_20030000", SuppliedAt.DISPOSAL, TaxPlace(country) if country else None)


@dataclass
class Office:
    """Satisfies `tax_ports.TaxProvider`, and remembers what it was asked and told."""

    asked: list[AskedSale] = field(default_factory=list)
    told: dict[str, tuple[int, int]] = field(default_factory=dict)
    trouble: str = ""

    def calculate(self, asked: AskedSale) -> Calculated:
        if self.trouble == "away":
            raise CollectorUnavailable
        if self.trouble == "refuses":
            raise TaxRefused(code="customer_tax_location_invalid")
        self.asked.append(asked)
        return Calculated(
            f"calc-{len(self.asked)}", [self._split(each.product, each.gross, asked) for each in asked.lines]
        )

    def _split(self, product: str, gross: int, asked: AskedSale) -> CalculatedLine:
        country = asked.place.country
        reverse = asked.vat_number is not None and asked.vat_number.startswith(country) and country != "FI"
        percent = Decimal(0) if reverse else PERCENT[country]
        tax = int((gross * percent / (100 + percent)).to_integral_value(ROUND_HALF_UP))
        tax = gross + 1 if self.trouble == "errs" else tax
        reason = "reverse_charge" if reverse else "standard_rated" if percent else "not_collecting"
        return CalculatedLine(product, rate_name(percent, country, reason), Money(tax, asked.currency))

    def record(self, sale: TaxedSale) -> Transacted:
        sums = sum(each.gross for each in sale.lines), sum(each.tax for each in sale.lines)
        return self._told(f"txn-{sale.name}", sums, {each.product: f"li-{each.product}" for each in sale.lines})

    def take_back(self, sale: TaxedSale, back: TakenBack) -> Transacted:
        assert sale.transaction in self.told
        return self._told(f"txn-{sale.name}-{back.name}", (-back.gross, -back.tax), {})

    def _told(self, name: str, sums: tuple[int, int], lines: dict[str, str]) -> Transacted:
        if self.trouble == "away":
            raise CollectorUnavailable
        if self.trouble == "refuses":
            raise TaxRefused(code="unique_reference_violation")
        self.told[name] = sums
        if self.trouble == "answer lost":
            raise CollectorUnavailable
        return Transacted(name, lines, *sums)

    def stands(self, transaction: str) -> Transacted:
        return Transacted(transaction, {}, *self.told[transaction])

    @property
    def tax(self) -> int:
        """What it was told of in all."""
        return sum(tax for _, tax in self.told.values())


@dataclass
class TaxedBooks(Books):
    """An account whose tax somebody else decides."""

    office: Office = field(default_factory=Office)
    sales: SalesInMemory = field(default_factory=SalesInMemory)
    supplied: Supplied = field(default_factory=Supplied)

    def __post_init__(self) -> None:
        self.switch_on()

    def switch_off(self) -> None:
        self.taxes = ProviderTaxes(None, self.sales, self.supplied, self.numbers, ZONE)

    def switch_on(self) -> None:
        self.taxes = ProviderTaxes(self.office, self.sales, self.supplied, self.numbers, ZONE)

    def taxes_posted(self) -> dict[str, int]:
        """By rate, what the ledger owes the states."""
        sums: dict[str, int] = {}
        for entry in self.journal.entries.values():
            for each in entry.postings:
                kind, _, rate = each.ledger_account.partition(":")
                if kind == "tax":
                    sums[rate] = sums.get(rate, 0) - each.amount.minor
        return {rate: minor for rate, minor in sums.items() if minor}

    def taxes_on_documents(self) -> dict[str, int]:
        """By rate, what invoices say less what credit notes say."""
        sums: dict[str, int] = {}
        papers = [(each.paper, each.total, 1) for each in self.billed.made.values()]
        papers += [(each.paper, each.total, -1) for each in self.notes.kept.values()]
        for paper, total, sign in papers:
            assert paper is not None
            assert sum(row.gross for row in paper.taxes) == total.minor
            for row in paper.taxes:
                sums[row.booked] = sums.get(row.booked, 0) + sign * row.tax
        return {rate: minor for rate, minor in sums.items() if minor}


def rows_of(documents: Sequence[object]) -> list[list[tuple[str, int, int]]]:
    """Each document's rows of tax."""
    return [[(row.booked, row.gross, row.tax) for row in each.paper.taxes] for each in documents]  # type: ignore[attr-defined]
