"""How a customer's payments look from Stripe's side."""

from chalicelib.billing.model import Payer
from chalicelib.billing.store import BillingStore
from tests.doors.world import Customer, World


def payer_of(customer: Customer) -> Payer:
    """The payment side of the customer's account."""
    payer = BillingStore().payer(customer.read("/mobile/v1/me")["account_id"])
    assert payer is not None
    return payer


def collected_from(customer: Customer, world: World) -> int:
    """What Stripe has taken from this customer so far, in cents."""
    return collected_at_stripe(customer, world, "EUR")


def collected_at_stripe(customer: Customer, world: World, currency: str) -> int:
    """The same in minor units of a currency."""
    return world.stripe.collected_by_customer(currency).get(payer_of(customer).provider_customer, 0)


def last_at_stripe(customer: Customer) -> str:
    """Stripe's id of the customer's newest invoice."""
    *_, newest = BillingStore().invoices(payer_of(customer).account_id)
    assert newest.provider_invoice is not None
    return newest.provider_invoice
