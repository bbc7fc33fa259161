"""Holds: kept by the bank from the start on, captured with the session's bill, and let go where nothing needs them."""

import io
import json
import urllib.request
import zipfile
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from infra.local.stripe_double.stripe_js import pay
from infra.local.tariffs import CITY_BIKE, CITY_BIKE_TARIFF
from tests.doors.callers import Reply, done, refused
from tests.doors.paying import collected_from, payer_of
from tests.doors.world import Customer, Partner, World

SESSIONS, METHODS = "/mobile/v1/access-sessions", "/mobile/v1/me/payment-methods"
RIDE = 2000
"""Seconds that cost 1.50."""


@pytest.fixture(scope="module")
def cars(world: World) -> Partner:
    """A partner whose cars hold 20.00, and whose carts hold 0.90."""
    partner = world.partner("Cars")
    for product, amount in (("car", "20.00"), ("cart", "0.90")):
        policy = {"hold": {"amount": amount}, "free_reservation_s": 600}
        done(partner.put(f"/partner/v1/products/{product}", {**CITY_BIKE, "name": product, "policy": policy}))
        done(partner.post(f"/partner/v1/products/{product}/tariffs", CITY_BIKE_TARIFF))
    return partner


@pytest.fixture(scope="module")
def new(cars: Partner) -> Callable[[str], str]:
    """Puts one more on offer; its code."""
    numbers = count(1)

    def put(product: str) -> str:
        code = f"{product.upper()}-{next(numbers):04d}"
        done(cars.put(f"/partner/v1/assets/{code.lower()}", {"product_id": product, "code": code}))
        return code

    return put


def start(customer: Customer, code: str, quote: str | None = None) -> Reply:
    return customer.post(SESSIONS, {"code": code, "quote": quote or customer.quote(code)["quote"]})


def started(customer: Customer, code: str) -> str:
    return str(done(start(customer, code))["session_id"])


def ended(world: World, customer: Customer, session: str, cars: Partner, seconds: int = RIDE) -> None:
    """Ridden that long, and given back."""
    world.later(seconds=seconds)
    assert cars.report(world.used(session, seconds))[0]["outcome"] == "accepted"
    customer.end(session)
    world.settle()


def receipt(customer: Customer, session: str) -> dict[str, Any]:
    return dict(customer.read(f"{SESSIONS}/{session}/receipt"))


def hold_of(customer: Customer, session: str) -> tuple[str, str]:
    shown = receipt(customer, session)["hold"]
    return shown["state"], shown["captured"]["amount"]


def notices(customer: Customer) -> list[str]:
    return [each["code"] for each in customer.read("/mobile/v1/notices")["items"]]


def intents(world: World, customer: Customer) -> list[str]:
    """What Stripe says of each hold that was ever asked for, the oldest first."""
    return [each["status"] for each in world.stripe.holds_of(customer.read("/mobile/v1/me")["account_id"])]


def card_of(customer: Customer) -> str:
    return str(customer.read(METHODS)["methods"][0]["method_id"])


def invoices(customer: Customer) -> list[tuple[str, str]]:
    return [(each["total"]["amount"], each["state"]) for each in customer.read("/mobile/v1/invoices")["items"]]


def test_it_stands_while_the_session_goes_on_and_is_captured_up_to_what_it_came_to(
    world: World, customer: Customer, cars: Partner, new: Callable[[str], str]
) -> None:
    """
    The bank keeps 20.00; the ride comes to 1.50, is billed at its end, and paid by what is held; 18.50 are free.
    """
    session = started(customer, new("car"))
    shown = customer.read(f"{SESSIONS}/{session}")["hold"]
    assert (shown["state"], shown["amount"]["amount"], bool(shown["until"])) == ("held", "20.00", True)
    assert intents(world, customer) == ["requires_capture"]
    ended(world, customer, session, cars)

    assert invoices(customer) == [("1.50", "paid")]
    assert hold_of(customer, session) == ("captured", "1.50")
    assert (intents(world, customer), collected_from(customer, world)) == (["succeeded"], 150)
    (told,) = customer.read("/mobile/v1/notices")["items"]
    assert (told["code"], told["facts"]["captured"]) == ("hold_released", "1.50 EUR")
    assert world.finance.read("/finance/v1/journal/2021-05")["off_minor"] == {}


def test_what_is_due_above_it_is_paid_by_the_card(
    world: World, customer: Customer, cars: Partner, new: Callable[[str], str]
) -> None:
    """
    0.90 of 1.50: the rest is worth collecting.
    """
    session = started(customer, new("cart"))
    ended(world, customer, session, cars)

    assert invoices(customer) == [("1.50", "paid")]
    assert hold_of(customer, session) == ("captured", "0.90")
    assert (collected_from(customer, world), world.stripe.open_drafts()) == (150, 0)


