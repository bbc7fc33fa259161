"""Calls a running system over HTTP, as an app, a partner's backend or a browser would."""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

_FIRST_ERROR = 400
_TIMEOUT_SECONDS = 120
_MOST_ROWS = 200
"""So many a page of a list has at most."""


class RefusedError(Exception):
    """The system answered with an error."""

    def __init__(self, method: str, path: str, status: int, body: object) -> None:
        super().__init__(f"{method} {path}: {status} {body}")
        self.status = status
        self.body = body


@dataclass
class Client:
    """One connection, kept open. `token` goes along as a bearer token, `headers` with each call; keys are counted."""

    base: str
    token: str | None = None
    name: str = "client"
    headers: Mapping[str, str] = field(default_factory=dict)
    _connection: http.client.HTTPConnection | None = field(default=None, repr=False)
    _acts: int = 0

    def get(self, path: str) -> Any:  # noqa: ANN401 -- JSON
        """Read."""
        return self.call("GET", path)

    def post(self, path: str, body: object = None, **how: Any) -> Any:  # noqa: ANN401 -- JSON
        """Act, under a new idempotency key."""
        self._acts += 1
        return self.call("POST", path, body, key=f"{self.name}-{self._acts}", **how)

    def put(self, path: str, body: object) -> Any:  # noqa: ANN401 -- JSON
        """Store or replace."""
        return self.call("PUT", path, body)

    def delete(self, path: str) -> Any:  # noqa: ANN401 -- JSON
        """Remove."""
        return self.call("DELETE", path)

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        key: str | None = None,
        media_type: str = "application/json",
    ) -> Any:  # noqa: ANN401 -- JSON
        """The answer's JSON (or text); an error is `RefusedError`."""
        headers = {**self.headers, **({"Content-Type": media_type} if body is not None else {})}
        if key is not None:
            headers["Idempotency-Key"] = key
        status, content_type, content = self.raw(method, path, None if body is None else json.dumps(body), headers)
        shown = json.loads(content) if "json" in content_type else content.decode()
        if status >= _FIRST_ERROR:
            raise RefusedError(method, path, status, shown)
        return shown

    def raw(
        self, method: str, path: str, body: str | bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, str, bytes]:
        """Status, content type and body of the answer, whatever it is."""
        sent = {**({"Authorization": f"Bearer {self.token}"} if self.token else {}), **(headers or {})}
        address = urlsplit(path if path.startswith("http") else self.base + path)
        target = address.path + (f"?{address.query}" if address.query else "")
        for attempt in (1, 2):
            connection = self._open()
            try:
                connection.request(method, target, body, sent)
                answer = connection.getresponse()
                return answer.status, answer.headers.get("Content-Type", ""), answer.read()
            except (http.client.RemoteDisconnected, ConnectionError):
                self.close()
                if attempt == 2:  # noqa: PLR2004 -- the second and last try
                    raise
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Drop the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> http.client.HTTPConnection:
        if self._connection is None:
            address = urlsplit(self.base)
            kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
            self._connection = kind(address.hostname or "127.0.0.1", address.port, timeout=_TIMEOUT_SECONDS)
        return self._connection


def every(client: Client, path: str, wanted: Mapping[str, str] | None = None) -> list[Any]:
    """A list that comes in pages, read to its end; `wanted` narrows it."""
    found: list[Any] = []
    query = {"limit": str(_MOST_ROWS), **(wanted or {})}
    while True:
        page = client.get(f"{path}?{urlencode(query, quote_via=quote, safe='')}")
        found += page["items"]
        if page["next"] is None:
            return found
        query["after"] = page["next"]
