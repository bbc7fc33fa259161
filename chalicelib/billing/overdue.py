"""Look at a bill that its customer pays by itself: before it is due, when it is, and once more after that."""

from dataclasses import replace
from datetime import datetime

from chalicelib.billing.by_invoice import DUE_SOON, OVERDUE, REMINDED_AFTER, STILL_OVERDUE, facts_of
from chalicelib.billing.collecting import changing, take_note
from chalicelib.billing.credit_ports import Notes
from chalicelib.billing.failing import NARROWS_AFTER
from chalicelib.billing.model import Invoice, InvoiceState
from chalicelib.billing.ports import Billed
from chalicelib.billing.taking_ports import Taking
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Commit
from chalicelib.ledger.ports import Ledger

_OVER = (InvoiceState.PAID, InvoiceState.WRITTEN_OFF)
NOT_PAID = "overdue"
"""Why its payment is said to have failed."""


def look_when_due(
    account_id: str,
    month: Month,
    number: int,
    *,
    billed: Billed,
    collector: Taking,
    ledger: Ledger,
    notes: Notes,
    zone: str,
    now: datetime,
    commit: Commit,
) -> Invoice | None:
    """Remind its customer of what is unpaid; once it is overdue it counts as a payment that failed. Safe to repeat.

    What was paid meanwhile is noted, whether its webhook has come or not.
    """
    invoice = billed.invoice(account_id, month, number)
    if invoice is None or invoice.due_at is None or not invoice.waits or invoice.state in _OVER:
        return None
    stands = collector.read(invoice.provider_invoice or "")
    if stands is None:
        return None
    if stands.status != "open":
        return take_note(stands, zone=zone, billed=billed, ledger=ledger, notes=notes, now=now, commit=commit)
    if now < invoice.due_at or invoice.state is InvoiceState.FAILED:
        code = DUE_SOON if now < invoice.due_at else STILL_OVERDUE
        again = now < invoice.due_at or now >= invoice.due_at + REMINDED_AFTER
        return commit([billed.telling(invoice, code, facts_of(invoice), now)] if again else [], invoice)
    after = replace(invoice, state=InvoiceState.FAILED, decline_code=NOT_PAID, failures=invoice.failures + 1)
    writes = [*changing(invoice, after, billed), billed.telling(after, OVERDUE, facts_of(after), now)]
    writes += [
        billed.looking_when_due(after, invoice.due_at + REMINDED_AFTER, now),
        billed.narrowing(account_id, now + NARROWS_AFTER, now),
    ]
    return commit(writes, after)
