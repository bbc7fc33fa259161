"""A door: Chalice, with one way for every request: authenticate, read, act, show; refusals as problem+json."""

import gc
import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, cast
from urllib.parse import unquote

import msgspec
from chalice.app import Chalice, CORSConfig, Request, Response

from chalicelib.edge.call import Call, correlation_id, read_query
from chalicelib.edge.garbage import collect_from_now_on
from chalicelib.edge.idempotency import KEPT, Answer, RequestKey, SavingCommit, replay
from chalicelib.edge.operation import DOCUMENT, Operation, View
from chalicelib.edge.places import Registry, desk_named, written_places
from chalicelib.edge.refusals import (
    PROBLEM_TYPE,
    InternalError,
    Malformed,
    MethodNotAllowed,
    RouteUnknown,
    UnsupportedMediaType,
    problem_of,
    status_of,
)
from chalicelib.edge.routes import take
from chalicelib.kernel.errors import Refusal

SECURITY_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
}
_CHALICE_SAYS: Mapping[int, type[Refusal]] = {
    400: Malformed,
    404: RouteUnknown,
    405: MethodNotAllowed,
    415: UnsupportedMediaType,
}
_FIRST_ERROR = 400
_UNAUTHENTICATED = 401
_TRY_AGAIN = (429, 503)
Authenticate = Callable[[Mapping[str, str], Any, str | None], tuple[Any, str]]
"""Headers, the wiring, the right that is needed -> the caller and the id under which its answers are kept."""
Audits = Callable[[Operation, Call[Any, Any], Mapping[str, str], Any], None]
"""Records what is about to be read, if it is to be recorded."""
_log = logging.getLogger("adgang")


class Door(Chalice):
    """A Chalice app whose routes are operations. `wired` gives the function's wiring when a request comes.

    `desks` are the classes of those that have the routes, by name.
    """

    def __init__(
        self,
        name: str,
        *,
        wired: Callable[[], Any],
        authenticate: Authenticate,
        cors: CORSConfig | None = None,
        audits: Audits | None = None,
        desks: Sequence[str] = (),
    ) -> None:
        super().__init__(app_name=f"adgang-{name}")
        self.name = name
        self._declared: dict[tuple[str, str], Operation] = {}
        self._taken = set[str]()
        self._wired = wired
        self._authenticate = authenticate
        self._cors = cors
        self._audits = audits
        self.middleware("http")(_as_problem)
        self.get(DOCUMENT, public=True)(self._openapi)
        places = written_places()
        routes = places["routes"] if places else {}
        self.routes.update({path: cast("Any", Registry(at, self._take)) for path, at in routes.items()})
        for desk in desks if places is None else ():
            self._take(desk)

    @property
    def operations(self) -> list[Operation]:
        """All of them, path by path."""
        return [self._declared[path, method] for path, at in self.routes.items() for method in at]

    @property
    def places(self) -> Mapping[str, Mapping[str, str]]:
        """Which desk has which route; those of the door itself are not among them."""
        found: dict[str, dict[str, str]] = {}
        for each in self.operations:
            desk = getattr(each.view, "__self__", self)
            if desk is not self:
                name = f"{type(desk).__module__}.{type(desk).__qualname__}"
                found.setdefault(each.path, {})[each.method] = name
        return found

    def _take(self, desk: str) -> None:
        """Have a desk's routes answered. It is there once, whichever of them was asked for first."""
        if desk not in self._taken:
            made = desk_named(desk)(self._wired())
            self._taken.add(desk)  # before it declares its routes, which looks whether they are there
            take(self, made)

    def get(self, path: str, **how: Any) -> Callable[[View], View]:  # noqa: ANN401 -- Operation's own fields
        """Declare a read."""
        return self._declare("GET", path, how)

    def post(self, path: str, **how: Any) -> Callable[[View], View]:  # noqa: ANN401 -- as above
        """Declare an act; it takes an Idempotency-Key unless it says otherwise."""
        return self._declare("POST", path, {"idempotent": True, **how})

    def put(self, path: str, **how: Any) -> Callable[[View], View]:  # noqa: ANN401 -- as above
        """Declare a replacement under a natural id; a repeat is harmless by itself."""
        return self._declare("PUT", path, how)

    def delete(self, path: str, **how: Any) -> Callable[[View], View]:  # noqa: ANN401 -- as above
        """Declare a removal under a natural id; a repeat is harmless by itself."""
        return self._declare("DELETE", path, how)

    def _declare(self, method: str, path: str, how: dict[str, Any]) -> Callable[[View], View]:
        def register(view: View) -> View:
            declared = Operation(method, path, view, **how)
            self._declared[path, method] = declared

            def handle(**path_parameters: str) -> Response:
                """Path parameters come percent-encoded; no id of ours has a percent sign in it."""
                return self._handle(declared, {name: unquote(value) for name, value in path_parameters.items()})

            # Chalice would refuse other media types by itself, before anybody is known and without a line in the log.
            self.route(path, methods=[method], name=view.__name__, content_types=[], cors=self._cors)(handle)
            return view

        return register

    def _openapi(self, _call: Call[Any, None]) -> object:
        """This door's OpenAPI 3.1 document."""
        from chalicelib.edge.openapi import document  # noqa: PLC0415 -- needed by this one route

        return document(self.name, self.operations)

    def _handle(self, declared: Operation, path_parameters: dict[str, str]) -> Response:
        started = time.perf_counter()
        request = self._request
        known_as = correlation_id(request.headers.get("x-correlation-id"), request.context.get("requestId", "local"))
        replayed, outcome, says = False, "done", dict[str, str]()
        with self._wired().counted() as used:
            try:
                answer, replayed = self._answer(declared, path_parameters, says)
            except Refusal as refusal:
                answer, outcome = _refused(refusal, known_as), refusal.code
            except Exception as error:  # noqa: BLE001 -- a failure is an answer too, without its innards
                _log.error("%s failed at %s", type(error).__name__, _where(error))
                answer, outcome = _refused(InternalError(), known_as), "internal_error"
        line = {"door": self.name, "route": f"{declared.method} {declared.path}", "status": answer.status}
        _log_line({**line, "outcome": outcome, "correlation_id": known_as}, started, used.units)
        if not gc.isenabled():
            collect_from_now_on()  # after a cold start, see chalicelib/__init__.py
        media_type = declared.answers if outcome == "done" else PROBLEM_TYPE
        return _response(answer, media_type, known_as, says, replayed=replayed)

    @property
    def _request(self) -> Request:
        if self.current_request is None:
            raise LookupError("a door is asked through a request")
        return self.current_request

    def _answer(
        self, declared: Operation, path_parameters: dict[str, str], says: dict[str, str]
    ) -> tuple[Answer, bool]:
        """The view's answer; or, for a repeat, the one that was saved (True)."""
        request, wired = self._request, self._wired()
        caller, caller_id = None, ""
        if not declared.public:
            caller, caller_id = self._authenticate(request.headers, wired, declared.needs)
        raw = request.raw_body
        raw = raw if isinstance(raw, bytes) else str(raw).encode()
        now: datetime = wired.now()
        key = self._key(declared, caller_id, path_parameters, raw)
        saving = _saving(declared, key, wired, now) if key else None
        call = Call(
            caller=caller,
            body=declared.body(raw, request.headers),
            query=read_query(request.query_params, declared.query),
            now=now,
            commit=saving or wired.commit,
            idempotency_key=key.key if key else "",
            headers=request.headers,
            raw=raw,
            says=says,
            needs=declared.needs,
        )
        try:
            if self._audits is not None:
                self._audits(declared, call, path_parameters, wired)
            outcome = declared.view(call, **path_parameters)
            if saving is not None and not saving.saved:
                saving([], outcome)
        except Refusal:
            saved = replay(key, wired.find_answer(key)) if key else None
            if saved is None:
                raise
            return saved, True
        status = declared.status_for(outcome) if declared.status_for else declared.status
        return Answer("", status, declared.encode(outcome)), False

    def _key(
        self, declared: Operation, caller_id: str, path_parameters: dict[str, str], raw: bytes
    ) -> RequestKey | None:
        if not declared.idempotent:
            return None
        header = self._request.headers.get("idempotency-key")
        what = [declared.method, declared.path, *(f"{name}={value}" for name, value in sorted(path_parameters.items()))]
        return RequestKey.of(header, caller=f"{self.name}:{caller_id}", what=what, body=raw)


