"""What payments make payable to partners waits to be sent; what refunds take back is taken back from them."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from chalicelib.billing.errors import DueKnown, NotPaid
from chalicelib.billing.model import Invoice, InvoiceState, Settlement
from chalicelib.billing.payout_model import Due
from chalicelib.billing.payout_ports import Payouts
from chalicelib.billing.ports import Billed
from chalicelib.billing.postings import share_refund_entry
from chalicelib.kernel.money import Money, shares
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Commit, Write
from chalicelib.ledger.ports import Ledger


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


def reverse_share(
    invoice: Invoice,
    settlement: Settlement,
    before: Money,
    after: Money,
    *,
    payouts: Payouts,
    ledger: Ledger,
    zone: str,
    now: datetime,
) -> tuple[Settlement, list[Write]]:
    """What a refund of a paid invoice does to its shares: to be committed in the refund's own transaction.

    `before` and `after` are what was refunded of it in all, before this refund and with it: so parts add up exactly,
    and the ledger takes each once. The shares are pending again, as if that part had never been paid; what was sent is
    taken back, or comes off what is sent next. The settlement is that of the invoice's month, to be saved as it comes
    back.
    """
    if invoice.state is not InvoiceState.PAID:
        raise NotPaid(invoice_id=invoice.invoice_id)
    parts = {
        partner_id: _part(minor, after, invoice.total) - _part(minor, before, invoice.total)
        for partner_id, minor in sorted(invoice.shares.items())
    }
    taken = {partner_id: minor for partner_id, minor in parts.items() if minor}
    if not taken:
        return settlement, []
    left = {name: settlement.shares_invoiced.get(name, 0) - taken.get(name, 0) for name in settlement.shares_invoiced}
    entry = share_refund_entry(invoice, taken, after, Month.of(now, zone), now)
    writes = list(ledger.posting(entry))
    for partner_id, minor in taken.items():
        due_id, sent_as = f"refund:{invoice.invoice_id}:{after.minor}", f"invoice:{invoice.invoice_id}"
        amount = Money(-minor, invoice.total.currency)
        number = payouts.transfer_of(partner_id, sent_as)
        writes += payouts.adding_due(Due(partner_id, due_id, amount, now, taken_from=number))
        writes.append(payouts.pay_out(partner_id, due_id, now))
    return replace(settlement, shares_invoiced=left), writes


def _part(share: int, refunded: Money, whole: Money) -> int:
    """The share of what was refunded so far, half up."""
    size = (2 * abs(share) * refunded.minor + whole.minor) // (2 * whole.minor)
    return size if share >= 0 else -size
