"""Bills that their customers pay by themselves, within the days that finance has granted: sent, and not collected."""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.billing.model import Invoice, Payer, ProviderInvoice
from chalicelib.billing.ports import Billed
from chalicelib.kernel.time import format_instant
from chalicelib.kernel.writes import Commit

WARNED_BEFORE = timedelta(days=3)
"""So long before it is due its customer is reminded."""
REMINDED_AFTER = timedelta(days=7)
"""And so long after, once more."""
SENT, DUE_SOON, OVERDUE, STILL_OVERDUE = (
    "invoice_to_pay",
    "invoice_due_soon",
    "invoice_overdue",
    "invoice_still_overdue",
)


def is_collected(invoice: Invoice, payer: Payer) -> bool:
    """Whether there is something to collect it by: a method, or, of what was not drafted yet, a term by invoice."""
    drafted = invoice.provider_invoice is not None
    return payer.payment_method is not None or (invoice.due_at is not None if drafted else payer.days_net is not None)


def on_terms(invoice: Invoice, payer: Payer, now: datetime) -> Invoice:
    """As it is drafted: due in so many days, if its payer pays by invoice now."""
    days = payer.days_net
    return replace(invoice, days_net=days, due_at=None if days is None else now + timedelta(days=days))


def sent(invoice: Invoice, stands: ProviderInvoice | None, *, billed: Billed, now: datetime, commit: Commit) -> Invoice:
    """Tell its customer where to pay it and by when, and have it looked at before that, and then."""
    if stands is None or stands.link is None or invoice.due_at is None:
        return invoice
    after = replace(invoice, link=stands.link, pdf=stands.pdf)
    looks = [at for at in (invoice.due_at - WARNED_BEFORE, invoice.due_at) if at > now]
    timers = [billed.looking_when_due(after, at, now) for at in looks]
    told = billed.telling(after, SENT, facts_of(after), now)
    return commit([billed.changing_invoice(after, invoice), told, *timers], after)


def facts_of(invoice: Invoice) -> dict[str, str]:
    """What a notice about it says."""
    reason = {"reason": invoice.decline_code} if invoice.decline_code else {}
    due = {"due_at": format_instant(invoice.due_at)} if invoice.due_at else {}
    link = {"link": invoice.link} if invoice.link else {}
    return {"amount": str(invoice.rest), "month": str(invoice.month), **reason, **due, **link}