def _saving(declared: Operation, key: RequestKey, wired: Any, now: datetime) -> SavingCommit:  # noqa: ANN401 -- the wiring
    encode = partial(declared.encode, saved=True)
    return SavingCommit(wired.commit, key, declared.status, encode, wired.saving_answer, now + KEPT)


def _response(answer: Answer, media_type: str, known_as: str, says: Mapping[str, str], *, replayed: bool) -> Response:
    """A batch of which a part has to be sent again is answered row by row too, whatever its status is."""
    headers: dict[str, str | list[str]] = {
        **SECURITY_HEADERS,
        **(says if answer.status < _FIRST_ERROR else {}),
        "Content-Type": media_type,
        "X-Correlation-Id": known_as,
    }
    if answer.status in _TRY_AGAIN:
        headers["Retry-After"] = "1"
    if replayed:
        headers["Idempotency-Replayed"] = "true"
    if answer.status == _UNAUTHENTICATED:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(body=answer.body.decode(), headers=headers, status_code=answer.status)


def _log_line(line: dict[str, object], started: float, units: float) -> None:
    """One structured line a request: the route's template, never its path, query, body or caller."""
    elapsed = round((time.perf_counter() - started) * 1000, 1)
    _log.info(json.dumps({**line, "ms": elapsed, "capacity_units": units}))


def _refused(refusal: Refusal, known_as: str) -> Answer:
    return Answer("", status_of(refusal), msgspec.json.encode(problem_of(refusal, known_as)))


def _where(error: BaseException) -> str:
    """File and line only: an exception's text may hold what a log must not."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"


def _as_problem(request: Request, get_response: Callable[[Request], Response]) -> Response:
    """Chalice's own refusals in the same shape as every other."""
    response = get_response(request)
    if response.status_code < _FIRST_ERROR or "X-Correlation-Id" in response.headers:
        return response  # a door's own answers have one, whatever their status is
    known_as = correlation_id(request.headers.get("x-correlation-id"), request.context.get("requestId", "local"))
    refusal = _CHALICE_SAYS.get(response.status_code, InternalError)()
    kept = {name: value for name, value in response.headers.items() if name.lower() != "content-type"}
    kept |= {**SECURITY_HEADERS, "Content-Type": PROBLEM_TYPE, "X-Correlation-Id": known_as}
    body = msgspec.json.encode(problem_of(refusal, known_as)).decode()
    return Response(body=body, headers=kept, status_code=status_of(refusal))
