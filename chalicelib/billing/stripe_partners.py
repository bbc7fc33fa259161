"""Stripe for partners: connected accounts and transfers."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from chalicelib.billing.errors import CannotReceive, MovementRefused
from chalicelib.billing.payout_model import AccountStands, Movement, OnboardingLink
from chalicelib.billing.stripe_calls import StripeCalls, nothing
from chalicelib.billing.stripe_intents import marked

if TYPE_CHECKING:
    from stripe.params import (
        AccountCreateParams,
        AccountLinkCreateParams,
        TransferCreateParams,
        TransferCreateReversalParams,
    )

_MOST = 100
_NOT_ABLE = "insufficient_capabilities_for_transfer"
_MOVEMENT = "movement"
"""The mark of transfers and reversals. Of a partner one is on its way at a time, so it is among the newest."""


class StripePartners:
    """Satisfies `payout_ports.PartnerPayments`."""

    def __init__(self, calls: StripeCalls) -> None:
        self._call = calls

    def open_account(self, partner_id: str) -> str:
        """An account with Stripe's own onboarding and dashboard; the pseudonym is all that Stripe learns from us."""
        wanted: AccountCreateParams = {
            "capabilities": {"transfers": {"requested": True}},
            "controller": {
                "fees": {"payer": "application"},
                "losses": {"payments": "application"},
                "stripe_dashboard": {"type": "express"},
            },
            "metadata": {"partner_id": partner_id},
        }

        def found() -> Any:  # noqa: ANN401 -- an object of the SDK, or None
            return marked(self._call("accounts", "list", limit=_MOST).data, {"partner_id": partner_id})

        return str(self._call("accounts", "create", key=f"account:{partner_id}", found=found, **wanted).id)

    def onboarding(self, provider_account: str, *, key: str, refresh_url: str, return_url: str) -> OnboardingLink:
        """An account link."""
        wanted: AccountLinkCreateParams = {
            "account": provider_account,
            "type": "account_onboarding",
            "refresh_url": refresh_url,
            "return_url": return_url,
        }
        key = f"link:{provider_account}:{key}"
        made = self._call("account_links", "create", key=key, found=nothing, **wanted)
        return OnboardingLink(str(made.url), datetime.fromtimestamp(made.expires_at, UTC))

    def stands(self, provider_account: str) -> AccountStands:
        """Re-reads the account; it is ready once its capability to receive transfers is active. One that is gone is
        nobody's.
        """
        import stripe  # noqa: PLC0415 -- as in stripe_calls

        try:
            found = self._call("accounts", "retrieve", provider_account)
        except stripe.PermissionError:
            return AccountStands(None, ready=False, submitted=False, due=())
        due = found.requirements.currently_due if found.requirements else ()
        metadata = found.metadata.to_dict() if found.metadata else {}
        return AccountStands(
            partner_id=metadata.get("partner_id"),
            ready=getattr(found.capabilities, "transfers", None) == "active",
            submitted=bool(found.details_submitted),
            due=tuple(str(each) for each in due or ()),
        )

    def charge_of(self, provider_invoice: str, hold: str | None = None) -> str | None:
        """The latest charge of the invoice's payment that succeeded: of several that of the hold, or of no hold."""
        found = self._call("invoices", "retrieve", provider_invoice, expand=["payments.data.payment.payment_intent"])
        paid = [each.payment.payment_intent for each in (found.payments.data if found.payments else ()) if _paid(each)]
        fits = [each for each in paid if (each.id == hold if hold else each.capture_method != "manual")]
        return next((str(each.latest_charge) for each in (*fits, *paid)), None)

    def transfer(self, movement: Movement, destination: str, charge: str | None, *, look: bool = False) -> str:
        """A transfer; with a charge its money comes when the charge's does."""
        marks = {_MOVEMENT: movement.movement_id}
        wanted: TransferCreateParams = {
            "amount": movement.amount.minor,
            "currency": movement.amount.currency.lower(),
            "destination": destination,
            "metadata": marks,
        }
        if charge is not None:
            wanted["source_transaction"] = charge

        def found() -> Any:  # noqa: ANN401 -- as above
            return marked(self._call("transfers", "list", destination=destination, limit=_MOST).data, marks)

        with _told():
            before = found() if look else None
            key = f"transfer:{movement.movement_id}"
            return str((before or self._call("transfers", "create", key=key, found=found, **wanted)).id)

    def reverse(self, movement: Movement, provider_transfer: str, *, look: bool = False) -> str:
        """A reversal of a part of a transfer."""
        marks = {_MOVEMENT: movement.movement_id}
        wanted: TransferCreateReversalParams = {"amount": movement.amount.minor, "metadata": marks}
        make = partial(self._call, "transfers.reversals", "create", provider_transfer)

        def found() -> Any:  # noqa: ANN401 -- as above
            return marked(self._call("transfers.reversals", "list", provider_transfer, limit=_MOST).data, marks)

        with _told():
            before = found() if look else None
            return str((before or make(key=f"reversal:{movement.movement_id}", found=found, **wanted)).id)


def _paid(payment: Any) -> bool:  # noqa: ANN401 -- an object of the SDK
    intent = payment.payment.payment_intent
    return payment.status == "paid" and intent is not None and bool(intent.latest_charge)


@contextmanager
def _told() -> Iterator[None]:
    """A plain no is `MovementRefused`; what Stripe cannot tell now is tried again."""
    import stripe  # noqa: PLC0415 -- as in stripe_calls

    try:
        yield
    except stripe.InvalidRequestError as error:
        refused = CannotReceive if error.code == _NOT_ABLE else MovementRefused
        raise refused(reason=str(error.code or "refused")) from error
