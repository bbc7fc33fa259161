"""Invoices of the double of Stripe, through the real SDK: from the draft to the money."""

from collections.abc import Iterator

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


def test_a_draft_adds_up_its_lines_and_is_paid_by_the_default_card(desk: Trial) -> None:
    """
    1.50 + 9.00 = 10.50: draft, open, paid, and the money can be followed from the invoice to the charge.
    """
    customer_id = desk.customer()
    draft = desk.draft(customer_id, 150, 900)
    assert (draft.status, draft.total, draft.number) == ("draft", 1050, None)
    opened = desk.client.v1.invoices.finalize_invoice(draft.id, {}, desk.key())
    assert (opened.status, opened.amount_due, opened.number) == ("open", 1050, "ADG000001-0001")
    paid = desk.client.v1.invoices.pay(draft.id, {"off_session": True}, desk.key())
    assert (paid.status, paid.amount_paid, paid.amount_remaining, paid.attempt_count) == ("paid", 1050, 0, 1)

    (payment,) = desk.client.v1.invoice_payments.list({"invoice": draft.id}).data
    assert (payment.status, payment.amount_paid) == ("paid", 1050)
    intent = desk.client.v1.payment_intents.retrieve(str(payment.payment.payment_intent), {"expand": ["latest_charge"]})
    assert (intent.status, intent.amount_received) == ("succeeded", 1050)
    assert isinstance(intent.latest_charge, stripe.Charge)
    assert intent.latest_charge.status == "succeeded"
    assert (desk.double.collected_total("EUR"), desk.double.collected_total("DKK")) == (1050, 0)
    assert desk.double.open_drafts() == 0


def test_an_invoice_shows_ten_lines_and_lists_them_all_in_the_order_in_which_they_came(desk: Trial) -> None:
    """
    Whoever compares a total with the lines has to page through them, as at Stripe.
    """
    draft = desk.draft(desk.customer(), *range(101, 124))

    assert (len(draft.lines.data), draft.lines.has_more) == (10, True)
    listed = desk.client.v1.invoices.line_items.list(draft.id, {"limit": 10})
    assert [line.amount for line in listed.auto_paging_iter()] == list(range(101, 124))


def test_an_invoice_holds_at_most_250_lines_and_a_refused_call_adds_none(desk: Trial) -> None:
    """
    200 fit, 51 more do not, 50 more do.
    """
    draft = desk.draft(desk.customer(), *[100] * 200)
    with pytest.raises(stripe.InvalidRequestError, match="at most 250"):
        desk.client.v1.invoices.add_lines(draft.id, {"lines": [{"amount": 100}] * 51}, desk.key())

    full = desk.client.v1.invoices.add_lines(draft.id, {"lines": [{"amount": 100}] * 50}, desk.key())
    assert full.total == 25_000


def test_a_line_is_priced_by_unit_and_quantity_with_one_rounding(desk: Trial) -> None:
    """
    3 x 33.5 cents = 100.5, rounded half up to 101.
    """
    draft = desk.draft(desk.customer(), 100)
    price: stripe.params.InvoiceAddLinesParamsLinePriceData = {
        "currency": "eur",
        "product_data": {"name": "Minutes"},
        "unit_amount_decimal": "33.5",  # type: ignore[typeddict-item]
    }
    after = desk.client.v1.invoices.add_lines(draft.id, {"lines": [{"price_data": price, "quantity": 3}]}, desk.key())

    assert after.lines.data[1].amount == 101
    assert after.total == 201


@pytest.mark.parametrize(
    "line",
    [
        {"description": "Use"},
        {"amount": 5, "quantity": 2},
        {"amount": 5, "price_data": {"currency": "eur", "product": "prod_x", "unit_amount": 5}},
        {"price_data": {"currency": "dkk", "product": "prod_x", "unit_amount": 5}},
        {"price_data": {"currency": "eur", "unit_amount": 5}},
        {"price_data": {"currency": "eur", "product": "prod_x"}},
        {"price_data": {"currency": "eur", "product": "prod_x", "unit_amount": 5}, "quantity": -1},
        {"amount": 5, "period": {"start": 2, "end": 1}},
        {"amount": 5, "tax_rates": ["txr_x"]},
    ],
)
def test_a_line_that_does_not_say_one_clear_amount_is_refused(
    desk: Trial, line: stripe.params.InvoiceAddLinesParamsLine
) -> None:
    """
    Amount alone, or price and quantity in the invoice's currency; nothing that the double would have to guess.
    """
    draft = desk.draft(desk.customer(), 100)
    with pytest.raises(stripe.InvalidRequestError, match=r"lines\[0\]|currency|period"):
        desk.client.v1.invoices.add_lines(draft.id, {"lines": [line]}, desk.key())
    assert desk.client.v1.invoices.retrieve(draft.id).total == 100


