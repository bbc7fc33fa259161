"""What tax that somebody else decides needs from outside, and what settling needs of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from chalicelib.billing.credit_model import CreditNote
from chalicelib.billing.differences import Known
from chalicelib.billing.model import Invoice, Parked, Settlement
from chalicelib.billing.paper_model import OPERATORS, Buyer, Seller
from chalicelib.billing.parts import Parts, figures_in, parts_of
from chalicelib.billing.share_ports import Shared
from chalicelib.billing.statement import Statement
from chalicelib.billing.tax_model import AskedSale, CalculatedLine, Supply, TakenBack, TaxedSale
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write
from chalicelib.rating.figures import Figures


def _everything(_product: str, _month: Month) -> bool:
    return True


class ToSplit(NamedTuple):
    """A settlement that is to be made: as it was, the months as they come out by now, and what is settled.

    It is of what one seller sells: `concerns` says of a product in a month whether that is it.
    """

    before: Settlement
    statements: Sequence[Statement]
    known: Known
    now: datetime
    seller_id: str = OPERATORS
    concerns: Callable[[str, Month], bool] = _everything


class Split(Protocol):
    """How the months of a settlement are split."""

    @property
    def writes(self) -> Sequence[Write]:
        """What is to be remembered of it, in the settlement's transaction."""

    @property
    def refused(self) -> Parked | None:
        """Why it could not be split; then nothing is billed before somebody has looked at it."""

    def stated(self, stated: Statement, shared: Shared) -> tuple[Mapping[str, Figures], Parts]:
        """A month's figures by product, and its parts."""


class Taxing(Protocol):
    """Who decides the tax in a bill."""

    def split(self, asked: ToSplit) -> Split:
        """Split what a settlement takes; what was split before stays as it was."""

    def giving_back(self, note: CreditNote, invoice: Invoice) -> tuple[CreditNote, Sequence[Write]]:
        """Goodwill gives back a part of an invoice: the note with the tax that is in it, and what remembers that."""


class OwnSplit:
    """By the rates that finance has stated."""

    writes: Sequence[Write] = ()
    refused: Parked | None = None

    def stated(self, stated: Statement, shared: Shared) -> tuple[Mapping[str, Figures], Parts]:
        """All of the month, at its rates."""
        figures = figures_in(stated, shared)
        return figures, parts_of(figures, stated.month, shared)


class OwnTaxes:
    """Satisfies `Taxing`: the rates are our own, and nobody is asked or told."""

    def split(self, _asked: ToSplit) -> Split:
        """Nothing to be asked."""
        return OwnSplit()

    def giving_back(self, note: CreditNote, _invoice: Invoice) -> tuple[CreditNote, Sequence[Write]]:
        """Split as the invoice was; nothing to be remembered."""
        return note, ()


class Supplies(Protocol):
    """What products are for tax (the catalogue knows)."""

    def of(self, product: str, seller: Seller | None, buyer: Buyer | None) -> Supply:
        """By the name under which it is settled, as it is sold to the buyer."""


class Calculated(NamedTuple):
    """What the provider answered: the calculation's name, and its lines."""

    calculation: str
    lines: Sequence[CalculatedLine]


@dataclass(frozen=True, slots=True)
class Transacted:
    """A record at the provider: its name, the names of its lines by reference, and what it comes to. Minor units."""

    transaction: str
    lines: Mapping[str, str]
    gross: int
    tax: int


class TaxProvider(Protocol):
    """Who calculates. Each call may be repeated: it says the same thing under the same key.

    A trouble that passes is `CollectorUnavailable`, any other no `TaxRefused`.
    """

    def calculate(self, asked: AskedSale) -> Calculated:
        """Split a sale; nothing is recorded by it."""

    def record(self, sale: TaxedSale) -> Transacted:
        """Record a sale for the provider's reports."""

    def take_back(self, sale: TaxedSale, back: TakenBack) -> Transacted:
        """Record what was taken back of a recorded sale; its sums are below zero."""

    def stands(self, transaction: str) -> Transacted:
        """Read a record again."""


class TaxedSales(Protocol):
    """Where it is kept what was split."""

    def of_account(self, account_id: str) -> Sequence[TaxedSale]:
        """All of an account's."""

    def find(self, account_id: str, name: str) -> TaxedSale | None:
        """The sale, or None."""

    def saving(self, sale: TaxedSale) -> Write:
        """Store it, if the stored revision is the one before its own."""

    def recording(self, sale: TaxedSale, now: datetime) -> Write:
        """Have the provider told of it."""

    def settling_later(self, account_id: str, month: Month, at: datetime, now: datetime) -> Write:
        """Have a month settled once more, then."""
