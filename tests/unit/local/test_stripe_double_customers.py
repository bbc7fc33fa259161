"""Customers of the double of Stripe, through the real SDK: deleted ones, and those with several currencies."""

from collections.abc import Callable, Iterator

import pytest
import stripe

from infra.local.stripe_double import stripe_js
from infra.local.stripe_double.trying import PUBLISHABLE_KEY, Trial, trial


@pytest.fixture
def desk() -> Iterator[Trial]:
    with trial() as found:
        yield found


CALLS_FOR_CUSTOMER: dict[str, Callable[[Trial], object]] = {
    "update": lambda desk: desk.client.v1.customers.update("cus_000001", {"name": "A"}, desk.key()),
    "delete": lambda desk: desk.client.v1.customers.delete("cus_000001"),
    "setup": lambda desk: desk.client.v1.setup_intents.create({"customer": "cus_000001"}, desk.key()),
    "invoice": lambda desk: desk.client.v1.invoices.create({"customer": "cus_000001"}, desk.key()),
    "finalize": lambda desk: desk.client.v1.invoices.finalize_invoice("in_000001", {}, desk.key()),
    "pay": lambda desk: desk.client.v1.invoices.pay("in_000002", {}, desk.key()),
    "hold": lambda desk: desk.client.v1.payment_intents.create(
        {"customer": "cus_000001", "amount": 500, "currency": "eur"}, desk.key()
    ),
    "methods": lambda desk: desk.client.v1.payment_methods.list({"customer": "cus_000001"}),
}


@pytest.mark.parametrize("call", CALLS_FOR_CUSTOMER)
def test_a_deleted_customer_is_unknown_to_every_call(desk: Trial, call: str) -> None:
    """
    404 `resource_missing`, as for an id that never was: somebody deleted them at Stripe's dashboard.
    """
    customer_id = desk.customer()
    desk.draft(customer_id, 1000)
    desk.open_invoice(customer_id, 1000)
    desk.client.v1.customers.delete(customer_id)
    with pytest.raises(stripe.InvalidRequestError, match="No such customer: 'cus_000001'") as refusal:
        CALLS_FOR_CUSTOMER[call](desk)

    assert (refusal.value.http_status, refusal.value.code) == (404, "resource_missing")


def test_a_deleted_customer_can_still_be_read_and_so_can_what_they_owed(desk: Trial) -> None:
    """
    Read, the customer says only that it is deleted; lists of customers leave it out; invoices stay, and can be voided.
    """
    customer_id = desk.customer()
    invoice = desk.open_invoice(customer_id, 1000)
    desk.client.v1.customers.delete(customer_id)

    gone = desk.client.v1.customers.retrieve(customer_id)
    assert gone.deleted
    assert "email" not in gone
    assert not desk.client.v1.customers.list().data
    assert [row.id for row in desk.client.v1.invoices.list({"customer": customer_id}).data] == [invoice.id]
    assert desk.client.v1.payment_methods.retrieve("pm_000001").customer is None
    assert desk.client.v1.invoices.void_invoice(invoice.id, {}, desk.key()).status == "void"
    (event,) = desk.client.v1.events.list({"type": "customer.deleted"}).data
    assert event.data.object["id"] == customer_id


def test_a_setup_that_was_begun_before_saves_nothing_for_a_deleted_customer(desk: Trial) -> None:
    """
    The browser is told so.
    """
    customer_id = desk.client.v1.customers.create({}, desk.key()).id
    setup = desk.client.v1.setup_intents.create({"customer": customer_id}, desk.key())
    desk.client.v1.customers.delete(customer_id)

    answer = stripe_js.save_card(desk.address, PUBLISHABLE_KEY, str(setup.client_secret))
    assert answer["error"]["code"] == "resource_missing"


def test_what_was_held_for_a_deleted_customer_can_still_be_captured(desk: Trial) -> None:
    """
    The bank holds it for us, not for the customer's record at Stripe.
    """
    customer_id = desk.customer()
    held = desk.hold(customer_id, 1000)
    desk.client.v1.customers.delete(customer_id)
    assert desk.client.v1.payment_intents.capture(held.id, {}, desk.key()).status == "succeeded"


def test_a_customer_may_have_invoices_in_several_currencies_but_credit_counts_in_its_own(desk: Trial) -> None:
    """
    As Stripe documents it for customers with several currencies: the first invoice sets the default currency; an
    invoice in another one is taken, if it names it, and uses no credit in any currency but its own.
    """
    customer_id = desk.customer()
    desk.open_invoice(customer_id, 100, -400)
    crowns = desk.open_invoice(customer_id, 5000, currency="dkk")
    assert (crowns.currency, crowns.amount_due, crowns.starting_balance) == ("dkk", 5000, 0)

    found = desk.client.v1.customers.retrieve(customer_id)
    assert (found.currency, found.balance) == ("eur", -300)
    assert desk.client.v1.invoices.create({"customer": customer_id}, desk.key()).currency == "eur"
    assert desk.client.v1.invoices.pay(crowns.id, {}, desk.key()).amount_paid == 5000

    desk.open_invoice(customer_id, 100, -4000, currency="dkk")
    balances = desk.client.v1.customers.retrieve(customer_id).invoice_credit_balance
    assert balances is not None
    assert balances.to_dict() == {"eur": -300, "dkk": -3900}
    assert desk.open_invoice(customer_id, 1000).amount_due == 700
