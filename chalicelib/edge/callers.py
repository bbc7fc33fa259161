"""Who calls with an access token: a customer, or a member of staff."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.edge.oidc import Claims, TokenRefused
from chalicelib.edge.refusals import Unauthenticated
from chalicelib.kernel.errors import Forbidden

ACCOUNT = "adgang-account"
"""The header that names the account in whose name a customer calls."""
READ = "finance.read"
ACT = "finance.act"
OPERATE = "operator"
AUDIT = "finance.audit"
RIGHTS: Mapping[str, frozenset[str]] = {
    "finance": frozenset({READ, ACT}),
    "finance-read": frozenset({READ}),
    "operator": frozenset({OPERATE}),
    "auditor": frozenset({AUDIT}),
}
"""What each group of the staff's user pool may do."""


class RightMissing(Forbidden):
    """Your groups do not give the right that this needs."""


@dataclass(frozen=True, slots=True)
class Staff:
    """A member of staff and what they may do."""

    subject: str
    name: str
    rights: frozenset[str]


def customer(headers: Mapping[str, str], wired: Any, _needs: str | None) -> tuple[Claims, str]:  # noqa: ANN401 -- the wiring
    """Somebody with a valid access token of the customers' pool, signed up or not.

    In another account they are another caller: what a key has been used for there, it has not been used for here.
    """
    claims = _verified(headers, wired, "an access token of the customers' user pool")
    named = headers.get(ACCOUNT)
    return claims, f"{claims.subject}@{named}" if named else claims.subject


def staff(headers: Mapping[str, str], wired: Any, needs: str | None) -> tuple[Staff, str]:  # noqa: ANN401 -- as above
    """A member of staff whose groups give the right that the operation needs."""
    claims = _verified(headers, wired, "an access token of the staff's user pool")
    rights = frozenset().union(*(RIGHTS.get(group, frozenset()) for group in claims.groups))
    if needs is not None and needs not in rights:
        raise RightMissing(needs=needs)
    return Staff(claims.subject, claims.username or claims.subject, rights), claims.subject


def bearer(headers: Mapping[str, str]) -> str | None:
    """The token of an `Authorization: Bearer` header."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def _verified(headers: Mapping[str, str], wired: Any, wanted: str) -> Claims:  # noqa: ANN401 -- as above
    """What the caller's token says; a refusal tells whose token is wanted here."""
    token = bearer(headers)
    if token is None:
        raise Unauthenticated(reason="no Authorization: Bearer", wanted=wanted)
    try:
        claims: Claims = wired.tokens.verify(token)
    except TokenRefused as refused:
        refused.facts["wanted"] = wanted
        raise
    return claims
