"""Have Stripe forget a customer: name, cards and wallets. Its invoices and payments stay there."""

from chalicelib.billing.errors import PayerGone
from chalicelib.billing.stripe_calls import StripeCalls

_GONE = "resource_missing"


class StripeLeaving:
    """Satisfies `method_ports.LeavingProvider`."""

    def __init__(self, calls: StripeCalls) -> None:
        self._call = calls

    def forget(self, provider_customer: str) -> None:
        """One that is gone stays so."""
        import stripe  # noqa: PLC0415 -- as in stripe_calls

        try:
            self._call("customers", "delete", provider_customer)
        except PayerGone:
            return
        except stripe.InvalidRequestError as error:
            if error.code != _GONE:
                raise
