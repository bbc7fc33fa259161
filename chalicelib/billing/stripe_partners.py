"""Stripe for partners: connected accounts and transfers; as in the gateway the SDK is imported where a call is made."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from chalicelib.billing.errors import CollectorUnavailable, MovementRefused
from chalicelib.billing.payout_model import AccountStands, Movement, OnboardingLink

if TYPE_CHECKING:
    from stripe import RequestOptions
    from stripe.params import (
        AccountCreateParams,
        AccountLinkCreateParams,
        TransferCreateParams,
        TransferCreateReversalParams,
    )

_RETRIES = 2


class StripePartners:
    """Satisfies `payout_ports.PartnerPayments`."""

    def __init__(self, api_key: str, api_base: str | None = None) -> None:
        self._api_key = api_key
        self._api_base = api_base

    @cached_property
    def _stripe(self) -> Any:  # noqa: ANN401 -- the SDK's client, imported late
        import stripe  # noqa: PLC0415 -- costs 130 ms that most requests do not need

        addresses: Any = {"api": self._api_base} if self._api_base else {}
        return stripe.StripeClient(self._api_key, base_addresses=addresses, max_network_retries=_RETRIES).v1

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
        with _told():
            return str(self._stripe.accounts.create(wanted, _key(f"account:{partner_id}")).id)

    def onboarding(self, provider_account: str, *, key: str, refresh_url: str, return_url: str) -> OnboardingLink:
        """An account link."""
        wanted: AccountLinkCreateParams = {
            "account": provider_account,
            "type": "account_onboarding",
            "refresh_url": refresh_url,
            "return_url": return_url,
        }
        with _told():
            made = self._stripe.account_links.create(wanted, _key(f"link:{provider_account}:{key}"))
        return OnboardingLink(str(made.url), datetime.fromtimestamp(made.expires_at, UTC))

    def stands(self, provider_account: str) -> AccountStands:
        """Re-reads the account; it is ready once its capability to receive transfers is active."""
        with _told():
            found = self._stripe.accounts.retrieve(provider_account)
        due = found.requirements.currently_due if found.requirements else ()
        metadata = found.metadata.to_dict() if found.metadata else {}
        return AccountStands(
            partner_id=metadata.get("partner_id"),
            ready=getattr(found.capabilities, "transfers", None) == "active",
            submitted=bool(found.details_submitted),
            due=tuple(str(each) for each in due or ()),
        )

    def charge_of(self, provider_invoice: str) -> str | None:
        """The latest charge of the invoice's payment that succeeded."""
        expand = {"expand": ["payments.data.payment.payment_intent"]}
        with _told():
            found = self._stripe.invoices.retrieve(provider_invoice, expand)
        for each in found.payments.data if found.payments else ():
            intent = each.payment.payment_intent
            if each.status == "paid" and intent is not None and intent.latest_charge:
                return str(intent.latest_charge)
        return None

    def transfer(self, movement: Movement, destination: str, charge: str | None) -> str:
        """A transfer; with a charge its money comes when the charge's does."""
        wanted: TransferCreateParams = {
            "amount": movement.amount.minor,
            "currency": movement.amount.currency.lower(),
            "destination": destination,
            "metadata": {"movement": movement.movement_id},
        }
        if charge is not None:
            wanted["source_transaction"] = charge
        with _told():
            return str(self._stripe.transfers.create(wanted, _key(f"transfer:{movement.movement_id}")).id)

    def reverse(self, movement: Movement, provider_transfer: str) -> str:
        """A reversal of a part of a transfer."""
        wanted: TransferCreateReversalParams = {
            "amount": movement.amount.minor,
            "metadata": {"movement": movement.movement_id},
        }
        key = _key(f"reversal:{movement.movement_id}")
        with _told():
            return str(self._stripe.transfers.reversals.create(provider_transfer, wanted, key).id)


def _key(key: str) -> "RequestOptions":
    return {"idempotency_key": key}


@contextmanager
def _told() -> Iterator[None]:
    """A trouble that passes is `CollectorUnavailable`, so that the worker tries again; a plain no `MovementRefused`."""
    import stripe  # noqa: PLC0415 -- as above

    try:
        yield
    except (stripe.APIConnectionError, stripe.RateLimitError, stripe.APIError) as error:
        raise CollectorUnavailable from error
    except stripe.InvalidRequestError as error:
        raise MovementRefused(reason=str(error.code or "refused")) from error
