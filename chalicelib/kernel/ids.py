"""Ids from given randomness, and digests of what must not change."""

import base64
import hashlib
from collections.abc import Callable

from chalicelib.kernel.text import canonical

RandomBytes = Callable[[int], bytes]
"""Gives that many bytes. `secrets.token_bytes` in production; a seeded source in the local run and in tests."""


def new_id(kind: str, random_bytes: RandomBytes) -> str:
    """`ses_` and 26 characters of 128 random bits in lower-case base 32: hard to guess, safe in an address."""
    return f"{kind}_{base64.b32encode(random_bytes(16)).decode().rstrip('=').lower()}"


def digest(value: object) -> str:
    """SHA-256, in hex, of the canonical JSON."""
    return hashlib.sha256(canonical(value)).hexdigest()
