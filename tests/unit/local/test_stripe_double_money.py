"""Refunds, the balance and the lists that finance compares, at the double of Stripe, through the real SDK."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import stripe

from infra.local.stripe_double.balance import DISPUTE_FEE
from infra.local.stripe_double.errors import StripeRefusal
from infra.local.stripe_double.trying import Trial, trial


@pytest.fixture
def desk() -> Iterator[Trial]:
    with trial() as found:
        yield found


def _balance(desk: Trial) -> tuple[dict[str, int], dict[str, int]]:
    """What is available and what is pending, by currency."""
    shown = desk.client.v1.balance.retrieve()
    return {row.currency: row.amount for row in shown.available}, {row.currency: row.amount for row in shown.pending}


def test_a_payment_is_refunded_in_parts_until_nothing_is_left(desk: Trial) -> None:
    """
    10.00 paid; 4.00 and 3.00 back; 3.01 is too much; the rest. Each is told twice, as refund and as charge.
    """
    desk.paid_invoice(desk.customer(), 1000)
    refunds = desk.client.v1.refunds
    first = refunds.create(
        {"charge": "ch_000001", "amount": 400, "reason": "requested_by_customer", "metadata": {"case": "c-1"}},
        desk.key(),
    )
    refunds.create({"charge": "ch_000001", "amount": 300}, desk.key())
    with pytest.raises(stripe.InvalidRequestError, match="at most"):
        refunds.create({"charge": "ch_000001", "amount": 301}, desk.key())
    refunds.create({"charge": "ch_000001"}, desk.key())

    assert [row.amount for row in refunds.list({"charge": "ch_000001"}).data] == [300, 300, 400]
    charge = desk.client.v1.charges.retrieve("ch_000001")
    assert (charge.amount_refunded, charge.refunded) == (1000, True)
    assert len(desk.client.v1.events.list({"type": "charge.refunded"}).data) == 3
    told = desk.client.v1.events.list({"type": "refund.created"}).data[-1].data.object
    assert (told["id"], told["reason"], told["metadata"]["case"]) == (first.id, "requested_by_customer", "c-1")


def test_a_refund_takes_no_application_fee_and_no_transfer_back(desk: Trial) -> None:
    """
    Both belong to payments that Stripe itself splits; ours are split by transfers, which are reversed on their own.
    """
    desk.paid_invoice(desk.customer(), 1000)
    wishes: list[stripe.params.RefundCreateParams] = [{"reverse_transfer": True}, {"refund_application_fee": True}]
    for wish in wishes:
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            desk.client.v1.refunds.create({"charge": "ch_000001", **wish}, desk.key())
        assert refusal.value.code == "double_not_played"


def test_a_refund_that_fails_leaves_the_money_with_us_and_the_debt_too(desk: Trial) -> None:
    """
    The bank closed the card's account: the refund says so, the payment can be refunded anew, once.
    """
    desk.paid_invoice(desk.customer(), 1000)
    refund = desk.client.v1.refunds.create({"charge": "ch_000001"}, desk.key())
    desk.double.fail_refund(refund.id, "expired_or_canceled_card")

    after = desk.client.v1.refunds.retrieve(refund.id)
    assert (after.status, after.failure_reason) == ("failed", "expired_or_canceled_card")
    assert desk.double.collected_total("eur") == 1000
    assert desk.client.v1.events.list({"type": "refund.failed"}).data
    moved = desk.client.v1.balance_transactions.list({"source": refund.id}).data
    assert [(row.type, row.amount) for row in moved] == [("refund_failure", 1000), ("refund", -1000)]
    with pytest.raises(StripeRefusal, match="is failed"):
        desk.double.fail_refund(refund.id)
    desk.client.v1.refunds.create({"charge": "ch_000001"}, desk.key())


def test_a_full_refund_ends_an_inquiry(desk: Trial) -> None:
    """
    Who has their money back asks no more.
    """
    desk.paid_invoice(desk.customer("pm_card_createDisputeInquiry"), 1000)
    desk.client.v1.refunds.create({"charge": "ch_000001"}, desk.key())
    assert desk.client.v1.disputes.retrieve("dp_000001").status == "warning_closed"


@pytest.mark.parametrize(("card", "fee"), [("pm_card_de", 41), ("pm_card_visa", 59), ("pm_double_link", 59)])
def test_each_payment_costs_a_share_and_a_fixed_sum(desk: Trial, card: str, fee: int) -> None:
    """
    Of 10.50 a European card costs 1.5 % (0.16) and 0.25, another 3.25 % (0.34) and 0.25; the charge names its movement.
    """
    desk.paid_invoice(desk.customer(card), 1050)
    charge = desk.client.v1.charges.retrieve("ch_000001", {"expand": ["balance_transaction"]})

    moved = charge.balance_transaction
    assert isinstance(moved, stripe.BalanceTransaction)
    assert (moved.type, moved.amount, moved.fee, moved.net, moved.source) == (
        "charge",
        1050,
        fee,
        1050 - fee,
        charge.id,
    )
    assert sum(row.amount for row in moved.fee_details) == fee


def test_the_balance_is_the_sum_of_all_movements(desk: Trial) -> None:
    """
    A captured hold, a payment, a refund, a dispute, a transfer, in two currencies: what is pending becomes available.
    """
    customer_id = desk.customer("pm_card_de")
    held = desk.hold(customer_id, 5000)
    assert _balance(desk) == ({"eur": 0}, {"eur": 0})
    desk.client.v1.payment_intents.capture(held.id, {"amount_to_capture": 2000}, desk.key())
    crowns = desk.open_invoice(customer_id, 10000, currency="dkk")
    desk.client.v1.invoices.pay(crowns.id, {}, desk.key())
    assert _balance(desk) == ({"dkk": 0, "eur": 0}, {"dkk": 10000 - 150 - 180, "eur": 2000 - 30 - 25})

    desk.client.v1.refunds.create({"charge": "ch_000001", "amount": 500}, desk.key())
    desk.double.open_dispute("ch_000002")
    wanted: stripe.params.TransferCreateParams
    wanted = {"amount": 700, "currency": "eur", "destination": desk.partner(), "source_transaction": "ch_000001"}
    desk.client.v1.transfers.create(wanted, desk.key())
    desk.clock.at += timedelta(days=3)
    expected = {"dkk": 9670 - 10000 - DISPUTE_FEE["dkk"], "eur": 1945 - 500 - 700}
    assert _balance(desk) == (expected, {"dkk": 0, "eur": 0})
    rows = list(desk.client.v1.balance_transactions.list({"limit": 2}).auto_paging_iter())
    assert {currency: sum(row.net for row in rows if row.currency == currency) for currency in expected} == expected


def test_a_day_is_compared_by_lists_that_are_filtered_and_paged(desk: Trial) -> None:
    """
    Three days with an invoice each: the second day's invoice, intent, charge, movement and events alone are listed.
    """
    customer_id = desk.customer()
    starts = []
    for _ in range(3):
        desk.clock.at += timedelta(days=1)
        starts.append(int(desk.clock.at.timestamp()))
        desk.paid_invoice(customer_id, 1000)
    day: stripe.params.InvoiceListParamsCreated = {"gte": starts[1], "lt": starts[2]}

    calls = desk.client.v1
    assert [row.id for row in calls.invoices.list({"created": day, "status": "paid"}).data] == ["in_000002"]
    assert [row.id for row in calls.payment_intents.list({"created": day, "customer": customer_id}).data] == [
        "pi_000002"
    ]
    assert [row.id for row in calls.charges.list({"created": day}).data] == ["ch_000002"]
    assert [row.source for row in calls.balance_transactions.list({"created": day}).data] == ["ch_000002"]
    assert [row.data.object["id"] for row in calls.events.list({"created": day, "type": "invoice.paid"}).data] == [
        "in_000002"
    ]
    first = calls.invoices.list({"customer": customer_id, "limit": 2})
    rest = calls.invoices.list({"customer": customer_id, "limit": 2, "starting_after": first.data[-1].id})
    assert ([row.id for row in first.data], first.has_more) == (["in_000003", "in_000002"], True)
    assert ([row.id for row in rest.data], rest.has_more) == (["in_000001"], False)
