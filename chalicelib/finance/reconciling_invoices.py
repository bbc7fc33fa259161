"""The rules by which our invoices are held against the provider's: what is asked for there, and what is paid of it.

An invoice is one line on each side, under the name of how it stands: one that is paid here and open there differs in
both names. What was given up is asked for no more, and is no line.
"""

from collections.abc import Iterator
from datetime import datetime

from chalicelib.billing.comparison_model import TheirInvoice
from chalicelib.billing.model import InvoiceState
from chalicelib.finance.facts import AccountMonth
from chalicelib.finance.reconciling_money import INVOICE_OPEN, INVOICE_PAID, Line


def lines_of_ours(each: AccountMonth) -> Iterator[Line]:
    """What of an account's invoices the provider has been asked to collect."""
    for invoice in each.invoices:
        if invoice.provider_invoice is None or invoice.state is InvoiceState.WRITTEN_OFF:
            continue
        name, minor = INVOICE_PAID if invoice.state is InvoiceState.PAID else INVOICE_OPEN, invoice.collected.minor
        if minor:
            yield Line(f"{name}:{invoice.invoice_id}", each.currency, minor, here=True, inside=True)


def lines_of_theirs(theirs: TheirInvoice, as_of: datetime, compared: datetime | None) -> Iterator[Line]:
    """An invoice of ours that the provider has, as it stood at an instant.

    A draft asks for nothing yet. What nobody can have told us of by then makes no more of a difference than that: it
    is `newer`.
    """
    stood, newer = _stood(theirs, as_of, compared)
    account_id, month, number = theirs.named
    for name in (INVOICE_OPEN, INVOICE_PAID):
        minor = theirs.total.minor if name == stood else 0
        if minor or newer:
            about = f"{name}:{account_id}:{month}:{number}"
            yield Line(about, theirs.total.currency, minor, here=False, inside=True, newer=newer)


def _stood(theirs: TheirInvoice, as_of: datetime, compared: datetime | None) -> tuple[str | None, bool]:
    """As what it stood, and whether it has come to that since both sides were compared."""
    if theirs.created > as_of or theirs.status == "draft":
        return None, True
    if theirs.status == "open":
        return INVOICE_OPEN, False
    newer = compared is None or theirs.ended_at is None or theirs.ended_at > compared
    if theirs.ended_at is not None and theirs.ended_at > as_of:
        return INVOICE_OPEN, newer
    return (INVOICE_PAID if theirs.status == "paid" else None), newer
