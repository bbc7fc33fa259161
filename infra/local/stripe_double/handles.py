"""Handles for tests: what customers and banks do at Stripe without a call of ours, and what has come of it."""

from collections import Counter
from threading import Lock

from infra.local.stripe_double import holds, settling, setup_intents
from infra.local.stripe_double.charges import refundable
from infra.local.stripe_double.store import NOBODY, Store


class Handles:
    """Acts on the double's state as somebody who is not the server."""

    def __init__(self, store: Store, lock: Lock) -> None:
        self._store, self._lock = store, lock

    def _pass_time(self) -> None:
        """What happens by itself as time goes by; the caller holds the lock."""
        self._store.request = dict(NOBODY)
        holds.expire(self._store)

    def authenticate(self, intent_id: str, *, succeed: bool = True) -> None:
        """Play the customer who answers the bank's question about an intent in `requires_action`."""
        with self._lock:
            self._pass_time()
            if intent_id.startswith("seti_"):
                setup_intents.authenticated(self._store, self._store.get("setup_intent", intent_id), succeed=succeed)
                return
            finish = settling.authenticated if intent_id in self._store.invoice_of else holds.authenticated
            finish(self._store, self._store.get("payment_intent", intent_id), succeed=succeed)

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

    def held_total(self, currency: str) -> int:
        """What is held on cards and not yet taken, in minor units."""
        with self._lock:
            self._pass_time()
            intents = [self._store.get("payment_intent", intent_id) for intent_id in self._store.holds]
            return sum(intent["amount_capturable"] for intent in intents if intent["currency"] == currency.lower())

    def open_drafts(self) -> int:
        """Drafts that somebody forgot."""
        with self._lock:
            return sum(invoice["status"] == "draft" for invoice in self._store.every("invoice"))
