"""Holds at Stripe, through the real SDK against the double."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import stripe as sdk

from chalicelib.billing.declining import Decline, kind_of
from chalicelib.billing.hold_model import Hold
from chalicelib.billing.stripe_calls import StripeCalls
from chalicelib.billing.stripe_gateway import StripeGateway
from chalicelib.billing.stripe_holds import StripeHolds
from chalicelib.kernel.money import Money
from infra.local.stripe_double.trying import SECRET_KEY, START, Trial, trial
from tests.unit.billing.test_stripe_gateway import INVOICE, finalised

NOW = datetime(2021, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def stripe() -> Iterator[Trial]:
    with trial() as running:
        yield running


@pytest.fixture
def holds(stripe: Trial) -> StripeHolds:
    return StripeHolds(StripeCalls(SECRET_KEY, stripe.address))


def new(stripe: Trial, session: str, card: str = "pm_card_visa") -> Hold:
    customer = stripe.customer()
    return Hold("acc_1", session, 1, Money(2000, "EUR"), customer, stripe.save_card(customer, card), NOW)


def test_it_stands_until_the_bank_lets_go_of_it_and_a_repeat_asks_for_no_other(
    stripe: Trial, holds: StripeHolds
) -> None:
    hold = new(stripe, "ses_1")
    first, again = holds.ask(hold), holds.ask(hold)

    assert (first, first.stands) == (again, True)
    assert first.until is not None
    assert timedelta(days=4) < first.until - START < timedelta(days=8)
    assert holds.find(hold) == first
    assert holds.find(replace(hold, turn=2)) is None
    assert holds.read(first.intent) == first


@pytest.mark.parametrize(
    ("card", "code", "asks"),
    [
        ("pm_card_chargeCustomerFail", "generic_decline", False),
        ("pm_card_authenticationRequired", "authentication_required", True),
    ],
)
def test_a_bank_that_does_not_keep_it_says_why(
    stripe: Trial,
    holds: StripeHolds,
    card: str,
    code: str,
    asks: bool,  # noqa: FBT001 -- a case
) -> None:
    hold = new(stripe, f"ses_{code}", card)
    stands = holds.ask(hold)

    assert (stands.stands, stands.decline_code, stands.asks) == (False, code, asks)
    assert stands.secret is not None
    assert stands.secret.startswith("pi_")
    assert holds.ask(hold) == stands


@pytest.mark.parametrize(
    ("reason", "advice"), [("fraudulent", "do_not_try_again"), ("generic_decline", "try_again_later")]
)
def test_what_the_bank_advises_is_known_when_it_is_asked_and_when_it_is_read(
    stripe: Trial, holds: StripeHolds, reason: str, advice: str
) -> None:
    hold = new(stripe, f"ses_{advice}")
    stripe.double.change_card(hold.payment_method, declines=reason)
    stands = holds.ask(hold)
    read = holds.read(stands.intent)

    assert read is not None
    assert (stands.decline_code, stands.advice) == (read.decline_code, read.advice) == (reason, advice)


def test_where_the_card_or_its_customer_is_gone_another_method_is_needed(stripe: Trial, holds: StripeHolds) -> None:
    gone, deleted = new(stripe, "ses_5"), new(stripe, "ses_6")
    stripe.client.v1.payment_methods.detach(gone.payment_method, options=stripe.key())
    stripe.client.v1.customers.delete(deleted.provider_customer, options=stripe.key())
    for hold in (gone, deleted):
        stands = holds.ask(hold)
        assert (stands.stands, stands.decline_code) == (False, "payment_method_unavailable")
        assert hold.declined(stands).intent is None


@pytest.mark.parametrize("code", ["payment_intent_incompatible_payment_method", "payment_method_unsupported_type"])
def test_what_is_saved_and_cannot_hold_anything_is_declined_and_another_method_helps(code: str) -> None:
    """
    As an account at a bank, which is debited for days; the double plays none, so its answer is made here.
    """

    def refused(*_: object, **__: object) -> None:
        message = "The PaymentMethod provided (sepa_debit) is not allowed for this PaymentIntent."
        raise sdk.InvalidRequestError(message, "payment_method", code=code)

    stands = StripeHolds(refused).ask(Hold("acc_1", "ses_1", 1, Money(2000, "EUR"), "cus_1", "pm_1", NOW))  # type: ignore[arg-type]
    assert (stands.stands, stands.decline_code) == (False, code)
    assert kind_of(stands.decline_code, None) is Decline.ANOTHER_METHOD


def test_what_is_captured_pays_its_invoice_once_and_the_card_pays_the_rest(stripe: Trial, holds: StripeHolds) -> None:
    hold, gateway = new(stripe, "ses_2"), StripeGateway(StripeCalls(SECRET_KEY, stripe.address))
    held = hold.held(holds.ask(hold), NOW)
    invoice = finalised(gateway, replace(INVOICE, account_id="acc_held"), hold.provider_customer)
    for _ in range(2):
        assert holds.capture(held, 500).captured == 500
        holds.attach(held, invoice)
    later = StripeHolds(StripeCalls(SECRET_KEY, stripe.address))
    later.attach(replace(held, turn=9), invoice)  # under a key that Stripe has forgotten
    gateway.pay(invoice, replace(INVOICE, account_id="acc_held"), hold.payment_method)

    stands = gateway.read(invoice)
    assert stands is not None
    assert (stands.status, stands.paid) == ("paid", INVOICE.total)
    assert stripe.double.collected_by_customer("EUR")[hold.provider_customer] == 900


def test_what_is_let_go_cannot_be_captured_and_what_was_captured_not_be_let_go(
    stripe: Trial, holds: StripeHolds
) -> None:
    gone, taken = new(stripe, "ses_3"), new(stripe, "ses_4")
    gone, taken = (each.held(holds.ask(each), NOW) for each in (gone, taken))
    for _ in range(2):
        stands = holds.cancel(gone.intent or "")
        assert stands is not None
        assert stands.status == "canceled"
    assert holds.capture(gone, 500).status == "canceled"
    assert holds.capture(taken, 500).status == "succeeded"
    stands = holds.cancel(taken.intent or "")
    assert stands is not None
    assert (stands.status, stands.captured) == ("succeeded", 500)


def test_an_intent_of_an_invoice_is_no_hold(stripe: Trial, holds: StripeHolds) -> None:
    paid = stripe.paid_invoice(stripe.customer(), 900)
    charge = stripe.client.v1.charges.list({"customer": str(paid.customer)}).data[0]
    intent = holds.of_charge(charge.id)

    assert intent is not None
    assert holds.read(intent) is None
