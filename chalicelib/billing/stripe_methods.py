"""Saved cards and wallets at Stripe."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from chalicelib.billing.model import PaymentMethod, SavedCard
from chalicelib.billing.stripe_calls import StripeCalls
from chalicelib.billing.stripe_intents import marks_of
from chalicelib.kernel.time import Month

_MOST = 100
_GONE = ("resource_missing", "payment_method_unexpected_state")


class StripeMethods:
    """Satisfies `method_ports.PaymentMethods`."""

    def __init__(self, calls: StripeCalls) -> None:
        self._call = calls

    def of_customer(self, provider_customer: str) -> Sequence[PaymentMethod]:
        """The newest hundred."""
        found = self._call("payment_methods", "list", customer=provider_customer, limit=_MOST)
        return [method_of(each) for each in found.data]

    def find(self, method_id: str) -> PaymentMethod | None:
        """Re-reads it; None for one that was detached."""
        found = self._call("payment_methods", "retrieve", method_id)
        return method_of(found) if found.customer is not None else None

    def owned(self, method_id: str) -> tuple[str, PaymentMethod] | None:
        """Re-reads it and its customer, who carries the account's name."""
        found = self._call("payment_methods", "retrieve", method_id, expand=["customer"])
        account_id = marks_of(found.customer).get("account_id") if found.customer is not None else None
        return None if account_id is None else (account_id, method_of(found))

    def detach(self, method_id: str) -> None:
        """Stripe refuses what is detached already, which is as good."""
        import stripe  # noqa: PLC0415 -- as in stripe_calls

        try:
            self._call("payment_methods", "detach", method_id, key=f"detach:{method_id}")
        except stripe.InvalidRequestError as error:
            if error.code not in _GONE:
                raise


def saved_by(setup: Any) -> SavedCard | None:  # noqa: ANN401 -- an object of the SDK, with its payment method
    """What a setup has saved for an account of ours; None as long as it has not, and once that was taken away."""
    account_id, saved = marks_of(setup).get("account_id"), setup.payment_method
    if setup.status != "succeeded" or account_id is None or saved is None or saved.customer is None:
        return None
    method, saved_at = method_of(saved), datetime.fromtimestamp(saved.created, UTC)
    return SavedCard(account_id, str(setup.customer), method.method_id, method.expires, saved_at)


def method_of(found: Any) -> PaymentMethod:  # noqa: ANN401 -- an object of the SDK
    """What may be shown of it."""
    if found.type != "card":
        return PaymentMethod(str(found.id), str(found.type))
    card = found.card
    wallet = str(card.wallet.type) if card.wallet else None
    return PaymentMethod(
        str(found.id), "card", str(card.brand), str(card.last4), wallet, Month(int(card.exp_year), int(card.exp_month))
    )
