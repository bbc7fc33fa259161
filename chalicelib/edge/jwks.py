"""An issuer's public keys: fetched within bounds, kept for a while, read again for a key id that is new."""

import json
import threading
from collections.abc import Callable, Mapping
from typing import Any, cast
from urllib.parse import urlsplit

from chalicelib.kernel.errors import Unavailable

Fetch = Callable[[str], bytes]
"""Gives the document at an address, or raises `OSError`."""

WallClock = Callable[[], float]
"""Seconds since 1970, as `time.time` tells them: ages of keys and tokens are not business time."""

MOST_BYTES = 64 * 1024
MOST_KEYS = 16
_MOST_UNKNOWN = 256
_TIMEOUT = 3.0
_MAX_AGE = 3600.0
_PAUSE = 60.0
_FIRST_PAUSE = 5.0
_UNKNOWN_FOR = 300.0
_FEWEST_BITS = 2048
_MOST_BITS = 8192
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class KeysUnavailable(Unavailable):
    """The issuer's keys could not be read, so nobody's token can be checked now; try again."""


class KeySet:
    """The keys at one address. Forged key ids cannot make it ask the issuer more than once a minute."""

    def __init__(self, url: str, *, wall_clock: WallClock, fetch: Fetch | None = None) -> None:
        self._url = url
        self._clock = wall_clock
        self._fetch = fetch or fetch_document
        self._keys: dict[str, Any] = {}
        self._unknown: dict[str, float] = {}
        self._fresh_until = 0.0
        self._ask_again_at = 0.0
        self._lock = threading.Lock()

    def key(self, key_id: str) -> Any:  # noqa: ANN401 -- PyJWT's key, not imported until needed
        """The key by its id, or None. Raises `KeysUnavailable` while no key has ever been read."""
        now = self._clock()
        with self._lock:
            if now >= self._fresh_until:
                self._read(now)
            if key_id not in self._keys and now >= self._unknown.get(key_id, 0.0) and self._read(now):
                self._remember_unknown(key_id, now)
            if not self._keys:
                raise KeysUnavailable
            return self._keys.get(key_id)

    def _read(self, now: float) -> bool:
        """Whether the issuer's keys were read now; not so soon after the last time, nor when it cannot be reached."""
        if now < self._ask_again_at:
            return False
        self._ask_again_at = now + (_PAUSE if self._keys else _FIRST_PAUSE)
        try:
            keys = read_keys(self._fetch(self._url))
        except (OSError, ValueError):
            return False  # the keys that we have stay good: an issuer out of reach must not lock everybody out
        if keys:
            self._keys = keys
            self._fresh_until = now + _MAX_AGE
            self._ask_again_at = now + _PAUSE
        return bool(keys)

    def _remember_unknown(self, key_id: str, now: float) -> None:
        self._unknown.pop(key_id, None)
        if key_id in self._keys:
            return
        if len(self._unknown) >= _MOST_UNKNOWN:
            del self._unknown[next(iter(self._unknown))]
        self._unknown[key_id] = now + _UNKNOWN_FOR


def read_keys(document: bytes) -> dict[str, Any]:
    """The RS256 keys of a JWKS document by key id, others left out. What is no JWKS is a `ValueError`."""
    parsed = json.loads(document)
    listed = parsed.get("keys") if isinstance(parsed, dict) else None
    if not isinstance(listed, list):
        raise ValueError("not a key set")  # noqa: TRY004 -- one error for whatever is wrong with the text
    keys: dict[str, Any] = {}
    for each in listed[:MOST_KEYS]:
        if isinstance(each, dict) and (key := _rs256(each)) is not None:
            keys[each["kid"]] = key
    return keys


def _rs256(jwk: Mapping[str, Any]) -> Any:  # noqa: ANN401 -- PyJWT's key, not imported until needed
    fits = (
        isinstance(jwk.get("kid"), str)
        and jwk.get("kty") == "RSA"
        and jwk.get("use", "sig") == "sig"
        and jwk.get("alg", "RS256") == "RS256"
        and "d" not in jwk
    )
    if not fits:
        return None
    import jwt  # noqa: PLC0415 -- costs 45 ms that only requests with a token need

    try:
        key = jwt.PyJWK({**jwk}, algorithm="RS256")
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    return key if _FEWEST_BITS <= key.key.key_size <= _MOST_BITS else None


def fetch_document(url: str) -> bytes:
    """Read at most 64 KB within 3 seconds: over TLS, or from this machine itself. A redirect is not followed."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise OSError("keys are read over https only")
    import urllib.request  # noqa: PLC0415 -- costs milliseconds that only the first token needs

    class NoRedirect(urllib.request.HTTPRedirectHandler):
        """Keys come from the address that the settings name, and from nowhere else."""

        def redirect_request(self, *_arguments: object) -> None:
            """Refuse: the redirect's own status then counts as an error."""

    opener = urllib.request.build_opener(NoRedirect)
    with opener.open(url, timeout=_TIMEOUT) as answer:
        body = cast("bytes", answer.read(MOST_BYTES + 1))
    if len(body) > MOST_BYTES:
        raise OSError("the key set is over 64 KB")
    return body
