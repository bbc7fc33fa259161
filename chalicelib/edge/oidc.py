"""Who is calling: OIDC access tokens, verified against the issuer's keys.

PyJWT would do the same in five times the import time (50 ms of a cold start): with one algorithm allowed, what is
left of a JWT is three pieces of base64url and one RSA signature, which `cryptography` checks.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NoReturn

from chalicelib.edge.jwks import KeySet, WallClock, decode_base64url
from chalicelib.kernel.errors import Refusal

_LEEWAY = 30
_LONGEST_LIFE = 24 * 3600
_MOST_CHARACTERS = 8192
_PIECES = 3
_TYPES = (None, "JWT", "at+jwt")


class TokenRefused(Refusal):
    """The access token is not good here."""

    kind: ClassVar[str] = "unauthenticated"


@dataclass(frozen=True, slots=True)
class Claims:
    """What a good token says about its bearer."""

    subject: str
    username: str | None
    groups: tuple[str, ...]
    token_id: str | None
    issued_at: int
    expires_at: int


@dataclass(frozen=True, slots=True)
class TokenVerifier:
    """Accepts RS256 access tokens that `issuer` made for `client_id`, while they are valid; nothing else."""

    issuer: str
    client_id: str
    keys: KeySet
    wall_clock: WallClock

    def verify(self, token: str) -> Claims:
        """What the token says. Raises `TokenRefused`, or `KeysUnavailable` while the issuer has never been reached."""
        head, body, signature = _pieces(token)
        key_id = _key_id(_document(head, "header"))
        key = self.keys.key(key_id)
        if key is None:
            _refuse("unknown key")
        if not key.verifies(_bytes(signature, "signature"), f"{head}.{body}".encode("ascii")):
            _refuse("signature")
        return self._checked(_document(body, "claims"))

    def _checked(self, claims: Mapping[str, Any]) -> Claims:
        if claims.get("iss") != self.issuer:
            _refuse("issuer")
        if not _is_for(self.client_id, claims):
            _refuse("client")
        if claims.get("token_use") != "access":
            _refuse("not an access token")
        issued_at, expires_at = self._times(claims)
        return Claims(
            subject=_subject(claims),
            username=_optional_text(claims, "username"),
            groups=_groups(claims),
            token_id=_optional_text(claims, "jti"),
            issued_at=issued_at,
            expires_at=expires_at,
        )

    def _times(self, claims: Mapping[str, Any]) -> tuple[int, int]:
        now = self.wall_clock()
        issued_at, expires_at = _instant(claims, "iat"), _instant(claims, "exp")
        if now >= expires_at + _LEEWAY:
            _refuse("expired")
        if issued_at > now + _LEEWAY:
            _refuse("issued in the future")
        if "nbf" in claims and _instant(claims, "nbf") > now + _LEEWAY:
            _refuse("not valid yet")
        if not 0 < expires_at - issued_at <= _LONGEST_LIFE:
            _refuse("lifetime")
        return issued_at, expires_at


def _refuse(reason: str) -> NoReturn:
    raise TokenRefused(reason=reason)


def _pieces(token: str) -> tuple[str, str, str]:
    if len(token) > _MOST_CHARACTERS or not token.isascii():
        _refuse("not a token")
    pieces = token.split(".")
    if len(pieces) != _PIECES:
        _refuse("not a token")
    return pieces[0], pieces[1], pieces[2]


def _bytes(piece: str, name: str) -> bytes:
    try:
        return decode_base64url(piece)
    except ValueError:
        _refuse(f"malformed {name}")


def _document(piece: str, name: str) -> Mapping[str, Any]:
    try:
        parsed = json.loads(_bytes(piece, name))
    except (ValueError, RecursionError):
        _refuse(f"malformed {name}")
    if not isinstance(parsed, dict):
        _refuse(f"malformed {name}")
    return parsed


def _key_id(header: Mapping[str, Any]) -> str:
    """The id of the key to look up; the algorithm is judged before any key is."""
    if header.get("alg") != "RS256":
        _refuse("algorithm")
    if "crit" in header or header.get("typ") not in _TYPES:
        _refuse("malformed header")
    key_id = header.get("kid")
    if not isinstance(key_id, str) or not 0 < len(key_id) <= 128:  # noqa: PLR2004 -- far beyond any issuer's
        _refuse("malformed header")
    return key_id


def _is_for(client_id: str, claims: Mapping[str, Any]) -> bool:
    """Cognito's access tokens name their client in `client_id`; other issuers' in `aud`."""
    if "client_id" in claims:
        return bool(claims["client_id"] == client_id)
    audience = claims.get("aud")
    return client_id in audience if isinstance(audience, list) else audience == client_id


def _instant(claims: Mapping[str, Any], name: str) -> int:
    value = claims.get(name)
    if type(value) is not int or value < 0:
        _refuse(f"malformed {name}")
    return value


def _subject(claims: Mapping[str, Any]) -> str:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255 or not subject.isprintable():  # noqa: PLR2004 -- OIDC
        _refuse("malformed sub")
    return subject


def _optional_text(claims: Mapping[str, Any], name: str) -> str | None:
    value = claims.get(name)
    if value is not None and not isinstance(value, str):
        _refuse(f"malformed {name}")
    return value


def _groups(claims: Mapping[str, Any]) -> tuple[str, ...]:
    groups = claims.get("cognito:groups", [])
    if not isinstance(groups, list) or not all(isinstance(each, str) for each in groups):
        _refuse("malformed groups")
    return tuple(groups)