def test_what_declines_starts_nothing_and_another_card_does(
    world: World, cars: Partner, new: Callable[[str], str]
) -> None:
    customer, code = world.customer("pm_card_chargeCustomerFail"), new("car")
    quote = customer.quote(code)["quote"]
    problem = refused(start(customer, code, quote), 402, "hold_declined")
    assert problem["facts"]["reason"] == "generic_decline"
    assert customer.read(SESSIONS) == []
    world.save_card(customer, "pm_card_visa")

    session = str(done(start(customer, code, quote))["session_id"])
    assert done(start(customer, code, quote))["session_id"] == session
    ended(world, customer, session, cars)
    assert hold_of(customer, session) == ("captured", "1.50")


def test_the_bank_asks_and_the_start_goes_on_once_it_was_answered(
    world: World, cars: Partner, new: Callable[[str], str]
) -> None:
    customer, code = world.customer(), new("car")
    world.stripe.change_card(card_of(customer), asks=True)
    quote = customer.quote(code)["quote"]
    facts = refused(start(customer, code, quote), 402, "hold_needs_authentication")["facts"]
    again = refused(start(customer, code, quote), 402, "hold_needs_authentication")["facts"]
    assert again == facts
    shown = world.nobody.read("/local")["stripe"]
    told = pay(shown["api_base"], shown["publishable_key"], facts["client_secret"], facts["payment_method"])
    world.stripe.authenticate(told["id"])

    session = str(done(start(customer, code, quote))["session_id"])
    assert intents(world, customer) == ["requires_capture"]
    ended(world, customer, session, cars)
    assert hold_of(customer, session) == ("captured", "1.50")


def test_a_start_that_is_refused_after_it_was_held_lets_it_go(
    world: World, customer: Customer, new: Callable[[str], str]
) -> None:
    code = new("car")
    running = started(customer, new("cart"))
    done(customer.put("/mobile/v1/me/limits", {"most_open": 1}))
    customer.end(running)
    world.settle()
    taken = new("car")
    quote = customer.quote(taken)["quote"]
    started(world.customer(), taken)
    refused(start(customer, taken, quote), 409, "asset_in_use")
    assert len(intents(world, customer)) == 1
    started(customer, world.partner().bike())

    refused(start(customer, code), 409, "too_many_open")
    assert intents(world, customer)[1:] == ["requires_capture"]
    world.settle()
    assert intents(world, customer)[1:] == ["canceled"]


def test_what_was_asked_for_and_has_no_session_is_found_and_let_go(
    world: World, customer: Customer, new: Callable[[str], str]
) -> None:
    """
    Stripe has done it and its answer is lost, so the start is refused, and nobody comes back.
    """
    code = new("car")
    for _ in range(3):
        world.stripe.fail_next("payment_intents.create", "timeout_after_applying")
    refused(start(customer, code), 503, "collector_unavailable")
    assert intents(world, customer) == ["requires_capture"]
    world.later(minutes=30)

    assert intents(world, customer) == ["canceled"]


def test_a_session_that_came_to_nothing_worth_collecting_lets_it_go_at_once(
    world: World, customer: Customer, cars: Partner, new: Callable[[str], str]
) -> None:
    """
    Nothing of it is charged, by a tariff that has no price for so little.
    """
    free = {
        **CITY_BIKE_TARIFF,
        "prices": [{"id": "time", "kind": "unit", "meter": "use_seconds", "unit_amount": "0.0005"}],
    }
    done(cars.put("/partner/v1/products/free", {**CITY_BIKE, "name": "free", "policy": {"hold": {"amount": "5.00"}}}))
    done(cars.post("/partner/v1/products/free/tariffs", {**free, "caps": []}))
    session = started(customer, new("free"))
    customer.end(session)
    world.settle()

    assert (hold_of(customer, session), invoices(customer)) == (("released", "0.00"), [])
    assert (intents(world, customer), notices(customer)) == (["canceled"], ["hold_released"])


@pytest.fixture(scope="module")
def rider(world: World) -> Customer:
    return world.customer()


class TestALongSession:
    """The tests of this class follow one session over a hold's whole life."""

    session: str

    def test_it_is_renewed_before_the_bank_lets_go_of_it_the_next_one_first(
        self, world: World, rider: Customer, new: Callable[[str], str]
    ) -> None:
        TestALongSession.session = started(rider, new("car"))
        world.later(days=4, hours=6)

        assert intents(world, rider) == ["canceled", "requires_capture"]
        assert rider.read(f"{SESSIONS}/{self.session}")["hold"]["state"] == "held"
        assert "hold_expired" not in notices(rider)

    def test_declined_it_is_told_and_nothing_more_is_started(
        self, world: World, rider: Customer, partner: Partner
    ) -> None:
        world.stripe.change_card(card_of(rider), declines="insufficient_funds")
        world.later(days=4, hours=6)

        assert intents(world, rider)[:2] == ["canceled", "requires_capture"]
        assert notices(rider)[0] == "hold_not_renewed"
        assert rider.read("/mobile/v1/me")["payment"] == "payment_failed"
        refused(start(rider, partner.bike()), 402, "payment_not_in_order")

    def test_with_another_card_it_stands_again_and_the_account_is_in_order(self, world: World, rider: Customer) -> None:
        world.save_card(rider, "pm_card_mastercard")

        assert rider.read("/mobile/v1/me")["payment"] == "in_order"
        assert [each for each in intents(world, rider) if each == "requires_capture"] == ["requires_capture"]
        assert rider.read(f"{SESSIONS}/{self.session}")["hold"]["state"] == "held"

    def test_at_its_end_it_pays_its_part_and_no_hold_is_left(
        self, world: World, rider: Customer, cars: Partner
    ) -> None:
        ended(world, rider, self.session, cars)

        state, captured = hold_of(rider, self.session)
        (paid,) = invoices(rider)
        assert (state, paid[1]) == ("captured", "paid")
        assert collected_from(rider, world) == int(paid[0].replace(".", ""))
        assert captured == min(paid[0], "20.00", key=float)
        assert "requires_capture" not in intents(world, rider)


