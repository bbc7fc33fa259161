"""What a wallet pays, and what comes back to it: each in the transaction of the bill or note that it is about."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.billing.credit_postings import note_source
from chalicelib.billing.errors import TopUpAmountInvalid, ValidUntilPast
from chalicelib.billing.model import Invoice, InvoiceState, Settlement
from chalicelib.billing.ports import Billed
from chalicelib.billing.postings import invoice_source, payment_entry
from chalicelib.billing.topping_model import bounds
from chalicelib.billing.wallet_model import FromLots, Lot, LotKind, MoveKind, Wallet, back_to, part_of_partners, spend
from chalicelib.billing.wallet_ports import Wallets
from chalicelib.billing.wallet_postings import wallet_entry
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import format_instant
from chalicelib.kernel.writes import Commit, Write
from chalicelib.ledger.accounts import receivable
from chalicelib.ledger.ports import Ledger

TOLD_BEFORE = timedelta(days=7)
"""So long before a promotion ends its customer is told."""
LOT_DUE = "billing.lot"


@dataclass(frozen=True, slots=True)
class Purse:
    """What changes wallets. Satisfies `credit_ports.Ahead`."""

    wallets: Wallets
    billed: Billed
    ledger: Ledger
    zone: str

    def pay(
        self, invoice: Invoice, before: Settlement, after: Settlement, now: datetime
    ) -> tuple[Invoice, Sequence[Write]]:
        """The invoice with what the wallet pays of it; wholly paid, it is paid at once, with all that follows."""
        wallet = self.wallets.wallet(invoice.account_id)
        taken = _spent(wallet, invoice.total, before, after, now)
        if not taken:
            return invoice, ()
        changes = {name: -minor for name, minor in taken}
        moved = wallet.moved(MoveKind.USED, invoice.invoice_id, changes, now)
        source = invoice_source(invoice.invoice_id)
        entry = wallet_entry(moved, receivable(invoice.account_id), source, self.zone, borne=True)
        writes = [*self.wallets.moving(moved), *(self.ledger.posting(entry) if entry is not None else ())]
        paid = replace(invoice, from_wallet=taken)
        if paid.asks.minor:
            return paid, writes
        paid = replace(paid, state=InvoiceState.PAID, paid_at=now)
        shared = payment_entry(paid, now, self.zone, now)
        writes += self.ledger.posting(shared) if shared is not None else ()
        return paid, [*writes, *([self.billed.share_out(paid, now)] if paid.shares else [])]

    def covers(self, total: Money, before: Settlement, after: Settlement, now: datetime) -> bool:
        """Whether its lots would pay an invoice of so much wholly."""
        taken = _spent(self.wallets.wallet(after.account_id), total, before, after, now)
        return sum(minor for _, minor in taken) == total.minor

    def back(self, invoice: Invoice, minor: int, note_id: str, now: datetime) -> tuple[Invoice, list[Write]]:
        """So much of what lots paid of an invoice is in them again, the last used first: no promotion becomes money."""
        wallet = self.wallets.wallet(invoice.account_id)
        changes = back_to(invoice.from_wallet, invoice.back_to_wallet, minor)
        moved = wallet.moved(MoveKind.GIVEN_BACK, invoice.invoice_id, changes, now)
        owed = receivable(invoice.account_id)
        entry = wallet_entry(moved, owed, note_source(note_id), self.zone, borne=True)
        after = replace(invoice, back_to_wallet=invoice.back_to_wallet + minor)
        writes = [*self.wallets.moving(moved), *(self.ledger.posting(entry) if entry is not None else ())]
        return after, [*writes, self.billed.changing_invoice(after, invoice)]

    def keep(self, account_id: str, note_id: str, turn: int, amount: Money, now: datetime) -> list[Write]:
        """What is left of a credit note becomes a lot."""
        lot = Lot(f"credit:{note_id}:{turn}", LotKind.CREDIT, amount, amount.minor, note_source(note_id), now)
        moved = self.wallets.wallet(account_id).adding(MoveKind.KEPT, lot)
        entry = wallet_entry(moved, receivable(account_id), lot.source, self.zone)
        return [*self.wallets.moving(moved), *(self.ledger.posting(entry) if entry is not None else ())]

    def add(self, wallet: Wallet, kind: MoveKind, lot: Lot, against: str) -> list[Write]:
        """A new lot, posted against where its money was, and looked at when it ends."""
        moved = wallet.adding(kind, lot)
        entry = wallet_entry(moved, against, lot.source, self.zone)
        posted = self.ledger.posting(entry) if entry is not None else ()
        return [*self.wallets.moving(moved), *posted, *watching(wallet.account_id, lot, self.wallets, lot.since)]


def _spent(wallet: Wallet, total: Money, before: Settlement, after: Settlement, now: datetime) -> FromLots:
    """What lots pay of an invoice that takes what the one settlement adds to the other."""
    was = {} if before.invoices == before.credits == 0 else before.posted
    return spend(wallet, total, part_of_partners(was, after.posted), now)


def back_left(invoice: Invoice) -> int:
    """What the wallet paid of an invoice and has not had back."""
    return invoice.paid_ahead.minor - invoice.back_to_wallet if invoice.state is InvoiceState.PAID else 0


def watching(account_id: str, lot: Lot, wallets: Wallets, now: datetime) -> list[Write]:
    """What ends is told of before, and ends."""
    if lot.valid_until is None:
        return []
    facts = {"account_id": account_id, "lot_id": lot.lot_id}
    warned = lot.valid_until - TOLD_BEFORE
    told = [wallets.asking_at(warned, LOT_DUE, facts, now)] if warned > now else []
    return [*told, wallets.asking_at(lot.valid_until, LOT_DUE, facts, now)]


def promotion(name: str, amount: Money, partner: str | None, valid_until: datetime | None, now: datetime) -> Lot:
    """Credit that an operator gives: it ends after now, if it ends, is something, and no more than a top-up may be."""
    least, (_, most) = Money(1, amount.currency), bounds(amount.currency)
    if not least.minor <= amount.minor <= most.minor:
        raise TopUpAmountInvalid(pointer="/amount", least=str(least), most=str(most))
    if valid_until is not None and valid_until <= now:
        raise ValidUntilPast(pointer="/valid_until")
    lot_id = f"promotion:{name}"
    return Lot(lot_id, LotKind.PROMOTION, amount, amount.minor, lot_id, now, partner, valid_until)


def grant(account_id: str, lot: Lot, reason: str, *, wallets: Wallets, now: datetime, commit: Commit) -> Lot:
    """Promotional credit: nothing is owed or booked until it pays something, and then the operator bears it."""
    moved = wallets.wallet(account_id).adding(MoveKind.GRANTED, replace(lot, source=f"promotion:{reason}"))
    ends = {"valid_until": format_instant(lot.valid_until)} if lot.valid_until else {}
    facts = {"amount": str(lot.amount), "reason": reason, **ends}
    told = wallets.telling(account_id, lot.lot_id, "wallet_credited", facts, now)
    return commit([*wallets.moving(moved), *watching(account_id, lot, wallets, now), told], lot)


def look_at_lot(account_id: str, lot_id: str, *, wallets: Wallets, now: datetime, commit: Commit) -> None:
    """End a lot whose time has passed; tell of one whose time will. Safe to repeat."""
    wallet = wallets.wallet(account_id)
    lot = wallet.lots.get(lot_id)
    if lot is None or lot.valid_until is None or lot.is_real or not lot.left:
        return
    facts = {"amount": str(Money(lot.left, lot.amount.currency)), "valid_until": format_instant(lot.valid_until)}
    if not lot.is_over(now):
        commit([wallets.telling(account_id, lot_id, "wallet_expiring", facts, now)], None)
        return
    moved = wallet.moved(MoveKind.EXPIRED, lot.source, {lot_id: -lot.left}, now)
    commit([*wallets.moving(moved), wallets.telling(account_id, lot_id, "wallet_expired", facts, now)], None)
