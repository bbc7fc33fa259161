"""The double itself: a WSGI application that plays Stripe, with handles for tests and reports."""

import hmac
import time
import zlib
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from threading import Lock
from wsgiref.types import StartResponse, WSGIEnvironment

import msgspec
import stripe

from infra.local.stripe_double.call import Call
from infra.local.stripe_double.errors import Forbidden, StripeRefusal, Unauthorised
from infra.local.stripe_double.expanding import expanded, must_not_be_too_deep
from infra.local.stripe_double.faults import Fault, Faults, How, break_down, drop_connection, refuse_to_listen
from infra.local.stripe_double.handles import Handles
from infra.local.stripe_double.idempotency import Answer, SavedAnswers, must_be_deterministic
from infra.local.stripe_double.limits import SANDBOX_PER_SECOND, Limits
from infra.local.stripe_double.pages import page
from infra.local.stripe_double.parameters import check
from infra.local.stripe_double.reading import Request, read
from infra.local.stripe_double.routes import STRIPE_JS, Route
from infra.local.stripe_double.store import Fields, Store
from infra.local.stripe_double.table import route_of
from infra.local.stripe_double.webhooks import Manners, Outbox, Post

_REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
}
_REASONS |= {409: "Conflict", 429: "Too Many Requests", 500: "Internal Server Error"}
_SERVER_ERROR = 500


