"""A double on a free port with the real SDK in front of it: for tests, and for trying things out."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

import stripe
from stripe.params import InvoiceAddLinesParamsLine

from infra.local.stripe_double import stripe_js
from infra.local.stripe_double.app import StripeDouble
from infra.local.stripe_double.serving import served

SECRET_KEY = "sk_test_double"  # noqa: S105 - opens nothing but the double
PUBLISHABLE_KEY = "pk_test_double"
WEBHOOK_SECRET = "whsec_double"  # noqa: S105 - as above
START = datetime(2021, 6, 1, tzinfo=UTC)


class Clock:
    """A clock that stands until it is set."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def __call__(self) -> datetime:
        """What time it is."""
        return self.at


@dataclass
class Trial:
    """A double, its address, its clock, and the SDK's client without retries of its own."""

    double: StripeDouble
    address: str
    clock: Clock
    client: stripe.StripeClient
    _keys: Iterator[int] = field(default_factory=lambda: count(1))

    def key(self, named: str = "") -> stripe.RequestOptions:
        """A fresh idempotency key, or the one that is named."""
        return {"idempotency_key": named or f"key-{next(self._keys)}"}

    def save_card(self, customer_id: str, card: str = "pm_card_visa") -> str:
        """Save a test card for a customer, as a browser does, the bank's question answered; the payment method's id."""
        setup = self.client.v1.setup_intents.create({"customer": customer_id}, self.key())
        if setup.client_secret is None:
            raise AssertionError("a SetupIntent has a client secret")
        answer = stripe_js.save_card(self.address, PUBLISHABLE_KEY, setup.client_secret, card)
        if answer.get("status") == "requires_action":
            self.double.authenticate(setup.id)
        return str(answer["payment_method"])

    def customer(self, card: str = "pm_card_visa") -> str:
        """A customer with a saved default card."""
        customer_id = self.client.v1.customers.create({"email": "someone@example.com"}, self.key()).id
        settings: stripe.params.CustomerUpdateParamsInvoiceSettings
        settings = {"default_payment_method": self.save_card(customer_id, card)}
        self.client.v1.customers.update(customer_id, {"invoice_settings": settings}, self.key())
        return customer_id

    def partner(self) -> str:
        """A connected account that can receive transfers."""
        wanted: stripe.params.AccountCreateParams
        wanted = {"type": "express", "country": "FI", "capabilities": {"transfers": {"requested": True}}}
        account_id = self.client.v1.accounts.create(wanted, self.key()).id
        self.double.onboard(account_id)
        return account_id

    def hold(self, customer_id: str, amount: int, *, off_session: bool = True) -> stripe.PaymentIntent:
        """Hold an amount on the customer's newest card."""
        method = self.client.v1.payment_methods.list({"customer": customer_id}).data[0]
        wanted: stripe.params.PaymentIntentCreateParams = {
            "amount": amount,
            "currency": "eur",
            "customer": customer_id,
            "payment_method": method.id,
            "capture_method": "manual",
            "confirm": True,
            "off_session": off_session,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
        }
        return self.client.v1.payment_intents.create(wanted, self.key())

    def draft(self, customer_id: str, *amounts: int, currency: str = "eur") -> stripe.Invoice:
        """A draft with a line for each amount."""
        draft = self.client.v1.invoices.create(
            {
                "customer": customer_id,
                "currency": currency,
                "auto_advance": False,
                "pending_invoice_items_behavior": "exclude",
            },
            self.key(),
        )
        lines: list[InvoiceAddLinesParamsLine] = [{"amount": amount, "description": "Use"} for amount in amounts]
        return self.client.v1.invoices.add_lines(draft.id, {"lines": lines}, self.key())

    def open_invoice(self, customer_id: str, *amounts: int, currency: str = "eur") -> stripe.Invoice:
        """A finalised invoice with a line for each amount."""
        draft = self.draft(customer_id, *amounts, currency=currency)
        return self.client.v1.invoices.finalize_invoice(draft.id, {"auto_advance": False}, self.key())

    def paid_invoice(self, customer_id: str, *amounts: int) -> stripe.Invoice:
        """An invoice paid by the customer's default card."""
        return self.client.v1.invoices.pay(
            self.open_invoice(customer_id, *amounts).id, {"off_session": True}, self.key()
        )


@contextmanager
def trial(now: Clock | None = None) -> Iterator[Trial]:
    """A fresh double while the block runs."""
    clock = now or Clock()
    double = StripeDouble(
        now=clock, secret_key=SECRET_KEY, publishable_key=PUBLISHABLE_KEY, webhook_secret=WEBHOOK_SECRET
    )
    with served(double) as address:
        client = stripe.StripeClient(SECRET_KEY, base_addresses={"api": address}, max_network_retries=0)
        yield Trial(double, address, clock, client)
