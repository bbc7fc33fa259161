"""Idempotency-Key: a repeat gets the first answer and does nothing; the key belongs to one caller and one request."""

from collections.abc import Callable

import pytest

from tests.doors.callers import Caller, Json, Reply, done, refused
from tests.doors.world import Customer, Partner, World

SESSIONS = "/mobile/v1/access-sessions"
REPLAYED = "idempotency-replayed"


def same(first: Reply, again: Reply) -> None:
    """The second answer is the first one, said to be a repeat."""
    assert first.status < 300, first
    assert (again.status, again.content) == (first.status, first.content)
    assert REPLAYED not in first.headers
    assert again.headers[REPLAYED] == "true"


def posts_of(world: World, door: str) -> list[tuple[str, bool]]:
    """Each POST of a door as its OpenAPI document has it, and whether it asks for an Idempotency-Key."""
    found = []
    for path, methods in world.nobody.read(f"/{door}/openapi.json")["paths"].items():
        if "post" in methods:
            names = {each["name"] for each in methods["post"]["parameters"]}
            found.append((path, "Idempotency-Key" in names))
    return found


def test_every_post_takes_a_key_but_those_that_need_none(world: World) -> None:
    """
    A quote, an invitation and a simulation change nothing; events, signals, webhooks and streams have ids of their own.
    """
    without = {
        (door, path)
        for door in ("mobile", "partner", "finance", "workers")
        for path, takes in posts_of(world, door)
        if not takes
    }

    assert without == {
        ("mobile", "/v1/booking-quotes"),
        ("mobile", "/v1/quotes"),
        ("mobile", "/v1/me/sign-in"),
        ("mobile", "/v1/memberships/invitation"),
        ("mobile", "/v1/access-sessions/{session_id}/sharing"),
        ("mobile", "/v1/shared-sessions/invitation"),
        ("partner", "/v1/devices/{device_id}/signals"),
        ("partner", "/v1/entitlements/streams"),
        ("partner", "/v1/entitlements/streams/close"),
        ("partner", "/v1/events"),
        ("partner", "/v1/simulations"),
        ("finance", "/v1/simulations"),
        ("workers", "/v1/stripe/webhooks"),
    }


@pytest.mark.parametrize("key", [None, "", " ", "x" * 256, "with space", "ümlaut"])
def test_a_post_without_a_usable_key_is_refused_and_not_done(
    world: World, customer: Customer, partner: Partner, key: str | None
) -> None:
    """
    On every route that takes one.
    """
    keys = len(partner.read("/partner/v1/keys"))
    for door, caller in (
        ("mobile", customer),
        ("partner", partner),
        ("finance", world.staff("bo", "finance", "operator")),
    ):
        for path, takes in posts_of(world, door):
            if takes:
                reply = caller.post(f"/{door}{path.replace('{', '').replace('}', '')}", {"label": "x"}, key=key)
                refused(reply, 400, "idempotency_key_missing")

    assert len(partner.read("/partner/v1/keys")) == keys
    assert customer.read(SESSIONS) == []


def test_a_start_repeated_is_one_session_with_one_answer(customer: Customer, code: str) -> None:
    body = {"code": code, "quote": customer.quote(code)["quote"]}

    first, again = (customer.post(SESSIONS, body, key="start-1") for _ in range(2))

    same(first, again)
    assert [each["session_id"] for each in customer.read(SESSIONS)] == [first.json["session_id"]]


def test_an_end_repeated_gets_the_receipt_again(world: World, customer: Customer, code: str) -> None:
    """
    Also long after, and under another key.
    """
    session = customer.start(code)
    world.later(minutes=5)
    first = customer.post(f"{SESSIONS}/{session}/end", key="end-1")
    world.later(hours=20)

    same(first, customer.post(f"{SESSIONS}/{session}/end", key="end-1"))
    assert done(customer.post(f"{SESSIONS}/{session}/end", key="end-2")) == first.json


def test_a_repeat_of_a_start_after_the_end_starts_nothing(world: World, customer: Customer, code: str) -> None:
    body = {"code": code, "quote": customer.quote(code)["quote"]}
    first = customer.post(SESSIONS, body, key="start-once")
    customer.end(first.json["session_id"])
    world.settle()

    same(first, customer.post(SESSIONS, body, key="start-once"))
    assert customer.read(SESSIONS) == []


def test_the_same_key_with_another_body_is_refused_and_does_nothing(customer: Customer, partner: Partner) -> None:
    codes = [partner.bike(), partner.bike()]
    bodies = [{"code": each, "quote": customer.quote(each)["quote"]} for each in codes]
    first = customer.post(SESSIONS, bodies[0], key="one-key")

    refused(customer.post(SESSIONS, bodies[1], key="one-key"), 422, "idempotency_key_reused")

    assert [each["session_id"] for each in customer.read(SESSIONS)] == [first.json["session_id"]]
    same(first, customer.post(SESSIONS, bodies[0], key="one-key"))


def test_the_same_key_on_another_route_is_refused_and_does_nothing(customer: Customer, code: str) -> None:
    session = customer.post(SESSIONS, {"code": code, "quote": customer.quote(code)["quote"]}, key="both").json

    refused(customer.post(f"{SESSIONS}/{session['session_id']}/end", key="both"), 422, "idempotency_key_reused")

    assert customer.read(f"{SESSIONS}/{session['session_id']}")["session"]["state"] == "active"


