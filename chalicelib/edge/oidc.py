"""Who is calling: OIDC access tokens, their signatures verified by PyJWT against the issuer's keys.

What a token has to say is judged here, by the wall clock that is passed in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NoReturn

from chalicelib.edge.jwks import KeySet, WallClock
from chalicelib.kernel.errors import Refusal

_ALGORITHM = "RS256"
_LEEWAY = 30
_LONGEST_LIFE = 24 * 3600
_MOST_CHARACTERS = 8192
_DOTS = 2
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
        if len(token) > _MOST_CHARACTERS or not token.isascii():
            _refuse("not a token")
        key = self.keys.key(_key_id(token))
        if key is None:
            _refuse("signed by a key that is none of the issuer's")
        return self._checked(_signed_claims(token, key))

    def _checked(self, claims: Mapping[str, Any]) -> Claims:
        if claims.get("iss") != self.issuer:
            _refuse("made by another issuer")
        if not _is_for(self.client_id, claims):
            _refuse("made for another app client")
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
            _refuse("lives longer than 24 hours, or not at all")
        return issued_at, expires_at


def _refuse(reason: str) -> NoReturn:
    raise TokenRefused(reason=reason)


def _key_id(token: str) -> str:
    """The id of the key to look up; the algorithm is judged before any key is."""
    import jwt  # noqa: PLC0415 -- costs 45 ms that only requests with a token need

    try:
        header = jwt.get_unverified_header(token)
    except (jwt.InvalidTokenError, ValueError, TypeError, RecursionError):
        _refuse("a part of the token cannot be read" if token.count(".") == _DOTS else "not a token")
    if header.get("alg") != _ALGORITHM:
        _refuse("algorithm is not RS256")
    if "crit" in header or header.get("typ") not in _TYPES:
        _refuse("malformed header")
    key_id = header.get("kid")
    if not isinstance(key_id, str) or not 0 < len(key_id) <= 128:  # noqa: PLR2004 -- far beyond any issuer's
        _refuse("malformed header")
    return key_id


def _signed_claims(token: str, key: Any) -> Mapping[str, Any]:  # noqa: ANN401 -- PyJWT's key
    """The claims under a signature that is the issuer's. PyJWT's clock is not asked: ours is passed in."""
    import jwt  # noqa: PLC0415 -- as above

    unjudged = {f"verify_{claim}": False for claim in ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")}
    try:
        claims: dict[str, Any] = jwt.decode(token, key, algorithms=[_ALGORITHM], options=unjudged)  # type: ignore[arg-type]
    except jwt.InvalidSignatureError:
        _refuse("signature does not fit")
    except (jwt.InvalidTokenError, ValueError, TypeError, RecursionError):
        _refuse("malformed claims")
    return claims


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
