"""Calls a door as its clients do, and keeps the whole answer for a test to look at."""

import http.client
import itertools
import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any, TypedDict, Unpack
from urllib.parse import urlsplit

from tests.doors.heard import HEARD

PROBLEM = "application/problem+json"
BATCH = "application/cloudevents-batch+json"
SINGLE = "application/cloudevents+json"
NEW = "a key of its own"
Json = Any
_keys = itertools.count(1)


class How(TypedDict, total=False):
    """What else may be said of a request."""

    raw: bytes | None
    key: str | None
    headers: Mapping[str, str] | None
    media_type: str | None


@dataclass(frozen=True)
class Reply:
    """An answer; header names are in small letters."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def json(self) -> Json:
        return json.loads(self.content)


class Caller:
    """Somebody with a token, a key, or neither. A POST goes under a new Idempotency-Key unless told otherwise."""

    def __init__(self, base: str, token: str | None = None) -> None:
        self.base = base
        self.token = token

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        raw: bytes | None = None,
        key: str | None = NEW,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = "application/json",
    ) -> Reply:
        """One request. `body` goes as JSON, `raw` as it stands."""
        content = raw if raw is not None or body is None else json.dumps(body).encode()
        sent = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if content is not None and media_type is not None:
            sent["Content-Type"] = media_type
        if method == "POST" and key is not None:
            sent["Idempotency-Key"] = f"test-{next(_keys):06d}" if key == NEW else key
        address = urlsplit(self.base)
        with closing(http.client.HTTPConnection(str(address.hostname), address.port, timeout=60)) as connection:
            connection.request(method, path, content, {**sent, **(headers or {})})
            answer = connection.getresponse()
            reply = Reply(answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read())
        HEARD.note(method, path, reply.status, reply.headers)
        return reply

    def get(self, path: str, **how: Unpack[How]) -> Reply:
        return self.ask("GET", path, **how)

    def post(self, path: str, body: object = None, **how: Unpack[How]) -> Reply:
        return self.ask("POST", path, body, **how)

    def put(self, path: str, body: object = None, **how: Unpack[How]) -> Reply:
        return self.ask("PUT", path, body, **how)

    def delete(self, path: str, **how: Unpack[How]) -> Reply:
        return self.ask("DELETE", path, **how)

    def read(self, path: str) -> Json:
        """What a GET shows; it has to work."""
        return done(self.get(path))


def done(reply: Reply) -> Json:
    """The answer to a request that has to work."""
    assert reply.status < 400, reply
    return reply.json


def refused(reply: Reply, status: int, code: str, pointer: str | None = None) -> dict[str, Any]:
    """The answer is the problem of that code, whole and pointing at that field; its members for a closer look."""
    assert (reply.status, reply.headers["content-type"]) == (status, PROBLEM), reply
    problem: dict[str, Any] = reply.json
    assert (problem["code"], problem["status"], problem.get("pointer")) == (code, status, pointer), problem
    assert problem["type"] == f"urn:adgang:problem:{code}"
    assert problem["title"]
    assert problem["correlation_id"] == reply.headers["x-correlation-id"]
    return problem
