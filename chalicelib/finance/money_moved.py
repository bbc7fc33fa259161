"""What moved at the provider, and the tax of the month: on its documents, by country and rate, and in its journal.

Of documents that say why there is no tax, each reason stands by itself.
"""

from collections.abc import Iterator, Mapping, Sequence

from chalicelib.billing.paper_model import Paper, TaxRow
from chalicelib.finance.asset_rows import only_before
from chalicelib.finance.facts import AccountMonth
from chalicelib.finance.monitor_model import NOTHING, Figures, Key, Row, Sums
from chalicelib.ledger.accounts import STRIPE_CLEARING
from chalicelib.ledger.model import JournalEntry


class MoneyMoved:
    """Adds up movements by kind of entry, tax by rate, and documents by country and rate."""

    def __init__(self) -> None:
        self.cash = Sums()
        self.tax = Sums()
        self.documents = Sums()

    def account(self, each: AccountMonth) -> None:
        """An account's documents: what invoices charge and credit notes give back."""
        for invoice in each.invoices:
            if invoice.paper is not None:
                self._add(each, invoice.paper, invoice.total.currency, sign=1)
        for note in each.notes:
            self._add(each, note.paper, note.total.currency, sign=-1)

    def entry(self, entry: JournalEntry) -> None:
        """What an entry moves, and the tax that it owes."""
        for posting in entry.postings:
            kind, _, name = posting.ledger_account.partition(":")
            currency, minor = posting.amount.currency, posting.amount.minor
            if posting.ledger_account == STRIPE_CLEARING:
                self.cash.add((currency, entry.kind), "amount", minor)
            elif kind == "tax":
                self.tax.add((currency, name), "tax", -minor)

    def rows(self, before: Mapping[Key, Figures]) -> Iterator[Row]:
        """Movements by kind, tax by rate, documents by country, rate and reason."""
        for by, sums in (("cash", self.cash), ("document_tax", self.documents), ("tax", self.tax)):
            now: dict[Key, Figures] = {(by, key, currency): figures for (currency, key), figures in sums.items()}
            for place in (*now, *only_before(before, now, (by,))):
                _, key, currency = place
                yield Row(by, key, currency, now.get(place, NOTHING), before.get(place))

    def _add(self, each: AccountMonth, paper: Paper, currency: str, sign: int) -> None:
        country = _country(each, paper)
        for row in _rows(paper.taxes):
            key = (currency, f"{row.country or country}|{row.rate}|{row.reason or ''}")
            for figure, minor in (("net", row.net), ("tax", row.tax), ("gross", row.gross)):
                self.documents.add(key, figure, sign * minor)
            self.documents.add(key, "documents", 1)


def _rows(taxes: Sequence[TaxRow]) -> Iterator[TaxRow]:
    return (row for row in taxes if row.gross or row.tax)


def _country(each: AccountMonth, paper: Paper) -> str:
    """Where the buyer is, as far as that is said; else where the seller is."""
    buyer, seller = each.buyers.get(paper.buyer_version), each.sellers.get((paper.seller_id, paper.seller_version))
    return (buyer.country if buyer else "") or (seller.country if seller else "")
