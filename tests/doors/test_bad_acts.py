"""What a customer asks for that cannot be: each a clear problem, and nothing is changed by it."""

from datetime import timedelta

import jwt
import pytest

from tests.doors.callers import done, refused
from tests.doors.world import Customer, Partner, World

SESSIONS = "/mobile/v1/access-sessions"


@pytest.mark.parametrize("unknown", ["NOBODY-HAS-THIS", "lower", "x" * 200, "Ω", "BIKE-00001'; --"])
def test_a_code_that_nothing_carries_is_not_found(customer: Customer, unknown: str) -> None:
    before = customer.everything()

    reply = customer.post("/mobile/v1/quotes", {"code": unknown, "need": {}}, key=None)

    refused(reply, 404, "unknown_code")
    assert customer.everything() == before


def test_a_code_of_an_asset_that_was_retired_is_not_found(customer: Customer, partner: Partner, code: str) -> None:
    partner.put(f"/partner/v1/assets/{code.lower()}", {"product_id": "city-bike", "code": code, "retired": True})

    refused(customer.post("/mobile/v1/quotes", {"code": code}, key=None), 404, "unknown_code")


def test_a_quote_does_not_start_an_asset_that_was_retired_since(
    customer: Customer, partner: Partner, code: str
) -> None:
    quote = customer.quote(code)["quote"]
    partner.put(f"/partner/v1/assets/{code.lower()}", {"product_id": "city-bike", "code": code, "retired": True})

    refused(customer.post(SESSIONS, {"code": code, "quote": quote}), 409, "asset_retired")
    assert customer.read(SESSIONS) == []


def test_an_asset_in_use_is_neither_quoted_nor_started_by_another(world: World, customer: Customer, code: str) -> None:
    """
    Both had a quote; one was faster. The one who was slower is told so, holds nothing and owes nothing.
    """
    slower = world.customer()
    quote, before = slower.quote(code)["quote"], slower.everything()
    session = customer.start(code)

    refused(slower.post(SESSIONS, {"code": code, "quote": quote}), 409, "asset_in_use")
    refused(slower.post("/mobile/v1/quotes", {"code": code}, key=None), 409, "asset_in_use")

    assert slower.everything() == before
    assert [each["session_id"] for each in customer.read(SESSIONS)] == [session]


def test_an_ended_session_ended_again_has_its_receipt_and_stays_as_it_is(
    world: World, customer: Customer, code: str
) -> None:
    session = customer.start(code)
    world.later(minutes=5)
    receipt = customer.end(session)
    world.later(minutes=40)
    before = customer.everything()

    assert done(customer.post(f"{SESSIONS}/{session}/end")) == receipt

    assert customer.everything() == before
    assert customer.read(f"{SESSIONS}/{session}/receipt") == receipt


def test_a_session_that_is_open_has_no_receipt_yet(customer: Customer, code: str) -> None:
    session = customer.start(code)

    refused(customer.get(f"{SESSIONS}/{session}/receipt"), 409, "not_charged")
    refused(customer.get(f"{SESSIONS}/{session}/receipt.txt"), 409, "not_charged")


def test_the_wrong_customer_cannot_end_a_session(world: World, customer: Customer, code: str) -> None:
    """
    To a stranger the session is not there at all: the refusal does not tell whether somebody else has it.
    """
    session, stranger = customer.start(code), world.customer()
    before = customer.everything()

    theirs = refused(stranger.post(f"{SESSIONS}/{session}/end"), 404, "unknown_session")
    none = refused(stranger.post(f"{SESSIONS}/{session[:-1]}x/end"), 404, "unknown_session")

    assert theirs["title"] == none["title"]
    assert customer.everything() == before


def test_a_quote_belongs_to_the_customer_who_asked(world: World, customer: Customer, code: str) -> None:
    quote, stranger = customer.quote(code)["quote"], world.customer()

    refused(stranger.post(SESSIONS, {"code": code, "quote": quote}), 403, "quote_for_another")
    assert stranger.read(SESSIONS) == []


def test_a_quote_is_for_the_asset_that_was_scanned(customer: Customer, partner: Partner, code: str) -> None:
    other = partner.bike()
    quote = customer.quote(other)["quote"]

    refused(customer.post(SESSIONS, {"code": code, "quote": quote}), 422, "wrong_code", "/code")
    assert customer.read(SESSIONS) == []


def test_a_quote_is_stale_once_its_time_is_over(world: World, customer: Customer, code: str) -> None:
    quote = customer.quote(code)
    world.until(world.system.now() + timedelta(hours=1))

    assert quote["valid_until"] < world.system.now().isoformat()
    refused(customer.post(SESSIONS, {"code": code, "quote": quote["quote"]}), 409, "quote_stale")
    assert customer.read(SESSIONS) == []


def test_a_quote_that_was_made_cheaper_is_forged(customer: Customer, code: str) -> None:
    token = customer.quote(code)["quote"]
    head = jwt.get_unverified_header(token)
    promise = jwt.decode(token, options={"verify_signature": False})
    cheaper = jwt.encode({**promise, "worst_case": 1}, "a key of the forger's own, 32 characters", headers=head)
    unsigned = jwt.encode({**promise, "worst_case": 1}, None, algorithm="none", headers={"kid": head["kid"]})

    for forged in (cheaper, unsigned, token[:-4] + "AAAA", "no quote at all"):
        refused(customer.post(SESSIONS, {"code": code, "quote": forged}), 422, "quote_forged")
    assert customer.read(SESSIONS) == []


@pytest.mark.parametrize("amount", ["-1", "NaN", "Infinity", "1e30", "ten", "", "0.0000000000001", "1E2", "+1", "1_0"])
def test_a_need_that_is_no_quantity_is_not_quoted(customer: Customer, code: str, amount: str) -> None:
    reply = customer.post("/mobile/v1/quotes", {"code": code, "need": {"use_seconds": amount}}, key=None)

    assert reply.status == 422
    refused(reply, 422, reply.json["code"], "/need/use_seconds")


def test_a_need_of_a_meter_that_the_tariff_lacks_is_not_quoted(customer: Customer, code: str) -> None:
    reply = customer.post("/mobile/v1/quotes", {"code": code, "need": {"kilometres": "5"}}, key=None)

    refused(reply, 422, "invalid_use", "/need/kilometres")


def test_who_has_not_signed_up_can_do_nothing_but_that(world: World, code: str) -> None:
    visitor = world.visitor()

    refused(visitor.get("/mobile/v1/me"), 403, "not_signed_up")
    refused(visitor.post("/mobile/v1/quotes", {"code": code}, key=None), 403, "not_signed_up")
    refused(visitor.post("/mobile/v1/me/payment-methods"), 403, "not_signed_up")


def test_terms_that_are_not_in_force_are_not_accepted(world: World) -> None:
    visitor = world.visitor()

    reply = visitor.post("/mobile/v1/me", {"terms_version": "0.9", "language": "fi"})

    refused(reply, 422, "terms_not_shown", "/terms_version")
    world.settle()
    refused(visitor.get("/mobile/v1/me"), 403, "not_signed_up")


@pytest.mark.parametrize("month", ["2021-13", "2021-00", "21-05", "2021-5", "May", "99999-01", "0000-01"])
def test_a_month_that_is_none_is_refused_and_named(customer: Customer, month: str) -> None:
    assert refused(customer.get(f"/mobile/v1/statements/{month}"), 422, "not_a_month")["facts"] == {"value": month}
