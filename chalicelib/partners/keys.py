"""The text of an API key: `adg_<test|live>_<keyid>_<secret>`, 256 random bits in the secret."""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass

from chalicelib.kernel.ids import RandomBytes
from chalicelib.partners.errors import KeyRefused

_TEXT = re.compile(r"adg_(test|live)_([a-z2-7]{16})_([A-Za-z0-9_-]{43})")
_SECRET_BYTES = 32
_KEY_ID_BYTES = 10


@dataclass(frozen=True, slots=True)
class KeyText:
    """A key as its holder sends it."""

    mode: str
    key_id: str
    secret: str

    @classmethod
    def new(cls, mode: str, random_bytes: RandomBytes) -> "KeyText":
        """A fresh key."""
        key_id = base64.b32encode(random_bytes(_KEY_ID_BYTES)).decode().lower()
        secret = base64.urlsafe_b64encode(random_bytes(_SECRET_BYTES)).decode().rstrip("=")
        return cls(mode, key_id, secret)

    @classmethod
    def parse(cls, text: str) -> "KeyText":
        """Read a key, or `KeyRefused`; what was wrong with it is not told."""
        match = _TEXT.fullmatch(text)
        if match is None:
            raise KeyRefused
        return cls(*match.groups())

    def __str__(self) -> str:
        return f"adg_{self.mode}_{self.key_id}_{self.secret}"

    def hashed(self, pepper: bytes) -> str:
        """HMAC-SHA-256 of the secret under the pepper, in hex. 256 random bits need no slow hash."""
        return hmac.new(pepper, self.secret.encode(), hashlib.sha256).hexdigest()

    def matches(self, secret_hash: str, pepper: bytes) -> bool:
        """Whether the stored hash is this secret's, compared in constant time."""
        return hmac.compare_digest(self.hashed(pepper), secret_hash)
