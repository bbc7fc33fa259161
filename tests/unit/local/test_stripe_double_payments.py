"""How invoices are paid in parts at the double of Stripe, through the real SDK."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import stripe

from infra.local.stripe_double.trying import Trial, trial


@pytest.fixture
def desk() -> Iterator[Trial]:
    with trial() as found:
        yield found


def _captured(desk: Trial, customer_id: str, amount: int) -> stripe.PaymentIntent:
    """A hold of 50.00 of which so much was captured."""
    held = desk.hold(customer_id, 5000)
    return desk.client.v1.payment_intents.capture(held.id, {"amount_to_capture": amount}, desk.key())


def _attach(desk: Trial, invoice: stripe.Invoice, intent: stripe.PaymentIntent) -> stripe.Invoice:
    return desk.client.v1.invoices.attach_payment(invoice.id, {"payment_intent": intent.id}, desk.key())


def test_a_captured_hold_pays_its_part_and_the_card_the_rest(desk: Trial) -> None:
    """
    Of 10.50, 4.00 came from the hold: `pay` collects 6.50 and no more.
    """
    customer_id = desk.customer()
    invoice = desk.open_invoice(customer_id, 1050)
    part = _attach(desk, invoice, _captured(desk, customer_id, 400))
    assert (part.status, part.amount_due, part.amount_paid, part.amount_remaining) == ("open", 1050, 400, 650)

    paid = desk.client.v1.invoices.pay(invoice.id, {"off_session": True}, desk.key())
    assert (paid.status, paid.amount_paid, paid.amount_remaining) == ("paid", 1050, 0)
    assert desk.double.collected_total("eur") == 1050
    listed = desk.client.v1.invoice_payments.list({"invoice": invoice.id}).data
    assert [(payment.is_default, payment.status, payment.amount_paid) for payment in listed] == [
        (False, "paid", 400),
        (True, "paid", 650),
    ]


def test_a_hold_that_covers_the_invoice_pays_it_without_another_charge(desk: Trial) -> None:
    """
    The intent that Stripe had made for the invoice is called off.
    """
    customer_id = desk.customer()
    invoice = desk.open_invoice(customer_id, 1050)
    paid = _attach(desk, invoice, _captured(desk, customer_id, 1050))

    assert (paid.status, paid.amount_paid) == ("paid", 1050)
    own = desk.client.v1.payment_intents.retrieve("pi_000001")
    assert (own.status, own.cancellation_reason) == ("canceled", "automatic")
    statuses = {
        row.is_default: row.status for row in desk.client.v1.invoice_payments.list({"invoice": invoice.id}).data
    }
    assert statuses == {True: "canceled", False: "paid"}
    types = [event.type for event in desk.client.v1.events.list({"limit": 4}).data]
    assert types == ["invoice.payment_succeeded", "invoice.paid", "payment_intent.canceled", "invoice_payment.paid"]


def test_an_attached_hold_pays_when_it_is_captured(desk: Trial) -> None:
    """
    Attached while it is only held: nothing is paid; captured in part: that part is.
    """
    customer_id = desk.customer()
    invoice = desk.open_invoice(customer_id, 1050)
    held = desk.hold(customer_id, 5000)
    assert _attach(desk, invoice, held).amount_paid == 0

    desk.client.v1.payment_intents.capture(held.id, {"amount_to_capture": 1000}, desk.key())
    after = desk.client.v1.invoices.retrieve(invoice.id)
    assert (after.status, after.amount_paid, after.amount_remaining) == ("open", 1000, 50)
    assert desk.client.v1.payment_intents.retrieve("pi_000001").amount == 50


def test_an_attached_hold_that_expires_pays_nothing(desk: Trial) -> None:
    """
    Its payment is canceled, and the invoice wants all of its amount from the card.
    """
    customer_id = desk.customer()
    invoice = desk.open_invoice(customer_id, 1050)
    _attach(desk, invoice, desk.hold(customer_id, 5000))
    desk.clock.at += timedelta(days=7)

    (attached,) = desk.client.v1.invoice_payments.list(
        {"payment": {"type": "payment_intent", "payment_intent": "pi_000002"}}
    ).data
    assert attached.status == "canceled"
    assert desk.client.v1.invoices.pay(invoice.id, {}, desk.key()).amount_paid == 1050


def test_what_is_paid_too_much_becomes_credit(desk: Trial) -> None:
    """
    12.00 captured for 10.50: the invoice says so, and the next one is 1.50 less.
    """
    customer_id = desk.customer()
    paid = _attach(desk, desk.open_invoice(customer_id, 1050), _captured(desk, customer_id, 1200))

    assert (paid.status, paid.amount_paid, paid.amount_overpaid) == ("paid", 1050, 150)
    assert desk.client.v1.customers.retrieve(customer_id).balance == -150
    assert desk.open_invoice(customer_id, 1000).amount_due == 850
    assert desk.client.v1.events.list({"type": "invoice.overpaid"}).data


def test_a_hold_that_is_captured_after_the_invoice_was_paid_is_all_credit(desk: Trial) -> None:
    """
    `pay` does not wait for what is only held: who captures afterwards owes it back.
    """
    customer_id = desk.customer()
    invoice = desk.open_invoice(customer_id, 1050)
    held = desk.hold(customer_id, 5000)
    _attach(desk, invoice, held)
    assert desk.client.v1.invoices.pay(invoice.id, {}, desk.key()).amount_paid == 1050
    desk.client.v1.payment_intents.capture(held.id, {"amount_to_capture": 400}, desk.key())

    after = desk.client.v1.invoices.retrieve(invoice.id)
    assert (after.amount_paid, after.amount_overpaid) == (1050, 400)
    assert desk.client.v1.customers.retrieve(customer_id).balance == -400


def test_what_remains_below_the_smallest_charge_is_not_collected(desk: Trial) -> None:
    """
    0.49 is left: Stripe charges nothing so small; the invoice stays open until it is credited.
    """
    customer_id = desk.customer()
    invoice = desk.open_invoice(customer_id, 1050)
    _attach(desk, invoice, _captured(desk, customer_id, 1001))
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        desk.client.v1.invoices.pay(invoice.id, {}, desk.key())
    assert refusal.value.code == "amount_too_small"

    desk.client.v1.credit_notes.create({"invoice": invoice.id, "amount": 49}, desk.key())
    assert desk.client.v1.invoices.retrieve(invoice.id).status == "paid"


def test_only_a_payment_that_fits_is_attached_and_only_once(desk: Trial) -> None:
    """
    Same customer, same currency, not canceled, not on an invoice already, and only to an open invoice.
    """
    customer_id, other = desk.customer(), desk.customer()
    invoice = desk.open_invoice(customer_id, 5000)
    part = _captured(desk, customer_id, 400)
    _attach(desk, invoice, part)
    gone = desk.client.v1.payment_intents.cancel(desk.hold(customer_id, 100).id, {}, desk.key())
    for misfit in (part, gone, _captured(desk, other, 400)):
        with pytest.raises(stripe.InvalidRequestError, match="cannot be attached"):
            _attach(desk, invoice, misfit)
    with pytest.raises(stripe.InvalidRequestError, match="another currency"):
        _attach(desk, desk.open_invoice(customer_id, 5000, currency="dkk"), _captured(desk, customer_id, 400))
    with pytest.raises(stripe.InvalidRequestError, match="only attach payments to open"):
        _attach(desk, desk.draft(customer_id, 5000), _captured(desk, customer_id, 400))

    assert desk.client.v1.invoices.retrieve(invoice.id).amount_paid == 400


def test_an_invoice_that_is_paid_in_part_is_credited_not_voided(desk: Trial) -> None:
    """
    A credit note first takes what remains, then gives back of what was paid: 10.50, of it 4.00 paid, 8.00 credited.
    """
    customer_id = desk.customer()
    invoice = desk.open_invoice(customer_id, 1050)
    part = _captured(desk, customer_id, 400)
    _attach(desk, invoice, part)
    with pytest.raises(stripe.InvalidRequestError, match="paid in part"):
        desk.client.v1.invoices.void_invoice(invoice.id, {}, desk.key())

    note = desk.client.v1.credit_notes.create({"invoice": invoice.id, "amount": 800, "refund_amount": 150}, desk.key())
    assert (note.type, note.pre_payment_amount, note.post_payment_amount) == ("mixed", 650, 150)
    after = desk.client.v1.invoices.retrieve(invoice.id)
    assert (after.status, after.amount_remaining) == ("paid", 0)
    assert (after.pre_payment_credit_notes_amount, after.post_payment_credit_notes_amount) == (650, 150)
    assert desk.double.collected_total("eur") == 250


def test_an_invoice_with_two_payments_is_refunded_payment_by_payment(desk: Trial) -> None:
    """
    Which charge a refund comes from is ours to say: refunds are made first, and the credit note names them.
    """
    customer_id = desk.customer()
    invoice = desk.open_invoice(customer_id, 1050)
    part = _captured(desk, customer_id, 400)
    _attach(desk, invoice, part)
    desk.client.v1.invoices.pay(invoice.id, {}, desk.key())
    with pytest.raises(stripe.InvalidRequestError, match="several payments"):
        desk.client.v1.credit_notes.create({"invoice": invoice.id, "amount": 500, "refund_amount": 500}, desk.key())

    refunds = [
        desk.client.v1.refunds.create({"payment_intent": intent_id, "amount": amount}, desk.key())
        for intent_id, amount in ((part.id, 400), ("pi_000001", 100))
    ]
    asked: stripe.params.CreditNoteCreateParams = {
        "invoice": invoice.id,
        "amount": 500,
        "refunds": [{"refund": refund.id} for refund in refunds],
    }
    note = desk.client.v1.credit_notes.create(asked, desk.key())
    assert [row.amount_refunded for row in note.refunds] == [400, 100]
    with pytest.raises(stripe.InvalidRequestError, match="already"):
        desk.client.v1.credit_notes.create(asked, desk.key())
    assert desk.double.collected_total("eur") == 550