@pytest.mark.parametrize(("amount", "code"), [(100_000_000, "amount_too_large"), (-100_000_000, "amount_too_large")])
def test_an_amount_has_at_most_eight_digits(desk: Trial, amount: int, code: str) -> None:
    """
    999,999.99 is the most that Stripe charges at once.
    """
    draft = desk.draft(desk.customer(), 99_999_999)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        desk.client.v1.invoices.add_lines(draft.id, {"lines": [{"amount": amount}]}, desk.key())
    assert refusal.value.code == code

    desk.client.v1.invoices.add_lines(draft.id, {"lines": [{"amount": 1}]}, desk.key())
    with pytest.raises(stripe.InvalidRequestError) as too_much:
        desk.client.v1.invoices.finalize_invoice(draft.id, {}, desk.key())
    assert too_much.value.code == "amount_too_large"


@pytest.mark.parametrize(("currency", "smallest"), [("eur", 50), ("dkk", 250), ("sek", 300), ("gbp", 30)])
def test_a_small_invoice_is_marked_paid_and_carried_to_the_next(desk: Trial, currency: str, smallest: int) -> None:
    """
    One unit below the smallest charge: nothing is collected, the customer's balance owes it, the next invoice takes it.
    """
    customer_id = desk.customer()
    small = desk.open_invoice(customer_id, smallest - 1, currency=currency)
    assert (small.status, small.amount_due, small.amount_paid) == ("paid", 0, 0)
    assert small.ending_balance == smallest - 1
    assert desk.client.v1.customers.retrieve(customer_id).balance == smallest - 1

    due = desk.open_invoice(customer_id, 100, currency=currency)
    owed = smallest + 99
    assert due.starting_balance == smallest - 1
    assert due.amount_due == (owed if owed >= smallest else 0)
    assert desk.client.v1.customers.retrieve(customer_id).balance == 0
    assert desk.double.collected_total(currency) == 0


def test_a_negative_invoice_becomes_credit(desk: Trial) -> None:
    """
    Credits of 3.00 against use of 1.00 leave 2.00, which the next invoice uses up first.
    """
    customer_id = desk.customer()
    negative = desk.open_invoice(customer_id, 100, -300)
    assert (negative.status, negative.total, negative.amount_due) == ("paid", -200, 0)

    assert desk.open_invoice(customer_id, 500).amount_due == 300


def test_a_card_that_declines_leaves_the_invoice_open_with_the_attempt_recorded(desk: Trial) -> None:
    """
    402 with the reason; the invoice stays payable; with another card it is paid.
    """
    customer_id = desk.customer("pm_card_chargeCustomerFail")
    invoice = desk.open_invoice(customer_id, 1050)
    with pytest.raises(stripe.CardError) as refusal:
        desk.client.v1.invoices.pay(invoice.id, {"off_session": True}, desk.key())

    assert (refusal.value.http_status, refusal.value.code) == (402, "card_declined")
    assert refusal.value.error is not None
    assert (refusal.value.error.decline_code, refusal.value.error.charge) == ("generic_decline", "ch_000001")
    after = desk.client.v1.invoices.retrieve(invoice.id)
    assert (after.status, after.attempted, after.attempt_count) == ("open", True, 1)
    intent = desk.client.v1.payment_intents.retrieve("pi_000001")
    assert intent.last_payment_error is not None
    assert (intent.status, intent.last_payment_error.decline_code) == ("requires_payment_method", "generic_decline")
    assert _types(desk)[-3:] == ["charge.failed", "payment_intent.payment_failed", "invoice.payment_failed"]

    other = desk.save_card(customer_id)
    paid = desk.client.v1.invoices.pay(invoice.id, {"payment_method": other}, desk.key())
    assert (paid.status, paid.attempt_count, desk.double.collected_total("eur")) == ("paid", 2, 1050)


