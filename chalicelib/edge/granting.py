"""Grants as compact tokens (Ed25519): the first key signs, the public halves of all are published, so keys can rotate.

A thing keeps the published keys and needs no network to check a grant; who has a thing's keys cannot make one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from chalicelib.access.entitling import Grant

_ALGORITHM = "EdDSA"
AUDIENCE = "adgang-grant"
TYPE = "adgang-grant+jwt"


@dataclass(frozen=True)
class GrantSigner:
    """`keys` are private keys by id, the signing one first."""

    keys: Mapping[str, bytes]

    def sign(self, grant: "Grant") -> str:
        """A token that holds the grant; anyone may read it, nobody can change it."""
        import jwt  # noqa: PLC0415 -- costs 50 ms that most requests do not need

        key_id, key = next(iter(self._private.items()))
        headers = {"kid": key_id, "typ": TYPE}
        return jwt.encode(_claims(grant), key, algorithm=_ALGORITHM, headers=headers)

    def public(self) -> list[dict[str, str]]:
        """What things check grants with, as JSON Web Keys."""
        from jwt.algorithms import OKPAlgorithm  # noqa: PLC0415 -- as above

        found = self._private.items()
        return [_public(key_id, OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)) for key_id, key in found]

    @cached_property
    def _private(self) -> dict[str, "Ed25519PrivateKey"]:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 -- as above

        return {key_id: Ed25519PrivateKey.from_private_bytes(key) for key_id, key in self.keys.items()}


def _public(key_id: str, jwk: Mapping[str, Any]) -> dict[str, str]:
    return {"kid": key_id, "kty": jwk["kty"], "crv": jwk["crv"], "x": jwk["x"], "alg": _ALGORITHM, "use": "sig"}


def _claims(grant: "Grant") -> dict[str, object]:
    """`exp` is until when it is good by itself, `offline_until` until when for a thing that cannot ask for another."""
    found = grant.entitlement
    return {
        "aud": AUDIENCE,
        "iss": found.partner_id,
        "sub": found.entitled.name,
        "asset": found.asset_id,
        "session": found.session_id,
        "offline": offline_of(allowed=found.entitled.offline),
        "iat": _seconds(grant.granted_at),
        "exp": _seconds(grant.expires_at),
        "offline_until": _seconds(grant.offline_until),
    }


def offline_of(*, allowed: bool) -> str:
    """The product's policy in a word, as its partner states it."""
    return "allow" if allowed else "refuse"


def _seconds(instant: datetime) -> int:
    """Never later than the instant."""
    return int(instant.timestamp())
