"""Stripe for money that goes back: credit notes on open invoices, and refunds of payments."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chalicelib.billing.credit_model import ProviderPayment, ProviderRefund, Refund
from chalicelib.billing.model import Invoice
from chalicelib.billing.stripe_calls import StripeCalls, nothing
from chalicelib.billing.stripe_intents import give_back, marks_of, refunds_of

if TYPE_CHECKING:
    from stripe.params import CreditNoteCreateParams

WALLET = "wallet_refund"
"""The mark of what goes back from a wallet."""


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
        intent, charge = str(paid.payment.payment_intent.id), paid.payment.payment_intent.latest_charge
        given = sum(map(_amount, refunds_of(self._call, intent)))
        return ProviderPayment(intent, paid.amount_paid or 0, given, str(charge) if charge is not None else None)

    def refund(self, refund: Refund) -> ProviderRefund:
        """A refund of the payment."""
        marks = {"account_id": refund.account_id, "number": str(refund.number)}
        made = give_back(self._call, refund.payment, refund.amount, key=f"refund:{refund.refund_id}", marks=marks)
        return stands_of(made) or ProviderRefund(str(made.id), refund.account_id, refund.number, str(made.status))

    def refund_stands(self, provider_refund: str) -> ProviderRefund | None:
        """Re-reads the refund; one that somebody made at Stripe by hand is none of ours."""
        return stands_of(self._call("refunds", "retrieve", provider_refund))


def stands_of(found: Any) -> ProviderRefund | None:  # noqa: ANN401 -- an object of the SDK
    """A refund as it is: of a credit note, or of money that a wallet pays out."""
    marks = marks_of(found)
    number = marks.get("number", marks.get(WALLET))
    if number is None or "account_id" not in marks:
        return None
    reason = getattr(found, "failure_reason", None)
    what = (str(found.id), marks["account_id"], int(number), str(found.status), reason)
    return ProviderRefund(*what, of_wallet=WALLET in marks)


def _amount(refund: Any) -> int:  # noqa: ANN401 -- as above
    """What goes back by it."""
    return 0 if refund.status in ("failed", "canceled") else int(refund.amount)
