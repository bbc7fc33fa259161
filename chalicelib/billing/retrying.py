"""Try a failed payment again: when its time has come, or because its customer says so."""

from datetime import datetime

from chalicelib.billing.errors import NothingToPay, UnknownInvoice
from chalicelib.billing.model import Invoice, InvoiceState
from chalicelib.billing.ports import Billed
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Commit


def retry(
    account_id: str, month: Month, number: int, at: datetime, *, billed: Billed, now: datetime, commit: Commit
) -> Invoice | None:
    """Have what failed collected, if nothing else has happened to it since this try was set."""
    invoice = billed.invoice(account_id, month, number)
    if invoice is None or invoice.state is not InvoiceState.FAILED or invoice.retry_at != at:
        return None
    return commit([billed.collect_again(invoice, now)], invoice)


def pay_now(account_id: str, invoice_id: str, *, billed: Billed, now: datetime, commit: Commit) -> Invoice:
    """Have it tried now: there is money again, or the bank was told. Whether it worked shows on the invoice."""
    found = next((each for each in billed.invoices(account_id) if each.invoice_id == invoice_id), None)
    if found is None:
        raise UnknownInvoice(invoice_id=invoice_id[:80])
    if found.state is not InvoiceState.FAILED or found.waits:
        raise NothingToPay(state=str(found.state))
    return commit([billed.collect_again(found, now)], found)
