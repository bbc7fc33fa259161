"""Holds on cards at the double of Stripe, through the real SDK: made, captured, released, expired."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import stripe

from infra.local.stripe_double import stripe_js
from infra.local.stripe_double.trying import PUBLISHABLE_KEY, Trial, trial


@pytest.fixture
def desk() -> Iterator[Trial]:
    with trial() as found:
        yield found


def _types(desk: Trial) -> list[str]:
    """The types of all events, oldest first."""
    return [event.type for event in reversed(desk.client.v1.events.list({"limit": 100}).data)]


def _charge(desk: Trial, intent: stripe.PaymentIntent) -> stripe.Charge:
    return desk.client.v1.charges.retrieve(str(intent.latest_charge))


def test_a_hold_takes_nothing_until_it_is_captured(desk: Trial) -> None:
    """
    50.00 held: nothing collected; captured: all of it.
    """
    held = desk.hold(desk.customer(), 5000)
    assert (held.status, held.amount_capturable, held.amount_received) == ("requires_capture", 5000, 0)
    charge = _charge(desk, held)
    assert (charge.paid, charge.captured, charge.amount_captured) == (True, False, 0)
    assert (desk.double.held_total("eur"), desk.double.collected_total("eur")) == (5000, 0)
    assert _types(desk)[-2:] == ["charge.succeeded", "payment_intent.amount_capturable_updated"]

    taken = desk.client.v1.payment_intents.capture(held.id, {}, desk.key())
    assert (taken.status, taken.amount_capturable, taken.amount_received) == ("succeeded", 0, 5000)
    assert (desk.double.held_total("eur"), desk.double.collected_total("eur")) == (0, 5000)
    assert _types(desk)[-2:] == ["charge.captured", "payment_intent.succeeded"]


def test_less_than_was_held_can_be_captured_and_the_rest_is_released(desk: Trial) -> None:
    """
    12.00 of 50.00: Stripe counts the other 38.00 as refunded, though they were never taken; 12.00 can be given back.
    """
    held = desk.hold(desk.customer(), 5000)
    taken = desk.client.v1.payment_intents.capture(held.id, {"amount_to_capture": 1200}, desk.key())

    assert (taken.amount, taken.amount_received) == (5000, 1200)
    charge = _charge(desk, taken)
    assert (charge.amount_captured, charge.amount_refunded, charge.refunded) == (1200, 3800, False)
    assert desk.double.collected_total("eur") == 1200

    with pytest.raises(stripe.InvalidRequestError, match="at most"):
        desk.client.v1.refunds.create({"payment_intent": held.id, "amount": 1201}, desk.key())
    desk.client.v1.refunds.create({"payment_intent": held.id}, desk.key())
    assert _charge(desk, taken).refunded
    assert desk.double.collected_total("eur") == 0


@pytest.mark.parametrize(("amount", "code"), [(5001, "amount_too_large"), (49, "amount_too_small")])
def test_a_capture_takes_at_most_what_is_held_and_at_least_the_smallest_charge(
    desk: Trial, amount: int, code: str
) -> None:
    """
    A refused capture leaves the hold as it was.
    """
    held = desk.hold(desk.customer(), 5000)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        desk.client.v1.payment_intents.capture(held.id, {"amount_to_capture": amount}, desk.key())

    assert (refusal.value.code, refusal.value.param) == (code, "amount_to_capture")
    assert desk.client.v1.payment_intents.retrieve(held.id).amount_capturable == 5000


def test_a_hold_is_captured_once(desk: Trial) -> None:
    """
    What was released by the first capture cannot be taken by a second.
    """
    held = desk.hold(desk.customer(), 5000)
    desk.client.v1.payment_intents.capture(held.id, {"amount_to_capture": 1200}, desk.key())
    with pytest.raises(stripe.InvalidRequestError, match="status of succeeded") as refusal:
        desk.client.v1.payment_intents.capture(held.id, {"amount_to_capture": 100}, desk.key())
    assert refusal.value.code == "payment_intent_unexpected_state"


def test_a_cancelled_hold_goes_back_to_the_card(desk: Trial) -> None:
    """
    Nothing is collected, nothing can be captured or cancelled again; Stripe tells of it as of a refund.
    """
    held = desk.hold(desk.customer(), 5000)
    gone = desk.client.v1.payment_intents.cancel(held.id, {"cancellation_reason": "abandoned"}, desk.key())

    assert (gone.status, gone.cancellation_reason, gone.amount_capturable) == ("canceled", "abandoned", 0)
    assert _types(desk)[-2:] == ["charge.refunded", "payment_intent.canceled"]
    charge = _charge(desk, gone)
    assert (charge.captured, charge.refunded, charge.amount_refunded) == (False, True, 5000)
    assert (desk.double.held_total("eur"), desk.double.collected_total("eur")) == (0, 0)
    for call in (desk.client.v1.payment_intents.capture, desk.client.v1.payment_intents.cancel):
        with pytest.raises(stripe.InvalidRequestError, match="status of canceled"):
            call(held.id, {}, desk.key())
    with pytest.raises(stripe.InvalidRequestError, match="never captured"):
        desk.client.v1.refunds.create({"charge": charge.id}, desk.key())


@pytest.mark.parametrize(
    ("card", "off_session", "window"),
    [
        ("pm_card_visa", True, timedelta(days=4, hours=18)),
        ("pm_card_visa", False, timedelta(days=7)),
        ("pm_card_mastercard", True, timedelta(days=7)),
    ],
)
def test_a_hold_expires_by_itself(desk: Trial, card: str, *, off_session: bool, window: timedelta) -> None:
    """
    After 7 days, a Visa card's whose owner was away after 4 days and 18 hours; the charge says when beforehand.
    """
    held = desk.hold(desk.customer(card), 5000, off_session=off_session)
    details = _charge(desk, held).payment_method_details
    assert details is not None
    assert details.card is not None
    assert details.card.capture_before == int((desk.clock.at + window).timestamp())

    desk.clock.at += window - timedelta(seconds=1)
    assert desk.client.v1.payment_intents.retrieve(held.id).status == "requires_capture"
    desk.clock.at += timedelta(seconds=1)
    gone = desk.client.v1.payment_intents.retrieve(held.id)
    assert (gone.status, gone.cancellation_reason) == ("canceled", "automatic")
    assert _types(desk)[-2:] == ["charge.expired", "payment_intent.canceled"]
    with pytest.raises(stripe.InvalidRequestError, match="could not be captured"):
        desk.client.v1.payment_intents.capture(held.id, {}, desk.key())
    assert desk.double.collected_total("eur") == 0


def test_an_expiry_is_told_by_webhook_though_nobody_asks(desk: Trial) -> None:
    """
    Time passes, nobody calls: the events are owed all the same.
    """
    desk.hold(desk.customer(), 5000)
    desk.double.deliver(lambda _body, _headers: 200)
    desk.clock.at += timedelta(days=8)

    assert desk.double.pending_webhooks() == 2


def test_a_declined_hold_is_a_402_that_names_the_intent(desk: Trial) -> None:
    """
    The intent stays, waits for another payment method, and says why.
    """
    with pytest.raises(stripe.CardError) as refusal:
        desk.hold(desk.customer("pm_card_chargeCustomerFail"), 5000)

    error = refusal.value.error
    assert error is not None
    assert (error.code, error.decline_code, error.advice_code) == (
        "card_declined",
        "generic_decline",
        "try_again_later",
    )
    assert error.payment_intent is not None
    found = desk.client.v1.payment_intents.retrieve(error.payment_intent.id)
    assert (found.status, found.payment_method) == ("requires_payment_method", None)
    assert found.last_payment_error is not None
    assert found.last_payment_error.decline_code == "generic_decline"
    assert _types(desk)[-2:] == ["charge.failed", "payment_intent.payment_failed"]


def test_a_declined_hold_is_tried_again_with_another_card(desk: Trial) -> None:
    """
    On the same intent; a card that has declined is forgotten by it.
    """
    customer_id = desk.customer("pm_card_chargeCustomerFail")
    with pytest.raises(stripe.CardError):
        desk.hold(customer_id, 5000)
    other = desk.save_card(customer_id)
    intents = desk.client.v1.payment_intents
    with pytest.raises(stripe.InvalidRequestError, match="missing a payment method"):
        intents.confirm("pi_000001", {"off_session": True}, desk.key())

    held = intents.confirm("pi_000001", {"off_session": True, "payment_method": other}, desk.key())
    assert (held.status, held.last_payment_error) == ("requires_capture", None)
    with pytest.raises(stripe.InvalidRequestError, match="could not be confirmed"):
        intents.confirm("pi_000001", {"payment_method": other}, desk.key())


def test_a_question_that_nobody_answers_is_given_up(desk: Trial) -> None:
    """
    Nothing was held, so nothing is released.
    """
    held = desk.hold(desk.customer("pm_card_authenticationRequired"), 5000, off_session=False)
    assert desk.client.v1.payment_intents.cancel(held.id, {}, desk.key()).status == "canceled"
    assert _types(desk)[-1] == "payment_intent.canceled"
    assert "charge.refunded" not in _types(desk)


def test_a_bank_that_asks_while_the_customer_is_away_declines(desk: Trial) -> None:
    """
    `authentication_required`; the customer confirms the same intent at the screen, answers, and the amount is held.
    """
    customer_id = desk.customer("pm_card_authenticationRequired")
    with pytest.raises(stripe.CardError) as refusal:
        desk.hold(customer_id, 5000)
    assert refusal.value.code == "authentication_required"
    intent = desk.client.v1.payment_intents.retrieve("pi_000001")
    assert intent.status == "requires_payment_method"

    answer = stripe_js.pay(desk.address, PUBLISHABLE_KEY, str(intent.client_secret), "pm_000001")
    assert answer["status"] == "requires_action"
    desk.double.authenticate(intent.id)
    assert desk.client.v1.payment_intents.retrieve(intent.id).status == "requires_capture"


@pytest.mark.parametrize(("succeed", "status"), [(True, "requires_capture"), (False, "requires_payment_method")])
def test_a_bank_that_asks_at_the_screen_gets_its_answer(desk: Trial, *, succeed: bool, status: str) -> None:
    """
    With the customer there the intent waits for the answer; only a good one holds the amount.
    """
    held = desk.hold(desk.customer("pm_card_authenticationRequired"), 5000, off_session=False)
    assert held.status == "requires_action"

    desk.double.authenticate(held.id, succeed=succeed)
    assert desk.client.v1.payment_intents.retrieve(held.id).status == status
    assert desk.double.held_total("eur") == (5000 if succeed else 0)


def test_an_intent_without_manual_capture_collects_at_once(desk: Trial) -> None:
    """
    Made first, confirmed later by the server.
    """
    customer_id = desk.customer()
    made = desk.client.v1.payment_intents.create(
        {"amount": 700, "currency": "eur", "customer": customer_id, "payment_method": "pm_000001"}, desk.key()
    )
    assert made.status == "requires_confirmation"
    done = desk.client.v1.payment_intents.confirm(made.id, {"return_url": "https://example.com/back"}, desk.key())

    assert (done.status, done.amount_received) == ("succeeded", 700)
    assert desk.double.collected_by_customer("eur") == {customer_id: 700}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"amount": 49}, "amount_too_small"),
        ({"amount": 100_000_000}, "amount_too_large"),
        ({"currency": "xxx"}, "parameter_invalid_enum"),
        ({"currency": "kwd", "amount": 1001}, "parameter_invalid_integer"),
        ({"currency": "isk", "amount": 50_050}, "parameter_invalid_integer"),
        ({"customer": "cus_x"}, "resource_missing"),
        ({"payment_method": "pm_card_visa"}, "resource_missing"),
        ({"confirm": False}, "parameter_missing"),
        ({"automatic_payment_methods": {"enabled": True}}, "parameter_missing"),
        ({"payment_method_types": ["card"]}, "parameter_unknown"),
        ({"statement_descriptor": "ADGANG"}, "double_not_played"),
        ({"setup_future_usage": "off_session"}, "double_not_played"),
    ],
)
def test_a_wish_for_a_hold_that_is_not_clear_is_refused(desk: Trial, changed: dict[str, object], code: str) -> None:
    """
    Amount and currency that Stripe charges, a customer with this card, and where to return to.
    """
    desk.customer()
    usual: dict[str, object] = {"amount": 500, "currency": "eur", "customer": "cus_000001", "confirm": True}
    usual |= {"payment_method": "pm_000001", "off_session": True, "capture_method": "manual"}
    usual |= {"automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}}
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        desk.client.v1.payment_intents.create(usual | changed, desk.key())  # type: ignore[arg-type]

    assert refusal.value.code == code
    assert not desk.client.v1.payment_intents.list().data


def test_words_on_an_intent_can_be_changed_but_not_on_an_invoices_own(desk: Trial) -> None:
    """
    The intent that Stripe makes for an invoice is neither changed, captured nor cancelled directly.
    """
    held = desk.hold(desk.customer(), 5000)
    changed = desk.client.v1.payment_intents.update(held.id, {"metadata": {"booking": "7"}}, desk.key())
    assert changed.metadata["booking"] == "7"

    desk.open_invoice("cus_000001", 1000)
    for call in (desk.client.v1.payment_intents.update, desk.client.v1.payment_intents.cancel):
        with pytest.raises(stripe.InvalidRequestError, match="invoice's own"):
            call("pi_000002", {}, desk.key())
