"""Each movement on our balance at the provider, matched to an entry of ours, and its fee posted once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from chalicelib.billing.comparison_model import BalanceMove, Difference
from chalicelib.billing.comparison_ports import ProviderBooks
from chalicelib.billing.dispute_model import Dispute
from chalicelib.billing.dispute_ports import Disputes
from chalicelib.billing.model import Invoice, InvoiceState, ProviderInvoice, SavedCard
from chalicelib.billing.payout_model import MovementState
from chalicelib.billing.payout_ports import Payouts
from chalicelib.billing.ports import Billed
from chalicelib.billing.postings_of_money import PAID_OUT, PROVIDER, fee_entry, fee_reference, paid_out_entry
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Commit
from chalicelib.ledger.model import JournalEntry
from chalicelib.ledger.ports import Ledger

PAYMENTS = frozenset({"charge", "payment"})
REFUNDS = frozenset({"refund", "payment_refund", "refund_failure", "payment_failure_refund"})
TRANSFERS = frozenset({"transfer", "transfer_refund", "transfer_cancel", "transfer_failure"})
PAYOUTS = frozenset({"payout", "payout_cancel", "payout_failure"})
OWN_FEES = frozenset({"stripe_fee", "stripe_fx_fee", "tax_fee", "network_cost"})
"""What the provider charges us for by itself: the amount is the fee."""
KNOWN = REFUNDS | TRANSFERS | PAYOUTS | OWN_FEES
_OF_DISPUTES = ("dp_", "du_")
"""How the names of disputes begin."""
TakeNote = Callable[[ProviderInvoice, Commit], Invoice | None]
Bring = Callable[[str, Commit], Dispute | None]
NoteRefund = Callable[[str, Commit], bool | None]
ToppedUp = Callable[[str, Commit], tuple[str, bool] | None]
Taxes = Callable[[str], Iterable[Difference]]
CardFound = Callable[[SavedCard, Commit], bool]


@dataclass(frozen=True, slots=True)
class Matching:
    """What movements are matched with.

    `note_refund` says of a refund whether there was news of it, and None of one that we did not make; `stopped`
    whether all collection is; `top_up`, of a payment, whose top-up it is, and whether that was news; `accounts` what
    reading partners' accounts again brought up; `taxes` what differs of an account's taxes from what is reported, where
    somebody else decides them; `card_found`, of a card that was saved, whether that was news.
    """

    provider: ProviderBooks
    billed: Billed
    ledger: Ledger
    payouts: Payouts
    disputes: Disputes
    take_note: TakeNote
    bring: Bring
    note_refund: NoteRefund
    zone: str
    now: datetime
    commit: Commit
    noting: Callable[[Difference], Commit]
    stopped: Callable[[], bool] = lambda: False
    top_up: ToppedUp = lambda _payment, _commit: None
    accounts: Callable[[], Iterable[Difference]] = tuple
    taxes: Taxes = lambda _account_id: ()
    card_found: CardFound = lambda _card, _commit: False


def match(move: BalanceMove, by: Matching) -> Difference | None:
    """Bring our side to a movement; what was not alike, or None. Safe to repeat: all is posted under its name."""
    source = move.source or move.movement_id
    if move.kind in PAYMENTS:
        return _payment(move, source, by)
    if move.kind == "adjustment" and source.startswith(_OF_DISPUTES):
        return _dispute(move, source, by)
    _post_fee(move, move.fee - (move.amount.minor if move.kind in OWN_FEES else 0), PROVIDER, by)
    if move.kind in TRANSFERS:
        return _transfer(move, source, by)
    if move.kind in PAYOUTS:
        entry = paid_out_entry(move.movement_id, move.amount, Month.of(move.at, by.zone), by.now)
        _post_once(f"{PAID_OUT}:{move.movement_id}", entry, by)
    elif move.kind in REFUNDS:
        return _refund(move, source, by)
    known = move.kind in KNOWN
    return None if known else _unknown(source, "unknown_movement", move)


def _payment(move: BalanceMove, charge: str, by: Matching) -> Difference | None:
    invoice, found = by.billed.paid_with(charge), None
    topped = _top_up(move, charge, by) if invoice is None and move.payment is not None else None
    if topped is not None:
        _post_fee(move, move.fee, topped[0], by)
        return topped[1]
    if invoice is None:
        theirs = by.provider.invoice_paid_by(move.payment) if move.payment is not None else None
        invoice = _named(theirs, by)
        if theirs is None or invoice is None:
            found = _unknown(charge, "unknown_payment", move)
        elif invoice.state is InvoiceState.PAID:
            by.commit([by.billed.paid_by(invoice, charge)], None)
        else:
            found = noted(theirs, invoice, by)
    _post_fee(move, move.fee, invoice.account_id if invoice is not None else PROVIDER, by)
    return found


def _top_up(move: BalanceMove, charge: str, by: Matching) -> tuple[str, Difference | None] | None:
    """Whose top-up a payment is, and what was not alike; None of one that is none."""
    difference = Difference(charge, "top_up_not_noted", "noted", _facts(move))
    found = by.top_up(move.payment or "", by.noting(difference))
    return None if found is None else (found[0], difference if found[1] else None)


def _named(theirs: ProviderInvoice | None, by: Matching) -> Invoice | None:
    return by.billed.invoice(theirs.account_id, theirs.month, theirs.number) if theirs is not None else None


def noted(theirs: ProviderInvoice, ours: Invoice, by: Matching) -> Difference:
    """What the provider's invoice says is taken note of, as after a webhook."""
    facts = {"there": theirs.status, "here": str(ours.state), "provider_invoice": theirs.provider_invoice}
    cause = "payment_not_noted" if theirs.status == "paid" else "failure_not_noted"
    cause = cause if theirs.status in ("paid", "open") else "given_up_there"
    found = Difference(ours.invoice_id, cause, "noted", facts)
    after = by.take_note(theirs, by.noting(found))
    if after is not None and after.state is not ours.state:
        return found
    return Difference(ours.invoice_id, cause, "reported", facts)


