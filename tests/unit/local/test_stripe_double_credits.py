"""Credit notes and refunds of the double of Stripe, through the real SDK."""

from collections.abc import Iterator

import pytest
import stripe

from infra.local.stripe_double.trying import Trial, trial


@pytest.fixture
def desk() -> Iterator[Trial]:
    with trial() as found:
        yield found


def test_a_credit_note_gives_a_paid_amount_back_to_the_card(desk: Trial) -> None:
    """
    10.50 paid, 2.00 back: 8.50 collected, and note, refund and charge agree.
    """
    invoice = desk.paid_invoice(desk.customer(), 1050)
    note = desk.client.v1.credit_notes.create(
        {"invoice": invoice.id, "amount": 200, "refund_amount": 200, "reason": "order_change"}, desk.key()
    )

    assert (note.id, note.amount, note.type, note.number) == ("cn_000001", 200, "post_payment", "ADG000001-0001-CN-01")
    refund = desk.client.v1.refunds.retrieve(str(note.refunds[0].refund))
    assert (refund.amount, refund.charge, refund.status) == (200, "ch_000001", "succeeded")
    assert desk.double.collected_total("eur") == 850
    assert desk.client.v1.invoices.retrieve(invoice.id).post_payment_credit_notes_amount == 200


def test_a_credit_note_can_become_credit_for_the_next_invoice(desk: Trial) -> None:
    """
    The customer chose credit: nothing is refunded, the next invoice of 5.00 asks for 3.00.
    """
    customer_id = desk.customer()
    invoice = desk.paid_invoice(customer_id, 1050)
    desk.client.v1.credit_notes.create({"invoice": invoice.id, "amount": 200, "credit_amount": 200}, desk.key())

    assert desk.client.v1.customers.retrieve(customer_id).balance == -200
    assert desk.open_invoice(customer_id, 500).amount_due == 300
    assert desk.double.collected_total("eur") == 1050


def test_a_credit_note_on_an_open_invoice_lowers_what_is_due(desk: Trial) -> None:
    """
    Of 10.50, 2.00 is credited and 8.50 is collected; a second note over the rest closes another invoice.
    """
    customer_id = desk.customer()
    invoice = desk.open_invoice(customer_id, 1050)
    note = desk.client.v1.credit_notes.create({"invoice": invoice.id, "amount": 200}, desk.key())
    assert note.type == "pre_payment"
    assert desk.client.v1.invoices.pay(invoice.id, {}, desk.key()).amount_paid == 850

    other = desk.open_invoice(customer_id, 700)
    desk.client.v1.credit_notes.create({"invoice": other.id, "amount": 700}, desk.key())
    assert desk.client.v1.invoices.retrieve(other.id).status == "paid"
    assert desk.double.collected_total("eur") == 850


def test_a_credit_note_can_name_the_lines_that_it_credits(desk: Trial) -> None:
    """
    The amount is the sum of its lines, each of which names a line of the invoice or describes itself.
    """
    invoice = desk.paid_invoice(desk.customer(), 600, 400)
    note = desk.client.v1.credit_notes.create(
        {
            "invoice": invoice.id,
            "lines": [
                {"type": "invoice_line_item", "invoice_line_item": "il_000002", "amount": 400},
                {"type": "custom_line_item", "description": "Goodwill", "quantity": 2, "unit_amount": 50},
            ],
            "refund_amount": 500,
        },
        desk.key(),
    )

    assert [(line.amount, line.description) for line in note.lines.data] == [(400, "Use"), (100, "Goodwill")]
    assert desk.double.collected_total("eur") == 500


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        ({"amount": 200}, "add up"),
        ({"amount": 200, "refund_amount": 100}, "add up"),
        ({"amount": 1051, "refund_amount": 1051}, "left to credit"),
        ({"amount": 0}, "positive"),
    ],
)
def test_a_credit_note_says_where_the_money_goes_and_never_exceeds_the_invoice(
    desk: Trial, asked: dict[str, int], word: str
) -> None:
    """
    Refused notes leave the books as they were.
    """
    invoice = desk.paid_invoice(desk.customer(), 1050)
    with pytest.raises(stripe.InvalidRequestError, match=word):
        desk.client.v1.credit_notes.create({"invoice": invoice.id, **asked}, desk.key())  # type: ignore[typeddict-item]
    assert desk.double.collected_total("eur") == 1050


def test_a_draft_takes_no_credit_note(desk: Trial) -> None:
    """
    A draft is changed instead.
    """
    draft = desk.draft(desk.customer(), 100)
    with pytest.raises(stripe.InvalidRequestError, match="open or paid"):
        desk.client.v1.credit_notes.create({"invoice": draft.id, "amount": 100}, desk.key())


def test_a_refund_never_exceeds_what_is_left_of_the_payment(desk: Trial) -> None:
    """
    10.50 paid: 10.00 back, then 0.51 is too much, then the rest, then nothing is left.
    """
    desk.paid_invoice(desk.customer(), 1050)
    refunds = desk.client.v1.refunds
    refunds.create({"payment_intent": "pi_000001", "amount": 1000}, desk.key())
    with pytest.raises(stripe.InvalidRequestError, match="at most"):
        refunds.create({"payment_intent": "pi_000001", "amount": 51}, desk.key())
    assert refunds.create({"charge": "ch_000001"}, desk.key()).amount == 50
    with pytest.raises(stripe.InvalidRequestError) as nothing:
        refunds.create({"charge": "ch_000001"}, desk.key())

    assert nothing.value.code == "charge_already_refunded"
    assert desk.double.collected_total("eur") == 0
    assert desk.client.v1.charges.retrieve("ch_000001").refunded
