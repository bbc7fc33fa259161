"""Saving cards with the double of Stripe, through the real SDK."""

from collections.abc import Iterator

import pytest
import stripe

from infra.local.stripe_double import stripe_js
from infra.local.stripe_double.trying import PUBLISHABLE_KEY, START, Trial, trial


@pytest.fixture
def desk() -> Iterator[Trial]:
    with trial() as found:
        yield found


def _setup(desk: Trial, customer_id: str) -> stripe.SetupIntent:
    return desk.client.v1.setup_intents.create({"customer": customer_id, "usage": "off_session"}, desk.key())


def _customer(desk: Trial) -> str:
    return desk.client.v1.customers.create({"metadata": {"account": "a-1"}}, desk.key()).id


def test_objects_are_dated_by_the_passed_in_clock_and_are_never_live(desk: Trial) -> None:
    """
    The double lives in the virtual time of the run, and cannot be mistaken for the real thing.
    """
    made = desk.client.v1.customers.create({"email": "a@example.com", "metadata": {"account": "a-1"}}, desk.key())

    assert (made.id, made.created, made.livemode) == ("cus_000001", int(START.timestamp()), False)
    assert made.metadata is not None
    assert made.metadata["account"] == "a-1"


def test_a_second_run_gives_the_same_ids_and_client_secrets() -> None:
    """
    The exports of two runs are compared byte by byte, so nothing in them may be random.
    """
    seen = []
    for _ in range(2):
        with trial() as desk:
            setup = _setup(desk, _customer(desk))
            seen.append((setup.id, setup.client_secret, desk.save_card("cus_000001")))

    assert seen[0] == seen[1]


def test_a_browser_saves_a_card_with_the_publishable_key_and_the_client_secret(desk: Trial) -> None:
    """
    No card data and no secret key pass through the browser's call.
    """
    customer_id = _customer(desk)
    method_id = desk.save_card(customer_id, "pm_card_mastercard")

    found = desk.client.v1.payment_methods.retrieve(method_id)
    assert found.card is not None
    assert (found.customer, found.card.brand, found.card.last4) == (customer_id, "mastercard", "4444")
    listed = desk.client.v1.payment_methods.list({"customer": customer_id, "type": "card"})
    assert [method.id for method in listed.data] == [method_id]
    assert desk.client.v1.customers.payment_methods.list(customer_id).data[0].id == method_id


def test_a_wrong_client_secret_saves_nothing(desk: Trial) -> None:
    """
    Knowing the id of someone's SetupIntent is not enough.
    """
    setup = _setup(desk, _customer(desk))
    answer = stripe_js.save_card(desk.address, PUBLISHABLE_KEY, f"{setup.id}_secret_guessed")

    assert answer["error"]["code"] == "setup_intent_invalid_parameter"
    assert desk.client.v1.setup_intents.retrieve(setup.id).status == "requires_payment_method"


def test_a_server_confirms_only_with_a_return_address_or_without_redirects(desk: Trial) -> None:
    """
    Some payment methods lead the customer away; Stripe wants to know where back to, or that none will.
    """
    setup = _setup(desk, _customer(desk))
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        desk.client.v1.setup_intents.confirm(setup.id, {"payment_method": "pm_card_visa"}, desk.key())
    assert refusal.value.param == "return_url"

    done = desk.client.v1.setup_intents.confirm(
        setup.id, {"payment_method": "pm_card_visa", "return_url": "https://example.com/back"}, desk.key()
    )
    assert done.status == "succeeded"


