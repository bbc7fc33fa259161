"""What this area needs from outside."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from chalicelib.kernel.writes import Write
from chalicelib.partners.model import ApiKey, Partner


class Partners(Protocol):
    """Where partners and their keys are kept."""

    def find(self, partner_id: str) -> Partner | None:
        """The partner, or None."""

    def all(self, *, limit: int | None = None, after: str | None = None) -> Iterable[Partner]:
        """Partners in order of id, behind one of them; so many at most, or to the end."""

    def key(self, key_id: str) -> ApiKey | None:
        """The key as last written, so that a revocation counts at once, or None."""

    def keys_of(self, partner_id: str) -> Sequence[ApiKey]:
        """All keys of the partner, revoked ones too."""

    def adding(self, partner: Partner) -> Sequence[Write]:
        """Store a new partner, among all of them too."""

    def listing(self, partner: Partner) -> Write:
        """Store a partner that is there among all of them, if it was created before there was a list."""

    def adding_key(self, key: ApiKey) -> Sequence[Write]:
        """Store a new key."""

    def revoking(self, key: ApiKey) -> Sequence[Write]:
        """Store the key as revoked."""