def test_the_same_key_for_another_session_is_refused_and_does_nothing(customer: Customer, partner: Partner) -> None:
    one, other = customer.start(partner.bike()), customer.start(partner.bike())
    done(customer.post(f"{SESSIONS}/{one}/end", key="the-end"))

    refused(customer.post(f"{SESSIONS}/{other}/end", key="the-end"), 422, "idempotency_key_reused")

    assert [each["session_id"] for each in customer.read(SESSIONS)] == [other]


def test_a_key_of_an_act_that_found_nothing_to_do_is_used_all_the_same(world: World) -> None:
    """
    Closing a closed month changes nothing; its key is not free for another month.
    """
    path = "/finance/v1/closes"
    done(world.finance.post(path, {"month": "2021-02"}))
    world.settle()
    first = world.finance.post(path, {"month": "2021-02"}, key="close-again")

    refused(world.finance.post(path, {"month": "2021-01"}, key="close-again"), 422, "idempotency_key_reused")

    same(first, world.finance.post(path, {"month": "2021-02"}, key="close-again"))
    refused(world.finance.get(f"{path}/2021-01"), 404, "not_closed")


def test_another_callers_same_key_is_another_key(world: World, partner: Partner) -> None:
    """
    Two customers and two partners count their keys from one; nobody gets another's answer.
    """
    for caller in (world.customer(), world.customer()):
        code = partner.bike()
        reply = caller.post(SESSIONS, {"code": code, "quote": caller.quote(code)["quote"]}, key="1")
        assert (reply.status, REPLAYED in reply.headers) == (201, False)
        assert reply.json["asset"] == code.lower()
    made = [each.post("/partner/v1/keys", {"label": "x"}, key="1") for each in (partner, world.partner("Other"))]
    assert [REPLAYED in reply.headers for reply in made] == [False, False]
    assert len({reply.json["key"] for reply in made}) == 2


def test_a_refusal_is_not_kept_under_its_key(world: World, code: str) -> None:
    """
    What was refused was not done: once the reason is gone, the same request under the same key works.
    """
    customer = world.customer(card=None)
    body = {"code": code, "quote": customer.quote(code)["quote"]}
    refused(customer.post(SESSIONS, body, key="try"), 402, "payment_not_in_order")

    world.save_card(customer, "pm_card_visa")

    reply = customer.post(SESSIONS, body, key="try")
    assert (reply.status, REPLAYED in reply.headers) == (201, False)


def test_a_card_setup_repeated_is_one_setup(world: World) -> None:
    customer = world.customer(card=None)

    same(*(customer.post("/mobile/v1/me/payment-methods", key="card") for _ in range(2)))


def test_a_sign_up_repeated_is_one_account_and_another_one_is_refused(world: World) -> None:
    visitor, body = world.visitor(), {"terms_version": "1", "language": "fi"}
    same(*(visitor.post("/mobile/v1/me", body, key="me") for _ in range(2)))
    world.settle()
    account = visitor.read("/mobile/v1/me")

    refused(visitor.post("/mobile/v1/me", body, key="me-again"), 409, "already_agreed")

    assert visitor.read("/mobile/v1/me") == account


def shown_once(caller: Caller, path: str, body: dict[str, str], find: Callable[[Json], dict[str, str]]) -> str:
    """The first answer has the key's text, a repeat has all but that; the text."""
    first, again = (caller.post(path, body, key=f"new{path}") for _ in range(2))
    shown = first.json
    text = find(shown).pop("key")
    assert text.startswith("adg_test_")
    assert (again.status, again.headers[REPLAYED]) == (first.status, "true")
    assert again.json == shown
    return text


def test_the_secret_of_a_new_partners_key_is_shown_once_only(world: World) -> None:
    """
    The repeat shows the same partner and the same key without its text; there is one partner, and the key works.
    """
    text = shown_once(world.operator, "/finance/v1/partners", {"name": "Once"}, lambda shown: shown["key"])

    assert len(Caller(world.operator.base, text).read("/partner/v1/keys")) == 1


def test_the_secret_of_a_partners_further_key_is_shown_once_only(world: World) -> None:
    """
    Whether the partner asks for it or the operator does.
    """
    partner = world.partner()
    where = f"/finance/v1/partners/{partner.partner_id}/keys"

    texts = [
        shown_once(partner, "/partner/v1/keys", {"label": "second"}, lambda shown: shown),
        shown_once(world.operator, where, {"label": "third"}, lambda shown: shown),
    ]

    assert [len(Caller(partner.base, text).read("/partner/v1/keys")) for text in texts] == [3, 3]


def test_a_tariff_published_twice_under_one_key_is_one_version(world: World) -> None:
    partner = world.partner()
    path = "/partner/v1/products/city-bike/tariffs"
    rules = {
        "currency": "EUR",
        "tax_inclusive": True,
        "meters": [],
        "prices": [{"id": "go", "kind": "flat", "charge_class": "use", "amount": "1.00"}],
    }

    first, again = (partner.post(path, rules, key="tariff-2") for _ in range(2))

    same(first, again)
    assert first.json["version"] == 2
    assert partner.read("/partner/v1/products/city-bike")["tariff_version"] == 2
