"""Signature version 4 for one service, region and host.

The derived key is kept for a day and all that depends on the time alone for a second, so that signing a request costs
three hashes and some joining of text.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from hmac import digest
from typing import Final

CONTENT_TYPE: Final = "application/x-amz-json-1.0"
_TARGET: Final = "DynamoDB_20120810."
_SERVICE: Final = "dynamodb"


@dataclass(frozen=True, slots=True)
class Keys:
    """Credentials as they are signed with."""

    access_key: str
    secret_key: str
    token: str | None = None


@dataclass(frozen=True, slots=True)
class _Second:
    """Everything that requests of the same second and keys have in common."""

    at: int
    keys: Keys
    canonical: str
    to_sign: str
    signed: str
    key: bytes
    head: str


@dataclass(frozen=True, slots=True)
class _Day:
    date: str
    keys: Keys
    key: bytes


def _mac(key: bytes, text: str) -> bytes:
    return digest(key, text.encode(), "sha256")


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
        target = _TARGET + operation
        canonical = f"{second.canonical}{target}\n\n{second.signed}\n{sha256(body).hexdigest()}"
        signature = _mac(second.key, second.to_sign + sha256(canonical.encode()).hexdigest()).hex()
        text = f"{second.head}{signature}\r\nX-Amz-Target: {target}\r\nContent-Length: {len(body)}\r\n\r\n"
        return text.encode("latin-1")

    def _begin(self, keys: Keys, at: int) -> _Second:
        stamp = datetime.fromtimestamp(at, UTC).strftime("%Y%m%dT%H%M%SZ")
        scope = f"{stamp[:8]}/{self._region}/{_SERVICE}/aws4_request"
        token = keys.token
        signed = "content-type;host;x-amz-date;" + ("x-amz-security-token;" if token else "") + "x-amz-target"
        canonical = f"POST\n/\n\ncontent-type:{CONTENT_TYPE}\nhost:{self._host}\nx-amz-date:{stamp}\n"
        canonical += f"x-amz-security-token:{token}\nx-amz-target:" if token else "x-amz-target:"
        head = f"POST / HTTP/1.1\r\nHost: {self._host}\r\nContent-Type: {CONTENT_TYPE}\r\nX-Amz-Date: {stamp}\r\n"
        head += "Accept-Encoding: identity\r\nUser-Agent: adgang-metering\r\n"
        head += f"X-Amz-Security-Token: {token}\r\n" if token else ""
        head += f"Authorization: AWS4-HMAC-SHA256 Credential={keys.access_key}/{scope}, "
        head += f"SignedHeaders={signed}, Signature="
        to_sign = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n"
        return _Second(at, keys, canonical, to_sign, signed, self._derived(keys, stamp[:8]), head)

    def _derived(self, keys: Keys, date: str) -> bytes:
        day = self._day
        if day is None or day.date != date or day.keys is not keys:
            key = _mac(_mac(_mac(f"AWS4{keys.secret_key}".encode(), date), self._region), _SERVICE)
            day = self._day = _Day(date, keys, _mac(key, "aws4_request"))
        return day.key
