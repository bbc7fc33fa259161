"""Holds at Stripe: PaymentIntents that are captured by hand. Every POST carries a key made of what it is about."""

from datetime import UTC, datetime
from typing import Any

from chalicelib.billing.hold_model import Hold, ProviderHold
from chalicelib.billing.stripe_calls import StripeCalls, nothing
from chalicelib.billing.stripe_intents import Charge, Declined, ask, find

_EXPAND = ["latest_charge"]


class StripeHolds:
    """Satisfies `hold_ports.HoldProvider`."""

    def __init__(self, calls: StripeCalls) -> None:
        self._call = calls

    def ask(self, hold: Hold) -> ProviderHold:
        """Kept by the bank, or not; both are answers."""
        made = ask(self._call, _charge(hold), capture_method="manual")
        if isinstance(made, Declined):
            where = (hold.account_id, hold.session_id, hold.turn, made.intent)
            return ProviderHold(
                *where, "requires_payment_method", decline_code=made.code, secret=made.secret, advice=made.advice
            )
        return _stands(made) or _unread(hold, made)

    def read(self, intent: str) -> ProviderHold | None:
        """Re-reads it; one that is made for an invoice, or by hand, is no hold of ours."""
        return _stands(self._call("payment_intents", "retrieve", intent, expand=_EXPAND))

    def of_charge(self, charge: str) -> str | None:
        """Re-reads the charge."""
        found = self._call("charges", "retrieve", charge).payment_intent
        return None if found is None else str(getattr(found, "id", found))

    def find(self, hold: Hold) -> ProviderHold | None:
        """By the marks that it was asked for with."""
        found = find(self._call, _charge(hold))
        return None if found is None else _stands(found)

    def capture(self, hold: Hold, amount: int) -> ProviderHold:
        """What was captured before, or is not held any more, is learnt by reading."""
        import stripe  # noqa: PLC0415 -- as in stripe_calls

        intent = hold.intent or ""
        try:
            key, most = f"capture:{hold.name}:{amount}", {"amount_to_capture": amount, "expand": _EXPAND}
            taken = self._call("payment_intents", "capture", intent, key=key, found=nothing, **most)
        except (stripe.CardError, stripe.InvalidRequestError):
            taken = self._call("payment_intents", "retrieve", intent, expand=_EXPAND)
            if taken.status == "requires_capture":
                raise
        return _stands(taken) or _unread(hold, taken)

    def attach(self, hold: Hold, provider_invoice: str) -> None:
        """Stripe refuses what pays this invoice already, which is as good."""
        import stripe  # noqa: PLC0415 -- as in stripe_calls

        intent = hold.intent or ""
        try:
            key = f"attach:{hold.name}:{provider_invoice}"
            self._call("invoices", "attach_payment", provider_invoice, key=key, found=nothing, payment_intent=intent)
        except stripe.InvalidRequestError:
            payment = {"type": "payment_intent", "payment_intent": intent}
            found = self._call("invoice_payments", "list", invoice=provider_invoice, payment=payment)
            if not found.data:
                raise

    def cancel(self, intent: str) -> ProviderHold | None:
        """What cannot be let go any more is learnt by reading."""
        import stripe  # noqa: PLC0415 -- as in stripe_calls

        try:
            key = f"cancel:{intent}"
            return _stands(self._call("payment_intents", "cancel", intent, key=key, found=nothing, expand=_EXPAND))
        except stripe.InvalidRequestError:
            return self.read(intent)


def _charge(hold: Hold) -> Charge:
    marks = {"account_id": hold.account_id, "session_id": hold.session_id, "turn": str(hold.turn)}
    return Charge(f"hold:{hold.name}", hold.amount, hold.provider_customer, hold.payment_method, marks, _EXPAND)


def _stands(found: Any) -> ProviderHold | None:  # noqa: ANN401 -- an object of the SDK
    told = found.metadata or {}
    if found.capture_method != "manual" or "session_id" not in told:
        return None
    return ProviderHold(
        account_id=told["account_id"],
        session_id=told["session_id"],
        turn=int(told["turn"]),
        intent=str(found.id),
        status=str(found.status),
        until=_until(found.latest_charge),
        captured=int(found.amount_received or 0),
        decline_code=_code(found.last_payment_error),
        secret=found.client_secret,
        charge=getattr(found.latest_charge, "id", found.latest_charge),
        advice=getattr(found.last_payment_error, "advice_code", None),
    )


def _until(charge: Any) -> datetime | None:  # noqa: ANN401 -- as above
    """Until when the bank keeps it, where it says so."""
    details = getattr(charge, "payment_method_details", None)
    card = getattr(details, "card", None)
    before = getattr(card, "capture_before", None)
    return datetime.fromtimestamp(before, UTC) if before else None


def _code(error: Any) -> str | None:  # noqa: ANN401 -- as above
    if error is None:
        return None
    return str(getattr(error, "decline_code", None) or getattr(error, "code", None) or "declined")


def _unread(hold: Hold, found: Any) -> ProviderHold:  # noqa: ANN401 -- as above
    return ProviderHold(hold.account_id, hold.session_id, hold.turn, str(found.id), str(found.status))
