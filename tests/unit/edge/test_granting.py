"""A thing without a network tells a good grant from every other; keys rotate."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chalicelib.access.entitlement import Entitlement
from chalicelib.access.entitling import FAILING_OPEN, GRANTED, Grant
from chalicelib.access.model import Entitled, State
from chalicelib.edge.granting import GrantSigner
from chalicelib.edge.settings import SettingMissing, Settings
from tests.things import Thing

NOON = datetime(2021, 5, 10, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
OLD, NEW, FOREIGN = (bytes([number]) * 32 for number in (1, 2, 3))
SIGNER = GrantSigner({"new": NEW, "old": OLD})
FOUND = Entitlement("par-1", "bike-7", "ses-1", State.ACTIVE, None, Entitled("ent_somebody"))
GRANT = Grant(FOUND, NOON, NOON + GRANTED, NOON + GRANTED)
LOCK = Thing("par-1", "bike-7", SIGNER.public())


def test_a_thing_lets_in_by_a_grant_until_it_expires() -> None:
    token = SIGNER.sign(GRANT)

    assert LOCK.lets_in(token, NOON)
    assert LOCK.lets_in(token, NOON + GRANTED - SECOND)
    assert not LOCK.lets_in(token, NOON + GRANTED)


@pytest.mark.parametrize("allowed", [True, False])
def test_a_thing_that_cannot_ask_fails_open_or_closed_as_its_product_says(*, allowed: bool) -> None:
    found = replace(FOUND, entitled=Entitled("ent_somebody", offline=allowed))
    until = NOON + (FAILING_OPEN if allowed else GRANTED)
    token = SIGNER.sign(Grant(found, NOON, NOON + GRANTED, until))
    later = NOON + timedelta(hours=5)

    assert LOCK.lets_in(token, later) is allowed
    assert not LOCK.lets_in(token, later, online=True)
    assert not LOCK.lets_in(token, NOON + FAILING_OPEN)


def test_a_grant_says_nothing_of_who_it_is_for_but_the_name_of_this_session() -> None:
    claims = jwt.decode(SIGNER.sign(GRANT), options={"verify_signature": False})

    assert claims == {
        "aud": "adgang-grant",
        "iss": "par-1",
        "sub": "ent_somebody",
        "asset": "bike-7",
        "session": "ses-1",
        "offline": "refuse",
        "iat": 1620648000,
        "exp": 1620648900,
        "offline_until": 1620648900,
    }


def test_another_asset_and_another_partners_asset_of_that_name_do_not_open() -> None:
    token = SIGNER.sign(GRANT)

    assert not replace(LOCK, asset_id="bike-8").lets_in(token, NOON)
    assert not replace(LOCK, partner_id="par-2").lets_in(token, NOON)


def part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def forged() -> dict[str, str]:
    token = SIGNER.sign(GRANT)
    head, claims, signature = token.split(".")
    said = jwt.decode(token, options={"verify_signature": False})
    own = Ed25519PrivateKey.from_private_bytes(FOREIGN)
    public = SIGNER.public()[0]["x"]
    typ = "adgang-grant+jwt"
    longer = part({**said, "exp": said["exp"] + 9999, "offline_until": said["exp"] + 9999})
    return {
        "changed claims": f"{head}.{longer}.{signature}",
        "no signature": f"{head}.{claims}.",
        "alg none": f"{part({'alg': 'none', 'kid': 'new', 'typ': typ})}.{claims}.",
        "another's key under our id": jwt.encode(said, own, algorithm="EdDSA", headers={"kid": "new", "typ": typ}),
        "a key of its own": jwt.encode(said, own, algorithm="EdDSA", headers={"kid": "mine", "typ": typ}),
        "no key id": jwt.encode(said, own, algorithm="EdDSA", headers={"typ": typ}),
        "our public key as a secret": jwt.encode(said, public, algorithm="HS256", headers={"kid": "new", "typ": typ}),
        "no token": "x.y.z",
        "nothing": "",
    }


@pytest.mark.parametrize("how", sorted(forged()))
@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_a_forged_grant_opens_nothing(how: str) -> None:
    assert not LOCK.lets_in(forged()[how], NOON)


def test_a_token_of_another_kind_that_we_signed_is_no_grant() -> None:
    said = jwt.decode(SIGNER.sign(GRANT), options={"verify_signature": False})
    key = Ed25519PrivateKey.from_private_bytes(NEW)
    for changed, typ in (({**said, "aud": "adgang-quote"}, "adgang-grant+jwt"), (said, "JWT")):
        token = jwt.encode(changed, key, algorithm="EdDSA", headers={"kid": "new", "typ": typ})
        assert not LOCK.lets_in(token, NOON)


def test_the_first_key_signs_and_a_key_that_is_rotated_out_opens_nothing_any_more() -> None:
    before = GrantSigner({"old": OLD}).sign(GRANT)
    after = SIGNER.sign(GRANT)
    assert (jwt.get_unverified_header(before)["kid"], jwt.get_unverified_header(after)["kid"]) == ("old", "new")
    assert LOCK.lets_in(before, NOON)

    rotated = replace(LOCK, keys=GrantSigner({"new": NEW}).public())

    assert not rotated.lets_in(before, NOON)
    assert rotated.lets_in(after, NOON)


def test_only_public_halves_are_published() -> None:
    shown = json.dumps(SIGNER.public())

    assert [sorted(each) for each in SIGNER.public()] == [["alg", "crv", "kid", "kty", "use", "x"]] * 2
    for private in (OLD, NEW):
        assert base64.urlsafe_b64encode(private).decode().rstrip("=") not in shown


@pytest.mark.parametrize("keys", ["a", "a:", ":" + "A" * 43 + "=", "a:short", "a:!!!", "a:" + "A" * 43 + "=,b:AAAA"])
def test_keys_that_make_no_sense_stop_the_function(keys: str) -> None:
    with pytest.raises(SettingMissing):
        _ = Settings({"GRANT_KEYS": keys}).grant_keys


def test_keys_are_read_in_their_order() -> None:
    pairs = ",".join(f"{name}:{base64.b64encode(key).decode()}" for name, key in (("new", NEW), ("old", OLD)))

    assert list(Settings({"GRANT_KEYS": pairs}).grant_keys.items()) == [("new", NEW), ("old", OLD)]
