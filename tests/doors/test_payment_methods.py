"""Saved cards and wallets: several of them, one is charged, and each goes when nothing depends on it."""

import sys
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import pytest

from chalicelib.billing.store import BillingStore
from tests.doors.callers import done, refused
from tests.doors.paying import payer_of
from tests.doors.test_charges import told
from tests.doors.world import Customer, Partner, World

METHODS = "/mobile/v1/me/payment-methods"


@pytest.fixture
def customer(world: World) -> Customer:
    """Nothing is saved yet."""
    return world.customer(card=None)


def methods(customer: Customer) -> list[dict[str, Any]]:
    return list(customer.read(METHODS)["methods"])


def default(customer: Customer) -> list[str]:
    return [each["last4"] for each in methods(customer) if each["default"]]


def renewed(world: World, method_id: str, year: int, month: int) -> None:
    """What a bank tells Stripe of a card."""
    world.stripe.renew_card(method_id, month, year)


def codes(customer: Customer) -> list[tuple[str, str]]:
    notices = customer.read("/mobile/v1/notices")["items"]
    return [(each["code"], each["facts"].get("expires", "")) for each in notices]


def test_who_has_saved_nothing_has_an_empty_list(customer: Customer) -> None:
    assert methods(customer) == []


def test_a_saved_card_is_shown_as_it_may_be_and_is_charged(world: World, customer: Customer) -> None:
    world.save_card(customer, "pm_card_visa")

    (card,) = methods(customer)

    assert card.pop("method_id").startswith("pm_")
    assert card == {
        "kind": "card",
        "brand": "visa",
        "last4": "4242",
        "wallet": None,
        "expires": "2034-12",
        "default": True,
    }


def test_of_several_the_newest_is_charged_until_another_is_chosen(world: World, customer: Customer) -> None:
    world.save_card(customer, "pm_card_visa")
    world.save_card(customer, "pm_card_mastercard")
    assert default(customer) == ["4444"]

    first = next(each["method_id"] for each in methods(customer) if each["last4"] == "4242")
    shown = [done(customer.put(f"{METHODS}/{first}/default")) for _ in range(2)]

    assert default(customer) == ["4242"]
    assert [each["default"] for each in shown[1]["methods"]] == [False, True]


def test_what_is_not_charged_is_taken_away_and_stripe_forgets_it(world: World, customer: Customer) -> None:
    world.save_card(customer, "pm_card_visa")
    world.save_card(customer, "pm_card_mastercard")
    old = next(each["method_id"] for each in methods(customer) if not each["default"])

    left = [each["last4"] for each in done(customer.delete(f"{METHODS}/{old}"))["methods"]]
    world.settle()

    assert left == ["4444"]
    assert [each["last4"] for each in methods(customer)] == ["4444"]
    refused(customer.delete(f"{METHODS}/{old}"), 404, "unknown_method")


def test_the_one_that_is_charged_goes_only_as_the_last(world: World, customer: Customer) -> None:
    world.save_card(customer, "pm_card_visa")
    world.save_card(customer, "pm_card_mastercard")
    charged = next(each["method_id"] for each in methods(customer) if each["default"])

    refused(customer.delete(f"{METHODS}/{charged}"), 409, "default_method")

    assert default(customer) == ["4444"]