class StripeDouble(Handles):
    """Stripe on one machine: state in memory, ids from counters, times from `now`, webhook signatures by `wall_clock`.

    `restricted_keys` names, for each further secret key, the calls that it may make (`invoices.pay`: `table.ROUTES`).
    `pages` is the address under which invoices' hosted pages are linked; the double serves them under its own.
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        secret_key: str,
        publishable_key: str,
        webhook_secret: str,
        connect_webhook_secret: str | None = None,
        wall_clock: Callable[[], float] = time.time,
        restricted_keys: Mapping[str, Collection[str]] | None = None,
        pages: str = "https://invoice.stripe.com",
    ) -> None:
        self.calls: list[tuple[str, str]] = []
        self._secret_key, self._publishable_key = secret_key, publishable_key
        self._restricted = dict(restricted_keys or {})
        lock = Lock()
        self._outbox = Outbox(webhook_secret, wall_clock, lock, now, connect_secret=connect_webhook_secret)
        super().__init__(Store(now, secret_key, self._outbox, pages), lock)
        self._saved, self._faults, self._limits = SavedAnswers(now), Faults(), Limits(now)
        self._requests = 0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request: of the API, or of somebody who opens an invoice's hosted page."""
        if environ["REQUEST_METHOD"] == "GET" and environ.get("PATH_INFO", "").startswith("/i/"):
            return self._page(environ["PATH_INFO"], start_response)
        headers = [("Content-Type", "application/json"), ("Stripe-Version", stripe.api_version)]
        with self._lock:
            self._requests += 1
            request_id = f"req_{self._requests:06d}"
        try:
            request = read(environ)
            answer = self._answer(request, request_id, environ)
            if request.idempotency_key:
                headers.append(("Idempotency-Key", request.idempotency_key))
        except StripeRefusal as refusal:
            answer = _answer_of(refusal, request_id)
            headers += refusal.headers.items()
        if answer.request_id != request_id:
            headers += [("Idempotent-Replayed", "true"), ("Original-Request", answer.request_id)]
        if answer.status == _SERVER_ERROR:
            headers.append(("Stripe-Should-Retry", "false"))
        headers += [("Request-Id", request_id), ("Content-Length", str(len(answer.body)))]
        start_response(f"{answer.status} {_REASONS[answer.status]}", headers)
        return [answer.body]

    def _page(self, path: str, start_response: StartResponse) -> Iterable[bytes]:
        with self._lock:
            self._pass_time()
            kind, body = page(self._store, path) or ("", b"")
        start_response("200 OK" if kind else "404 Not Found", [("Content-Type", kind or "text/plain")])
        return [body]

    def _answer(self, request: Request, request_id: str, environ: WSGIEnvironment) -> Answer:
        with self._lock:
            self._pass_time()
            self.calls.append((request.method, request.path))
            route, object_id = route_of(request.method, request.path)
            self._limits.count(route.name)
            publishable = self._is_publishable(request, route)
            how = self._faults.next_for(request.method, request.path, route.name)
            if how == "reset":
                drop_connection(environ)
            refuse_to_listen(how)
            call = Call(self._store, _checked(request, route, publishable=publishable), object_id, publishable)
            replayed: Answer | None = None
            keyed = request.method == "POST" and not (publishable and not request.idempotency_key)
            if keyed:
                must_be_deterministic(request)
                replayed = self._saved.begin(request)
        answer = replayed or self._execute(route, call, request, request_id, how)
        if how == "timeout_after_applying":
            drop_connection(environ)
        return answer

    def _is_publishable(self, request: Request, route: Route) -> bool:
        """Whether a browser calls; refuses keys that are unknown or may not make this call."""
        key = request.api_key
        if request.account:
            raise Forbidden("The double plays no calls on behalf of connected accounts.", code="account_invalid")
        if hmac.compare_digest(key.encode(), self._publishable_key.encode()):
            if not route.client_side:
                message = "This API call cannot be made with a publishable API key. Please use a secret API key."
                raise Unauthorised(message, code="secret_key_required")
            return True
        if key in self._restricted:
            if route.name not in self._restricted[key]:
                raise Forbidden(
                    f"The provided key does not have the permissions for {route.name}.",
                    code="more_permissions_required",
                )
        elif not hmac.compare_digest(key.encode(), self._secret_key.encode()):
            raise Unauthorised(f"Invalid API Key provided: {key[:8]}***" if key else "You did not provide an API key.")
        _must_be_pinned(request)
        return False

    def _execute(self, route: Route, call: Call, request: Request, request_id: str, how: str) -> Answer:
        """Do it, and save the answer under the key; a mistake of the double itself leaves the key free."""
        with self._lock:
            try:
                answer = self._executed(route, call, request, request_id, how)
            except Exception:
                self._saved.forget(request)
                raise
            self._saved.save(request, answer)
        return answer

    def _executed(self, route: Route, call: Call, request: Request, request_id: str, how: str) -> Answer:
        self._store.request = {"id": request_id, "idempotency_key": request.idempotency_key or None}
        try:
            if how == "500":
                break_down()
            found = route.handler(call)
            if how == "500_after_applying":
                break_down()
            shown = expanded(self._store, self._store.shown(found), call.arguments.get("expand", []))
        except StripeRefusal as refusal:
            return _answer_of(refusal, request_id)
        return Answer(200, msgspec.json.encode(shown), request_id)

    def deliver(self, post: Post) -> int:
        """Send the webhooks that are due through `post` (body, headers -> HTTP status); how many were accepted.

        Answers other than 2xx, and connection errors, leave the event for the next call, until it was tried
        `webhooks.MOST_ATTEMPTS` times; with `misbehave(back_off=True)` for the next call after a while.
        """
        with self._lock:
            self._pass_time()
        return self._outbox.deliver(post)

    def misbehave(
        self,
        repeat: int = 1,
        shuffle_seed: int | None = None,
        hold: int = 0,
        *,
        late: timedelta = timedelta(0),
        back_off: bool = False,
    ) -> None:
        """From now on send each webhook `repeat` times, in shuffled order, `hold` calls of `deliver` and `late` late.

        With `back_off` a refused webhook is tried again as Stripe does: by the clock, at growing intervals, for three
        days (`webhooks.WAITS`); without, at each call of `deliver`.
        """
        with self._lock:
            self._outbox.manners = Manners(repeat, shuffle_seed, hold, late, back_off)

    def also_listen_to(self, *kinds: str) -> None:
        """Register the endpoint for further types of events than `webhooks.LISTENED`."""
        with self._lock:
            self._outbox.listened |= {*kinds}

    def listen_no_more_to(self, *kinds: str) -> None:
        """Take types of events off the endpoint: those are only recorded."""
        with self._lock:
            self._outbox.listened -= {*kinds}

    def resend(self, event_id: str) -> None:
        """Queue an event once more, whether or not it was accepted before, as Stripe's dashboard can."""
        with self._lock:
            self._store.get("event", event_id)
            self._outbox.add(event_id, zlib.decompress(self._store.bodies[event_id]))

    def pending_webhooks(self) -> int:
        """How many events are still owed to the endpoint."""
        with self._lock:
            self._pass_time()
            return len(self._outbox.pending)

    def undelivered_webhooks(self) -> list[str]:
        """The ids of events that were given up after too many attempts."""
        with self._lock:
            return list(self._outbox.given_up)

    def fail_next(self, operation: str, how: How, after: int = 0) -> None:
        """Let one call fail: the next that fits `operation`, after `after` fitting ones that pass.

        `operation` is a name (`invoices.pay`), or how a path (`/v1/invoices`) or method and path begin; empty fits all.
        See `faults` for the ways to fail.
        """
        with self._lock:
            self._faults.add(Fault(operation, how, after))

    def limit_rate(self, total: int | None = SANDBOX_PER_SECOND, each: int | None = SANDBOX_PER_SECOND) -> None:
        """From now on listen to so many requests in a second of the clock, in all and of each call."""
        with self._lock:
            self._limits.set(total, each)

    def waiting_faults(self) -> int:
        """How many faults have not struck yet."""
        with self._lock:
            return self._faults.waiting


def _must_be_pinned(request: Request) -> None:
    if request.version not in ("", stripe.api_version):
        message = f"The double plays API version {stripe.api_version}, not {request.version}."
        raise StripeRefusal(message, code="api_version_invalid")


def _checked(request: Request, route: Route, *, publishable: bool) -> Fields:
    """The parameters as values; what Stripe knows and the double does not play is refused."""
    arguments = check(route.shape, request.parameters, also=STRIPE_JS if publishable else frozenset())
    for name in arguments:
        if not route.plays(name, publishable=publishable):
            raise StripeRefusal(f"The double does not play the parameter {name}.", code="double_not_played", param=name)
    must_not_be_too_deep(arguments.get("expand", []))
    return {name: value for name, value in arguments.items() if name != "key"}


def _answer_of(refusal: StripeRefusal, request_id: str) -> Answer:
    body = refusal.body()
    body["error"]["request_log_url"] = f"https://dashboard.stripe.com/test/logs/{request_id}"
    return Answer(refusal.status, msgspec.json.encode(body), request_id)
