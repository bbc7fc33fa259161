"""A partner and its keys."""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.partners.errors import NameMissing

_NAME_LIMIT = 120


@dataclass(frozen=True, slots=True)
class Partner:
    """A tenant: what it offers and reports is seen by no other partner."""

    partner_id: str
    name: str
    created_at: datetime

    def __post_init__(self) -> None:
        if not 0 < len(self.name.strip()) <= _NAME_LIMIT:
            raise NameMissing(length=len(self.name))


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One key of a partner. `secret_hash` is peppered SHA-256, in hex; the secret is shown once and forgotten."""

    key_id: str
    partner_id: str
    mode: str
    label: str
    secret_hash: str
    created_at: datetime
    revoked_at: datetime | None = None

    def revoke(self, at: datetime) -> "ApiKey":
        """The key from now on refused. Revoking twice keeps the first instant."""
        return self if self.revoked_at is not None else replace(self, revoked_at=at)
