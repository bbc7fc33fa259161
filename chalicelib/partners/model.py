"""A partner and its keys."""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.partners.errors import KeyOfAnotherDevice, NameMissing

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
    """One key of a partner. `secret_hash` is peppered SHA-256, in hex; the secret is shown once and forgotten.

    With a `device_id` it is that device's, and good for nothing but its signals.
    """

    key_id: str
    partner_id: str
    mode: str
    label: str
    secret_hash: str
    created_at: datetime
    revoked_at: datetime | None = None
    device_id: str | None = None

    def check_may_signal(self, device_id: str) -> None:
        """A device signals for itself alone; its partner's keys are good for each of its devices."""
        if self.device_id not in (None, device_id):
            raise KeyOfAnotherDevice

    def revoke(self, at: datetime) -> "ApiKey":
        """The key from now on refused. Revoking twice keeps the first instant."""
        return self if self.revoked_at is not None else replace(self, revoked_at=at)
