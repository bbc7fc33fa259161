"""Stripe as the collector, through the real SDK against the double."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.billing.errors import CollectorUnavailable
from chalicelib.billing.model import Invoice, InvoiceLine
from chalicelib.billing.stripe_calls import StripeCalls
from chalicelib.billing.stripe_gateway import StripeGateway
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from infra.local.stripe_double.trying import SECRET_KEY, Trial, trial

NOW = datetime(2021, 6, 1, tzinfo=UTC)
LINES = (
    InvoiceLine("session", "ses_1", Money(850, "EUR")),
    InvoiceLine("carried", "2021-04", Money(50, "EUR")),
)
INVOICE = Invoice("acc_1", Month(2021, 5), 1, LINES, Money(900, "EUR"), NOW)


@pytest.fixture(scope="module")
def stripe() -> Iterator[Trial]:
    with trial() as running:
        yield running


@pytest.fixture
def gateway(stripe: Trial) -> StripeGateway:
    return StripeGateway(StripeCalls(SECRET_KEY, stripe.address))


def finalised(gateway: StripeGateway, invoice: Invoice, customer: str) -> str:
    made = gateway.draft(invoice, customer)
    assert gateway.add_lines(made, invoice) == invoice.total
    gateway.finalize(made, invoice)
    return made


def test_a_paid_invoice_is_read_back_as_ours_to_the_cent(stripe: Trial, gateway: StripeGateway) -> None:
    customer = stripe.customer()
    made = finalised(gateway, INVOICE, customer)
    card = stripe.save_card(customer)

    gateway.pay(made, INVOICE, card)
    gateway.pay(made, INVOICE, card)  # a repeat says the same to Stripe again
    stands = gateway.read(made)

    assert stands is not None
    assert (stands.account_id, stands.month, stands.number) == ("acc_1", Month(2021, 5), 1)
    assert (stands.status, stands.paid) == ("paid", Money(900, "EUR"))


@pytest.mark.parametrize("count", [1, 200])
def test_a_paid_month_is_five_calls_with_the_one_that_its_webhook_makes(
    stripe: Trial, gateway: StripeGateway, count: int
) -> None:
    """
    Also of the most lines that a bill has; more are rolled up.
    """
    lines = tuple(InvoiceLine("session", f"ses_{number}", Money(50, "EUR")) for number in range(count))
    invoice = replace(INVOICE, lines=lines, total=Money(50 * count, "EUR"), number=100 + count)
    customer = stripe.customer()
    card, before = stripe.save_card(customer), len(stripe.double.calls)
    made = finalised(gateway, invoice, customer)
    gateway.pay(made, invoice, card)
    stands = gateway.read(made)

    assert stands is not None
    assert (stands.status, stands.paid) == ("paid", invoice.total)
    assert len(stripe.double.calls) - before == 5


def test_it_is_paid_off_session_by_the_method_that_was_chosen(
    stripe: Trial, gateway: StripeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Nobody is there to answer a bank's question; so Stripe says that it asks, and waits for nobody.
    """
    said = dict[str, object]()

    def plain(_calls: StripeCalls, _method: str, path: str, **how: object) -> None:
        said.update({"path": path, **how})

    made = finalised(gateway, replace(INVOICE, account_id="acc_off"), stripe.customer())
    with monkeypatch.context() as patched:
        patched.setattr(StripeCalls, "plain", plain)
        gateway.pay(made, INVOICE, "pm_1")

    assert (said["path"], said["off_session"], said["payment_method"]) == (f"/v1/invoices/{made}/pay", True, "pm_1")


def test_a_card_that_declines_is_learnt_by_reading(stripe: Trial, gateway: StripeGateway) -> None:
    invoice = replace(INVOICE, account_id="acc_2")
    customer = stripe.customer()
    made = finalised(gateway, invoice, customer)

    gateway.pay(made, invoice, stripe.save_card(customer, "pm_card_chargeCustomerFail"))
    stands = gateway.read(made)

    assert stands is not None
    assert (stands.status, stands.attempted, stands.decline_code) == ("open", True, "generic_decline")


def test_an_invoice_whose_bank_has_not_decided_is_under_way_and_is_not_paid_twice(
    stripe: Trial, gateway: StripeGateway
) -> None:
    """
    The double plays cards alone, which decide at once: here its payment is set to what a debit is for days.
    """
    customer = stripe.customer()
    invoice = replace(INVOICE, account_id="acc_debit")
    made = finalised(gateway, invoice, customer)
    (intent,) = [each for each in stripe.double._store.every("payment_intent") if each["customer"] == customer]
    gateway.pay(made, invoice, stripe.save_card(customer, "pm_card_chargeCustomerFail"))
    intent |= {"status": "processing", "last_payment_error": None}
    gateway.pay(made, replace(invoice, attempts=1), stripe.save_card(customer))

    found = gateway.read(made)
    assert found is not None
    assert (found.status, found.attempted, found.under_way, found.decline_code) == ("open", True, True, None)


def test_an_invoice_that_somebody_made_at_stripe_by_hand_is_none_of_ours(stripe: Trial, gateway: StripeGateway) -> None:
    by_hand = stripe.client.v1.invoices.create(
        {"customer": stripe.customer(), "currency": "eur", "auto_advance": False}, stripe.key()
    )

    assert gateway.read(by_hand.id) is None


def test_a_trouble_at_stripe_that_passes_is_tried_again_later(stripe: Trial, gateway: StripeGateway) -> None:
    invoice = replace(INVOICE, account_id="acc_3")
    customer = stripe.customer()
    for _ in range(3):  # the SDK tries twice more by itself
        stripe.double.fail_next("invoices.create", "reset")

    with pytest.raises(CollectorUnavailable):
        gateway.draft(invoice, customer)
    assert gateway.draft(invoice, customer).startswith("in_")