def test_a_dispute_of_a_bill_with_a_hold_and_a_charge_beside_use_has_both_in_its_evidence_and_its_trace(
    world: World, cars: Partner, new: Callable[[str], str]
) -> None:
    rider = world.customer()
    session = started(rider, new("car"))
    body = {"session_id": session, "kind": "delivery", "amount": "10.00", "happened_at": world.system.now().isoformat()}
    charge = done(cars.post("/partner/v1/charges", {**body, "description": {"en": "Brought"}}))["charge_id"]
    done(cars.post(f"/partner/v1/charges/{charge}/submit"))
    done(rider.post(f"/mobile/v1/charges/{charge}/accept"))
    ended(world, rider, session, cars)
    assert (hold_of(rider, session), collected_from(rider, world)) == (("captured", "1.50"), 1150)
    world.later(minutes=1)
    (by_card,) = [each for each in charges_at_stripe(world, rider) if each["amount_captured"] == 1000]
    dispute = world.stripe.open_dispute(by_card["id"])
    world.settle()
    done(world.finance.post(f"/finance/v1/disputes/{dispute}/evidence"))
    world.settle()
    shown = world.finance.read(f"/finance/v1/disputes/{dispute}/evidence")
    archive = zipfile.ZipFile(io.BytesIO(urllib.request.urlopen(shown["href"]).read()))
    papers = {name: json.loads(archive.read(name)) for name in ("holds.json", f"charges/{charge}.json")}

    assert [(each["session"], each["captured"]["amount"]) for each in papers["holds.json"]] == [(session, "1.50")]
    assert [each["state"] for each in papers[f"charges/{charge}.json"]["history"]][-2:] == ["accepted", "billed"]
    for begin in (dispute, f"{session}:1", session, charge):
        found = {each["kind"]: each for each in world.finance.read(f"/finance/v1/trace?id={begin}")["hops"]}
        assert (found["hold"]["id"], found["beside_use"]["id"], found["dispute"]["id"]) == (
            f"{session}:1",
            charge,
            dispute,
        )


def charges_at_stripe(world: World, customer: Customer) -> list[dict[str, Any]]:
    owner = payer_of(customer).provider_customer
    return [dict(each) for each in world.stripe._store.every("charge") if each["customer"] == owner]


def test_what_its_bank_let_go_of_is_learnt_from_the_charge_alone_told_and_held_anew(
    world: World, new: Callable[[str], str]
) -> None:
    """
    No timer has fired for eight days, and of what Stripe tells only `charge.expired` comes.
    """
    customer = world.customer()
    session = started(customer, new("car"))
    world.stripe.listen_no_more_to("payment_intent.canceled")
    world.late(days=8)
    world.settle()

    assert [each for each in notices(customer) if each.startswith("hold")] == ["hold_expired"]
    assert intents(world, customer) == ["canceled", "requires_capture"]
    assert customer.read(f"{SESSIONS}/{session}")["hold"]["state"] == "held"
    world.stripe.also_listen_to("payment_intent.canceled")


def test_renewed_while_its_bank_asks_the_session_leads_back_to_it_and_it_stands_once_that_was_answered(
    world: World, cars: Partner, partner: Partner, new: Callable[[str], str]
) -> None:
    customer = world.customer()
    session = started(customer, new("car"))
    path = f"{SESSIONS}/{session}/hold/confirmation"
    refused(customer.get(path), 404, "nothing_to_confirm")
    world.stripe.change_card(card_of(customer), asks=True)
    world.later(days=4, hours=6)
    assert notices(customer)[0] == "hold_needs_authentication"
    refused(start(customer, partner.bike()), 402, "payment_not_in_order")

    shown, asked = world.nobody.read("/local")["stripe"], customer.read(path)
    assert asked["amount"]["amount"] == "20.00"
    told = pay(shown["api_base"], shown["publishable_key"], asked["client_secret"], asked["payment_method"])
    world.stripe.authenticate(told["id"])
    world.settle()
    assert intents(world, customer) == ["canceled", "requires_capture"]
    assert customer.read("/mobile/v1/me")["payment"] == "in_order"
    refused(customer.get(path), 404, "nothing_to_confirm")
    ended(world, customer, session, cars)
    assert hold_of(customer, session)[0] == "captured"
