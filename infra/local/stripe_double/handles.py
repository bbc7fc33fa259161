"""Handles for tests: what customers and banks do at Stripe without a call of ours, and what has come of it."""

from collections import Counter
from dataclasses import replace
from threading import Lock

from infra.local.stripe_double import (
    balance,
    connect,
    disputes,
    holds,
    payment_methods,
    refunds,
    settling,
    setup_intents,
    tax_transactions,
)
from infra.local.stripe_double.cards import REASONS
from infra.local.stripe_double.charges import refundable
from infra.local.stripe_double.store import NOBODY, Fields, Store


class Handles:
    """Acts on the double's state as somebody who is not the server."""

    def __init__(self, store: Store, lock: Lock) -> None:
        self._store, self._lock = store, lock

    def _pass_time(self) -> None:
        """What happens by itself as time goes by; the caller holds the lock."""
        self._store.request = dict(NOBODY)
        holds.expire(self._store)
        disputes.run_out(self._store)
        balance.become_available(self._store)

    def authenticate(self, intent_id: str, *, succeed: bool = True) -> None:
        """Play the customer who answers the bank's question about an intent in `requires_action`."""
        with self._lock:
            self._pass_time()
            if intent_id.startswith("seti_"):
                setup_intents.authenticated(self._store, self._store.get("setup_intent", intent_id), succeed=succeed)
                return
            finish = settling.authenticated if intent_id in self._store.invoice_of else holds.authenticated
            finish(self._store, self._store.get("payment_intent", intent_id), succeed=succeed)

    def pay_at_page(self, invoice_id: str, card: str = "pm_card_visa") -> str:
        """Play the customer who opens the hosted page, enters a card, and answers their bank.

        The decline's code, or an empty text where the invoice is now paid.
        """
        with self._lock:
            self._pass_time()
            invoice = self._store.get("invoice", invoice_id)
            decline = settling.paid_at_page(self._store, invoice, payment_methods.resolve(self._store, card))
            return (decline.decline_code or decline.code) if decline else ""

    def change_card(self, method_id: str, *, declines: str = "", asks: bool = False) -> None:
        """From now on the bank declines this card for a reason (`cards.REASONS`), or asks the customer each time.

        Stripe's cards that decline for most reasons cannot be saved at all; real ones are saved and decline later.
        """
        if declines and declines not in REASONS:
            raise ValueError(f"unknown reason: {declines}")
        with self._lock:
            card = self._store.cards[self._store.get("payment_method", method_id)["id"]]
            self._store.cards[method_id] = replace(card, charge_decline=declines, asks_on_charge=asks)

    def renew_card(self, method_id: str, exp_month: int, exp_year: int) -> None:
        """Play the network that tells Stripe of a card's new expiry."""
        with self._lock:
            self._pass_time()
            method = self._store.get("payment_method", method_id)
            payment_methods.expires(method, exp_month, exp_year)
            self._store.emit("payment_method.automatically_updated", method)

    def open_dispute(
        self, charge_id: str, reason: str = "fraudulent", amount: int | None = None, *, inquiry: bool = False
    ) -> str:
        """Play the customer who disputes a payment, or a part of it, at their bank; the dispute's id."""
        if reason not in disputes.REASONS:
            raise ValueError(f"unknown reason: {reason}")
        with self._lock:
            self._pass_time()
            charge = self._store.get("charge", charge_id)
            wanted = refundable(self._store, charge) if amount is None else amount
            if not 0 < wanted <= charge["amount_captured"]:
                raise ValueError(f"of {charge_id} only {charge['amount_captured']} was taken")
            return str(disputes.begin(self._store, charge, reason, wanted, inquiry=inquiry)["id"])

    def escalate_dispute(self, dispute_id: str) -> None:
        """Play the bank that makes a dispute of its inquiry."""
        with self._lock:
            self._pass_time()
            disputes.escalate(self._store, self._store.get("dispute", dispute_id))

    def decide_dispute(self, dispute_id: str, *, won: bool) -> None:
        """Play the bank that decides for us or against us."""
        with self._lock:
            self._pass_time()
            disputes.decide(self._store, self._store.get("dispute", dispute_id), won=won)

    def fail_refund(self, refund_id: str, reason: str = "lost_or_stolen_card") -> None:
        """Play the bank that cannot give a refund to its card, days after it was made."""
        with self._lock:
            self._pass_time()
            refunds.failed(self._store, self._store.get("refund", refund_id), reason)

    def onboard(self, account_id: str, *, approved: bool = True) -> None:
        """Play the partner who answers Stripe's questions, and Stripe, which is content or looks further."""
        with self._lock:
            self._pass_time()
            connect.onboarded(self._store, self._store.get("account", account_id), approved=approved)

    def restrict_account(self, account_id: str) -> None:
        """Play Stripe, which lets an account receive nothing until something is proved."""
        with self._lock:
            self._pass_time()
            connect.restricted(self._store, self._store.get("account", account_id))

    def collected_total(self, currency: str) -> int:
        """What was taken less what was given back, in minor units."""
        return sum(self.collected_by_customer(currency).values())

    def collected_by_customer(self, currency: str) -> dict[str, int]:
        """The same for each customer who was ever charged."""
        wanted, found = currency.lower(), Counter[str]()
        with self._lock:
            for charge in self._store.every("charge"):
                if charge["captured"] and charge["currency"] == wanted:
                    found[charge["customer"]] += refundable(self._store, charge)
        return dict(found)

    def tax_reported(self, currency: str) -> dict[str, int]:
        """What Stripe Tax's reports would say: the tax that is left, by percentage and country, in minor units."""
        with self._lock:
            return tax_transactions.reported(self._store, currency.lower())

    def held_total(self, currency: str) -> int:
        """What is held on cards and not yet taken, in minor units."""
        with self._lock:
            self._pass_time()
            intents = [self._store.get("payment_intent", intent_id) for intent_id in self._store.holds]
            return sum(intent["amount_capturable"] for intent in intents if intent["currency"] == currency.lower())

    def holds_of(self, account_id: str) -> list[Fields]:
        """The intents that are captured by hand for an account of this name, the oldest first."""
        with self._lock:
            self._pass_time()
            held = [each for each in self._store.every("payment_intent") if each["capture_method"] == "manual"]
            return [dict(each) for each in held if each["metadata"].get("account_id") == account_id]

    def open_drafts(self) -> int:
        """Drafts that somebody forgot."""
        with self._lock:
            return sum(invoice["status"] == "draft" for invoice in self._store.every("invoice"))
