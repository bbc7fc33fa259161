"""Stripe's side: an endpoint with a key, our own gateways to it, and customers with test cards."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from itertools import count

import stripe

from chalicelib.billing.hold_model import Hold
from chalicelib.billing.model import Invoice, InvoiceLine
from chalicelib.billing.stripe_books import StripeBooks
from chalicelib.billing.stripe_calls import StripeCalls
from chalicelib.billing.stripe_gateway import StripeGateway
from chalicelib.billing.stripe_holds import StripeHolds
from chalicelib.billing.stripe_methods import StripeMethods
from chalicelib.billing.stripe_refunds import StripeRefunds
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month

MAY = Month(2021, 5)
BACK = "https://example.com/back"
VISA, DECLINES = "pm_card_visa", "pm_card_chargeCustomerFail"


@dataclass
class Side:
    """`run` makes the names, and so the idempotency keys, of one run its own. `is_double`: the bank can be played."""

    key: str
    base: str | None
    run: str
    now: datetime
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    @cached_property
    def calls(self) -> StripeCalls:
        return StripeCalls(self.key, self.base)

    @cached_property
    def client(self) -> stripe.StripeClient:
        return stripe.StripeClient(self.key, base_addresses={"api": self.base} if self.base else {})

    @cached_property
    def gateway(self) -> StripeGateway:
        return StripeGateway(self.calls)

    @cached_property
    def refunder(self) -> StripeRefunds:
        return StripeRefunds(self.calls)

    @cached_property
    def holds(self) -> StripeHolds:
        return StripeHolds(self.calls)

    @cached_property
    def methods(self) -> StripeMethods:
        return StripeMethods(self.calls)

    @cached_property
    def books(self) -> StripeBooks:
        return StripeBooks(self.calls, self.gateway.read)

    def account(self) -> str:
        """A new account's name."""
        return f"conf-{self.run}-{next(self._numbers)}"

    def customer(self, account_id: str) -> str:
        return self.gateway.create_customer(account_id, 1)

    def card(self, account_id: str, customer: str, card: str = VISA) -> str:
        """Saved as the app and its customer do, without a browser."""
        setup = self.gateway.prepare_card(account_id, customer, f"{self.run}-{next(self._numbers)}")
        options: stripe.RequestOptions = {"idempotency_key": f"confirm:{setup.setup_id}"}
        self.client.v1.setup_intents.confirm(setup.setup_id, {"payment_method": card, "return_url": BACK}, options)
        saved = self.gateway.saved_card(setup.setup_id)
        assert saved is not None
        assert (saved.account_id, saved.provider_customer) == (account_id, customer)
        return saved.payment_method

    def invoice(self, account_id: str, amounts: Sequence[int] = (850, 150)) -> Invoice:
        lines = tuple(
            InvoiceLine("session", f"ses_{number}", Money(each, "EUR")) for number, each in enumerate(amounts)
        )
        return Invoice(account_id, MAY, 1, lines, Money(sum(amounts), "EUR"), self.now)

    def opened(self, invoice: Invoice, customer: str) -> str:
        """Drafted, with its lines, and final."""
        made = self.gateway.draft(invoice, customer)
        assert self.gateway.add_lines(made, invoice) == invoice.total
        self.gateway.finalize(made, invoice)
        return made

    def paid(self, account_id: str, customer: str, method: str) -> tuple[str, Invoice]:
        """An invoice that the method has paid."""
        invoice = self.invoice(account_id)
        made = self.opened(invoice, customer)
        self.gateway.pay(made, invoice, method)
        return made, invoice

    def hold(self, account_id: str, customer: str, method: str, minor: int = 2000) -> Hold:
        """One that the bank keeps."""
        session_id = f"ses-{self.run}-{next(self._numbers)}"
        wanted = Hold(account_id, session_id, 1, Money(minor, "EUR"), customer, method, self.now)
        stands = self.holds.ask(wanted)
        assert stands.stands
        return replace(wanted.held(stands, self.now))
