"""Book a refund that somebody made at the provider by hand, because finance says so: what it was, the rules say.

Asking and booking are two steps: the finance door does not write the books, a worker does.
"""

from dataclasses import replace
from datetime import datetime

from chalicelib.billing.credit_model import ProviderRefund
from chalicelib.billing.model import Invoice, InvoiceState
from chalicelib.billing.outside_model import Outside, OutsidePart, OutsideStands, OutsideState, PartKind
from chalicelib.billing.outside_parts import Booking, of_invoice, of_top_up
from chalicelib.billing.outside_ports import Outsides
from chalicelib.billing.outside_postings import spent_entry
from chalicelib.billing.paying_back import note_paid_back
from chalicelib.billing.postings import invoice_source
from chalicelib.billing.refunding import note_refund
from chalicelib.billing.topping_model import TopUp
from chalicelib.kernel.writes import Commit


def ask_booking(
    provider_refund: str, who: str, note: str, *, outsides: Outsides, now: datetime, commit: Commit
) -> Outside:
    """Have it booked; what is asked for or booked already stays as it is, what was refused is tried again."""
    known = outsides.outside(provider_refund)
    if known is not None and known.state is not OutsideState.REFUSED:
        return known
    asked = Outside(provider_refund, known.asked_at if known else now, who, note)
    asked = replace(asked, version=known.version + 1) if known is not None else asked
    return commit([*outsides.saving(asked), outsides.book(asked, now)], asked)


def book(provider_refund: str, by: Booking) -> None:
    """Book what was asked for, part by part, each in one transaction with how far it is. Safe to repeat.

    Of an invoice's payment it is open credit of the account first, then goodwill; of a top-up it is what is left of
    that in the wallet, and the operator bears the rest.
    """
    found = by.outsides.outside(provider_refund)
    if found is None or found.state is not OutsideState.ASKED:
        return
    stands = by.provider.outside(provider_refund)
    paid = _paid(stands, by) if stands is not None else None
    reason = _refused(stands, paid)
    if stands is None or paid is None or reason:
        by.crediting.commit([*by.outsides.saving(found.refused(reason))], None)
        return
    source = paid.source if isinstance(paid, TopUp) else invoice_source(paid.invoice_id)
    found = replace(found, account_id=paid.account_id, paid=source, amount=stands.amount)
    while found.state is OutsideState.ASKED:
        found = _book_next(found, paid, stands, by)


def _book_next(found: Outside, paid: Invoice | TopUp, stands: OutsideStands, by: Booking) -> Outside:
    return of_top_up(found, paid, by) if isinstance(paid, TopUp) else of_invoice(found, paid, stands.payment or "", by)


def _paid(stands: OutsideStands, by: Booking) -> Invoice | TopUp | None:
    """What was paid with the money that went back."""
    billed = by.crediting.billed
    invoice = billed.paid_with(stands.charge)
    if invoice is not None or stands.payment is None:
        return invoice
    top_up = by.bringing.top_ups.of_payment(stands.payment)
    theirs = by.provider.invoice_paid_by(stands.payment) if top_up is None else None
    return top_up or (billed.invoice(theirs.account_id, theirs.month, theirs.number) if theirs is not None else None)


def _refused(stands: OutsideStands | None, paid: Invoice | TopUp | None) -> str:
    """Why it is not booked; nothing where it is."""
    if stands is None:
        return "unknown_at_stripe"
    if stands.ours:
        return "booked_by_itself"
    if stands.failed:
        return "failed_at_stripe"
    if paid is None:
        return "payment_unknown"
    return "" if isinstance(paid, TopUp) or paid.state is InvoiceState.PAID else "invoice_not_paid"


def outside_noted(provider_refund: str, by: Booking) -> bool | None:
    """Whether there was news of a refund by hand; None of one of which finance has decided nothing.

    One that its bank returns after it was booked is credit again, or in the wallet again.
    """
    found = by.outsides.outside(provider_refund)
    if found is None or found.state is OutsideState.REFUSED:
        return None
    stands = by.provider.outside(provider_refund) if found.state is OutsideState.BOOKED else None
    if stands is None or not stands.failed:
        return False
    news = [_returned(each, found, stands, by) for each in found.parts]
    return any(news)


def _returned(part: OutsidePart, found: Outside, stands: OutsideStands, by: Booking) -> bool:
    what = (found.provider_refund, found.account_id, part.number, stands.status, stands.reason)
    if part.kind is PartKind.WALLET:
        return note_paid_back(ProviderRefund(*what, of_wallet=True), by.paying_out)
    if part.kind is not PartKind.SPENT:
        return note_refund(ProviderRefund(*what), by.crediting) is not None
    entry = spent_entry(found, part.minor, by.crediting.zone, by.crediting.now, failed=True)
    if by.crediting.ledger.find(entry.reference) is not None:
        return False
    return by.crediting.commit([*by.crediting.ledger.posting(entry)], outcome=True)