def test_a_bank_that_asks_sends_the_customer_back(desk: Trial) -> None:
    """
    Off-session the payment is refused with 402 and an event; once the customer has answered, the invoice is paid.
    """
    invoice = desk.open_invoice(desk.customer("pm_card_authenticationRequired"), 1050)
    with pytest.raises(stripe.CardError) as refusal:
        desk.client.v1.invoices.pay(invoice.id, {"off_session": True}, desk.key())

    assert refusal.value.code == "invoice_payment_intent_requires_action"
    assert _types(desk)[-2:] == ["invoice.payment_failed", "invoice.payment_action_required"]
    assert desk.client.v1.payment_intents.retrieve("pi_000001").status == "requires_action"

    desk.double.authenticate("pi_000001")
    assert desk.client.v1.invoices.retrieve(invoice.id).status == "paid"
    assert desk.double.collected_total("eur") == 1050


def test_the_customer_can_pay_an_open_invoice_at_the_screen(desk: Trial) -> None:
    """
    The invoice's confirmation secret lets a browser pay with another saved card.
    """
    customer_id = desk.customer("pm_card_chargeCustomerFail")
    invoice = desk.open_invoice(customer_id, 1050)
    shown = desk.client.v1.invoices.retrieve(invoice.id, {"expand": ["confirmation_secret"]})
    assert shown.confirmation_secret is not None
    secret = shown.confirmation_secret.client_secret
    other = desk.save_card(customer_id)

    assert stripe_js.pay(desk.address, PUBLISHABLE_KEY, secret, "pm_000001")["error"]["code"] == "card_declined"
    assert stripe_js.pay(desk.address, PUBLISHABLE_KEY, secret, other)["status"] == "succeeded"
    assert desk.client.v1.invoices.retrieve(invoice.id).status == "paid"


def test_a_paid_invoice_cannot_be_paid_again(desk: Trial) -> None:
    """
    A second attempt with a new key is refused and takes nothing.
    """
    invoice = desk.paid_invoice(desk.customer(), 1050)
    with pytest.raises(stripe.InvalidRequestError, match="already paid"):
        desk.client.v1.invoices.pay(invoice.id, {}, desk.key())
    assert desk.double.collected_by_customer("eur") == {"cus_000001": 1050}


def test_only_the_customers_own_saved_card_is_charged(desk: Trial) -> None:
    """
    Neither a stranger's card nor a test id that was never saved.
    """
    desk.customer()
    invoice = desk.open_invoice(desk.customer(), 1050)
    for method_id in ("pm_000001", "pm_card_visa"):
        with pytest.raises(stripe.InvalidRequestError, match="No such payment_method"):
            desk.client.v1.invoices.pay(invoice.id, {"payment_method": method_id}, desk.key())


def test_a_customer_without_a_card_cannot_be_charged(desk: Trial) -> None:
    """
    There is nothing to charge, and the answer says so.
    """
    customer_id = desk.client.v1.customers.create({}, desk.key()).id
    invoice = desk.open_invoice(customer_id, 1050)
    with pytest.raises(stripe.InvalidRequestError, match="no attached payment source"):
        desk.client.v1.invoices.pay(invoice.id, {}, desk.key())


def test_a_finalised_invoice_takes_no_more_lines_and_is_not_finalised_twice(desk: Trial) -> None:
    """
    What the customer was sent does not change.
    """
    invoice = desk.open_invoice(desk.customer(), 1050)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        desk.client.v1.invoices.add_lines(invoice.id, {"lines": [{"amount": 1}]}, desk.key())
    assert refusal.value.code == "invoice_not_editable"
    with pytest.raises(stripe.InvalidRequestError, match="already finalized"):
        desk.client.v1.invoices.finalize_invoice(invoice.id, {}, desk.key())
    with pytest.raises(stripe.InvalidRequestError) as kept:
        desk.client.v1.invoices.delete(invoice.id)
    assert kept.value.code == "invoice_not_editable"


def test_a_draft_without_lines_is_not_finalised(desk: Trial) -> None:
    """
    Nothing used, nothing invoiced.
    """
    draft = desk.client.v1.invoices.create({"customer": desk.customer()}, desk.key())
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        desk.client.v1.invoices.finalize_invoice(draft.id, {}, desk.key())
    assert refusal.value.code == "invoice_no_customer_line_items"


def test_a_draft_can_be_thrown_away(desk: Trial) -> None:
    """
    A run that was interrupted leaves drafts; they are counted, found, and deleted.
    """
    customer_id = desk.customer()
    draft = desk.draft(customer_id, 100)
    assert desk.double.open_drafts() == 1
    assert desk.client.v1.invoices.list({"customer": customer_id, "status": "draft"}).data[0].id == draft.id

    assert desk.client.v1.invoices.delete(draft.id).deleted
    assert desk.double.open_drafts() == 0
    with pytest.raises(stripe.InvalidRequestError, match="No such invoice"):
        desk.client.v1.invoices.retrieve(draft.id)


