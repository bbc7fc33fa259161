"""Ids from given randomness, and digests of what must not change."""

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

RandomBytes = Callable[[int], bytes]
"""Gives that many bytes. `secrets.token_bytes` in production; a seeded source in the local run and in tests."""


def new_id(kind: str, random_bytes: RandomBytes) -> str:
    """`ses_` and 26 characters of 128 random bits in lower-case base 32: hard to guess, safe in an address."""
    return f"{kind}_{base64.b32encode(random_bytes(16)).decode().rstrip('=').lower()}"


_HOLDS_OTHERS = (dict, list, tuple)
_USUAL = frozenset({str, int, bool, type(None)})
_encoded = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def canonical(value: object) -> bytes:
    """The one JSON text of a value: sorted keys, no spaces, UTF-8. Floats are refused: they have no exact text."""
    _refuse_floats(value)
    return _encoded(value).encode()


def digest(value: object) -> str:
    """SHA-256, in hex, of the canonical JSON."""
    return hashlib.sha256(canonical(value)).hexdigest()


def _refuse_floats(value: object) -> None:
    """A proof has thousands of values: only what holds others is looked into, and what is usual is passed at once."""
    waiting: list[Any] = [(value,)]
    for holder in waiting:  # it grows meanwhile
        for each in holder.values() if isinstance(holder, dict) else holder:
            if type(each) in _USUAL:
                continue
            if isinstance(each, float):
                raise TypeError("a float has no exact text")
            if isinstance(each, _HOLDS_OTHERS):
                waiting.append(each)
