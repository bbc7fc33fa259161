"""Top-ups at Stripe: PaymentIntents that are taken at once, and their refunds. Every POST carries its own key."""

from typing import Any

from chalicelib.billing.credit_model import ProviderRefund
from chalicelib.billing.stripe_calls import StripeCalls
from chalicelib.billing.stripe_intents import Charge, Declined, ask, find, give_back, marks_of
from chalicelib.billing.stripe_refunds import WALLET, stands_of
from chalicelib.billing.topping_model import PaidBack, ProviderTopUp, TopUp


class StripeAhead:
    """Satisfies `wallet_ports.AheadProvider`."""

    def __init__(self, calls: StripeCalls) -> None:
        self._call = calls

    def ask(self, top_up: TopUp) -> ProviderTopUp:
        """Charged, or not; both are answers."""
        made = ask(self._call, _charge(top_up))
        if isinstance(made, Declined):
            said = ("requires_payment_method", 0, made.code, made.secret)
            return ProviderTopUp(top_up.account_id, top_up.top_up_id, made.intent, *said)
        return _stands(made) or ProviderTopUp(top_up.account_id, top_up.top_up_id, str(made.id), str(made.status))

    def read(self, payment: str) -> ProviderTopUp | None:
        """Re-reads it."""
        return _stands(self._call("payment_intents", "retrieve", payment))

    def find(self, top_up: TopUp) -> ProviderTopUp | None:
        """By the marks that it was asked for with."""
        found = find(self._call, _charge(top_up))
        return None if found is None else _stands(found)

    def pay_back(self, paid_back: PaidBack) -> ProviderRefund:
        """A refund of the payment."""
        marks = {"account_id": paid_back.account_id, WALLET: str(paid_back.number)}
        key = f"wallet-refund:{paid_back.name}"
        made = give_back(self._call, paid_back.payment, paid_back.amount, key=key, marks=marks)
        what = (str(made.id), paid_back.account_id, paid_back.number, str(made.status))
        return stands_of(made) or ProviderRefund(*what, of_wallet=True)


def _charge(top_up: TopUp) -> Charge:
    marks = {"account_id": top_up.account_id, "top_up": top_up.top_up_id}
    key = f"top-up:{top_up.account_id}:{top_up.top_up_id}"
    return Charge(key, top_up.amount, top_up.provider_customer, top_up.payment_method, marks)


def _stands(found: Any) -> ProviderTopUp | None:  # noqa: ANN401 -- an object of the SDK
    """As it is; None for one that is made for an invoice, holds something, or was made by hand."""
    told = marks_of(found)
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