@pytest.mark.parametrize(
    ("card", "code", "decline_code"),
    [
        ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_visa_chargeDeclinedStolenCard", "card_declined", "stolen_card"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
    ],
)
def test_a_card_that_the_bank_refuses_is_not_saved(desk: Trial, card: str, code: str, decline_code: str | None) -> None:
    """
    The browser is told why; the SetupIntent waits for another card; an event tells the server.
    """
    customer_id = _customer(desk)
    setup = _setup(desk, customer_id)
    answer = stripe_js.save_card(desk.address, PUBLISHABLE_KEY, str(setup.client_secret), card)

    assert (answer["error"]["code"], answer["error"].get("decline_code")) == (code, decline_code)
    after = desk.client.v1.setup_intents.retrieve(setup.id)
    assert after.status == "requires_payment_method"
    assert after.last_setup_error is not None
    assert after.last_setup_error.code == code
    assert not desk.client.v1.payment_methods.list({"customer": customer_id}).data
    assert desk.client.v1.events.list({"type": "setup_intent.setup_failed"}).data


def test_a_card_that_asks_is_saved_once_the_customer_has_answered(desk: Trial) -> None:
    """
    Strong customer authentication: until the answer nothing is attached, after a failed one neither.
    """
    customer_id = _customer(desk)
    for succeed in (False, True):
        setup = _setup(desk, customer_id)
        secret = str(setup.client_secret)
        answer = stripe_js.save_card(desk.address, PUBLISHABLE_KEY, secret, "pm_card_authenticationRequired")
        assert (answer["status"], answer["next_action"]["type"]) == ("requires_action", "use_stripe_sdk")

        desk.double.authenticate(setup.id, succeed=succeed)
        expected = "succeeded" if succeed else "requires_payment_method"
        assert desk.client.v1.setup_intents.retrieve(setup.id).status == expected

    assert len(desk.client.v1.payment_methods.list({"customer": customer_id}).data) == 1


def test_a_succeeded_setup_cannot_be_confirmed_again(desk: Trial) -> None:
    """
    One SetupIntent saves one card.
    """
    setup = _setup(desk, _customer(desk))
    secret = str(setup.client_secret)
    stripe_js.save_card(desk.address, PUBLISHABLE_KEY, secret)

    again = stripe_js.save_card(desk.address, PUBLISHABLE_KEY, secret)
    assert again["error"]["code"] == "setup_intent_unexpected_state"


def test_a_detached_card_is_no_default_any_more(desk: Trial) -> None:
    """
    Removing the default card leaves the customer without a default, and the card without a customer.
    """
    customer_id = desk.customer()
    method_id = desk.client.v1.payment_methods.list({"customer": customer_id}).data[0].id
    desk.client.v1.payment_methods.detach(method_id, {}, desk.key())

    settings = desk.client.v1.customers.retrieve(customer_id).invoice_settings
    assert settings is not None
    assert settings.default_payment_method is None
    with pytest.raises(stripe.InvalidRequestError, match="not attached"):
        desk.client.v1.payment_methods.detach(method_id, {}, desk.key())


def test_another_customers_card_cannot_become_the_default(desk: Trial) -> None:
    """
    A default payment method has to be attached to the customer itself.
    """
    desk.customer()
    other = _customer(desk)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        desk.client.v1.customers.update(
            other, {"invoice_settings": {"default_payment_method": "pm_000001"}}, desk.key()
        )
    assert refusal.value.code == "resource_missing"


def test_metadata_is_merged_and_an_empty_value_removes_a_key(desk: Trial) -> None:
    """
    As Stripe updates metadata: what is not named stays.
    """
    customer_id = _customer(desk)
    desk.client.v1.customers.update(customer_id, {"metadata": {"account": "", "kind": "person"}}, desk.key())

    found = desk.client.v1.customers.retrieve(customer_id).metadata
    assert found is not None
    assert found.to_dict() == {"kind": "person"}


def test_a_deleted_customer_says_so_and_takes_no_more_invoices(desk: Trial) -> None:
    """
    An account deleted at Stripe has to be noticed by us, not worked around by the double.
    """
    customer_id = desk.customer()
    assert desk.client.v1.customers.delete(customer_id).deleted

    assert desk.client.v1.customers.retrieve(customer_id).deleted
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        desk.client.v1.invoices.create({"customer": customer_id}, desk.key())