def _dispute(move: BalanceMove, dispute_id: str, by: Matching) -> Difference | None:
    known = by.disputes.dispute(dispute_id)
    if known is not None and move.movement_id in known.posted:
        return None
    found = Difference(dispute_id, "dispute_not_noted", "noted", _facts(move))
    after = by.bring(dispute_id, by.noting(found))
    return found if after is not None else _unknown(dispute_id, "unknown_dispute", move)


def _refund(move: BalanceMove, source: str, by: Matching) -> Difference | None:
    found = Difference(source, "refund_not_noted", "noted", _facts(move))
    news = by.note_refund(source, by.noting(found))
    return _unknown(source, "unknown_refund", move) if news is None else (found if news else None)


def _transfer(move: BalanceMove, source: str, by: Matching) -> Difference | None:
    partner_id, _, number = move.named.get("movement", "").rpartition(":")
    known = by.payouts.movement(partner_id, int(number)) if number.isdecimal() else None
    if known is None or known.state is MovementState.REFUSED:
        return _unknown(source, "unknown_transfer", move)
    if known.state is MovementState.DONE:
        return None
    found = Difference(known.movement_id, "transfer_not_noted", "sent_again", _facts(move))
    by.noting(found)([by.payouts.pay_out(partner_id, f"compared:{known.movement_id}", by.now)], None)
    return found


def _post_fee(move: BalanceMove, minor: int, account_id: str, by: Matching) -> None:
    if minor:
        fee = Money(minor, move.amount.currency)
        entry = fee_entry(move.movement_id, fee, account_id, Month.of(move.at, by.zone), by.now)
        _post_once(fee_reference(move.movement_id), entry, by)


def _post_once(reference: str, entry: JournalEntry, by: Matching) -> None:
    if by.ledger.find(reference) is None:
        by.commit([*by.ledger.posting(entry)], None)


def _unknown(about: str, cause: str, move: BalanceMove) -> Difference:
    return Difference(about, cause, "reported", _facts(move))


def _facts(move: BalanceMove) -> dict[str, str]:
    return {"amount": str(move.amount), "balance_transaction": move.movement_id}
