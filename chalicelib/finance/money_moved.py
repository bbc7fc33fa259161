"""What moved at the provider, and the tax of the month: on its documents, by country and rate, and in its journal.

Documents are those of `documents.csv.gz`, under the country that they have there. Of those that say why there is no
tax, each reason stands by itself.
"""

from collections.abc import Iterator, Mapping

from chalicelib.billing.credit_postings import GOODWILL
from chalicelib.finance.asset_rows import only_before
from chalicelib.finance.documents import Issued, issued_by, issued_to
from chalicelib.finance.facts import AccountMonth
from chalicelib.finance.monitor_model import NOTHING, Figures, Key, Row, Sums
from chalicelib.finance.ports import Lookups
from chalicelib.finance.tie import Tie
from chalicelib.ledger.accounts import STRIPE_CLEARING
from chalicelib.ledger.model import JournalEntry


class MoneyMoved:
    """Adds up movements by kind of entry, tax by rate, and documents by country and rate."""

    def __init__(self, lookups: Lookups) -> None:
        self._lookups = lookups
        self.cash = Sums()
        self.tax = Sums()
        self.documents = Sums()
        self.document_tax = Sums()

    def account(self, each: AccountMonth) -> None:
        """An account's documents: what invoices charge and credit notes give back."""
        for issued in issued_to(each):
            self._add(issued)
            self._tie(issued.currency, issued.sign * sum(row.tax for row in issued.taxes))

    def entry(self, entry: JournalEntry) -> None:
        """What an entry moves, the tax that it owes, and the credit note of goodwill that it books."""
        for posting in entry.postings:
            kind, _, name = posting.ledger_account.partition(":")
            currency, minor = posting.amount.currency, posting.amount.minor
            if posting.ledger_account == STRIPE_CLEARING:
                self.cash.add((currency, entry.kind), "amount", minor)
            elif kind == "tax":
                self.tax.add((currency, name), "tax", -minor)
                if entry.kind == GOODWILL:
                    self._tie(currency, -minor)
        issued = issued_by(entry, self._lookups)
        if issued is not None:
            self._add(issued)

    def rows(self, before: Mapping[Key, Figures]) -> Iterator[Row]:
        """Movements by kind, tax by rate, documents by country, rate and reason."""
        for by, sums in (("cash", self.cash), ("document_tax", self.documents), ("tax", self.tax)):
            now: dict[Key, Figures] = {(by, key, currency): figures for (currency, key), figures in sums.items()}
            for place in (*now, *only_before(before, now, (by,))):
                _, key, currency = place
                yield Row(by, key, currency, now.get(place, NOTHING), before.get(place))

    def ties(self) -> Iterator[Tie]:
        """Of what settlements issued the tax on documents as a whole; of goodwill what the journal owes less."""
        shown = Sums()
        for (currency, _), figures in self.documents.items():
            shown.add((currency,), "tax", figures.get("tax", 0))
        for (currency,) in sorted({key for sums in (shown, self.document_tax) for key, _ in sums.items()}):
            left, right = (sums.of((currency,)).get("tax", 0) for sums in (shown, self.document_tax))
            yield Tie("document_tax", currency, left, right)

    def _add(self, issued: Issued) -> None:
        for row in issued.taxes:
            if not (row.gross or row.tax):
                continue
            key = (issued.currency, f"{issued.country(row) or ''}|{row.rate}|{row.reason or ''}")
            for figure, minor in (("net", row.net), ("tax", row.tax), ("gross", row.gross)):
                self.documents.add(key, figure, issued.sign * minor)
            self.documents.add(key, "documents", 1)

    def _tie(self, currency: str, minor: int) -> None:
        self.document_tax.add((currency,), "tax", minor)
