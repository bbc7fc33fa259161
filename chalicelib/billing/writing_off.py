"""Give an invoice up that will not be paid; what is paid after all is recovered."""

from dataclasses import replace
from datetime import datetime

from chalicelib.billing.errors import NotFailedForGood, UnknownInvoice
from chalicelib.billing.loss_model import BAD_DEBT, given_up, recovered
from chalicelib.billing.model import Invoice, InvoiceState
from chalicelib.billing.ports import Billed
from chalicelib.billing.postings_of_money import loss_entry
from chalicelib.kernel.time import Month, format_instant
from chalicelib.kernel.writes import Commit, Write
from chalicelib.ledger.accounts import receivable
from chalicelib.ledger.ports import Ledger


def ask_write_off(
    account_id: str, month: Month, number: int, *, who: str, note: str, billed: Billed, now: datetime, commit: Commit
) -> Invoice:
    """Keep the decision to give an invoice up, with who took it, and have a worker book it.

    The invoice's payment has failed, and is not tried again by itself.
    """
    invoice = billed.invoice(account_id, month, number)
    if invoice is None:
        raise UnknownInvoice(invoice_id=f"{account_id}:{month}:{number}"[:80])
    if invoice.state is InvoiceState.WRITTEN_OFF:
        return invoice
    if not _failed_for_good(invoice):
        tried = {"next_try": format_instant(invoice.retry_at)} if invoice.retry_at is not None else {}
        raise NotFailedForGood(state=str(invoice.state), **tried)
    return commit([*billed.writing_off(invoice, who, note, now)], invoice)


def write_off(
    account_id: str,
    month: Month,
    number: int,
    *,
    billed: Billed,
    ledger: Ledger,
    zone: str,
    now: datetime,
    commit: Commit,
) -> Invoice | None:
    """Book an invoice as a bad debt, unless something has happened to it since that was decided; then None.

    The tax in it stands apart, on an account of its own: what of it may be claimed back, and when, is the law's and
    finance's to say. Partners' shares in it stay pending: they are payable if it is paid after all. The account owes it
    still, and starts nothing until it has paid.
    """
    invoice = billed.invoice(account_id, month, number)
    if invoice is None or invoice.state is InvoiceState.WRITTEN_OFF:
        return invoice
    if not _failed_for_good(invoice):
        return None
    after = replace(invoice, state=InvoiceState.WRITTEN_OFF)
    loss = given_up(invoice, now)
    posting = [billed.losing(loss, zone), *ledger.posting(loss_entry(loss, invoice, zone))]
    return commit([billed.changing_invoice(after, invoice), *posting], after)


def _failed_for_good(invoice: Invoice) -> bool:
    return invoice.state is InvoiceState.FAILED and invoice.retry_at is None


def recovering(invoice: Invoice, *, billed: Billed, ledger: Ledger, zone: str, now: datetime) -> list[Write]:
    """What was written off is taken off bad debt again, as it is paid; nothing of an invoice that was not."""
    if invoice.state is not InvoiceState.WRITTEN_OFF:
        return []
    entry = ledger.find(f"{BAD_DEBT}:{invoice.invoice_id}")
    if entry is None:
        return []
    owed = receivable(invoice.account_id)
    was_lost = -sum(each.amount.minor for each in entry.postings if each.ledger_account == owed)
    loss = recovered(invoice, was_lost, now)
    return [billed.losing(loss, zone), *ledger.posting(loss_entry(loss, invoice, zone))]
