"""Locally, tokens are real ones: signed by a pool's key, for its client, and no other door takes them."""

import time

import jwt
import pytest

from chalicelib.edge.jwks import KeySet
from chalicelib.edge.oidc import TokenRefused, TokenVerifier
from infra.local.engine import Engine
from infra.local.identity import Identity, Pool, UnknownGroupError


@pytest.fixture
def identity(engine: Engine) -> Identity:
    return Identity(engine, seed="seed")


def verifier(identity: Identity, pool: Pool) -> TokenVerifier:
    keys = KeySet("https://local.example", wall_clock=time.time, fetch=lambda _url: identity.jwks(pool))
    return TokenVerifier(pool.issuer, pool.client_id, keys, time.time)


def test_a_customer_signs_in_and_the_mobile_door_knows_who_it_is(identity: Identity) -> None:
    door = verifier(identity, identity.customers)

    first, again = (door.verify(identity.sign_in(email)) for email in ("aino@example.com", "Aino@example.com"))

    assert first.subject == again.subject
    assert first.groups == ()
    assert door.verify(identity.sign_in("eino@example.com")).subject != first.subject


def test_staff_are_in_exactly_the_groups_that_are_named(identity: Identity) -> None:
    door = verifier(identity, identity.staff)

    assert set(door.verify(identity.staff_sign_in("maija", ["finance", "operator"])).groups) == {"finance", "operator"}
    assert door.verify(identity.staff_sign_in("maija", ["finance-read"])).groups == ("finance-read",)
    with pytest.raises(UnknownGroupError, match="kings"):
        identity.staff_sign_in("maija", ["kings"])


def test_a_customers_token_opens_no_door_of_staff(identity: Identity) -> None:
    """
    moto signs for both pools with the same key: issuer and client keep them apart.
    """
    with pytest.raises(TokenRefused):
        verifier(identity, identity.staff).verify(identity.sign_in("aino@example.com"))
    with pytest.raises(TokenRefused):
        verifier(identity, identity.customers).verify(identity.staff_sign_in("maija", ["operator"]))


def test_an_id_token_of_the_same_pool_is_refused(identity: Identity, engine: Engine) -> None:
    identity.sign_in("aino@example.com")
    pool = identity.customers
    signed_in = engine.client("cognito-idp").admin_initiate_auth(
        UserPoolId=pool.pool_id,
        ClientId=pool.client_id,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "aino@example.com", "PASSWORD": "Local-run-0nly!"},
    )

    id_token = signed_in["AuthenticationResult"]["IdToken"]
    assert jwt.decode(id_token, options={"verify_signature": False})["token_use"] == "id"
    with pytest.raises(TokenRefused):
        verifier(identity, pool).verify(id_token)


def test_a_second_run_knows_the_same_people_by_the_same_ids() -> None:
    """
    Whatever happened in between and in whatever order they came.
    """

    def subjects(*emails: str) -> dict[str, str]:
        engine = Engine("moto", seed=1).start()
        try:
            identity = Identity(engine, seed="seed")
            door = verifier(identity, identity.customers)
            return {email: door.verify(identity.sign_in(email)).subject for email in emails}
        finally:
            engine.stop()

    assert subjects("a@example.com", "b@example.com") == subjects("b@example.com", "a@example.com")
