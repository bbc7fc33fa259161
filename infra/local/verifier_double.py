"""A double of a verifier of identities, ages, licences, studies and homes, for the local run and the tests.

`POST /v1/proofs` plays the verifier's own app, in which somebody shows their documents; `POST /v1/checks` is what
Adgang calls. A proof is good for ten minutes, and is nobody else's once it was checked for somebody.
"""

import hmac
import itertools
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from threading import Lock
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from chalicelib.kernel.requirement import NotARequirement, Requirement, Shown, with_countries
from chalicelib.kernel.time import format_instant
from infra.local.gateway import TooLargeError, read_body

GOOD_FOR = timedelta(minutes=10)
_MOST = 16 * 1024
_REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found"}
_SOURCE = "verifier-double"
Fields = dict[str, Any]


@dataclass
class _Proof:
    documents: Mapping[str, Any]
    until: datetime
    reference: str | None = None


class VerifierDouble:
    """The verifier on one machine. Documents are `born`, `identity_until`, `licence`, `student_until`, `home`."""

    def __init__(self, *, now: Callable[[], datetime], key: str) -> None:
        self._now, self._key = now, key
        self._proofs: dict[str, _Proof] = {}
        self._numbers, self._lock = itertools.count(1), Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        try:
            status, said = self._answer(environ)
        except (ValueError, KeyError, TypeError, NotARequirement, TooLargeError) as error:
            status, said = 400, {"error": str(error)}
        body = json.dumps(said).encode()
        start_response(f"{status} {_REASONS[status]}", [("Content-Type", "application/json")])
        return [body]

    def _answer(self, environ: WSGIEnvironment) -> tuple[int, Fields]:
        acts = {"/v1/proofs": self._prove, "/v1/checks": self._check}
        act = acts.get(environ["PATH_INFO"])
        if act is None or environ["REQUEST_METHOD"] != "POST":
            return 404, {"error": "no such route"}
        given = environ.get("HTTP_AUTHORIZATION", "")
        if act == self._check and not hmac.compare_digest(given.encode(), f"Bearer {self._key}".encode()):
            return 401, {"error": "the key is not the one of this verifier's customer"}
        with self._lock:
            return 200, act(json.loads(read_body(environ, _MOST)))

    def _prove(self, documents: Fields) -> Fields:
        proof = f"prf_{next(self._numbers):06d}"
        self._proofs[proof] = _Proof(documents, self._now() + GOOD_FOR)
        return {"proof": proof}

    def _check(self, asked: Fields) -> Fields:
        requirement, proof = Requirement.parse(asked["requires"]), self._proofs.get(asked["proof"])
        if proof is None or proof.until <= self._now() or proof.reference not in (None, asked["reference"]):
            return {"shown": False}
        proof.reference = asked["reference"]
        found = _shown(requirement, proof.documents, self._now())
        if found is None:
            return {"shown": False}
        until, details = found
        named = "places" if requirement.kind is Shown.RESIDENT else "licences"
        return {"shown": True, "source": _SOURCE, "valid_until": format_instant(until), named: details}


def _shown(requirement: Requirement, documents: Mapping[str, Any], now: datetime) -> tuple[datetime, list[str]] | None:
    """Until when the documents show it, and the classes of a licence or where somebody lives; None if they do not."""
    until, details = _documents(requirement.kind, documents)
    if until is None or (requirement.detail is not None and requirement.detail not in with_countries(details)):
        return None
    born = documents.get("born")
    if requirement.at_least is not None and (not born or _age(date.fromisoformat(born), now) < requirement.at_least):
        return None
    return _midnight(until), details


def _documents(kind: Shown, documents: Mapping[str, Any]) -> tuple[str | None, list[str]]:
    """The last day of the document of that kind, and what it says."""
    match kind:
        case Shown.IDENTITY | Shown.AGE:
            return documents.get("identity_until"), []
        case Shown.STUDENT:
            return documents.get("student_until"), []
        case Shown.DRIVING_LICENCE:
            licence = documents.get("licence") or {}
            return licence.get("until"), list(licence.get("classes", ()))
        case Shown.RESIDENT:
            home = documents.get("home") or {}
            return home.get("until"), [home["place"]] if home else []


def _age(born: date, now: datetime) -> int:
    today = now.date()
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _midnight(day: str) -> datetime:
    found = date.fromisoformat(day)
    return datetime(found.year, found.month, found.day, tzinfo=UTC)
