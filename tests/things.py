"""A thing without a network: what a lock does with a grant and the public keys that it has kept. No code of ours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jwt

Jwk = Mapping[str, str]


@dataclass(frozen=True)
class Thing:
    """Which partner's asset it is on, and the keys as it last heard of them."""

    partner_id: str
    asset_id: str
    keys: Sequence[Jwk]

    def lets_in(self, grant: str, at: datetime, *, online: bool = False) -> bool:
        """By its own clock. A thing that could ask for a new grant goes by `exp`; one that cannot, by the policy."""
        claims = self._verified(grant)
        if claims is None or (claims["iss"], claims["asset"]) != (self.partner_id, self.asset_id):
            return False
        until: int = claims["exp"] if online else claims["offline_until"]
        return at.timestamp() < until

    def _verified(self, grant: str) -> dict[str, Any] | None:
        by_id = {key["kid"]: key for key in self.keys}
        checks = {"verify_exp": False, "verify_iat": False, "require": ["exp", "iat", "sub", "iss"]}
        try:
            head = jwt.get_unverified_header(grant)
            if head.get("typ") != "adgang-grant+jwt":
                return None
            key = jwt.PyJWK(dict(by_id[head["kid"]]))
            claims: dict[str, Any] = jwt.decode(
                grant, key, algorithms=["EdDSA"], audience="adgang-grant", options=checks
            )
        except (jwt.InvalidTokenError, KeyError):
            return None
        return claims
