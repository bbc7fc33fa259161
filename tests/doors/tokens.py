"""Access tokens as an attacker, or a careless client, would send them. The pool's own key signs them."""

import base64
import gzip
import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import Any

import jwt
import moto.cognitoidp
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import RSAAlgorithm

from infra.local.identity import _PASSWORD, Pool
from infra.local.system import System

Claims = dict[str, Any]


def pool_key() -> RSAPrivateKey:
    """The key with which the local user pools sign."""
    path = Path(moto.cognitoidp.__file__).parent / "resources" / "jwks-private.json.gz"
    key = RSAAlgorithm.from_jwk(json.loads(gzip.decompress(path.read_bytes())))
    assert isinstance(key, RSAPrivateKey)
    return key


def signed(good: str, *, key: RSAPrivateKey | None = None, header: Claims | None = None, **changed: object) -> str:
    """The same token with other claims, signed again; a claim of None is left out."""
    claims = {**claims_of(good), **changed}
    kept = {name: value for name, value in claims.items() if value is not None}
    head = {"kid": jwt.get_unverified_header(good)["kid"], **(header or {})}
    return jwt.encode(kept, key or pool_key(), algorithm="RS256", headers=head)


def claims_of(token: str) -> Claims:
    return dict(jwt.decode(token, options={"verify_signature": False}))


def expired(good: str) -> str:
    now = int(time.time())
    return signed(good, iat=now - 7200, exp=now - 3600)


def not_yet_valid(good: str) -> str:
    return signed(good, nbf=int(time.time()) + 3600)


def by_another_key(good: str) -> str:
    """The forger's own key under the key id of the pool."""
    return signed(good, key=generate_private_key(65537, 2048))


def by_an_unknown_key(good: str) -> str:
    return signed(good, key=generate_private_key(65537, 2048), header={"kid": "forger"})


def with_another_subject(good: str) -> str:
    """Somebody else's id put into a good token, with the good signature."""
    head, _, signature = good.split(".")
    return f"{head}.{_packed({**claims_of(good), 'sub': 'somebody-else'})}.{signature}"


def unsigned(good: str) -> str:
    head = {**jwt.get_unverified_header(good), "alg": "none"}
    return f"{_packed(head)}.{_packed(claims_of(good))}."


def hs256_with_the_public_key(good: str) -> str:
    """The public key, which everybody knows, taken for the secret of an HMAC."""
    public = pool_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head = {**jwt.get_unverified_header(good), "alg": "HS256"}
    message = f"{_packed(head)}.{_packed(claims_of(good))}"
    return f"{message}.{_base64url(hmac.new(public, message.encode(), hashlib.sha256).digest())}"


def for_another_client(good: str) -> str:
    return signed(good, client_id="another-app-of-the-same-pool")


def of_another_issuer(good: str) -> str:
    return signed(good, iss="https://cognito-idp.eu-north-1.amazonaws.com/eu-north-1_another")


def without_expiry(good: str) -> str:
    return signed(good, exp=None)


def lasting_for_ever(good: str) -> str:
    return signed(good, exp=int(time.time()) + 10 * 365 * 24 * 3600)


def id_token(system: System, pool: Pool, email: str) -> str:
    """What the pool gives the app beside the access token, to show who signed in."""
    signed_in = system.engine.client("cognito-idp").admin_initiate_auth(
        UserPoolId=pool.pool_id,
        ClientId=pool.client_id,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": email, "PASSWORD": _PASSWORD},
    )
    return str(signed_in["AuthenticationResult"]["IdToken"])


def _packed(document: Claims) -> str:
    return _base64url(json.dumps(document).encode())


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
