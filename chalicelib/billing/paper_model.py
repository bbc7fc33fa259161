"""What the law wants on a bill: its number, who sells, who buys, and the tax in it by rate."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

NO_TAX = "0"
"""The rate under which stands what has no tax in it."""


class Series(StrEnum):
    """Numbers run by seller and series, from 1 on and without a gap."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit-note"


@dataclass(frozen=True, slots=True)
class Seller:
    """A legal entity that sells. Each change is a version, so that a document keeps the one it was made of."""

    seller_id: str
    name: str
    address: tuple[str, ...]
    country: str
    vat_number: str | None
    prefixes: Mapping[Series, str]
    version: int = 1
    set_by: str = ""
    set_at: datetime | None = None

    def number_of(self, series: Series, number: int) -> str:
        """As it stands on a document."""
        return f"{self.prefixes[series]}{number:06d}"


UNNAMED = Seller("operator", "", (), "", None, {Series.INVOICE: "I-", Series.CREDIT_NOTE: "C-"}, version=0)
"""In whose series documents are numbered as long as finance has named no seller."""


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who buys, in the account's own words: personal data, kept apart from the books and named by its version there."""

    account_id: str
    name: str = ""
    address: tuple[str, ...] = ()
    country: str = ""
    vat_number: str | None = None
    purchase_order: str | None = None
    cost_centre: str | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class TaxRow:
    """What a document comes to at a rate, with the tax in it. Minor units."""

    rate: str
    gross: int
    tax: int

    @property
    def net(self) -> int:
        """Without the tax."""
        return self.gross - self.tax


@dataclass(frozen=True, slots=True)
class Paper:
    """What makes a bill a document. The details of both sides are looked up by their versions."""

    number: str
    seller_id: str
    seller_version: int
    buyer_version: int
    taxes: tuple[TaxRow, ...] = field(default=())
