"""Top-ups at Stripe: PaymentIntents that are taken at once, and their refunds. Every POST carries its own key."""

from typing import TYPE_CHECKING, Any

from chalicelib.billing.errors import RefundRefused
from chalicelib.billing.stripe_calls import StripeCalls
from chalicelib.billing.topping_model import PaidBack, ProviderPaidBack, ProviderTopUp, TopUp

if TYPE_CHECKING:
    from stripe.params import RefundCreateParams

_MOST = 100
_GONE = ("resource_missing", "payment_method_unexpected_state")


class StripeAhead:
    """Satisfies `wallet_ports.AheadProvider`."""

    def __init__(self, calls: StripeCalls) -> None:
        self._call = calls

    def ask(self, top_up: TopUp) -> ProviderTopUp:
        """Creates and confirms at once, off session; a card that declines is an answer as well."""
        import stripe  # noqa: PLC0415 -- as in stripe_calls

        try:
            made = self._call(
                "payment_intents",
                "create",
                key=f"top-up:{top_up.account_id}:{top_up.top_up_id}",
                amount=top_up.amount.minor,
                currency=top_up.amount.currency.lower(),
                customer=top_up.provider_customer,
                payment_method=top_up.payment_method,
                confirm=True,
                off_session=True,
                automatic_payment_methods={"enabled": True, "allow_redirects": "never"},
                metadata={"account_id": top_up.account_id, "top_up": top_up.top_up_id},
            )
        except stripe.CardError as error:
            intent: Any = getattr(error.error, "payment_intent", None)
            code = getattr(error.error, "decline_code", None) or error.code or "declined"
            said = ("requires_payment_method", 0, str(code), intent.client_secret)
            return ProviderTopUp(top_up.account_id, top_up.top_up_id, str(intent.id), *said)
        except stripe.InvalidRequestError as error:
            if error.code not in _GONE:
                raise
            what = (top_up.account_id, top_up.top_up_id, "", "canceled", 0, "payment_method_unavailable")
            return ProviderTopUp(*what)
        return _stands(made) or ProviderTopUp(top_up.account_id, top_up.top_up_id, str(made.id), str(made.status))

    def read(self, payment: str) -> ProviderTopUp | None:
        """Re-reads it."""
        return _stands(self._call("payment_intents", "retrieve", payment))

    def find(self, top_up: TopUp) -> ProviderTopUp | None:
        """Among the customer's newest hundred."""
        found = self._call("payment_intents", "list", customer=top_up.provider_customer, limit=_MOST)
        ours = (_stands(each) for each in found.data)
        return next((each for each in ours if each and each.top_up_id == top_up.top_up_id), None)

    def pay_back(self, paid_back: PaidBack) -> ProviderPaidBack:
        """A refund of the payment. Keys are forgotten after a day, so one that is there already is looked for first."""
        import stripe  # noqa: PLC0415 -- as in stripe_calls

        for each in self._call("refunds", "list", payment_intent=paid_back.payment, limit=_MOST).data:
            stands = _paid_back(each)
            if stands is not None and (stands.account_id, stands.number) == (paid_back.account_id, paid_back.number):
                return stands
        wanted: RefundCreateParams = {
            "payment_intent": paid_back.payment,
            "amount": paid_back.amount.minor,
            "metadata": {"account_id": paid_back.account_id, "wallet_refund": str(paid_back.number)},
        }
        try:
            made = self._call("refunds", "create", key=f"wallet-refund:{paid_back.name}", **wanted)
        except stripe.InvalidRequestError as error:
            raise RefundRefused(reason=str(error.code or "refused")) from error
        return ProviderPaidBack(str(made.id), paid_back.account_id, paid_back.number, str(made.status))

    def paid_back_stands(self, provider_refund: str) -> ProviderPaidBack | None:
        """Re-reads the refund."""
        return _paid_back(self._call("refunds", "retrieve", provider_refund))


def _stands(found: Any) -> ProviderTopUp | None:  # noqa: ANN401 -- an object of the SDK
    """As it is; None for one that is made for an invoice, holds something, or was made by hand."""
    told = found.metadata.to_dict() if found.metadata else {}
    if not {"account_id", "top_up"} <= set(told):
        return None
    error = found.last_payment_error
    code = (getattr(error, "decline_code", None) or getattr(error, "code", None)) if error else None
    return ProviderTopUp(
        account_id=told["account_id"],
        top_up_id=told["top_up"],
        payment=str(found.id),
        status=str(found.status),
        received=int(found.amount_received or 0),
        decline_code=str(code) if code else None,
        secret=found.client_secret,
    )


def _paid_back(found: Any) -> ProviderPaidBack | None:  # noqa: ANN401 -- as above
    told = found.metadata.to_dict() if found.metadata else {}
    if not {"account_id", "wallet_refund"} <= set(told):
        return None
    number, reason = int(told["wallet_refund"]), getattr(found, "failure_reason", None)
    return ProviderPaidBack(str(found.id), told["account_id"], number, str(found.status), reason)
