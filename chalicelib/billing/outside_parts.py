"""The next part of a refund by hand, as what it is booked, with its writes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.billing.credit_model import BackAs, CreditNote, Refund, RefundState
from chalicelib.billing.credit_ports import Issuing
from chalicelib.billing.credit_postings import goodwill_entry, refund_entry
from chalicelib.billing.crediting import Crediting, adding_note, sharing
from chalicelib.billing.gifts import call_back
from chalicelib.billing.model import Invoice, InvoiceLine
from chalicelib.billing.numbering import Numbered, numbered
from chalicelib.billing.outside_model import Outside, OutsidePart, PartKind
from chalicelib.billing.outside_ports import OutsideProvider, Outsides
from chalicelib.billing.outside_postings import spent_entry
from chalicelib.billing.paper_model import Series, sold_by
from chalicelib.billing.paper_taxes import part_of
from chalicelib.billing.paying_back import PayingOut
from chalicelib.billing.topping_model import PaidBack, TopUp
from chalicelib.billing.topping_up import Bringing
from chalicelib.billing.wallet_model import Lot, MoveKind, Wallet
from chalicelib.billing.wallet_postings import paid_back_entry, wallet_entry
from chalicelib.billing.wallet_reading import lots_of
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write
from chalicelib.ledger.accounts import receivable


@dataclass(frozen=True, slots=True)
class Booking:
    """What booking goes by."""

    outsides: Outsides
    provider: OutsideProvider
    crediting: Crediting
    paying_out: PayingOut
    bringing: Bringing
    issuing: Issuing

    def booked(self, found: Outside, part: OutsidePart, writes: Sequence[Write]) -> Outside:
        """Commit a part with its writes and how far it is."""
        after = found.booking(part)
        return self.crediting.commit([*self.outsides.saving(after), *writes], after)


def of_invoice(found: Outside, invoice: Invoice, payment: str, by: Booking) -> Outside:
    """What the account has to get back anyhow, the oldest note first; else a note of goodwill for all that is left."""
    crediting = by.crediting
    same = [each for each in crediting.notes.notes(invoice.account_id) if each.fits(invoice)]
    waiting = [each for each in same if each.is_open and each.against in {None, invoice.invoice_id}]
    if waiting:
        note = min(waiting, key=lambda each: (each.against is None, each.issued_at))
        minor = min(found.left, note.left)
        then, shared = sharing(note.refunding(minor), invoice, crediting)
        what = (PartKind.CREDIT, minor, payment, invoice.invoice_id)
        return _refunded(found, then, what, [crediting.notes.changing_note(then), *shared], by)

    def issue(given: Numbered) -> Outside:
        note, written = _goodwill(found, invoice, given, by.issuing, crediting)
        what = (PartKind.GOODWILL, found.left, payment, invoice.invoice_id)
        return _refunded(found, note, what, [given.taking, *written], by)

    return numbered(invoice.account_id, Series.CREDIT_NOTE, by.issuing.numbers, issue, sold_by(invoice.paper))


def _goodwill(
    found: Outside, invoice: Invoice, given: Numbered, issuing: Issuing, by: Crediting
) -> tuple[CreditNote, list[Write]]:
    """A note of all that is left, given back already, with its postings."""
    name = f"g{by.notes.money_back(invoice.account_id).goodwill + 1}"
    amount = Money(found.left, invoice.total.currency)
    paper = replace(given.paper, taxes=part_of(invoice.paper.taxes if invoice.paper else (), amount.minor))
    lines = (InvoiceLine("goodwill", invoice.invoice_id, amount),)
    what = (invoice.account_id, Month.of(by.now, by.zone), name, lines, amount, by.now, paper)
    note = CreditNote(*what, refunded=amount.minor, choice=BackAs.REFUND, against=invoice.invoice_id, reason=found.note)
    note, taxes = issuing.taxes.giving_back(note, invoice)
    return note, [*adding_note(note, by.notes, by.now), *by.ledger.posting(goodwill_entry(note, by.now)), *taxes]


def _refunded(
    found: Outside,
    note: CreditNote,
    what: tuple[PartKind, int, str, str],
    writes: Sequence[Write],
    booking: Booking,
) -> Outside:
    """A refund that is sent, with its posting and the word to the account."""
    (kind, minor, payment, invoice_id), by = what, booking.crediting
    money_back = by.notes.money_back(note.account_id)
    number, goodwill = money_back.refunds + 1, money_back.goodwill + (kind is PartKind.GOODWILL)
    counted = replace(money_back, refunds=number, goodwill=goodwill, version=money_back.version + 1)
    refund = Refund(
        note.account_id,
        number,
        note.note_id,
        invoice_id,
        payment,
        Money(minor, note.total.currency),
        by.now,
        state=RefundState.SENT,
        provider_refund=found.provider_refund,
        settled_at=by.now,
    )
    facts = {"amount": str(refund.amount), "invoice": invoice_id, "refund": refund.refund_id}
    more = [
        by.notes.saving_money_back(counted),
        by.notes.saving_refund(refund, None),
        *by.ledger.posting(refund_entry(refund, Month.of(by.now, by.zone), by.now)),
        by.notes.telling(note, "refunded", facts, by.now),
    ]
    return booking.booked(found, OutsidePart(kind, number, minor), [*writes, *more])


def of_top_up(found: Outside, top_up: TopUp, by: Booking) -> Outside:
    """What is left of it in the wallet, lot by lot; then what was spent of it, at the operator's cost."""
    if top_up.gift_id is not None:
        call_back(top_up.gift_id, by.bringing)
    purse = by.paying_out.purse
    wallet = purse.wallets.wallet(top_up.account_id)
    lot = next((each for each in lots_of(top_up.payment, wallet).values() if each.left), None)
    if lot is None:
        entry = spent_entry(found, found.left, purse.zone, by.paying_out.now)
        return by.booked(found, OutsidePart(PartKind.SPENT, 0, found.left), purse.ledger.posting(entry))
    return _from_lot(found, wallet, lot, by)


def _from_lot(found: Outside, wallet: Wallet, lot: Lot, booking: Booking) -> Outside:
    by, purse, minor = booking.paying_out, booking.paying_out.purse, min(found.left, lot.left)
    number = len(purse.wallets.paid_back(wallet.account_id)) + 1
    amount = Money(minor, lot.amount.currency)
    what = (wallet.account_id, number, lot.lot_id, lot.payment or "", amount, by.now)
    sent = PaidBack(*what, state=RefundState.SENT, provider_refund=found.provider_refund)
    moved = wallet.moved(MoveKind.PAID_OUT, sent.name, {lot.lot_id: -minor}, by.now)
    entry = wallet_entry(moved, receivable(wallet.account_id), f"wallet-refund:{sent.name}", purse.zone)
    told = purse.wallets.telling(wallet.account_id, sent.name, "wallet_paid_out", {"amount": str(amount)}, by.now)
    posted = [*(purse.ledger.posting(entry) if entry is not None else ())]
    posted += purse.ledger.posting(paid_back_entry(sent, purse.zone, by.now))
    writes = [purse.wallets.saving_paid_back(sent, None), *purse.wallets.moving(moved), *posted, told]
    return booking.booked(found, OutsidePart(PartKind.WALLET, number, minor), writes)
