"""Pay a wallet out: real money goes to where it came from, promotions lapse, gifts are their buyers' again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.billing.credit_model import ProviderRefund, RefundState, name_of
from chalicelib.billing.credit_ports import Notes
from chalicelib.billing.errors import (
    NothingToPayOut,
    PayoutWithOpenSession,
    PayoutWithUnpaidInvoice,
    RefundRefused,
    UnknownCreditNote,
)
from chalicelib.billing.method_ports import Openings
from chalicelib.billing.model import InvoiceState
from chalicelib.billing.ports import Billed
from chalicelib.billing.topping_model import PaidBack
from chalicelib.billing.wallet import Purse
from chalicelib.billing.wallet_model import Lot, LotKind, MoveKind, Wallet
from chalicelib.billing.wallet_ports import AheadProvider, Wallets
from chalicelib.billing.wallet_postings import paid_back_entry, wallet_entry
from chalicelib.kernel.money import Money
from chalicelib.kernel.writes import Commit, Write
from chalicelib.ledger.accounts import GIFTS, receivable

PAYOUT, GIFT_BACK = "billing.wallet_payout", "billing.gift_back"
_AT_ONCE = 8
"""So many lots go in one transaction, each with a handful of writes."""


@dataclass(frozen=True, slots=True)
class PayingOut:
    """What pays wallets out."""

    purse: Purse
    notes: Notes
    provider: AheadProvider
    now: datetime
    commit: Commit


def ask_payout(
    account_id: str, *, wallets: Wallets, billed: Billed, openings: Openings, now: datetime, commit: Commit
) -> Wallet:
    """Have the wallet paid out; refused as long as a session is open or an invoice unpaid, for those come first."""
    wallet = wallets.wallet(account_id)
    if not any(each.left for each in wallet.lots.values()):
        raise NothingToPayOut
    unpaid = next((each for each in billed.invoices(account_id) if each.state is not InvoiceState.PAID), None)
    if unpaid is not None:
        raise PayoutWithUnpaidInvoice(invoice_id=unpaid.invoice_id, state=str(unpaid.state))
    asked = wallet.asked_out()
    facts = {"account_id": account_id, "turn": str(asked.payouts)}
    return commit(
        [
            wallets.saving(asked),
            openings.none_open(account_id, PayoutWithOpenSession()),
            wallets.asking(PAYOUT, f"{account_id}:{asked.payouts}", facts, now),
        ],
        asked,
    )


def pay_out(account_id: str, turn: int, by: PayingOut) -> None:
    """Bring a payout that was asked for to its end; from any point, once for each turn.

    The newest lot goes first. Nothing is told to the provider before it is written down here.
    """
    wallets = by.purse.wallets
    while (wallet := wallets.wallet(account_id)).done < turn:
        out = sorted((each for each in wallet.lots.values() if each.left), key=lambda lot: lot.since, reverse=True)
        if not out:
            by.commit([wallets.saving(wallet.all_out())], None)
            break
        alike = [each for each in out if (each.kind, each.amount.currency) == (out[0].kind, out[0].amount.currency)]
        _let_go(wallet, alike[:_AT_ONCE], by)
    for each in wallets.paid_back(account_id):
        if each.state is RefundState.PLANNED:
            _send(each, by)


def _let_go(wallet: Wallet, lots: Sequence[Lot], by: PayingOut) -> None:
    """Lots of one kind and currency leave the wallet together."""
    kind, purse, changes = lots[0].kind, by.purse, {each.lot_id: -each.left for each in lots}
    lapses = kind in (LotKind.PROMOTION, LotKind.GIFT)
    moved = wallet.moved(MoveKind.LAPSED if lapses else MoveKind.PAID_OUT, f"payout:{wallet.payouts}", changes, by.now)
    against = GIFTS if kind is LotKind.GIFT else receivable(wallet.account_id)
    entry = wallet_entry(moved, against, f"wallet-payout:{wallet.account_id}:{wallet.payouts}", purse.zone)
    writes = [*purse.wallets.moving(moved), *(purse.ledger.posting(entry) if entry is not None else ())]
    if kind is LotKind.GIFT:
        writes += [_gift_back(each, moved.move.number, by) for each in lots]
    elif kind is LotKind.CREDIT:
        writes += _reopening(wallet.account_id, lots, moved.move.number, by)
    elif kind is LotKind.PAID:
        writes += _planning(wallet.account_id, lots, by)
    by.commit(writes, None)


def _gift_back(lot: Lot, number: int, by: PayingOut) -> Write:
    gift_id = lot.source.removeprefix("gift:")
    facts = {"gift_id": gift_id, "minor": str(lot.left), "turn": f"{lot.version}"}
    return by.purse.wallets.asking(GIFT_BACK, f"{gift_id}:{number}", facts, by.now)


def _reopening(account_id: str, lots: Sequence[Lot], number: int, by: PayingOut) -> list[Write]:
    """Credit that was kept is a credit note again, and goes where refunds go: to the newest payments first."""
    writes: list[Write] = []
    left: dict[str, int] = {}
    for lot in lots:
        note_id = lot.source.removeprefix("credit-note:")
        left[note_id] = left.get(note_id, 0) + lot.left
    for note_id, minor in left.items():
        note = by.notes.note(account_id, *name_of(note_id))
        if note is None:
            raise UnknownCreditNote(note_id=note_id)
        writes.append(by.notes.changing_note(note.reopened(minor)))
    return [*writes, by.notes.give_back(account_id, f"payout:{number}", by.now)]


def _planning(account_id: str, lots: Sequence[Lot], by: PayingOut) -> list[Write]:
    wallets, first = by.purse.wallets, len(by.purse.wallets.paid_back(account_id)) + 1
    return [
        wallets.saving_paid_back(
            PaidBack(account_id, number, lot.lot_id, lot.payment or "", Money(lot.left, lot.amount.currency), by.now),
            None,
        )
        for number, lot in enumerate(lots, first)
    ]


def _send(paid_back: PaidBack, by: PayingOut) -> None:
    try:
        stands = by.provider.pay_back(paid_back)
    except RefundRefused as refused:
        reason = str(refused.facts.get("reason", ""))
        stands = ProviderRefund("", paid_back.account_id, paid_back.number, "failed", reason)
    note_paid_back(stands, by)


def note_paid_back(stands: ProviderRefund, by: PayingOut) -> bool:
    """Bring ours to what the provider says: sent, with its posting; or failed, and in the wallet again. Once each."""
    wallets = by.purse.wallets
    found = next((each for each in wallets.paid_back(stands.account_id) if each.number == stands.number), None)
    if found is None or found.state is RefundState.FAILED:
        return False
    if stands.failed:
        return _failed(found, stands, by)
    if found.state is RefundState.SENT:
        return False
    sent = replace(found, state=RefundState.SENT, provider_refund=stands.provider_refund)
    told = wallets.telling(found.account_id, found.name, "wallet_paid_out", {"amount": str(found.amount)}, by.now)
    posted = by.purse.ledger.posting(paid_back_entry(sent, by.purse.zone, by.now))
    return by.commit([wallets.saving_paid_back(sent, found), *posted, told], outcome=True)


def _failed(found: PaidBack, stands: ProviderRefund, by: PayingOut) -> bool:
    """The money is in the wallet again; it is not tried by itself, for it would fail again."""
    wallets, zone = by.purse.wallets, by.purse.zone
    after = replace(found, state=RefundState.FAILED, reason=stands.reason)
    after = replace(after, provider_refund=stands.provider_refund or found.provider_refund)
    wallet, changes = wallets.wallet(found.account_id), {found.lot_id: found.amount.minor}
    moved = wallet.moved(MoveKind.NOT_PAID_OUT, found.name, changes, by.now)
    source = f"wallet-refund:{found.name}"
    entry = wallet_entry(moved, receivable(found.account_id), source, zone)
    writes = [wallets.saving_paid_back(after, found), *wallets.moving(moved)]
    writes += by.purse.ledger.posting(entry) if entry is not None else ()
    if found.state is RefundState.SENT:
        writes += by.purse.ledger.posting(paid_back_entry(after, zone, by.now, failed=True))
    facts = {"amount": str(found.amount), "reason": stands.reason or "unknown"}
    told = wallets.telling(found.account_id, found.name, "wallet_payout_failed", facts, by.now)
    return by.commit([*writes, told], outcome=True)
