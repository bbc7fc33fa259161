"""What the local run itself answers: an overview, sign-in, keys, clock, objects. None of it exists in production."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from infra.local.clock import BackwardsError
from infra.local.gateway import Environ, TooLargeError, raw_path, read_body
from infra.local.identity import Identity, UnknownGroupError
from infra.local.objects import PREFIX as OBJECTS
from infra.local.objects import ObjectStore
from infra.local.rest_events import HttpAnswer

_MOST = 64 * 1024
_MOST_OBJECT = 16 * 1024 * 1024
_JWKS = "/local/jwks/"

Fields = dict[str, Any]


class Time(Protocol):
    """Business time, with everything that hangs on it."""

    def now(self) -> datetime:
        """The time."""

    def advance_to(self, instant: datetime) -> int:
        """Move on to `instant`; how many timers fired."""

    def follow_real_time(self) -> None:
        """Go with the machine's time from now on."""


class BadRequestError(ValueError):
    """The request to a local route makes no sense."""


@dataclass(frozen=True)
class LocalRoutes:
    """Answers `/` and everything under `/local`. `stripe` tells how a browser reaches the double."""

    identity: Identity
    objects: ObjectStore
    time: Time
    drain: Callable[[], int]
    stripe: Callable[[], Fields | None]
    doors: tuple[str, ...]
    address: str

    def answer(self, environ: Environ) -> HttpAnswer:
        """Answer one request."""
        method, path = environ["REQUEST_METHOD"], raw_path(environ)
        if path.startswith(OBJECTS + "/"):
            query = environ.get("QUERY_STRING", "")
            host = environ.get("HTTP_HOST", "")
            body = read_body(environ, _MOST_OBJECT) if method == "PUT" else b""
            return self.objects.answer(method, f"http://{host}{path}?{query}", _headers(environ), body)
        try:
            return _json(200, self._acted(method, path, environ))
        except (BadRequestError, BackwardsError, UnknownGroupError, TooLargeError) as error:
            return _json(400, {"error": str(error)})
        except LookupError:
            return _json(404, {"error": f"no local route {method} {path}"})

    def _acted(self, method: str, path: str, environ: Environ) -> Fields:
        if method == "GET" and path in ("/", "/local"):
            return self._overview()
        if method == "GET" and path.startswith(_JWKS):
            pools = {pool.name: pool for pool in (self.identity.customers, self.identity.staff)}
            keys: Fields = json.loads(self.identity.jwks(pools[path.removeprefix(_JWKS)]))
            return keys
        if (method, path) == ("GET", "/local/clock"):
            return {"now": self.time.now().isoformat()}
        acts: Mapping[str, Callable[[Fields], Fields]] = {
            "/local/sign-in": self._sign_in,
            "/local/staff-sign-in": self._staff_sign_in,
            "/local/clock": self._move_clock,
            "/local/settle": lambda _fields: {"handled": self.drain()},
        }
        if method != "POST":
            raise LookupError(path)
        return acts[path](_fields(environ))

    def _overview(self) -> Fields:
        return {
            "what": "Adgang on this machine",
            "now": self.time.now().isoformat(),
            "doors": {door: f"{self.address}/{door}/openapi.json" for door in self.doors},
            "stripe": self.stripe(),
            "local": {
                "POST /local/sign-in": {"email": "aino@example.com"},
                "POST /local/staff-sign-in": {"name": "maija", "groups": sorted(self.identity.groups)},
                "POST /local/clock": {"advance_to": "2021-06-01T00:00:00+03:00"},
                "POST /local/settle": {},
                "POST /verifier/v1/proofs": {"born": "1990-05-01", "identity_until": "2031-05-01"},
            },
        }

    def _sign_in(self, fields: Fields) -> Fields:
        email = _text(fields, "email")
        if "@" not in email:
            raise BadRequestError("email: an address with an @")
        return _bearer(self.identity.sign_in(email))

    def _staff_sign_in(self, fields: Fields) -> Fields:
        groups = fields.get("groups")
        if not isinstance(groups, list) or not all(isinstance(each, str) for each in groups):
            raise BadRequestError(f"groups: a list of some of {', '.join(sorted(self.identity.groups))}")
        return _bearer(self.identity.staff_sign_in(_text(fields, "name"), groups))

    def _move_clock(self, fields: Fields) -> Fields:
        fired = 0
        if fields.get("real") is True:
            self.time.follow_real_time()
        else:
            fired = self.time.advance_to(_instant(_text(fields, "advance_to")))
        return {"now": self.time.now().isoformat(), "timers_fired": fired}


def _headers(environ: Environ) -> dict[str, str]:
    found = {name.removeprefix("HTTP_"): str(value) for name, value in environ.items() if name.startswith("HTTP_")}
    given = found | {name: str(environ.get(name, "")) for name in ("CONTENT_TYPE", "CONTENT_LENGTH")}
    return {name.lower().replace("_", "-"): value for name, value in given.items()}


def _fields(environ: Environ) -> Fields:
    try:
        fields = json.loads(read_body(environ, _MOST) or b"{}")
    except ValueError as error:
        raise BadRequestError("the body is no JSON") from error
    if not isinstance(fields, dict):
        raise BadRequestError("the body is no JSON object")
    return fields


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise BadRequestError("advance_to: an instant with its offset, as in 2021-06-01T00:00:00+03:00")
    return instant


def _text(fields: Fields, name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise BadRequestError(f"{name}: a text is needed")
    return value


def _bearer(token: str) -> Fields:
    return {"access_token": token, "token_type": "Bearer"}


def _json(status: int, value: Fields) -> HttpAnswer:
    body = json.dumps(value, indent=2, ensure_ascii=False).encode() + b"\n"
    return HttpAnswer(status, [("Content-Type", "application/json")], body)
