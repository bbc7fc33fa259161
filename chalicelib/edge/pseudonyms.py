"""Names under which a partner sees customers: the same for a month, others in the next, and others for each partner."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from chalicelib.edge.refusals import QueryInvalid
from chalicelib.kernel.time import Month


class CursorRefused(QueryInvalid):
    """A page goes on after the `next` of the page before, of the same month and caller."""


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Made with the stage's pepper for one partner and month, so that two months or partners cannot be joined."""

    pepper: bytes
    partner_id: str
    month: Month

    def of(self, account_id: str) -> str:
        """The account's pseudonym: an HMAC, which nobody without the pepper can make or test a guess with."""
        name = hmac.digest(self._key(b"adgang pseudonym"), account_id.encode(), hashlib.sha256)[:16]
        return f"cus_{base64.b32encode(name).decode().rstrip('=').lower()}"

    def cursor(self, account_id: str) -> str:
        """The account, sealed, as the place where the next page begins."""
        return base64.urlsafe_b64encode(self._cipher.encrypt(account_id.encode(), None)).decode().rstrip("=")

    def account(self, cursor: str) -> str:
        """The account of a cursor of the same partner and month, or `CursorRefused`."""
        try:
            sealed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
            return self._cipher.decrypt(sealed, None).decode()
        except (ValueError, InvalidTag) as error:
            raise CursorRefused(pointer="/after") from error

    @property
    def _cipher(self) -> AESSIV:
        return AESSIV(self._key(b"adgang cursor"))

    def _key(self, purpose: bytes) -> bytes:
        return _derived(self.pepper, b"\0".join([purpose, self.partner_id.encode(), str(self.month).encode()]))


@lru_cache(maxsize=256)
def _derived(pepper: bytes, about: bytes) -> bytes:
    """A month's names are many under few keys."""
    return hmac.digest(pepper, about, hashlib.sha512)
