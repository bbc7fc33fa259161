"""Payments that fail: told apart, tried again when that may work, led back to the customer, and over once paid."""

from datetime import datetime, timedelta
from typing import Any
from urllib.request import urlopen

import pytest

from tests.doors.callers import done, refused
from tests.doors.paying import collected_from, last_at_stripe
from tests.doors.world import Customer, Partner, World

METHODS = "/mobile/v1/me/payment-methods"


@pytest.fixture(scope="module")
def failing(world: World, partner: Partner) -> dict[str, Customer]:
    """Customers whose cards fail at the close of the month, each for a reason of its own."""
    riders = {}
    for reason in ("insufficient_funds", "processing_error", "lost_card", "authentication"):
        rider = riders[reason] = world.customer()
        (card,) = rider.read(METHODS)["methods"]
        session = rider.start(partner.bike())
        rider.end(session)
        if reason == "authentication":
            world.stripe.change_card(card["method_id"], asks=True)
        else:
            world.stripe.change_card(card["method_id"], declines=reason)
    now = world.system.now()
    first = datetime(now.year + now.month // 12, now.month % 12 + 1, 1, 12, tzinfo=now.tzinfo)
    world.until(first)
    return riders


def invoice(customer: Customer) -> dict[str, Any]:
    return dict(customer.read("/mobile/v1/invoices")["items"][0])


def notices(customer: Customer) -> list[tuple[str, str]]:
    items = customer.read("/mobile/v1/notices")["items"]
    return [(each["code"], each["facts"]["helps"]) for each in items if each["code"].startswith("payment")]


def start(customer: Customer, code: str) -> Any:  # noqa: ANN401 -- a reply
    accepted = {"code": code, "quote": customer.quote(code)["quote"]}
    return customer.post("/mobile/v1/access-sessions", accepted)


def repaired(world: World, customer: Customer) -> None:
    (card,) = customer.read(METHODS)["methods"]
    world.stripe.change_card(card["method_id"])


class TestWhatFollows:
    """The tests of this class stand in order of time."""

    def test_each_is_told_what_helps_and_when_it_is_tried_again(self, failing: dict[str, Customer]) -> None:
        said = {reason: (set(notices(each)), bool(invoice(each)["next_try"])) for reason, each in failing.items()}

        assert said == {
            "insufficient_funds": ({("payment_failed", "funds")}, True),
            "processing_error": ({("payment_failed", "passing")}, True),
            "lost_card": ({("payment_failed", "another_method")}, False),
            "authentication": ({("payment_needs_authentication", "authenticate")}, False),
        }
        assert {invoice(each)["state"] for each in failing.values()} == {"failed"}

    def test_a_passing_trouble_is_tried_again_within_hours_and_by_itself(
        self, world: World, failing: dict[str, Customer]
    ) -> None:
        rider = failing["processing_error"]
        assert len(notices(rider)) == 3  # at the close, an hour later, and six hours after that
        repaired(world, rider)
        world.later(days=1)

        assert invoice(rider)["state"] == "paid"
        assert rider.read("/mobile/v1/me")["payment"] == "in_order"

    def test_the_bank_asks_and_the_link_leads_to_where_it_is_answered(
        self, world: World, failing: dict[str, Customer], partner: Partner
    ) -> None:
        rider = failing["authentication"]
        link = rider.read("/mobile/v1/notices")["items"][0]["facts"]["link"]
        refused(start(rider, partner.bike()), 402, "payment_not_in_order")

        assert link == invoice(rider)["link"]
        with urlopen(link, timeout=5) as page:
            assert b"Total 50, paid 0, remaining 50 EUR" in page.read()
        with urlopen(invoice(rider)["pdf"], timeout=5) as paper:
            assert paper.read(5) == b"%PDF-"
        shown = last_at_stripe(rider)
        world.stripe.pay_at_page(shown)
        world.settle()

        assert invoice(rider)["state"] == "paid"
        assert start(rider, partner.bike()).status == 201

    def test_an_empty_account_is_tried_again_after_three_days_and_then_after_five(
        self, world: World, failing: dict[str, Customer]
    ) -> None:
        rider = failing["insufficient_funds"]
        world.later(days=2)
        again = invoice(rider)

        assert notices(rider) == [("payment_failed", "funds")] * 2
        assert datetime.fromisoformat(again["next_try"]) - world.system.now() > timedelta(days=4)
        repaired(world, rider)
        world.later(days=5)
        assert invoice(rider)["state"] == "paid"

    def test_a_lost_card_is_never_tried_again_until_its_customer_says_so(
        self, world: World, failing: dict[str, Customer]
    ) -> None:
        rider = failing["lost_card"]
        assert notices(rider) == [("payment_failed", "another_method")]
        (failed,) = rider.read("/mobile/v1/invoices")["items"]
        repaired(world, rider)

        done(rider.post(f"/mobile/v1/invoices/{failed['invoice_id']}/pay"))
        world.settle()

        assert invoice(rider)["state"] == "paid"
        refused(rider.post(f"/mobile/v1/invoices/{failed['invoice_id']}/pay"), 409, "nothing_to_pay")

    def test_nobody_pays_anothers_and_each_was_collected_once(
        self, world: World, failing: dict[str, Customer], customer: Customer
    ) -> None:
        for each in failing.values():
            theirs = invoice(each)
            refused(customer.post(f"/mobile/v1/invoices/{theirs['invoice_id']}/pay"), 404, "unknown_invoice")
            collected = collected_from(each, world)
            assert collected == int(theirs["total"]["amount"].replace(".", ""))
