"""The documents of a month with both sides, and whose tax is on them: one source of all that adds tax up."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from chalicelib.billing.credit_model import CreditNote
from chalicelib.billing.model import Invoice
from chalicelib.billing.paper_model import NO_TAX, Buyer, Paper, Seller, TaxRow
from chalicelib.finance.facts import AccountMonth
from chalicelib.finance.ports import Lookups
from chalicelib.ledger.model import JournalEntry


class Issued(NamedTuple):
    """An invoice or credit note, with the seller and the buyer as they were then."""

    document: Invoice | CreditNote
    seller: Seller | None = None
    buyer: Buyer | None = None

    @property
    def sign(self) -> int:
        """What a credit note says is given back."""
        return -1 if isinstance(self.document, CreditNote) else 1

    @property
    def currency(self) -> str:
        """Of its amounts."""
        return self.document.total.currency

    @property
    def taxes(self) -> Sequence[TaxRow]:
        """By rate."""
        return taxes_of(self.document)

    def country(self, row: TaxRow) -> str | None:
        """Whose tax it is: as was decided for the sale, else the seller's country. Where the buyer is decides nothing.

        A rate that nobody decided for a sale is one that the operator states, for where the seller is.
        """
        return row.country or (self.seller.country if self.seller else None)


def taxes_of(document: Invoice | CreditNote) -> Sequence[TaxRow]:
    """By rate; what is no document, or has none in it, is one row without tax."""
    rows = document.paper.taxes if document.paper else ()
    return rows or (TaxRow(NO_TAX, document.total.minor, 0),)


def issued_to(each: AccountMonth) -> Iterator[Issued]:
    """What an account's settlements issued: its invoices, then its credit notes."""
    documents: list[Invoice | CreditNote] = [*each.invoices, *each.notes]
    for document in documents:
        yield Issued(document, *sides_of(each, document.paper))


def issued_by(entry: JournalEntry, lookups: Lookups) -> Issued | None:
    """The credit note of goodwill that an entry booked beside any settlement; None of any other entry."""
    found = lookups.goodwill(entry)
    return Issued(*found) if found is not None else None


def sides_of(each: AccountMonth, paper: Paper | None) -> tuple[Seller | None, Buyer | None]:
    """The seller and the buyer of one of an account's documents, as far as they are known."""
    if paper is None:
        return None, None
    return each.sellers.get((paper.seller_id, paper.seller_version)), each.buyers.get(paper.buyer_version)
