"""What billing relies on at Stripe: one scenario each, through our own gateways and the real SDK."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

import pytest
import stripe

from chalicelib.billing.credit_model import Refund
from chalicelib.billing.errors import PayerGone, RefundRefused
from chalicelib.billing.hold_model import Hold
from chalicelib.billing.paper_model import Paper, TaxRow
from chalicelib.billing.stripe_calls import StripeCalls
from chalicelib.kernel.money import Money
from tests.conformance_stripe.side import DECLINES, MAY, Side

Found = TypeVar("Found")
_WAITS_SECONDS = 60


def test_an_invoice_is_drafted_filled_opened_and_paid_to_the_cent(
    side: Side, account: str, customer: str, method: str
) -> None:
    made, invoice = side.paid(account, customer, method)
    side.gateway.pay(made, invoice, method)  # as a worker does that comes a second time
    stands = side.gateway.read(made)

    assert stands is not None
    assert (stands.account_id, stands.month, stands.number) == (account, MAY, 1)
    assert (stands.status, stands.total, stands.paid) == ("paid", invoice.total, invoice.total)
    assert (len(stands.charges), stands.link is not None, stands.pdf is not None) == (1, True, True)
    assert stands.paid_at is not None


def test_more_lines_than_one_call_takes_come_to_our_total(side: Side, account: str, customer: str) -> None:
    invoice = side.invoice(account, [50 + number for number in range(130)])
    made = side.opened(invoice, customer)
    stands = side.gateway.read(made)

    assert stands is not None
    assert (stands.status, stands.total, stands.attempted) == ("open", invoice.total, False)


def test_a_call_that_is_repeated_is_done_once_and_its_key_takes_nothing_else(
    side: Side, account: str, customer: str
) -> None:
    invoice = side.invoice(account)
    assert side.gateway.draft(invoice, customer) == side.gateway.draft(invoice, customer)
    other = side.customer(side.account())
    with pytest.raises(stripe.IdempotencyError):
        side.gateway.draft(invoice, other)


def test_an_answer_that_is_given_again_says_so(side: Side, account: str) -> None:
    """
    A 500 that comes again says by this header that it is saved.
    """
    key: stripe.RequestOptions = {"idempotency_key": f"replayed:{account}"}
    first, again = (side.client.v1.customers.create({"metadata": {"account_id": account}}, key) for _ in range(2))
    assert first.id == again.id
    headers = {name.lower(): value for name, value in again.last_response.headers.items()}
    assert headers["idempotent-replayed"] == "true"


def test_a_card_that_declines_leaves_the_invoice_open_for_another(
    side: Side, account: str, customer: str, method: str
) -> None:
    declines = side.card(account, customer, DECLINES)
    made, invoice = side.paid(account, customer, declines)
    failed = side.gateway.read(made)
    side.gateway.pay(made, invoice, method)
    stands = side.gateway.read(made)

    assert failed is not None
    assert (failed.status, failed.attempted, failed.decline_code) == ("open", True, "generic_decline")
    assert stands is not None
    assert (stands.status, stands.paid) == ("paid", invoice.total)


def test_a_draft_that_is_thrown_away_is_gone(side: Side, account: str, customer: str) -> None:
    invoice = side.invoice(account)
    made = side.gateway.draft(invoice, customer)
    side.gateway.discard(made, invoice)

    assert side.books.invoice(made) is None
    side.books.discard_draft(made)


def test_an_invoice_has_our_number_and_the_tax_that_is_in_it(side: Side, account: str, customer: str) -> None:
    paper = Paper(f"C{account[-14:].replace('-', '')}", "fi", 1, 0, (TaxRow("0.25", 1000, 200),))
    made = side.opened(replace(side.invoice(account), paper=paper), customer)
    stands = side.client.v1.invoices.retrieve(made)

    assert (stands.number, stands.total, stands.total_excluding_tax) == (paper.number, 1000, 800)
    with pytest.raises(stripe.InvalidRequestError):
        side.opened(replace(side.invoice(side.account()), paper=paper), customer)


def test_a_credit_lowers_what_an_open_invoice_asks_for(side: Side, account: str, customer: str, method: str) -> None:
    invoice = replace(side.invoice(account), credited=300)
    made = side.opened(invoice, customer)
    side.refunder.credit(made, invoice, 300)
    side.gateway.pay(made, invoice, method)
    side.refunder.credit(made, replace(invoice, credited=400), 100)  # too late, and no trouble
    stands = side.gateway.read(made)

    assert stands is not None
    assert (stands.status, stands.credited, stands.paid.minor) == ("paid", 300, 700)


def test_money_goes_back_once_and_never_more_than_came(side: Side, account: str, customer: str, method: str) -> None:
    made, _ = side.paid(account, customer, method)
    (payment,) = side.refunder.payments(made)
    wanted = Refund(account, 1, "note", "invoice", payment.payment, Money(400, "EUR"), side.now)
    first, again = side.refunder.refund(wanted), side.refunder.refund(wanted)

    assert (first.provider_refund, first.status) == (again.provider_refund, "succeeded")
    assert side.refunder.refund_stands(first.provider_refund) == first
    assert side.refunder.payments(made) == [replace(payment, refunded=400)]
    with pytest.raises(RefundRefused):
        side.refunder.refund(replace(wanted, number=2, amount=Money(601, "EUR")))


def test_a_hold_is_found_taken_in_part_and_pays_its_invoice(
    side: Side, account: str, customer: str, method: str
) -> None:
    hold = side.hold(account, customer, method)
    found = side.holds.find(hold)
    invoice = side.invoice(account, [1500])
    made = side.opened(invoice, customer)
    taken = side.holds.capture(hold, 900)
    for _ in range(2):
        side.holds.attach(hold, made)
    side.gateway.pay(made, invoice, method)
    stands = side.gateway.read(made)

    assert found is not None
    assert (found.intent, taken.captured) == (hold.intent, 900)
    assert hold.until is not None
    assert hold.until > side.now + timedelta(days=2)
    assert stands is not None
    assert (stands.status, stands.paid.minor, len(stands.charges)) == ("paid", 1500, 2)


def test_a_hold_that_nobody_needs_is_let_go(side: Side, account: str, customer: str, method: str) -> None:
    hold = side.hold(account, customer, method)
    assert hold.intent is not None
    for _ in range(2):
        gone = side.holds.cancel(hold.intent)
        assert gone is not None
        assert gone.status == "canceled"


def test_a_hold_is_declined_with_its_reason(side: Side, account: str, customer: str) -> None:
    declines = side.card(account, customer, DECLINES)
    stands = side.holds.ask(Hold(account, f"ses-{account}", 1, Money(2000, "EUR"), customer, declines, side.now))

    assert (stands.stands, stands.asks, stands.decline_code) == (False, False, "generic_decline")


def test_an_invoice_that_is_given_up_may_still_be_paid(side: Side, account: str, customer: str, method: str) -> None:
    invoice = side.invoice(account)
    made = side.opened(invoice, customer)
    side.books.give_up(made)
    given_up = side.gateway.read(made)
    side.gateway.pay(made, invoice, method)
    stands = side.gateway.read(made)

    assert given_up is not None
    assert given_up.status == "uncollectible"
    assert stands is not None
    assert stands.status == "paid"


def test_methods_are_listed_and_taken_away(side: Side, account: str, customer: str, method: str) -> None:
    other = side.card(account, customer, "pm_card_mastercard")
    assert {each.method_id for each in side.methods.of_customer(customer)} == {method, other}
    for _ in range(2):
        side.methods.detach(other)

    assert side.methods.find(other) is None
    assert [each.brand for each in side.methods.of_customer(customer)] == ["visa"]


def test_a_customer_that_was_deleted_is_told_from_other_trouble(side: Side, account: str, customer: str) -> None:
    side.client.v1.customers.delete(customer)
    with pytest.raises(PayerGone):
        side.gateway.draft(side.invoice(account), customer)


def test_stripes_books_show_the_payment_and_the_invoice(side: Side, account: str, customer: str, method: str) -> None:
    made, _ = side.paid(account, customer, method)
    (payment,) = side.refunder.payments(made)
    since, until = side.now - timedelta(hours=1), side.now + timedelta(hours=1)
    moves = _until_found(lambda: [each for each in side.books.moves(since, until, None).rows if each.payment])
    listed = {each.provider_invoice: each for each in side.books.invoices(since, until, None).rows}

    move = next(each for each in moves if each.payment == payment.payment)
    assert (move.amount.minor, move.fee > 0) == (1000, True)
    theirs = side.books.invoice_paid_by(payment.payment)
    assert theirs is not None
    assert theirs.provider_invoice == made
    assert listed[made].named == (account, MAY, 1)
    assert side.books.balance() != {}


def test_a_dispute_takes_the_money_back_with_a_fee(side: Side, account: str, customer: str) -> None:
    method = side.card(account, customer, "pm_card_createDispute")
    made, _ = side.paid(account, customer, method)
    stands = side.gateway.read(made)
    assert stands is not None
    (charge,) = stands.charges
    listed = _until_found(lambda: side.client.v1.disputes.list({"charge": charge}).data)
    dispute = side.books.dispute(listed[0].id)

    assert dispute is not None
    assert (dispute.charge, dispute.amount.minor, dispute.reason) == (charge, 1000, "fraudulent")
    assert dispute.status == "needs_response"
    assert sum(each.amount.minor for each in dispute.movements) == -1000


def test_a_key_that_is_wrong_is_no_trouble_that_passes(side: Side) -> None:
    with pytest.raises(stripe.AuthenticationError):
        StripeCalls("sk_test_wrong", side.base)("balance", "retrieve")


def _until_found(look: Callable[[], list[Found]]) -> list[Found]:
    """What Stripe does a moment later."""
    for _ in range(_WAITS_SECONDS):
        found = look()
        if found:
            return found
        time.sleep(1)
    raise AssertionError("nothing came")
