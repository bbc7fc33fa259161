"""What the law wants on a bill: its number, who sells, who buys, and the tax in it by rate."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

NO_TAX = "0"
"""The rate under which stands what has no tax in it."""


def fraction_of(booked: str) -> str:
    """The rate of a name under which tax is booked."""
    return booked.partition(":")[0]


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
    """What a document comes to at a rate, with the tax in it. Minor units.

    `booked` is under which name the tax is in the ledger: the rate as a fraction, `0.255`; where a provider decided it,
    with the country behind it, `0.255:FI`, and of no tax with the reason too, `0:DE:reverse_charge`.
    """

    booked: str
    gross: int
    tax: int

    @property
    def rate(self) -> str:
        """The fraction alone."""
        return fraction_of(self.booked)

    @property
    def country(self) -> str | None:
        """Whose tax it is, where that was decided for each sale."""
        return self.booked.split(":")[1] if ":" in self.booked else None

    @property
    def reason(self) -> str | None:
        """Why there is no tax, where somebody said so."""
        return self.booked.split(":")[2] if self.booked.count(":") > 1 else None

    @property
    def net(self) -> int:
        """Without the tax."""
        return self.gross - self.tax


OPERATORS = ""
"""Who sells what nobody has named another seller for: under whom bills go out by default."""


@dataclass(frozen=True, slots=True)
class Paper:
    """What makes a bill a document. The details of both sides are looked up by their versions.

    `apart` says that it is of a seller who was named for what it is about: what it is paid with and lowered by is too.
    """

    number: str
    seller_id: str
    seller_version: int
    buyer_version: int
    taxes: tuple[TaxRow, ...] = field(default=())
    apart: bool = False


def sold_by(paper: Paper | None) -> str:
    """Whose bills it goes with: a seller's that was named, or the operator's."""
    return paper.seller_id if paper is not None and paper.apart else OPERATORS
