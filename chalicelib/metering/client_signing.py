"""Signature version 4 for one service, region and host.

The derived key is kept for a day and all that depends on the time alone for a second, so that signing a request costs
four short hashes and some joining of text.
"""

from datetime import UTC, datetime
from hashlib import sha256
from hmac import digest
from typing import Any, Final, NamedTuple

CONTENT_TYPE: Final = "application/x-amz-json-1.0"
_TARGET: Final = "DynamoDB_20120810."
_SERVICE: Final = "dynamodb"
_BLOCK: Final = 64
_INNER: Final = bytes(each ^ 0x36 for each in range(256))
_OUTER: Final = bytes(each ^ 0x5C for each in range(256))


class Keys(NamedTuple):
    """Credentials as they are signed with."""

    access_key: str
    secret_key: str
    token: str | None = None


class _Mac:
    """HMAC-SHA256 under one key, whose first blocks are hashed once: half the cost of `hmac.digest` for short texts."""

    def __init__(self, key: bytes) -> None:
        padded = (key if len(key) <= _BLOCK else sha256(key).digest()).ljust(_BLOCK, b"\0")
        self._inner = sha256(padded.translate(_INNER))
        self._outer = sha256(padded.translate(_OUTER))

    def hex(self, text: bytes) -> str:
        """The code of `text`."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(text)
        outer.update(inner.digest())
        return outer.hexdigest()


class _Second(NamedTuple):
    """Everything that requests of the same second and keys have in common."""

    at: int
    keys: Keys
    canonical: Any
    rest: str
    to_sign: str
    mac: _Mac
    head: str


class _Day(NamedTuple):
    date: str
    keys: Keys
    mac: _Mac


class Signer:
    """Writes the head of a request, signed. Threads may share it: what it keeps is replaced whole."""

    def __init__(self, host: str, region: str) -> None:
        self._host = host
        self._region = region
        self._second: _Second | None = None
        self._day: _Day | None = None

    def head(self, keys: Keys, at: float, operation: str, body: bytes) -> bytes:
        """All that goes before the body."""
        second = self._second
        if second is None or second.at != int(at) or second.keys is not keys:
            second = self._second = self._begin(keys, int(at))
        canonical = second.canonical.copy()
        canonical.update(f"{operation}{second.rest}{sha256(body).hexdigest()}".encode())
        signature = second.mac.hex(f"{second.to_sign}{canonical.hexdigest()}".encode())
        text = f"{second.head}{signature}\r\nX-Amz-Target: {_TARGET}{operation}\r\nContent-Length: {len(body)}\r\n\r\n"
        return text.encode("latin-1")

    def _begin(self, keys: Keys, at: int) -> _Second:
        stamp = datetime.fromtimestamp(at, UTC).strftime("%Y%m%dT%H%M%SZ")
        scope = f"{stamp[:8]}/{self._region}/{_SERVICE}/aws4_request"
        token = keys.token
        signed = "content-type;host;x-amz-date;" + ("x-amz-security-token;" if token else "") + "x-amz-target"
        canonical = f"POST\n/\n\ncontent-type:{CONTENT_TYPE}\nhost:{self._host}\nx-amz-date:{stamp}\n"
        canonical += f"x-amz-security-token:{token}\n" if token else ""
        canonical += f"x-amz-target:{_TARGET}"
        head = f"POST / HTTP/1.1\r\nHost: {self._host}\r\nContent-Type: {CONTENT_TYPE}\r\nX-Amz-Date: {stamp}\r\n"
        head += "Accept-Encoding: identity\r\nUser-Agent: adgang-metering\r\n"
        head += f"X-Amz-Security-Token: {token}\r\n" if token else ""
        head += f"Authorization: AWS4-HMAC-SHA256 Credential={keys.access_key}/{scope}, "
        head += f"SignedHeaders={signed}, Signature="
        to_sign = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n"
        mac = self._derived(keys, stamp[:8])
        return _Second(at, keys, sha256(canonical.encode()), f"\n\n{signed}\n", to_sign, mac, head)

    def _derived(self, keys: Keys, date: str) -> _Mac:
        day = self._day
        if day is None or day.date != date or day.keys is not keys:
            key = f"AWS4{keys.secret_key}".encode()
            for part in (date, self._region, _SERVICE, "aws4_request"):
                key = digest(key, part.encode(), "sha256")
            day = self._day = _Day(date, keys, _Mac(key))
        return day.mac
