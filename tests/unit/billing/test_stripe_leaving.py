"""Who leaves is forgotten at Stripe, through the real SDK against the double; what was billed stays."""

from collections.abc import Iterator

import pytest

from chalicelib.billing.errors import PayerGone
from chalicelib.billing.stripe_calls import StripeCalls
from chalicelib.billing.stripe_leaving import StripeLeaving
from chalicelib.billing.stripe_methods import StripeMethods
from infra.local.stripe_double.trying import SECRET_KEY, Trial, trial


@pytest.fixture
def stripe() -> Iterator[Trial]:
    with trial() as running:
        yield running


def test_the_customer_and_what_they_pay_with_are_gone_and_invoices_stay(stripe: Trial) -> None:
    calls = StripeCalls(SECRET_KEY, stripe.address)
    customer = stripe.customer()
    invoice = stripe.open_invoice(customer, 1000)
    leaving, methods = StripeLeaving(calls), StripeMethods(calls)
    assert methods.of_customer(customer)
    leaving.forget(customer)
    leaving.forget(customer)

    with pytest.raises(PayerGone):
        methods.of_customer(customer)
    assert stripe.client.v1.invoices.retrieve(invoice.id).status == "open"
