"""Cards that decline: at saving, and at payment. Nothing is lost, and a new card collects at once."""

from datetime import UTC, datetime

import pytest

from infra.local.stripe_double.faults import How
from tests.doors.callers import Reply, done, refused
from tests.doors.paying import collected_from
from tests.doors.world import Customer, Partner, World

DECLINES_LATER = "pm_card_chargeCustomerFail"
MAY, JUNE_CLOSED, JULY_CLOSED = (
    "2021-05",
    datetime(2021, 6, 1, 12, tzinfo=UTC),
    datetime(2021, 7, 1, 12, tzinfo=UTC),
)


def start(customer: Customer, code: str) -> Reply:
    accepted = {"code": code, "quote": customer.quote(code)["quote"]}
    return customer.post("/mobile/v1/access-sessions", accepted)


def test_without_a_card_the_price_is_told_and_nothing_is_started(world: World, code: str) -> None:
    customer = world.customer(card=None)
    assert customer.read("/mobile/v1/me")["payment"] == "card_needed"

    refused(start(customer, code), 402, "payment_not_in_order")

    assert customer.read("/mobile/v1/access-sessions") == []
    assert world.customer().start(code)


@pytest.mark.parametrize("card", ["pm_card_visa_chargeDeclined", "pm_card_chargeDeclinedExpiredCard"])
def test_a_card_that_declines_at_saving_is_not_used(world: World, code: str, card: str) -> None:
    customer = world.customer(card=None)

    told = world.save_card(customer, card)

    assert told["error"]["type"] == "card_error"
    assert customer.read("/mobile/v1/me")["payment"] == "card_needed"
    refused(start(customer, code), 402, "payment_not_in_order")


def test_after_a_card_that_declined_another_one_can_be_saved(world: World, code: str) -> None:
    customer = world.customer(card="pm_card_visa_chargeDeclined")

    world.save_card(customer, "pm_card_visa")

    assert customer.read("/mobile/v1/me")["payment"] == "in_order"
    assert start(customer, code).status == 201


def test_a_card_that_declines_at_saving_leaves_the_one_before_in_use(world: World, code: str) -> None:
    customer = world.customer()

    world.save_card(customer, "pm_card_visa_chargeDeclined")

    assert customer.read("/mobile/v1/me")["payment"] == "in_order"
    assert start(customer, code).status == 201


@pytest.mark.parametrize(
    ("fault", "times", "key"),
    [
        ("429", 1, "card-1"),
        ("reset", 3, "card-1"),
        ("timeout_after_applying", 3, "card-1"),
        ("500", 1, "card-2"),  # Stripe keeps a 500 under its key, so only another key brings another answer
    ],
)
def test_while_stripe_is_away_a_card_is_prepared_later(world: World, fault: How, times: int, key: str) -> None:
    """
    The answer says that nothing was changed; asking again works, and makes one setup.
    """
    customer = world.customer(card=None)
    for _ in range(times):
        world.stripe.fail_next("setup_intents.create", fault)

    refused(customer.post("/mobile/v1/me/payment-methods", key="card-1"), 503, "collector_unavailable")
    assert world.stripe.waiting_faults() == 0
    setup = done(customer.post("/mobile/v1/me/payment-methods", key=key))

    assert setup["client_secret"].startswith("seti_")
    assert customer.post("/mobile/v1/me/payment-methods", key=key).json == setup


@pytest.fixture(scope="module")
def declined(world: World, partner: Partner) -> tuple[Customer, Customer]:
    """A customer whose card declined at the close of May, and one whose card did not, after the same ride."""
    pair = world.customer(DECLINES_LATER), world.customer()
    for each in pair:
        world.ride(each, partner.bike(), partner, 2000)
    world.until(JUNE_CLOSED)
    return pair


