"""A refusal tells what to do instead: an easy slip is named, and nothing is told that is not the caller's."""

import pytest

from tests.doors.callers import Caller, refused
from tests.doors.world import Customer, Partner, World

SESSIONS = "/mobile/v1/access-sessions"
QUOTES = "/mobile/v1/quotes"


def test_a_need_that_is_no_text_is_pointed_at_by_its_meter(customer: Customer, code: str) -> None:
    problem = refused(
        customer.post(QUOTES, {"code": code, "need": {"use_seconds": 2400}}, key=None),
        422,
        "body_invalid",
        "/need/use_seconds",
    )

    assert problem["facts"]["wanted"] == "decimal text, in quotes"


def test_a_value_that_is_none_of_the_valid_ones_is_told_these(partner: Partner) -> None:
    place = {"name": "x", "latitude": "1", "longitude": "1"}
    zone = {"name": "z", "kind": "parking", "polygon": [["1", "1"], ["1", "2"], ["2", "1"]]}

    problem = refused(partner.get("/partner/v1/cases?state=opened"), 422, "query_invalid", "/state")
    assert problem["facts"]["one_of"] == ["closed", "open"]
    reply = partner.put("/partner/v1/places/p1", {**place, "service_zones": [zone]})
    problem = refused(reply, 422, "body_invalid", "/service_zones/0/kind")
    assert problem["facts"]["one_of"] == ["no_parking", "operating", "return"]


def test_who_sends_the_id_of_a_quote_is_told_to_send_the_quote(customer: Customer, code: str) -> None:
    quote = customer.quote(code)

    by_id = refused(customer.post(SESSIONS, {"code": code, "quote": quote["quote_id"]}), 422, "quote_forged")
    changed = refused(customer.post(SESSIONS, {"code": code, "quote": quote["quote"] + "A"}), 422, "quote_forged")

    assert "send the quote itself" in by_id["facts"]["hint"]
    assert "facts" not in changed


def test_a_code_in_small_letters_is_hinted_at(customer: Customer, code: str) -> None:
    small = refused(customer.post(QUOTES, {"code": code.lower()}, key=None), 404, "unknown_code")
    capital = refused(customer.post(QUOTES, {"code": "NOBODY-HAS-THIS"}, key=None), 404, "unknown_code")

    assert small["facts"] == {"code": code.lower(), "hint": "codes are in capital letters"}
    assert capital["facts"] == {"code": "NOBODY-HAS-THIS"}


@pytest.mark.parametrize("path", [QUOTES, SESSIONS, "/mobile/v1/reservations"])
def test_who_asks_again_for_what_they_use_themselves_is_told_their_session(
    customer: Customer, code: str, path: str
) -> None:
    accepted = {"code": code, "quote": customer.quote(code)["quote"]}
    session = customer.start(code)

    body = {"code": code} if path == QUOTES else accepted
    problem = refused(customer.post(path, body), 409, "asset_in_use")

    assert problem["facts"]["your_session"] == session


def test_who_asks_for_what_they_have_reserved_is_told_their_reservation(customer: Customer, code: str) -> None:
    accepted = {"code": code, "quote": customer.quote(code)["quote"]}
    session = customer.post("/mobile/v1/reservations", accepted).json["session_id"]

    problem = refused(customer.post(QUOTES, {"code": code}, key=None), 409, "asset_in_use")

    assert problem["facts"]["your_session"] == session


def test_nobody_is_told_the_session_of_somebody_else(world: World, customer: Customer, code: str) -> None:
    """
    Who asks has another thing in use, which is not the one that is asked for.
    """
    other = world.customer()
    accepted = {"code": code, "quote": other.quote(code)["quote"]}
    other.start(world.partner("Elsewhere").bike())
    customer.start(code)

    for path, body in ((QUOTES, {"code": code}), (SESSIONS, accepted)):
        assert "your_session" not in refused(other.post(path, body), 409, "asset_in_use")["facts"]


def test_who_comes_without_a_key_or_with_anothers_token_is_told_what_is_wanted(
    world: World, customer: Customer, partner: Partner
) -> None:
    keyless = refused(world.nobody.get("/partner/v1/keys"), 401, "unauthenticated")
    customers = refused(customer.get("/finance/v1/exports"), 401, "token_refused")
    staffs = refused(world.finance.get("/mobile/v1/me"), 401, "token_refused")
    nobodys = refused(world.nobody.get("/mobile/v1/me"), 401, "unauthenticated")
    partners = refused(Caller(partner.base, partner.token).get("/mobile/v1/me"), 401, "token_refused")

    assert "X-Api-Key" in keyless["facts"]["wanted"]
    assert customers["facts"] == {
        "reason": "made by another issuer",
        "wanted": "an access token of the staff's user pool",
    }
    assert staffs["facts"]["wanted"] == nobodys["facts"]["wanted"] == "an access token of the customers' user pool"
    assert partners["facts"]["reason"] == "not a token"


def test_a_token_whose_signature_was_cut_is_told_apart_from_what_is_no_token(customer: Customer) -> None:
    cut = refused(Caller(customer.base, f"{customer.token}=").get("/mobile/v1/me"), 401, "token_refused")
    none = refused(Caller(customer.base, "hello").get("/mobile/v1/me"), 401, "token_refused")

    assert [each["facts"]["reason"] for each in (cut, none)] == ["a part of the token cannot be read", "not a token"]
