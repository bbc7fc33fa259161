"""What this area needs from outside."""

from collections.abc import Sequence
from typing import Protocol

from chalicelib.kernel.writes import Write
from chalicelib.partners.model import ApiKey, Partner


class Partners(Protocol):
    """Where partners and their keys are kept."""

    def find(self, partner_id: str) -> Partner | None:
        """The partner, or None."""

    def key(self, key_id: str) -> ApiKey | None:
        """The key as last written, so that a revocation counts at once, or None."""

    def keys_of(self, partner_id: str) -> Sequence[ApiKey]:
        """All keys of the partner, revoked ones too."""

    def adding(self, partner: Partner) -> Write:
        """Store a new partner."""

    def adding_key(self, key: ApiKey) -> Sequence[Write]:
        """Store a new key."""

    def revoking(self, key: ApiKey) -> Sequence[Write]:
        """Store the key as revoked."""
