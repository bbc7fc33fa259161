"""Our books and the provider's, as reconciling reads them: each movement under the name that both sides share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from chalicelib.access.rerated import Rerating, rerated
from chalicelib.billing.credit_model import name_of
from chalicelib.billing.credit_postings import goodwill_entry
from chalicelib.billing.fees import OWN_FEES, PAYMENTS, PAYOUTS
from chalicelib.billing.paying_out import waiting
from chalicelib.billing.postings_of_money import loss_entry
from chalicelib.billing.wallet_model import BORNE, Moved
from chalicelib.billing.wallet_postings import wallet_entry
from chalicelib.edge.account_months import PAGE, AccountMonths
from chalicelib.edge.export_lookups import ExportLookups
from chalicelib.edge.reading_once import Once
from chalicelib.finance.reconciliation_ports import Movements, TheirInvoices
from chalicelib.finance.reconciling_invoices import lines_of_theirs
from chalicelib.finance.reconciling_money import PAYABLE, Line
from chalicelib.finance.reconciling_partners import PartnerMonth
from chalicelib.ledger.accounts import GIFTS, STRIPE_CLEARING
from chalicelib.ledger.trial import trial_balance_at

if TYPE_CHECKING:  # as in wiring
    from datetime import datetime

    from chalicelib.access.model import ChargeRecord
    from chalicelib.access.rerated import Rerated
    from chalicelib.billing.comparison_model import BalanceMove
    from chalicelib.edge.wiring_finance import BackOffice
    from chalicelib.finance.facts import AccountMonth
    from chalicelib.kernel.time import Month
    from chalicelib.ledger.model import JournalEntry


LATELY = timedelta(minutes=30)
"""What a payment makes payable waits to be sent some moments later: a worker has to have been at it by then."""


class BothBooks:
    """Satisfies `reconciliation_ports.Books`. For workers: the provider is asked."""

    def __init__(self, wired: BackOffice) -> None:
        self._wired = wired
        self._months = AccountMonths(wired)
        self._lookups = ExportLookups(wired, self._months)
        self._catalogue = cast("Any", Once(wired.catalogue, "tariff"))

    def accounts(self, month: Month, as_of: datetime, after: str | None) -> Iterator[AccountMonth]:
        """As exports read them."""
        return self._months.accounts(month, as_of, after=after)

    def rerated(self, records: Sequence[ChargeRecord]) -> Iterable[Rerated]:
        """By what metering holds by now: a charge record is the newest one too. Each tariff is read once."""
        wired = self._wired
        by = Rerating(wired.settings.zone, self._catalogue, wired.sessions, wired.heads, wired.now())
        return rerated(records, by)

    def documented(self, accounts: Sequence[str], month: Month, as_of: datetime) -> Iterator[JournalEntry]:
        """Who has no wallet, and was given nothing, is not asked for more."""
        since, wired = month.interval(self._wired.settings.zone).start, self._wired
        for first in range(0, len(accounts), PAGE):
            page = accounts[first : first + PAGE]
            without = frozenset(wired.wallets.without_wallet(page))
            for account_id in page:
                if account_id not in without:
                    yield from self._of_wallet(account_id, since, as_of)
            for account_id in wired.issuing.notes.given_goodwill(page):
                notes = wired.issuing.notes.notes(account_id)
                good = [each for each in notes if each.of_goodwill and each.month >= month]
                yield from (goodwill_entry(each, each.issued_at) for each in good if each.issued_at <= as_of)

    def _of_wallet(self, account_id: str, since: datetime, as_of: datetime) -> Iterator[JournalEntry]:
        """Its newest changes, page by page, as far back as that."""
        wallet, zone = self._wired.wallets.wallet(account_id), self._wired.settings.zone
        behind, more = wallet.version, True
        while more:
            until, behind = behind, max(0, behind - PAGE)
            moves = self._wired.wallets.moves(account_id, limit=PAGE, after=behind)
            those = [each for each in moves if each.number <= until]
            for move in those:
                if since <= move.at <= as_of:
                    entry = wallet_entry(Moved(wallet, move, ()), GIFTS, "", zone, borne=move.kind in BORNE)
                    yield from (entry,) if entry is not None else ()
            more = behind > 0 and (not those or those[0].at >= since)

    def partners(self, month: Month, after: str | None) -> Iterator[PartnerMonth]:
        """Those with an agreed share, and those to whom the ledger owes something. What waits is read after that."""
        wired, now = self._wired, self._wired.now()
        owed, before = self._owed(now), self._owed(now - LATELY)
        for each in sorted({*wired.shares_agreed.sharing_partners(), *owed}):
            if after is None or each > after:
                lately = owed.get(each, {}) != before.get(each, {})
                stated, moved = wired.share_rows.statement(each, month), wired.payouts.moved(each, month)
                waits = waiting(each, payouts=wired.payouts)
                yield PartnerMonth(each, month, stated, moved, owed.get(each, {}), waits, lately)

    def _owed(self, at: datetime) -> Mapping[str, Mapping[str, int]]:
        """By partner and currency, what the ledger owes."""
        found: dict[str, dict[str, int]] = {}
        for row in trial_balance_at(at, ledger=self._wired.ledger).rows:
            kind, _, partner_id = row.ledger_account.partition(":")
            if kind == PAYABLE:
                found.setdefault(partner_id, {})[row.amount.currency] = -row.amount.minor
        return found

    def unbalanced(self) -> Mapping[str, int]:
        """Of the newest balance that is kept, and what was posted since."""
        return trial_balance_at(self._wired.now(), ledger=self._wired.ledger).off

    def losses(self, month: Month, after: str | None) -> Iterator[JournalEntry]:
        """Page by page, each with its invoice."""
        billed, zone, more = self._wired.billed, self._wired.settings.zone, True
        while more:
            page = billed.losses(month, limit=PAGE, after=after)
            names = {each.invoice_id: each.account_id for each in page if each.invoice_id is not None}
            named = [(account_id, *name_of(each)) for each, account_id in names.items()]
            asked = [(account_id, month_of, int(number)) for account_id, month_of, number in named]
            invoices = dict(zip(names, billed.invoices_named(asked) if asked else (), strict=True))
            yield from (loss_entry(each, invoices.get(each.invoice_id or ""), zone) for each in page)
            after, more = (page[-1].reference if page else after), len(page) == PAGE

    def entries(self, month: Month, after: str | None) -> Iterable[JournalEntry]:
        """As the ledger has them."""
        return self._wired.ledger.of_month(month, after)

    def names_there(self, entries: Sequence[JournalEntry]) -> Sequence[str | None]:
        """As exports name them."""
        return self._lookups.names_at_provider(entries)

    def compared_until(self) -> datetime | None:
        """One read."""
        return self._wired.comparisons.read_until()

    def movements(
        self, since: datetime, until: datetime, after: str | None, compared: datetime | None
    ) -> Iterator[Movements]:
        """Page by page, as the daily comparison reads them."""
        more = True
        while more:
            read = self._wired.stripe_books.moves(since, until, after)
            yield Movements([row for move in read.rows for row in self._rows(move, compared)], read.after)
            after = read.after
            more = after is not None

    def _rows(self, move: BalanceMove, compared: datetime | None) -> Iterator[tuple[datetime, Line]]:
        newer = compared is None or move.at > compared
        return ((move.at, line) for line in self._lines(move, newer=newer))

    def _lines(self, move: BalanceMove, *, newer: bool) -> Iterator[Line]:
        """The movement, and what the provider kept of it, as the ledger books them."""
        currency, minor, fee = move.amount.currency, move.amount.minor, move.fee
        if move.kind in OWN_FEES:
            minor, fee = 0, fee - minor
        how = {"here": False, "inside": True, "newer": newer}
        if minor:
            yield Line(self._name(move), currency, minor, **how)
        if fee:
            yield Line(f"fee:{move.movement_id}", currency, -fee, **how)

    def _name(self, move: BalanceMove) -> str:
        source = move.source or move.movement_id
        if move.kind in PAYMENTS:
            invoice = self._wired.billed.paid_with(source)
            return f"invoice:{invoice.invoice_id}" if invoice is not None else f"moved:{move.payment or source}"
        if move.kind == "adjustment" and move.source is not None:
            return f"dispute:{move.movement_id}"
        return f"moved:{move.movement_id if move.kind in PAYOUTS else source}"

    def moved_as(self, name: str, until: datetime) -> Iterator[tuple[datetime, Line]]:
        """Asked for by what moved: a refund, a transfer. Payments are called by their intents, which move nothing."""
        kind, _, source = name.partition(":")
        if kind != "moved" or source.startswith("pi_"):
            return
        for move in self._wired.stripe_books.moves_of(source):
            if move.at <= until:
                yield from ((move.at, each) for each in self._lines(move, newer=False) if each.name == name)

    def invoices(
        self, month: Month, as_of: datetime, after: str | None, compared: datetime | None
    ) -> Iterator[TheirInvoices]:
        """Page by page, from the month's begin: no invoice is made before the use that it is of."""
        since, until, more = month.interval(self._wired.settings.zone).start, self._wired.now(), True
        while more:
            read = self._wired.stripe_books.invoices(since, until, after)
            ours = [each for each in read.rows if each.account_id and each.month == month]
            lines = [line for each in ours for line in lines_of_theirs(each, as_of, compared)]
            yield TheirInvoices(lines, len(read.rows), read.after)
            after = read.after
            more = after is not None

    def ledger_balance(self, now: datetime) -> Mapping[str, int]:
        """What it holds for us."""
        rows = trial_balance_at(now, ledger=self._wired.ledger).rows
        return {each.amount.currency: each.amount.minor for each in rows if each.ledger_account == STRIPE_CLEARING}

    def provider_balance(self) -> Mapping[str, int]:
        """Asked now."""
        return self._wired.stripe_books.balance()

    def stopped(self) -> bool:
        """One read."""
        return self._wired.control.switch().stopped
