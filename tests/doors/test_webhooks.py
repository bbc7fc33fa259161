"""Stripe's webhooks: only Stripe's own, of this mode, not too old; and each counts once however often it comes."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from infra.local.stripe_double.stripe_js import save_card
from tests.doors.callers import Reply, done, refused
from tests.doors.world import Customer, World

WEBHOOKS = "/workers/v1/stripe/webhooks"
SECRET = "whsec_local"


def signature(raw: bytes, *, secret: str = SECRET, age: int = 0, scheme: str = "v1") -> str:
    at = int(time.time()) - age
    mark = hmac.new(secret.encode(), f"{at}.".encode() + raw, hashlib.sha256).hexdigest()
    return f"t={at},{scheme}={mark}"


def event(event_id: str, intent: str, **changed: object) -> bytes:
    about: dict[str, Any] = {
        "id": event_id,
        "object": "event",
        "type": "setup_intent.succeeded",
        "livemode": False,
        "data": {"object": {"id": intent, "object": "setup_intent"}},
    }
    return json.dumps({**about, **changed}).encode()


def send(world: World, raw: bytes, signed: str | None) -> Reply:
    headers = {"Stripe-Signature": signed} if signed is not None else {}
    return world.nobody.post(WEBHOOKS, raw=raw, headers=headers, key=None)


@pytest.fixture
def waiting(world: World) -> Iterator[tuple[Customer, str]]:
    """A customer whose card Stripe has saved, of which Stripe's own webhook got lost; and the setup's id.

    Whatever a test sends, the good webhook works afterwards.
    """
    customer = world.customer(card=None)
    setup = done(customer.post("/mobile/v1/me/payment-methods"))
    shown = world.nobody.read("/local")["stripe"]
    save_card(shown["api_base"], shown["publishable_key"], setup["client_secret"], "pm_card_visa")
    assert world.stripe.deliver(lambda _body, _headers: 200) > 0
    assert payment(world, customer) == "card_needed"
    yield customer, str(setup["setup_intent"])
    raw = event(f"evt_after_{setup['setup_intent']}", setup["setup_intent"])
    send(world, raw, signature(raw))
    assert payment(world, customer) == "in_order"


def payment(world: World, customer: Customer) -> str:
    """How the customer's payment stands, once everything that came in is handled."""
    world.settle()
    return str(customer.read("/mobile/v1/me")["payment"])


def test_a_good_webhook_counts(world: World, waiting: tuple[Customer, str]) -> None:
    """
    What the tests of bad webhooks stand on.
    """
    customer, intent = waiting
    raw = event("evt_good", intent)

    assert done(send(world, raw, signature(raw))) == {"received": True, "new": True}

    assert payment(world, customer) == "in_order"


@pytest.mark.parametrize("kind", ["secret", "scheme", "body", "old", "ahead", "none", "empty", "times", "text"])
def test_a_webhook_whose_signature_does_not_fit_is_refused(
    world: World, waiting: tuple[Customer, str], kind: str
) -> None:
    customer, intent = waiting
    raw = event(f"evt_{kind}", intent)
    bad = {
        "secret": signature(raw, secret="whsec_of_somebody_else"),
        "scheme": signature(raw, scheme="v0"),
        "body": signature(raw + b" "),
        "old": signature(raw, age=600),
        "ahead": signature(raw, age=-600),
        "none": None,
        "empty": "",
        "times": signature(raw) + ",t=1",
        "text": "t=now,v1=x",
    }[kind]

    problem = refused(send(world, raw, bad), 403, "signature_refused")

    assert SECRET not in str(problem)
    assert payment(world, customer) == "card_needed"


def test_one_of_several_signatures_is_enough(world: World, waiting: tuple[Customer, str]) -> None:
    """
    While Stripe's secret is being rotated, two signatures come along.
    """
    customer, intent = waiting
    raw = event("evt_rotated", intent)
    other = signature(raw, secret="whsec_the_new_one").partition(",")[2]

    assert send(world, raw, f"{signature(raw)},{other}").status == 200
    assert payment(world, customer) == "in_order"


def test_a_webhook_of_live_mode_is_refused_here(world: World, waiting: tuple[Customer, str]) -> None:
    customer, intent = waiting
    raw = event("evt_live", intent, livemode=True)

    refused(send(world, raw, signature(raw)), 403, "signature_refused")

    assert payment(world, customer) == "card_needed"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"id": 1}',
        json.dumps({"id": "evt_x", "type": "invoice.paid", "livemode": False}).encode(),
    ],
)
def test_a_signed_webhook_that_is_no_event_is_refused(world: World, raw: bytes) -> None:
    refused(send(world, raw, signature(raw)), 422, "bad_webhook")


def test_a_webhook_sent_three_times_counts_once(world: World, waiting: tuple[Customer, str]) -> None:
    """
    Each is answered as received, so that Stripe stops sending; only the first is new.
    """
    customer, intent = waiting
    raw = event("evt_thrice", intent)

    answers = [done(send(world, raw, signature(raw))) for _ in range(3)]
    world.settle()
    answers.append(done(send(world, raw, signature(raw))))

    assert [answer["new"] for answer in answers] == [True, False, False, False]
    assert all(answer["received"] for answer in answers)
    assert payment(world, customer) == "in_order"


@pytest.mark.parametrize("kind", ["charge.refunded", "something.new", "setup_intent.setup_failed"])
def test_an_event_that_nobody_waits_for_is_taken_in_and_changes_nothing(
    world: World, waiting: tuple[Customer, str], kind: str
) -> None:
    customer, intent = waiting
    raw = event(f"evt_{kind}", intent, type=kind)

    assert done(send(world, raw, signature(raw)))["new"]

    assert payment(world, customer) == "card_needed"


def test_what_a_webhook_says_is_not_believed_but_read_again(world: World) -> None:
    """
    A signed event that claims a success which Stripe itself does not know of saves no card.
    """
    customer = world.customer(card=None)
    setup = done(customer.post("/mobile/v1/me/payment-methods"))
    raw = event("evt_claims", setup["setup_intent"])

    assert done(send(world, raw, signature(raw)))["new"]

    assert payment(world, customer) == "card_needed"
