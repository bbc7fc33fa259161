"""What follows when a payment fails: who pays is told why and what helps, and it is tried again if that may work."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.billing.declining import Decline, kind_of, next_try
from chalicelib.billing.model import Invoice, InvoiceState, ProviderInvoice
from chalicelib.billing.ports import Billed
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import format_instant
from chalicelib.kernel.writes import Write

NARROWS_AFTER = timedelta(days=3)
"""After the first failure nothing is started; from then on what runs ends gently."""


def failed(invoice: Invoice, stands: ProviderInvoice, now: datetime) -> Invoice:
    """The invoice as the failure leaves it, with the instant of the next try, if there is to be one."""
    failures = invoice.failures + 1
    retry_at = next_try(kind_of(stands.decline_code, stands.advice_code), failures, now)
    return replace(
        invoice,
        state=InvoiceState.FAILED,
        provider_invoice=stands.provider_invoice or None,
        decline_code=stands.decline_code,
        failures=failures,
        retry_at=retry_at,
        link=stands.link,
        pdf=stands.pdf,
    )


def unknown_payer(invoice: Invoice) -> ProviderInvoice:
    """As an invoice stands whose account the provider does not know any more: only another method can help.

    What is paid in part is not drafted anew, or that part would be asked for twice.
    """
    return ProviderInvoice(
        provider_invoice=(invoice.provider_invoice or "") if invoice.part_paid or invoice.claimed else "",
        account_id=invoice.account_id,
        month=invoice.month,
        number=invoice.number,
        status="open",
        total=invoice.total,
        paid=Money.zero(invoice.total.currency),
        attempted=True,
        paid_at=None,
        decline_code="payment_method_unavailable",
    )


def following(after: Invoice, stands: ProviderInvoice, *, billed: Billed, now: datetime) -> list[Write]:
    """A notice, and a timer for the next try. Where the bank asks for the customer, the notice leads back to it."""
    asks = kind_of(stands.decline_code, stands.advice_code) is Decline.AUTHENTICATE
    code = "payment_needs_authentication" if asks else "payment_failed"
    told = billed.telling(after, code, dict(_facts(after, stands)), now)
    return [told, *([billed.retrying(after, now)] if after.retry_at else [])]


def _facts(after: Invoice, stands: ProviderInvoice) -> Mapping[str, str]:
    helps = str(kind_of(stands.decline_code, stands.advice_code))
    facts = {"amount": str(after.asks), "month": str(after.month), "reason": after.decline_code or "unknown"}
    more = {"helps": helps, "next_try": after.retry_at and format_instant(after.retry_at), "link": after.link}
    return facts | {name: value for name, value in more.items() if value}