def test_an_open_invoice_is_voided_and_gives_back_the_balance_that_it_used(desk: Trial) -> None:
    """
    0.20 was carried into the invoice; after the void it is carried again, and nothing can be collected.
    """
    customer_id = desk.customer()
    desk.open_invoice(customer_id, 20)
    invoice = desk.open_invoice(customer_id, 1000)
    assert invoice.amount_due == 1020

    assert desk.client.v1.invoices.void_invoice(invoice.id, {}, desk.key()).status == "void"
    assert desk.client.v1.customers.retrieve(customer_id).balance == 20
    with pytest.raises(stripe.InvalidRequestError, match="void"):
        desk.client.v1.invoices.pay(invoice.id, {}, desk.key())


def test_a_paid_invoice_is_never_voided(desk: Trial) -> None:
    """
    Money that came in goes back by a credit note, not by pretending.
    """
    invoice = desk.paid_invoice(desk.customer(), 1050)
    with pytest.raises(stripe.InvalidRequestError, match="only void open"):
        desk.client.v1.invoices.void_invoice(invoice.id, {}, desk.key())


def test_a_disputing_card_pays_and_then_disputes(desk: Trial) -> None:
    """
    The payment succeeds, the charge is disputed, and an event tells of it.
    """
    desk.paid_invoice(desk.customer("pm_card_createDispute"), 1050)

    assert desk.client.v1.charges.retrieve("ch_000001").disputed
    dispute = desk.client.v1.disputes.retrieve("dp_000001")
    assert (dispute.reason, dispute.status, dispute.amount) == ("fraudulent", "needs_response", 1050)
    assert "charge.dispute.created" in _types(desk)


def test_objects_have_every_member_that_the_sdk_takes_for_granted(desk: Trial) -> None:
    """
    The SDK's objects raise on a member that was not sent, so what its types do not call optional has to be there.
    """
    invoice = desk.paid_invoice(desk.customer(), 1000)
    calls = desk.client.v1
    account = desk.partner()
    transfer = calls.transfers.create(
        {"amount": 500, "currency": "eur", "destination": account, "source_transaction": "ch_000001"}, desk.key()
    )
    line: stripe.params.CreditNoteCreateParamsLine
    line = {"type": "invoice_line_item", "invoice_line_item": "il_000001", "amount": 100}
    note = calls.credit_notes.create({"invoice": invoice.id, "lines": [line], "refund_amount": 100}, desk.key())
    desk.double.open_dispute("ch_000001")
    seen: list[stripe.StripeObject] = [
        invoice,
        invoice.lines.data[0],
        note,
        note.lines.data[0],
        calls.customers.retrieve("cus_000001"),
        calls.setup_intents.retrieve("seti_000001"),
        calls.payment_methods.retrieve("pm_000001"),
        calls.payment_intents.retrieve("pi_000001"),
        calls.charges.retrieve("ch_000001"),
        calls.refunds.retrieve("re_000001"),
        calls.disputes.retrieve("dp_000001"),
        calls.invoice_payments.retrieve("inpay_000001"),
        calls.events.retrieve("evt_000001"),
        calls.accounts.retrieve(account),
        transfer,
        calls.transfers.reversals.create(transfer.id, {"amount": 100}, desk.key()),
        calls.balance.retrieve(),
        calls.balance_transactions.retrieve("txn_000001"),
        desk.hold("cus_000001", 1000),
    ]
    for shown in seen:
        hints = type(shown).__annotations__
        required = {name for name, hint in hints.items() if "Optional" not in str(hint)} - {"OBJECT_NAME"}
        missing = {name for name in required if not name.startswith("_") and name not in shown}
        assert not missing, (type(shown).__name__, missing)


def test_lists_come_newest_first_and_in_pages(desk: Trial) -> None:
    """
    The SDK's paging over 23 invoices, three pages, sees each of them once.
    """
    customer_id = desk.customer()
    for _ in range(23):
        desk.client.v1.invoices.create({"customer": customer_id}, desk.key())

    listed = desk.client.v1.invoices.list({"customer": customer_id, "limit": 10})
    assert [invoice.id for invoice in listed.auto_paging_iter()] == [f"in_{n:06d}" for n in range(23, 0, -1)]
