"""A month as finance reads it: each active account from all that is kept of it, and the journal. In the worker only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from chalicelib.billing.loss_model import BAD_DEBT
from chalicelib.billing.model import InvoiceState
from chalicelib.billing.statement import statement
from chalicelib.edge.as_of import as_of_then
from chalicelib.edge.as_settled import as_settled, told_of
from chalicelib.edge.corrections import corrected_in
from chalicelib.finance.deferred_passes import plans_paid_back
from chalicelib.finance.errors import ForeignCurrency
from chalicelib.finance.facts import AccountMonth
from chalicelib.kernel.money import CurrencyMismatch
from chalicelib.kernel.time import Month

if TYPE_CHECKING:  # as in wiring
    from datetime import datetime

    from chalicelib.billing.credit_model import CreditNote
    from chalicelib.billing.dispute_model import Dispute
    from chalicelib.billing.model import Invoice, Parked, Settlement
    from chalicelib.billing.paper_model import Buyer, Paper, Seller
    from chalicelib.billing.ports import Used
    from chalicelib.billing.statement import Statement
    from chalicelib.edge.wiring_finance import BackOffice
    from chalicelib.ledger.model import JournalEntry

PAGE = 100
"""Accounts of which the names are read at once, and then their invoices, so many at once."""

FEW_MONTHS = 3
"""Of so many, an account's settlements are read by their names, together with others'."""


class _Known(NamedTuple):
    """What was read of an account together with others."""

    settlements: Sequence[Settlement]
    invoices: Sequence[Invoice]


class _Page(NamedTuple):
    """Where accounts that are read together are read from, and what bills them."""

    wired: BackOffice
    used: Used


class AccountMonths:
    """Satisfies `finance.ports.Reading`. All goes by the export's instant (`as_of.py`): what came later is not read."""

    def __init__(self, wired: BackOffice) -> None:
        self._wired = wired.page()
        self._sellers: dict[tuple[str, int], Seller | None] = {}

    def accounts(
        self, month: Month, as_of: datetime, since: datetime | None = None, *, after: str | None = None
    ) -> Iterator[AccountMonth]:
        """In the order of the month's markers, a page of names at a time; behind one of them, if that is named."""
        more = True
        while more:
            page = self._wired.sessions.active_accounts_after(month, limit=PAGE, after=after)
            yield from self._page(page, month, as_of, since)
            after, more = (page[-1] if page else after), len(page) == PAGE

    def of(
        self, accounts: Sequence[str], month: Month, as_of: datetime, since: datetime | None = None
    ) -> Iterator[AccountMonth]:
        """As they are named."""
        for first in range(0, len(accounts), PAGE):
            yield from self._page(accounts[first : first + PAGE], month, as_of, since)

    def _page(
        self, page: Sequence[str], month: Month, as_of: datetime, since: datetime | None
    ) -> Iterator[AccountMonth]:
        then = as_of_then(self._wired, as_of)
        settled = self._settled(page, month, as_of, then)
        invoices = self._invoices(settled, month)
        stood = as_settled(settled, month, since, then) if since is not None else {}
        wired = then.for_accounts()
        wired = told_of(month, stood, wired) if stood else wired
        by = _Page(wired, wired.used)
        for account_id in page:
            known = _Known(settled[account_id], invoices[account_id])
            yield self._account(account_id, month, as_of, known, by)

    def entries(self, month: Month) -> Iterable[JournalEntry]:
        """As the ledger has them."""
        return self._wired.ledger.of_month(month)

    def _settled(
        self, page: Sequence[str], month: Month, as_of: datetime, then: BackOffice
    ) -> Mapping[str, Sequence[Settlement]]:
        """Each account's of the month and later ones: only these say something of it. A few are read by their names."""
        months = _from_to(month, Month.of(as_of, self._wired.settings.zone))
        if not 0 < len(months) <= FEW_MONTHS:
            return {each: then.billed.settlements(each) for each in page}
        found: dict[str, list[Settlement]] = {each: [] for each in page}
        names = [(account_id, each) for account_id in page for each in months]
        for first in range(0, len(names), PAGE):
            for settlement in then.billed.settlements_named(names[first : first + PAGE]):
                found[settlement.account_id].append(settlement)
        return found

    def _invoices(self, settled: Mapping[str, Sequence[Settlement]], month: Month) -> Mapping[str, list[Invoice]]:
        """Each account's of the month, by the numbers that its settlement says that there are."""
        made = {each.account_id: each.invoices for found in settled.values() for each in found if each.month == month}
        names = [(account_id, month, number) for account_id, most in made.items() for number in range(1, most + 1)]
        invoices: dict[str, list[Invoice]] = {account_id: [] for account_id in settled}
        for first in range(0, len(names), PAGE):
            for invoice in self._wired.billed.invoices_named(names[first : first + PAGE]):
                if invoice is not None:
                    invoices[invoice.account_id].append(invoice)
        return invoices

    def _account(self, account_id: str, month: Month, as_of: datetime, known: _Known, by: _Page) -> AccountMonth:
        """One account's month. Of what most accounts have none it is asked only where something says that there is."""
        wired = by.wired
        stated = self._stated(by, account_id, month, as_of)
        records = wired.sessions.charged(account_id, month.interval(wired.settings.zone))
        settlements = [each for each in known.settlements if each.currency == stated.currency]
        settled = next((each for each in settlements if each.month == month), None)
        afterwards = [each for each in settlements if each.month != month and str(month) in each.adjusted]
        later = sum(sum(each.adjusted[str(month)].values()) for each in afterwards)
        ended = plans_paid_back(stated, settled, afterwards)
        invoices = [as_it_stood(each, as_of) for each in known.invoices if each.issued_at <= as_of]
        notes = self._notes(account_id, settled, invoices, as_of)
        own = [each for each in notes if each.month == month and not each.of_goodwill]
        papers = [*(each.paper for each in invoices if each.paper is not None), *(each.paper for each in own)]
        return AccountMonth(
            statement=stated,
            records={each.session.session_id: each for each in records},
            invoices=invoices,
            charges={each.charge_id: each for each in wired.charges.of_account(account_id)},
            notes=own,
            settlement=settled,
            parked=self._parked(stated, settled, later, wired),
            corrected=corrected_in(settled, as_of, wired) if settled is not None else {},
            ended={each: wired.subscribed.ended_passes(account_id, each) for each in ended},
            buyers=self.buyers(account_id, papers),
            sellers=self.sellers(papers),
            disputes=self._disputes(account_id, invoices, as_of),
            written_off=frozenset(each.invoice_id for each in invoices if self._written_off(each, as_of)),
            credited=_credited(notes),
            later=later,
            settlements=[each for each in settlements if each.month >= month or each in afterwards],
        )

    def _stated(self, by: _Page, account_id: str, month: Month, as_of: datetime) -> Statement:
        try:
            return statement(account_id, month, by.wired.settings.currency, used=by.used, now=as_of)
        except CurrencyMismatch as error:
            raise ForeignCurrency(account_id=account_id, month=str(month), **error.facts) from error

    def _parked(self, stated: Statement, settled: Settlement | None, later: int, wired: BackOffice) -> Parked | None:
        """What keeps the month from being billed, if something does: what is settled as it is rated is not parked."""
        if settled is not None and settled.gross + later == stated.total.minor:
            return None
        found = wired.billed.parked(stated.account_id, stated.month)
        return found if found is not None and found.released_at is None else None

    def _notes(
        self, account_id: str, settled: Settlement | None, invoices: Sequence[Invoice], as_of: datetime
    ) -> Sequence[CreditNote]:
        if not (settled is not None and settled.credits) and not any(each.credited for each in invoices):
            return ()
        return [each for each in self._wired.issuing.notes.notes(account_id) if each.issued_at <= as_of]

    def _disputes(self, account_id: str, invoices: Sequence[Invoice], as_of: datetime) -> Sequence[Dispute]:
        """Of what was paid."""
        if not any(each.paid_at for each in invoices):
            return ()
        return [each for each in self._wired.disputes.of_account(account_id) if each.opened_at <= as_of]

    def _written_off(self, invoice: Invoice, as_of: datetime) -> bool:
        """By the journal, which says when."""
        if invoice.state is not InvoiceState.WRITTEN_OFF:
            return False
        entry = self._wired.ledger.find(f"{BAD_DEBT}:{invoice.invoice_id}")
        return entry is not None and entry.posted_at <= as_of

    def buyers(self, account_id: str, papers: Iterable[Paper]) -> Mapping[int, Buyer]:
        """The account's details in each version that a document was made of."""
        versions = sorted({each.buyer_version for each in papers if each.buyer_version})
        found = {each: self._wired.issuing.numbers.buyer(account_id, each) for each in versions}
        return {version: buyer for version, buyer in found.items() if buyer is not None}

    def sellers(self, papers: Iterable[Paper]) -> Mapping[tuple[str, int], Seller]:
        """Sellers are few: each version is read once."""
        names = sorted({(each.seller_id, each.seller_version) for each in papers if each.seller_version})
        for name in names:
            if name not in self._sellers:
                self._sellers[name] = self._wired.issuing.numbers.seller(*name)
        found = {name: self._sellers[name] for name in names}
        return {name: seller for name, seller in found.items() if seller is not None}


def _from_to(first: Month, last: Month) -> list[Month]:
    months = [first] if first <= last else []
    while months and months[-1] < last and len(months) <= FEW_MONTHS:
        months.append(months[-1].next)
    return months


def as_it_stood(invoice: Invoice, as_of: datetime) -> Invoice:
    """Without a payment that came later."""
    paid_later = invoice.paid_at is not None and invoice.paid_at > as_of
    return replace(invoice, paid_at=None, state=InvoiceState.DUE) if paid_later else invoice


def _credited(notes: Iterable[CreditNote]) -> Mapping[str, int]:
    sums: Counter[str] = Counter()
    for note in notes:
        sums.update(note.lowered)
    return dict(sums)