class TestACardThatDeclinesAtPayment:
    """The tests of this class follow one customer and stand in order of time."""

    def test_the_invoice_stays_open(self, declined: tuple[Customer, Customer]) -> None:
        states = [each.read("/mobile/v1/invoices")["items"] for each in declined]

        assert [[(invoice["state"], invoice["total"]["amount"]) for invoice in each] for each in states] == [
            [("failed", "1.50")],
            [("paid", "1.50")],
        ]
        assert states[0][0]["paid_at"] is None

    def test_the_customer_is_told_once_with_the_reason(self, declined: tuple[Customer, Customer]) -> None:
        """
        A notice names the invoice, the amount and why it was declined; who paid gets none.
        """
        notices = [each.read("/mobile/v1/notices")["items"] for each in declined]
        (invoice,) = declined[0].read("/mobile/v1/invoices")["items"]

        assert [len(each) for each in notices] == [1, 0]
        assert (notices[0][0]["code"], notices[0][0]["about"]) == ("payment_failed", invoice["invoice_id"])
        assert notices[0][0]["facts"]["reason"] == "generic_decline"
        assert notices[0][0]["facts"]["month"] == MAY

    def test_no_new_session_is_started_until_it_is_paid(
        self, declined: tuple[Customer, Customer], partner: Partner
    ) -> None:
        code = partner.bike()

        refused(start(declined[0], code), 402, "payment_not_in_order")

        assert declined[0].read("/mobile/v1/me")["payment"] == "payment_failed"
        assert declined[0].read("/mobile/v1/access-sessions") == []
        assert start(declined[1], code).status == 201

    def test_what_is_owed_stays_in_the_ledger(self, world: World, declined: tuple[Customer, Customer]) -> None:
        account = declined[0].read("/mobile/v1/me")["account_id"]
        ledger = world.system.doors["finance"].module.wired.ledger
        owed = [
            each.amount.minor
            for entry in ledger.of_account(account)
            for each in entry.postings
            if each.ledger_account == f"receivable:{account}"
        ]

        assert sum(owed) == 150
        assert world.finance.read(f"/finance/v1/journal/{MAY}")["off_minor"] == {}

    def test_another_card_that_declines_changes_nothing_but_is_told(
        self, world: World, declined: tuple[Customer, Customer]
    ) -> None:
        world.save_card(declined[0], DECLINES_LATER)

        (invoice,) = declined[0].read("/mobile/v1/invoices")["items"]
        assert invoice["state"] == "failed"
        assert declined[0].read("/mobile/v1/me")["payment"] == "payment_failed"
        assert len(declined[0].read("/mobile/v1/notices")["items"]) == 2

    def test_a_new_card_collects_at_once(self, world: World, declined: tuple[Customer, Customer]) -> None:
        """
        No timer passes between the saving and the payment, and the customer may start again.
        """
        before = world.stripe.collected_total("EUR")

        world.save_card(declined[0], "pm_card_mastercard")

        (invoice,) = declined[0].read("/mobile/v1/invoices")["items"]
        assert (invoice["state"], bool(invoice["paid_at"])) == ("paid", True)
        assert world.stripe.collected_total("EUR") - before == 150
        assert declined[0].read("/mobile/v1/me")["payment"] == "in_order"

    def test_afterwards_there_are_rides_again_and_nothing_is_collected_twice(
        self, world: World, declined: tuple[Customer, Customer], partner: Partner
    ) -> None:
        before = collected_from(declined[0], world)

        session = declined[0].start(partner.bike())
        declined[0].end(session)
        world.until(JULY_CLOSED)

        invoices = declined[0].read("/mobile/v1/invoices")["items"]
        assert [(each["month"], each["state"]) for each in invoices] == [(MAY, "paid"), ("2021-06", "paid")]
        assert declined[1].read("/mobile/v1/invoices")["items"][0]["state"] == "paid"
        assert world.stripe.open_drafts() == 0
        assert collected_from(declined[0], world) - before == int(invoices[1]["total"]["amount"].replace(".", ""))
