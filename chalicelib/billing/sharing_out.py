"""What payments make payable to partners waits to be sent; what refunds take back is taken back from them."""

from contextlib import suppress
from datetime import datetime

from chalicelib.billing.errors import DueKnown
from chalicelib.billing.model import Invoice, InvoiceState
from chalicelib.billing.payout_model import Due
from chalicelib.billing.payout_ports import Payouts
from chalicelib.billing.ports import Billed
from chalicelib.kernel.money import Money, shares
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Commit


def share_out(
    account_id: str, month: Month, number: int, *, billed: Billed, payouts: Payouts, now: datetime, commit: Commit
) -> list[Due]:
    """Have the shares of a paid invoice wait for their partners, each once, however often this is said."""
    invoice = billed.invoice(account_id, month, number)
    if invoice is None or invoice.state is not InvoiceState.PAID:
        return []
    dues = dues_of(invoice)
    for due in dues:
        with suppress(DueKnown):
            pays = payouts.pay_out(due.partner_id, due.due_id, now)
            commit([*payouts.adding_due(due), pays], due)
    return dues


def dues_of(invoice: Invoice) -> list[Due]:
    """The shares of an invoice: from its payment as far as that reaches, the rest from what else there is.

    An invoice may come to less than its shares, where it also gives back what somebody else had too much.
    """
    gains = {partner_id: minor for partner_id, minor in sorted(invoice.shares.items()) if minor > 0}
    paid = invoice.asks.minor
    within = list(gains.values()) if sum(gains.values()) <= paid else shares(paid, list(gains.values()))
    found: list[Due] = []
    for (partner_id, minor), part in zip(gains.items(), within, strict=True):
        found += _due(invoice, partner_id, part, invoice.provider_invoice, "")
        found += _due(invoice, partner_id, minor - part, None, ":rest")
    for partner_id, minor in sorted(invoice.shares.items()):
        found += _due(invoice, partner_id, min(0, minor), None, "")
    return found


def _due(invoice: Invoice, partner_id: str, minor: int, paid_by: str | None, what: str) -> list[Due]:
    if not minor:
        return []
    since = invoice.paid_at or invoice.issued_at
    amount = Money(minor, invoice.total.currency)
    return [Due(partner_id, f"invoice:{invoice.invoice_id}{what}", amount, since, paid_by)]
