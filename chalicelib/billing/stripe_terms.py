"""Where Stripe sends the bills of who pays by invoice: it makes none for a customer without an address."""

from chalicelib.billing.payment_terms import PaymentTerm
from chalicelib.billing.stripe_calls import StripeCalls, nothing


class StripeAddresses:
    """Satisfies `payment_terms.Addressing`."""

    def __init__(self, calls: StripeCalls) -> None:
        self._call = calls

    def address(self, provider_customer: str, term: PaymentTerm) -> None:
        """All that Stripe learns besides the account's pseudonym."""
        key = f"address:{provider_customer}:{term.version}"
        self._call("customers", "update", provider_customer, key=key, found=nothing, email=term.email)
