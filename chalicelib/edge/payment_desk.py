"""The mobile door's routes of how I pay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from chalicelib.customers.model import Customer, Right
from chalicelib.edge.acting_for import acting
from chalicelib.edge.amounts import Amount, show_amount
from chalicelib.edge.call import Call
from chalicelib.edge.lazily import lazily
from chalicelib.edge.mobile import show_invoice
from chalicelib.edge.oidc import Claims
from chalicelib.edge.routes import delete, get, post, put
from chalicelib.edge.wiring import Wiring
from chalicelib.edge.wiring_holds import holding_of

if TYPE_CHECKING:
    from chalicelib.billing import cards, hold_confirming, payment_methods, retrying
    from chalicelib.billing.model import CardSetup, Invoice
else:
    cards = lazily("chalicelib.billing.cards")
    hold_confirming = lazily("chalicelib.billing.hold_confirming")
    payment_methods = lazily("chalicelib.billing.payment_methods")
    retrying = lazily("chalicelib.billing.retrying")


class CardSetupAnswer(msgspec.Struct):
    """What the app hands to Stripe to save a card or wallet; card data never comes here."""

    setup_intent: str
    client_secret: str


class ConfirmationShown(msgspec.Struct):
    """What the app hands to Stripe, by which I answer my bank about what is held for a session."""

    session_id: str
    amount: Amount
    client_secret: str
    payment_method: str


class MethodShown(msgspec.Struct):
    """A saved card or wallet. `expires` is the last month in which it is good; `default` whether it is charged."""

    method_id: str
    kind: str
    brand: str | None
    last4: str | None
    wallet: str | None
    expires: str | None
    default: bool


class MethodsShown(msgspec.Struct):
    """The newest first."""

    methods: list[MethodShown]


def show_card_setup(setup: CardSetup) -> CardSetupAnswer:
    """What Stripe.js needs."""
    return CardSetupAnswer(setup.setup_id, setup.client_secret)


def show_confirmation(found: hold_confirming.Confirmation) -> ConfirmationShown:
    """What Stripe.js needs."""
    return ConfirmationShown(found.session_id, show_amount(found.amount), found.client_secret, found.payment_method)


def show_wallet(wallet: payment_methods.Wallet) -> MethodsShown:
    """All saved methods."""
    return MethodsShown(
        [
            MethodShown(
                method_id=each.method_id,
                kind=each.kind,
                brand=each.brand,
                last4=each.last4,
                wallet=each.wallet,
                expires=str(each.expires) if each.expires else None,
                default=each.method_id == wallet.default,
            )
            for each in wallet.methods
        ]
    )


class PaymentDesk:
    """Customers save cards and wallets, say which is charged, and take them away."""

    def __init__(self, wired: Wiring) -> None:
        self._wired = wired

    def _customer(self, call: Call[Claims, Any]) -> Customer:
        return acting(call, self._wired)

    def _paying(self, call: Call[Claims, Any]) -> payment_methods.Paying:
        return self._wired.paying(call.now, call.commit)

    @post("/v1/me/payment-methods", needs=Right.PAY, shows=show_card_setup, status=201)
    def save_card(self, call: Call[Claims, None]) -> CardSetup:
        """Save a card or wallet: gives what the app hands to Stripe. It is charged from when Stripe has told us."""
        return cards.prepare_card(
            self._customer(call).account_id,
            call.idempotency_key,
            billed=self._wired.billed,
            collector=self._wired.collector,
            commit=call.commit,
        )

    @get("/v1/me/payment-methods", needs=Right.PAY, shows=show_wallet)
    def my_methods(self, call: Call[Claims, None]) -> payment_methods.Wallet:
        """My saved cards and wallets, as Stripe has them."""
        return payment_methods.wallet_of(self._customer(call).account_id, paying=self._paying(call))

    @put("/v1/me/payment-methods/{method_id}/default", needs=Right.PAY, shows=show_wallet)
    def charge_this(self, call: Call[Claims, None], method_id: str) -> payment_methods.Wallet:
        """Charge this one from now on; what is unpaid is collected with it."""
        return payment_methods.choose_method(self._customer(call).account_id, method_id, paying=self._paying(call))

    @delete("/v1/me/payment-methods/{method_id}", needs=Right.PAY, shows=show_wallet)
    def remove_method(self, call: Call[Claims, None], method_id: str) -> payment_methods.Wallet:
        """Take one away: the one that is charged only as the last, when nothing is open, unpaid, claimed or to come."""
        return payment_methods.remove_method(
            self._customer(call).account_id,
            method_id,
            self._wired.settings.currency,
            paying=self._paying(call),
            openings=self._wired.limits,
            used=self._wired.used,
            fees=self._wired.subscribed,
            claims=self._wired.charges,
        )

    @get("/v1/access-sessions/{session_id}/hold/confirmation", needs=Right.PAY, shows=show_confirmation)
    def confirm_hold(self, call: Call[Claims, None], session_id: str) -> hold_confirming.Confirmation:
        """What my bank asks about what is to be held on for a session (`hold_needs_authentication`); then it stands."""
        account_id = self._customer(call).account_id
        return hold_confirming.to_confirm(account_id, session_id, holding=holding_of(self._wired, call.now))

    @post("/v1/invoices/{invoice_id}/pay", needs=Right.PAY, shows=show_invoice, status=202)
    def pay_now(self, call: Call[Claims, None], invoice_id: str) -> Invoice:
        """Try a failed payment now, with the method that is charged. What comes of it shows on the invoice."""
        account_id = self._customer(call).account_id
        return retrying.pay_now(account_id, invoice_id, billed=self._wired.billed, now=call.now, commit=call.commit)