def test_the_last_goes_once_nothing_is_open_or_to_be_billed_and_nothing_starts_without_it(
    world: World, customer: Customer, partner: Partner
) -> None:
    world.save_card(customer, "pm_card_visa")
    (card,) = methods(customer)
    session = customer.start(partner.bike())

    refused(customer.delete(f"{METHODS}/{card['method_id']}"), 409, "still_owed")
    customer.end(session)
    world.settle()
    refused(customer.delete(f"{METHODS}/{card['method_id']}"), 409, "still_owed")
    month = world.system.now()
    world.until(datetime(month.year + month.month // 12, month.month % 12 + 1, 1, 12, tzinfo=UTC))
    done(customer.delete(f"{METHODS}/{card['method_id']}"))
    world.settle()

    assert methods(customer) == []
    assert customer.read("/mobile/v1/me")["payment"] == "card_needed"
    code = partner.bike()
    accepted = {"code": code, "quote": customer.quote(code)["quote"]}
    refused(customer.post("/mobile/v1/access-sessions", accepted), 402, "payment_not_in_order")


def test_a_method_that_goes_twice_in_one_request_goes_once(world: World, customer: Customer) -> None:
    world.save_card(customer, "pm_card_visa")
    (card,) = methods(customer)

    answers = [done(customer.delete(f"{METHODS}/{card['method_id']}", key="away")) for _ in range(2)]
    world.settle()

    assert answers[0] == answers[1] == {"methods": []}


def test_nobody_sees_chooses_or_removes_anothers(world: World, customer: Customer) -> None:
    other = world.customer()
    (theirs,) = methods(other)
    world.save_card(customer, "pm_card_mastercard")

    refused(customer.put(f"{METHODS}/{theirs['method_id']}/default"), 404, "unknown_method")
    refused(customer.delete(f"{METHODS}/{theirs['method_id']}"), 404, "unknown_method")

    assert [each["last4"] for each in methods(customer)] == ["4444"]
    assert default(other) == ["4242"]


def test_who_is_charged_by_a_card_that_ends_is_told_when_its_last_month_begins(
    world: World, customer: Customer
) -> None:
    """One that its bank has renewed meanwhile is told of before it ends, and not now."""
    other, now = world.customer(), world.system.now()
    last = datetime(now.year + now.month // 12, now.month % 12 + 1, 1, tzinfo=UTC)
    for each in (customer, other):
        world.save_card(each, "pm_card_visa")
        ends = methods(each)[0]["method_id"]
        renewed(world, ends, last.year, last.month)
        world.save_card(each, "pm_card_mastercard")
        done(each.put(f"{METHODS}/{ends}/default"))
    renewed(world, next(each["method_id"] for each in methods(other) if each["default"]), 2034, 12)

    world.until(last)

    assert codes(customer) == [("payment_method_expiring", f"{last:%Y-%m}")]
    assert codes(other) == []


def test_a_card_that_its_network_renews_after_its_end_was_told_is_told_of_again_before_the_new_one(
    world: World, customer: Customer
) -> None:
    now = world.system.now()
    months = now.year * 12 + now.month
    first, then = (datetime((months + more) // 12, (months + more) % 12 + 1, 1, tzinfo=UTC) for more in (0, 2))
    world.save_card(customer, "pm_card_visa")
    (card,) = methods(customer)
    renewed(world, card["method_id"], first.year, first.month)
    world.settle()
    world.until(first)
    assert codes(customer) == [("payment_method_expiring", f"{first:%Y-%m}")]

    renewed(world, card["method_id"], then.year, then.month)
    world.settle()
    world.until(then)

    assert sorted(codes(customer)) == [("payment_method_expiring", f"{each:%Y-%m}") for each in (first, then)]


def told_again_of_setups(world: World) -> None:
    """Each setup that succeeded is told of once more, under another event: weeks late, as far as anybody can see."""
    for setup in world.stripe._store.every("setup_intent"):
        if setup["status"] == "succeeded":
            world.stripe._store.emit("setup_intent.succeeded", setup)
    world.settle()


def test_what_is_told_late_of_a_setup_takes_nothing_back_that_was_said_after_it(
    world: World, customer: Customer
) -> None:
    """
    Another card was saved; another was chosen; and one was taken away.
    """
    world.save_card(customer, "pm_card_visa")
    world.later(minutes=1)
    world.save_card(customer, "pm_card_mastercard")
    told_again_of_setups(world)
    assert default(customer) == ["4444"]

    world.later(minutes=1)
    visa = next(each["method_id"] for each in methods(customer) if each["last4"] == "4242")
    done(customer.put(f"{METHODS}/{visa}/default"))
    told_again_of_setups(world)
    assert default(customer) == ["4242"]

    world.later(minutes=1)
    for each in sorted(methods(customer), key=lambda method: method["default"]):
        done(customer.delete(f"{METHODS}/{each['method_id']}"))
        world.settle()
    told_again_of_setups(world)
    assert methods(customer) == []
    assert customer.read("/mobile/v1/me")["payment"] == "card_needed"


def test_of_who_has_left_nothing_is_kept_anew_because_a_setup_is_told_late(world: World) -> None:
    leaver = world.customer()
    account_id = payer_of(leaver).account_id
    done(leaver.delete("/mobile/v1/me"))
    world.settle()
    assert BillingStore().payer(account_id) is None

    told_again_of_setups(world)

    assert BillingStore().payer(account_id) is None


def test_the_last_stays_while_a_partners_claim_is_undecided(world: World, customer: Customer, partner: Partner) -> None:
    world.save_card(customer, "pm_card_visa")
    (card,) = methods(customer)
    session = customer.start(partner.bike())
    customer.end(session)
    world.settle()
    ridden = world.system.now()
    world.until(datetime(ridden.year + ridden.month // 12, ridden.month % 12 + 1, 1, 12, tzinfo=UTC))
    name = told(partner, session, "damage", "25.00", f"{ridden:%Y-%m-%dT%H:%M:%SZ}")
    world.settle()

    refused(customer.delete(f"{METHODS}/{card['method_id']}"), 409, "still_owed")

    done(partner.post(f"/partner/v1/charges/{name}/withdraw", {"note": "Found unharmed"}))
    world.settle()
    done(customer.delete(f"{METHODS}/{card['method_id']}"))


def test_stripe_is_loaded_where_a_method_is_saved_and_nowhere_else_on_the_way(world: World, partner: Partner) -> None:
    """
    A start, a running cost and an end of what holds nothing do without it; a route that needs it breaks here.
    """
    customer = world.customer()
    with patch.dict(sys.modules, {"stripe": None}):
        session = customer.start(partner.bike())
        customer.read(f"/mobile/v1/access-sessions/{session}")
        customer.end(session)
        assert customer.post(METHODS).status == 500
    world.settle()
    assert customer.post(METHODS).status == 201
