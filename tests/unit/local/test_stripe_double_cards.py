"""Payment methods at the double of Stripe, through the real SDK: several of a customer, and why each declines."""

from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
import stripe

from infra.local.stripe_double.trying import Trial, trial


@pytest.fixture
def desk() -> Iterator[Trial]:
    with trial() as found:
        yield found


def _declined(desk: Trial, customer_id: str) -> stripe.ErrorObject:
    """The error of a hold that the bank refuses."""
    with pytest.raises(stripe.CardError) as refusal:
        desk.hold(customer_id, 1000)
    assert refusal.value.error is not None
    return refusal.value.error


@pytest.mark.parametrize(
    ("reason", "code", "decline_code", "advice"),
    [
        ("generic_decline", "card_declined", "generic_decline", "try_again_later"),
        ("insufficient_funds", "card_declined", "insufficient_funds", "try_again_later"),
        ("card_velocity_exceeded", "card_declined", "card_velocity_exceeded", "try_again_later"),
        ("lost_card", "card_declined", "lost_card", "do_not_try_again"),
        ("stolen_card", "card_declined", "stolen_card", "do_not_try_again"),
        ("expired_card", "expired_card", None, "confirm_card_data"),
        ("incorrect_cvc", "incorrect_cvc", None, "confirm_card_data"),
        ("processing_error", "processing_error", "processing_error", "try_again_later"),
    ],
)
def test_a_saved_card_declines_later_for_any_reason(
    desk: Trial, reason: str, code: str, decline_code: str | None, advice: str
) -> None:
    """
    Code, decline code and advice differ, on error and intent alike; a test says when the bank changes its mind.
    """
    customer_id = desk.customer()
    desk.double.change_card("pm_000001", declines=reason)
    error = _declined(desk, customer_id)

    assert (error.code, getattr(error, "decline_code", None), error.advice_code) == (code, decline_code, advice)
    kept = desk.client.v1.payment_intents.retrieve("pi_000001").last_payment_error
    assert kept is not None
    assert (kept.code, kept.decline_code, kept.advice_code) == (code, decline_code, advice)

    desk.double.change_card("pm_000001")
    assert desk.hold(customer_id, 1000).status == "requires_capture"


