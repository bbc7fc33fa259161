"""A door opens to access tokens of its own issuer and client, while they are valid, and to nothing else.

Good tokens are made by PyJWT, forgeries also piece by piece, as no library would make them.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chalicelib.edge.jwks import KeySet
from chalicelib.edge.oidc import Claims, TokenRefused, TokenVerifier

ISSUER = "https://cognito-idp.eu-north-1.amazonaws.com/eu-north-1_Example"
CLIENT = "city-bikes-app"
NOW = 1_900_000_000
KEY = generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = generate_private_key(public_exponent=65537, key_size=2048)
GOOD: dict[str, Any] = {
    "iss": ISSUER,
    "sub": "5d1f0b3c-subject",
    "client_id": CLIENT,
    "token_use": "access",
    "username": "aino",
    "cognito:groups": ["finance", "operator"],
    "jti": "token-1",
    "iat": NOW - 60,
    "exp": NOW + 3540,
}


def jwk_of(key: RSAPrivateKey, key_id: str = "key-1") -> dict[str, Any]:
    return json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())) | {
        "kid": key_id,
        "alg": "RS256",
        "use": "sig",
    }


def document(*keys: dict[str, Any]) -> bytes:
    return json.dumps({"keys": list(keys)}).encode()


def signed(claims: dict[str, Any], key: RSAPrivateKey = KEY, algorithm: str = "RS256", **header: object) -> str:
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": "key-1", **header})


def piece(value: dict[str, Any] | bytes) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.fixture
def asked() -> list[str]:
    return []


@pytest.fixture
def verifier(asked: list[str]) -> TokenVerifier:
    def fetch(url: str) -> bytes:
        asked.append(url)
        return document(jwk_of(KEY))

    keys = KeySet(f"{ISSUER}/.well-known/jwks.json", wall_clock=lambda: NOW, fetch=fetch)
    return TokenVerifier(ISSUER, CLIENT, keys, lambda: NOW)


def reason(verifier: TokenVerifier, token: str) -> object:
    with pytest.raises(TokenRefused) as refused:
        verifier.verify(token)
    assert refused.value.kind == "unauthenticated"
    return refused.value.facts["reason"]


def test_a_good_access_token_tells_who_is_calling(verifier: TokenVerifier) -> None:
    assert verifier.verify(signed(GOOD)) == Claims(
        subject="5d1f0b3c-subject",
        username="aino",
        groups=("finance", "operator"),
        token_id="token-1",
        issued_at=NOW - 60,
        expires_at=NOW + 3540,
    )


def test_an_issuer_that_names_its_client_as_audience_is_understood(verifier: TokenVerifier) -> None:
    rest = {name: value for name, value in GOOD.items() if name != "client_id"}

    assert verifier.verify(signed(rest | {"aud": CLIENT})).subject == GOOD["sub"]
    assert verifier.verify(signed(rest | {"aud": ["another", CLIENT]})).subject == GOOD["sub"]


def test_a_token_without_groups_or_names_is_good(verifier: TokenVerifier) -> None:
    bare = {name: GOOD[name] for name in ("iss", "sub", "client_id", "token_use", "iat", "exp")}

    claims = verifier.verify(signed(bare))

    assert (claims.username, claims.groups, claims.token_id) == (None, (), None)


@pytest.mark.parametrize(
    "algorithm", ["none", "None", "HS256", "RS384", "RS512", "PS256", "ES256", "", None, 5, ["RS256"]]
)
def test_any_other_algorithm_is_refused_before_a_key_is_looked_up(
    verifier: TokenVerifier, asked: list[str], algorithm: object
) -> None:
    token = f"{piece({'alg': algorithm, 'kid': 'key-1', 'typ': 'JWT'})}.{piece(GOOD)}.{piece(b'x' * 256)}"

    assert reason(verifier, token) == "algorithm is not RS256"
    assert asked == []


def test_an_unsigned_token_is_refused(verifier: TokenVerifier) -> None:
    unsigned = jwt.encode(GOOD, None, algorithm="none", headers={"kid": "key-1"})

    assert reason(verifier, unsigned) == "algorithm is not RS256"


def test_the_public_key_used_as_a_shared_secret_is_refused(verifier: TokenVerifier) -> None:
    """
    The classic forgery: HS256 with the issuer's public key, which everybody knows, as the secret.
    """
    secret = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head_and_body = f"{piece({'alg': 'HS256', 'kid': 'key-1'})}.{piece(GOOD)}"
    mark = hmac.new(secret, head_and_body.encode(), hashlib.sha256).digest()

    assert reason(verifier, f"{head_and_body}.{piece(mark)}") == "algorithm is not RS256"
    as_rs256 = f"{piece({'alg': 'RS256', 'kid': 'key-1'})}.{piece(GOOD)}"
    assert reason(verifier, f"{as_rs256}.{piece(mark)}") == "signature does not fit"


def test_a_signature_by_another_key_is_refused(verifier: TokenVerifier) -> None:
    assert reason(verifier, signed(GOOD, OTHER_KEY)) == "signature does not fit"


def test_a_signature_by_the_right_key_with_another_padding_is_refused(verifier: TokenVerifier) -> None:
    pss = signed(GOOD, algorithm="PS256")
    _, body, mark = pss.split(".")

    assert reason(verifier, f"{piece({'alg': 'RS256', 'kid': 'key-1'})}.{body}.{mark}") == "signature does not fit"


def test_claims_or_header_changed_after_signing_are_refused(verifier: TokenVerifier) -> None:
    head, body, mark = signed(GOOD).split(".")

    assert reason(verifier, f"{head}.{piece(GOOD | {'sub': 'somebody-else'})}.{mark}") == "signature does not fit"
    assert reason(verifier, f"{piece({'alg': 'RS256', 'kid': 'key-1'})}.{body}.{mark}") == "signature does not fit"
    assert reason(verifier, f"{head}.{body}.") == "signature does not fit"


def test_a_key_that_the_token_brings_along_is_not_used(verifier: TokenVerifier) -> None:
    """
    `jwk`, `jku` and `x5c` in the header would let a forger name the key to check with.
    """
    brought = signed(GOOD, OTHER_KEY, jwk=jwk_of(OTHER_KEY), jku="https://forger.example/keys")

    assert reason(verifier, brought) == "signature does not fit"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"iss": "https://forger.example"}, "made by another issuer"),
        ({"iss": ISSUER + "/"}, "made by another issuer"),
        ({"iss": None}, "made by another issuer"),
        ({"client_id": "another-app"}, "made for another app client"),
        ({"client_id": "another-app", "aud": CLIENT}, "made for another app client"),
        ({"client_id": None, "aud": CLIENT}, "made for another app client"),
        ({"client_id": [CLIENT]}, "made for another app client"),
        ({"token_use": "id"}, "not an access token"),
        ({"token_use": "refresh"}, "not an access token"),
        ({"token_use": ["access"]}, "not an access token"),
        ({"exp": NOW - 31}, "expired"),
        ({"exp": NOW - 86_400}, "expired"),
        ({"exp": str(NOW + 60)}, "malformed exp"),
        ({"exp": NOW + 60.5}, "malformed exp"),
        ({"exp": True}, "malformed exp"),
        ({"exp": None}, "malformed exp"),
        ({"exp": 10**30}, "lives longer than 24 hours, or not at all"),
        ({"exp": NOW - 60, "iat": NOW - 60}, "expired"),
        ({"exp": NOW + 10, "iat": NOW + 10}, "lives longer than 24 hours, or not at all"),
        ({"iat": NOW + 31}, "issued in the future"),
        ({"iat": -5}, "malformed iat"),
        ({"nbf": NOW + 31}, "not valid yet"),
        ({"nbf": "soon"}, "malformed nbf"),
        ({"nbf": None}, "malformed nbf"),
        ({"sub": ""}, "malformed sub"),
        ({"sub": None}, "malformed sub"),
        ({"sub": 7}, "malformed sub"),
        ({"sub": "x" * 256}, "malformed sub"),
        ({"sub": "line\nbreak"}, "malformed sub"),
        ({"username": 7}, "malformed username"),
        ({"jti": {}}, "malformed jti"),
        ({"cognito:groups": "operator"}, "malformed groups"),
        ({"cognito:groups": [1]}, "malformed groups"),
    ],
)
def test_a_claim_that_is_wrong_is_named(verifier: TokenVerifier, changed: dict[str, Any], said: str) -> None:
    body = piece(GOOD | changed)
    head = piece({"alg": "RS256", "kid": "key-1"})
    mark = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256).sign(f"{head}.{body}".encode(), KEY)

    assert reason(verifier, f"{head}.{body}.{piece(mark)}") == said


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("iss", "made by another issuer"),
        ("sub", "malformed sub"),
        ("client_id", "made for another app client"),
        ("token_use", "not an access token"),
        ("iat", "malformed iat"),
        ("exp", "malformed exp"),
    ],
)
def test_a_claim_that_must_be_there_is_missed(verifier: TokenVerifier, missing: str, said: str) -> None:
    rest = {name: value for name, value in GOOD.items() if name != missing}

    assert reason(verifier, signed(rest)) == said


def test_an_id_token_is_no_access_token(verifier: TokenVerifier) -> None:
    """
    Cognito signs its id token with the same key for the same client; it says who somebody is, and opens nothing.
    """
    id_token = {name: value for name, value in GOOD.items() if name != "client_id"}

    assert reason(verifier, signed(id_token | {"aud": CLIENT, "token_use": "id"})) == "not an access token"


def test_clocks_may_differ_by_half_a_minute(verifier: TokenVerifier) -> None:
    assert verifier.verify(signed(GOOD | {"exp": NOW - 29})).subject
    assert verifier.verify(signed(GOOD | {"iat": NOW + 30, "nbf": NOW + 30})).subject


@pytest.mark.parametrize(
    "token",
    [
        "",
        "a",
        "a.b",
        "a.b.c.d",
        "..",
        "é.b.c",
        "x" * 9000,
        f"{piece(b'not json')}.{piece(GOOD)}.x",
        f"{piece(b'[1]')}.{piece(GOOD)}.x",
        f"{piece(b'{')}.{piece(GOOD)}.x",
        f"{piece(b'[' * 5000)}.{piece(GOOD)}.x",
        f"{piece({'alg': 'RS256'})}.{piece(GOOD)}.x",
        f"{piece({'alg': 'RS256', 'kid': ''})}.{piece(GOOD)}.x",
        f"{piece({'alg': 'RS256', 'kid': 'x' * 129})}.{piece(GOOD)}.x",
        f"{piece({'alg': 'RS256', 'kid': 'key-1', 'crit': ['b64'], 'b64': False})}.{piece(GOOD)}.x",
        f"{piece({'alg': 'RS256', 'kid': 'key-1', 'typ': 'logout+jwt'})}.{piece(GOOD)}.x",
        f"{piece({'alg': 'RS256', 'kid': 'key-1'})}.{piece(GOOD)}.+/==",
        f"{piece({'alg': 'RS256', 'kid': 'key-1'})}=.{piece(GOOD)}.x",
    ],
)
def test_what_is_no_token_is_refused_quietly(verifier: TokenVerifier, token: str) -> None:
    assert reason(verifier, token) in {"not a token", "a part of the token cannot be read"}


def test_a_refusal_never_repeats_the_token(verifier: TokenVerifier) -> None:
    token = signed(GOOD | {"exp": NOW - 600})

    with pytest.raises(TokenRefused) as refused:
        verifier.verify(token)

    assert set(refused.value.facts) == {"reason"}
    assert token.split(".")[1] not in str(refused.value)


def test_signed_text_that_is_no_claims_is_refused(verifier: TokenVerifier) -> None:
    sign: Callable[[bytes, RSAPrivateKey], bytes] = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256).sign
    for body in (b"[]", b"null", b'"text"', b"{", b"\xff"):
        head_and_body = f"{piece({'alg': 'RS256', 'kid': 'key-1'})}.{piece(body)}"
        assert reason(verifier, f"{head_and_body}.{piece(sign(head_and_body.encode(), KEY))}") == "malformed claims"
