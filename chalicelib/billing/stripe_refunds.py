"""Stripe for money that goes back: credit notes on open invoices, and refunds of payments."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chalicelib.billing.credit_model import ProviderPayment, ProviderRefund, Refund
from chalicelib.billing.errors import RefundRefused
from chalicelib.billing.model import Invoice
from chalicelib.billing.stripe_calls import StripeCalls, nothing

if TYPE_CHECKING:
    from stripe.params import CreditNoteCreateParams, RefundCreateParams


class StripeRefunds:
    """Satisfies `credit_ports.Refunder`."""

    def __init__(self, calls: StripeCalls) -> None:
        self._call = calls

    def credit(self, provider_invoice: str, invoice: Invoice, minor: int) -> None:
        """A credit note of Stripe's on the open invoice, under how much is credited with it in all."""
        import stripe  # noqa: PLC0415 -- as in stripe_calls

        wanted: CreditNoteCreateParams = {"invoice": provider_invoice, "amount": minor}
        key = f"credit:{provider_invoice}:{invoice.credited}:{minor}"
        try:
            self._call("credit_notes", "create", key=key, found=nothing, **wanted)
        except stripe.InvalidRequestError:
            if self._call("invoices", "retrieve", provider_invoice).status != "paid":
                raise

    def payments(self, provider_invoice: str) -> Sequence[ProviderPayment]:
        """The invoice's payments that were made, each with what was given back of it."""
        found = self._call("invoices", "retrieve", provider_invoice, expand=["payments.data.payment.payment_intent"])
        paid = [each for each in (found.payments.data if found.payments else ()) if each.status == "paid"]
        return [self._payment(each) for each in paid if each.payment.payment_intent is not None]

    def _payment(self, paid: Any) -> ProviderPayment:  # noqa: ANN401 -- an object of the SDK
        intent = str(paid.payment.payment_intent.id)
        return ProviderPayment(intent, paid.amount_paid or 0, sum(each.amount for each in self._refunds_of(intent)))

    def refund(self, refund: Refund) -> ProviderRefund:
        """A refund of the payment. Keys are forgotten after a day, so one that is there already is looked for first."""
        import stripe  # noqa: PLC0415 -- as in stripe_calls

        known = {"account_id": refund.account_id, "number": str(refund.number)}
        for each in self._refunds_of(refund.payment, failed=True):
            stands = _stands(each)
            if stands is not None and (stands.account_id, stands.number) == (refund.account_id, refund.number):
                return stands
        wanted: RefundCreateParams = {
            "payment_intent": refund.payment,
            "amount": refund.amount.minor,
            "metadata": known,
        }
        try:
            made = self._call("refunds", "create", key=f"refund:{refund.refund_id}", found=nothing, **wanted)
        except stripe.InvalidRequestError as error:
            raise RefundRefused(reason=str(error.code or "refused")) from error
        return ProviderRefund(str(made.id), refund.account_id, refund.number, str(made.status))

    def refund_stands(self, provider_refund: str) -> ProviderRefund | None:
        """Re-reads the refund; one that somebody made at Stripe by hand is none of ours."""
        return _stands(self._call("refunds", "retrieve", provider_refund))

    def _refunds_of(self, payment: str, *, failed: bool = False) -> list[Any]:
        found = self._call("refunds", "list", payment_intent=payment, limit=100).data
        return [each for each in found if failed or each.status not in {"failed", "canceled"}]


def _stands(found: Any) -> ProviderRefund | None:  # noqa: ANN401 -- an object of the SDK
    metadata = found.metadata.to_dict() if found.metadata else {}
    if not {"account_id", "number"} <= set(metadata):
        return None
    reason = getattr(found, "failure_reason", None)
    return ProviderRefund(str(found.id), metadata["account_id"], int(metadata["number"]), str(found.status), reason)