@pytest.mark.parametrize(
    ("card", "code"),
    [
        ("pm_card_visa_chargeDeclined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "insufficient_funds"),
        ("pm_card_visa_chargeDeclinedLostCard", "lost_card"),
        ("pm_card_visa_chargeDeclinedStolenCard", "stolen_card"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card"),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc"),
        ("pm_card_chargeDeclinedProcessingError", "processing_error"),
        ("pm_card_visa_chargeDeclinedVelocityLimitExceeded", "card_velocity_exceeded"),
        ("pm_card_chargeDeclinedFraudulent", "fraudulent"),
    ],
)
def test_each_documented_test_card_declines_for_its_own_reason(desk: Trial, card: str, code: str) -> None:
    """
    Entered at an invoice's page, since none of them can be saved.
    """
    invoice = desk.open_invoice(desk.customer(), 1000)
    assert desk.double.pay_at_page(invoice.id, card) == code


@pytest.mark.parametrize(
    "card", ["pm_card_authenticationRequiredOnSetup", "pm_card_authenticationRequiredSetupForOffSession"]
)
def test_a_card_that_asks_only_once_is_charged_while_its_owner_is_away(desk: Trial, card: str) -> None:
    """
    Strong authentication is for the setup; afterwards the bank takes the saved card's word.
    """
    assert desk.hold(desk.customer(card), 1000).status == "requires_capture"


def test_a_saved_card_may_begin_to_ask(desk: Trial) -> None:
    """
    A bank that wants the customer each time: off-session declined, the invoice wants an action and can still be paid.
    """
    customer_id = desk.customer()
    desk.double.change_card("pm_000001", asks=True)
    assert _declined(desk, customer_id).code == "authentication_required"

    invoice = desk.open_invoice(customer_id, 1000)
    with pytest.raises(stripe.CardError):
        desk.client.v1.invoices.pay(invoice.id, {"off_session": True}, desk.key())
    assert desk.client.v1.events.list({"type": "invoice.payment_action_required"}).data
    assert desk.double.pay_at_page(invoice.id) == ""
    assert desk.client.v1.invoices.retrieve(invoice.id).status == "paid"


def test_a_card_with_an_unknown_reason_is_a_mistake_of_the_test(desk: Trial) -> None:
    """
    A misspelt reason would prove nothing.
    """
    desk.customer()
    with pytest.raises(ValueError, match="unknown reason"):
        desk.double.change_card("pm_000001", declines="no_money")


def test_the_customer_pays_at_the_hosted_page(desk: Trial) -> None:
    """
    A card that declines leaves the invoice open; one that asks is answered there and then; neither is saved.
    """
    customer_id = desk.customer("pm_card_chargeCustomerFail")
    invoice = desk.open_invoice(customer_id, 1000)
    assert desk.double.pay_at_page(invoice.id, "pm_card_visa_chargeDeclinedInsufficientFunds") == "insufficient_funds"
    assert desk.client.v1.invoices.retrieve(invoice.id).status == "open"

    assert desk.double.pay_at_page(invoice.id, "pm_card_authenticationRequired") == ""
    assert desk.client.v1.invoices.retrieve(invoice.id).status == "paid"
    assert len(desk.client.v1.payment_methods.list({"customer": customer_id}).data) == 1
    assert desk.double.collected_by_customer("eur") == {customer_id: 1000}


def test_a_finalised_invoice_has_a_page_and_a_pdf(desk: Trial) -> None:
    """
    Linked as Stripe links them, served under the double's own address; who does not know the mark sees nothing.
    """
    draft = desk.draft(desk.customer(), 1000)
    assert (draft.hosted_invoice_url, draft.invoice_pdf) == (None, None)
    invoice = desk.client.v1.invoices.finalize_invoice(draft.id, {}, desk.key())
    page, pdf = (
        str(url).replace("https://invoice.stripe.com", desk.address)
        for url in (invoice.hosted_invoice_url, invoice.invoice_pdf)
    )

    with urlopen(page, timeout=5) as answer:
        assert b"ADG000001-0001: open" in answer.read()
    with urlopen(pdf, timeout=5) as answer:
        document = answer.read()
    assert answer.headers["Content-Type"] == "application/pdf"
    assert document.startswith(b"%PDF-1.4")
    assert document.endswith(b"%%EOF\n")
    with pytest.raises(HTTPError) as missing:
        urlopen(page[:-1], timeout=5)
    missing.value.close()
    assert missing.value.code == 404


def test_a_customer_has_several_payment_methods_of_several_kinds(desk: Trial) -> None:
    """
    A card, one in Apple Pay, one in Google Pay, and Link; each can be the default, each pays.
    """
    customer_id = desk.customer()
    for name in ("pm_double_apple_pay", "pm_double_google_pay", "pm_double_link"):
        desk.save_card(customer_id, name)

    listed = desk.client.v1.payment_methods.list({"customer": customer_id}).data
    cards = [method.card for method in listed if method.type == "card" and method.card]
    wallets = [card.wallet.type if card.wallet else None for card in cards]
    assert [method.type for method in listed] == ["link", "card", "card", "card"]
    assert wallets == ["google_pay", "apple_pay", None]
    assert [m.id for m in desk.client.v1.payment_methods.list({"customer": customer_id, "type": "link"}).data] == [
        "pm_000004"
    ]
    for method in listed:
        settings: stripe.params.CustomerUpdateParamsInvoiceSettings = {"default_payment_method": method.id}
        desk.client.v1.customers.update(customer_id, {"invoice_settings": settings}, desk.key())
        desk.paid_invoice(customer_id, 1000)
        charge = desk.client.v1.charges.list({"customer": customer_id}).data[0]
        assert charge.payment_method == method.id
        assert charge.payment_method_details is not None
        assert charge.payment_method_details.type == method.type


def test_a_card_whose_month_is_over_declines_until_it_is_renewed(desk: Trial) -> None:
    """
    The network tells Stripe of the new expiry, Stripe tells us, and the same payment method works again.
    """
    customer_id = desk.customer()
    desk.clock.at = datetime(2034, 12, 31, 23, tzinfo=UTC)
    assert desk.hold(customer_id, 1000).status == "requires_capture"
    desk.clock.at = datetime(2035, 1, 1, tzinfo=UTC)
    assert _declined(desk, customer_id).code == "expired_card"

    desk.double.renew_card("pm_000001", 12, 2039)
    assert desk.client.v1.events.list({"type": "payment_method.automatically_updated"}).data
    assert desk.hold(customer_id, 1000).status == "requires_capture"


def test_the_expiry_of_a_card_is_changed_by_its_owner(desk: Trial) -> None:
    """
    Month and year, and the name on the bill; a month that does not exist is refused, as is a card of nobody.
    """
    desk.customer()
    methods = desk.client.v1.payment_methods
    changed = methods.update(
        "pm_000001", {"card": {"exp_month": 3, "exp_year": 2040}, "billing_details": {"name": "Ada"}}, desk.key()
    )
    assert changed.card is not None
    assert (changed.card.exp_month, changed.card.exp_year, changed.billing_details.name) == (3, 2040, "Ada")
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        methods.update("pm_000001", {"card": {"exp_month": 13}}, desk.key())
    assert refusal.value.code == "invalid_expiry_month"

    methods.detach("pm_000001", {}, desk.key())
    with pytest.raises(stripe.InvalidRequestError, match="save this payment method"):
        methods.update("pm_000001", {"card": {"exp_month": 4}}, desk.key())
