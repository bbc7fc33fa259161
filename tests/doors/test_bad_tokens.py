"""Only a valid access token of the door's own user pool opens it; everything else gets 401 and does nothing."""

from collections.abc import Callable

import pytest

from tests.doors import tokens
from tests.doors.callers import Caller, refused
from tests.doors.world import Customer, World

BAD: list[Callable[[str], str]] = [
    tokens.expired,
    tokens.not_yet_valid,
    tokens.by_another_key,
    tokens.by_an_unknown_key,
    tokens.with_another_subject,
    tokens.unsigned,
    tokens.hs256_with_the_public_key,
    tokens.for_another_client,
    tokens.of_another_issuer,
    tokens.without_expiry,
    tokens.lasting_for_ever,
]
MALFORMED = ["x", "a.b.c", "..", "a.b", "null", "e30.e30.", "Bearer", "9" * 8000]


def stays_out(caller: Caller, path: str, code: str = "token_refused") -> None:
    """Refused by the door, told how to come in, and told nothing else."""
    reply = caller.get(path)
    refused(reply, 401, code)
    assert "bearer" in " ".join(value for name, value in reply.headers.items() if "authenticate" in name).lower()


def test_a_token_signed_again_as_it_was_opens_the_door(customer: Customer, world: World) -> None:
    """
    What the tests of bad tokens stand on: it is not the signing that makes those bad.
    """
    again = Caller(customer.base, tokens.signed(str(customer.token)))

    assert again.read("/mobile/v1/me") == customer.read("/mobile/v1/me")
    assert Caller(customer.base, tokens.signed(str(world.finance.token))).read("/finance/v1/exports")["items"] == []


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.__name__)
def test_a_bad_token_does_not_open_the_mobile_door(customer: Customer, bad: Callable[[str], str]) -> None:
    stays_out(Caller(customer.base, bad(str(customer.token))), "/mobile/v1/me")


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.__name__)
def test_a_bad_token_does_not_open_the_finance_door(world: World, bad: Callable[[str], str]) -> None:
    stays_out(Caller(world.nobody.base, bad(str(world.finance.token))), "/finance/v1/exports")


@pytest.mark.parametrize("text", MALFORMED)
def test_what_is_no_token_at_all_does_not_open_a_door(world: World, text: str) -> None:
    stays_out(Caller(world.nobody.base, text), "/mobile/v1/me")
    stays_out(Caller(world.nobody.base, text), "/finance/v1/exports")


@pytest.mark.parametrize("scheme", ["Basic", "bearer", "", "Token"])
def test_only_the_bearer_scheme_is_read_and_its_case_does_not_matter(customer: Customer, scheme: str) -> None:
    """
    RFC 9110: the name of a scheme is case-insensitive.
    """
    status = customer.get("/mobile/v1/me", headers={"Authorization": f"{scheme} {customer.token}"}).status

    assert status == (200 if scheme == "bearer" else 401)


@pytest.mark.parametrize("path", ["/mobile/v1/me", "/finance/v1/exports", "/partner/v1/keys"])
def test_without_a_token_or_a_key_no_door_opens(world: World, path: str) -> None:
    stays_out(world.nobody, path, "unauthenticated")


def test_an_id_token_is_no_access_token(world: World) -> None:
    """
    It tells the app who signed in, and is not meant to open anything. Cognito signs it with the same key.
    """
    system = world.system
    good = system.identity.sign_in("id@example.com")
    real = tokens.id_token(system, system.identity.customers, "id@example.com")
    made = tokens.signed(good, token_use="id", aud=tokens.claims_of(good)["client_id"], client_id=None)
    assert tokens.claims_of(real)["token_use"] == "id"

    for token in (real, made, tokens.signed(good, token_use="id"), tokens.signed(good, token_use=None)):
        stays_out(Caller(system.address, token), "/mobile/v1/me")


def test_an_id_token_of_staff_is_no_access_token(world: World) -> None:
    identity = world.system.identity
    identity.staff_sign_in("ida@staff.example", ["finance"])

    stays_out(
        Caller(world.nobody.base, tokens.id_token(world.system, identity.staff, "ida@staff.example")),
        "/finance/v1/exports",
    )


def test_a_token_of_staff_does_not_open_the_customers_door_nor_the_other_way_round(
    world: World, customer: Customer
) -> None:
    stays_out(Caller(customer.base, world.finance.token), "/mobile/v1/me")
    stays_out(Caller(customer.base, world.operator.token), "/mobile/v1/me")
    stays_out(customer, "/finance/v1/exports")


def test_a_customer_who_claims_the_groups_of_staff_stays_a_customer(customer: Customer) -> None:
    """
    Groups count in the staff's pool only, even if the customers' pool should ever give somebody such a group.
    """
    dressed = Caller(customer.base, tokens.signed(str(customer.token), **{"cognito:groups": ["operator", "finance"]}))

    stays_out(dressed, "/finance/v1/parked")
    assert dressed.get("/mobile/v1/me").status == 200


@pytest.mark.parametrize("bad", [tokens.expired, tokens.unsigned], ids=lambda bad: bad.__name__)
def test_an_act_with_a_bad_token_is_not_done(customer: Customer, code: str, bad: Callable[[str], str]) -> None:
    quote = customer.quote(code)["quote"]
    forger = Caller(customer.base, bad(str(customer.token)))

    refused(forger.post("/mobile/v1/access-sessions", {"code": code, "quote": quote}), 401, "token_refused")

    assert customer.read("/mobile/v1/access-sessions") == []
    assert customer.start(code)


def test_an_api_key_opens_no_door_of_people_and_a_token_none_of_partners(world: World, customer: Customer) -> None:
    partner = world.partner()

    stays_out(Caller(partner.base, partner.token), "/mobile/v1/me")
    stays_out(Caller(partner.base, partner.token), "/finance/v1/exports")
    stays_out(Caller(partner.base, customer.token), "/partner/v1/keys", "unauthenticated")
    stays_out(Caller(partner.base, world.operator.token), "/partner/v1/keys", "unauthenticated")
