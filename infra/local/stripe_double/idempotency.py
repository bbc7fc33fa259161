"""Idempotency keys as Stripe keeps them, with two rules of ours on top.

Stripe's: the first answer to a key, once execution has begun, is saved for 24 hours, errors included, and repeated to
the same call with the same parameters; other parameters are refused; a key whose first request still runs answers 409.
Ours: every POST of a server has a key, and the key is one that a retry after a crash would make again, so not one of
the random ones that the SDK makes up where none is given.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from infra.local.stripe_double.errors import IdempotencyRefusal, InFlight, StripeRefusal
from infra.local.stripe_double.reading import Request

KEPT = timedelta(hours=24)
LONGEST_KEY = 255

_MADE_UP = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True)
class Answer:
    """What is sent back."""

    status: int
    body: bytes
    request_id: str


@dataclass
class Saved:
    """A key that was used, by which request, and its answer once there is one."""

    fingerprint: str
    begun: datetime
    answer: Answer | None = None


def must_be_deterministic(request: Request) -> None:
    """A server's POST names itself, so that a retry after a crash finds what the first one did."""
    key = request.idempotency_key
    if not key:
        raise StripeRefusal(
            "The double's own rule: every POST needs an Idempotency-Key.", code="idempotency_key_missing"
        )
    if _MADE_UP.fullmatch(key):
        message = "The double's own rule: this Idempotency-Key looks random. Derive it from what the request is about."
        raise StripeRefusal(message, code="idempotency_key_random")
    if len(key) > LONGEST_KEY:
        raise StripeRefusal(f"Idempotency keys have at most {LONGEST_KEY} characters.", code="idempotency_key_too_long")


class SavedAnswers:
    """All keys of the last 24 hours. Callers hold the double's one lock."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._saved: dict[str, Saved] = {}

    def begin(self, request: Request) -> Answer | None:
        """The saved answer to repeat; None when this request is the first with its key and has now begun."""
        self._drop_expired()
        key, saved = request.idempotency_key, self._saved.get(request.idempotency_key)
        if saved is None:
            self._saved[key] = Saved(request.fingerprint, self._now())
            return None
        if saved.fingerprint != request.fingerprint:
            message = (
                "Keys for idempotent requests can only be used with the same parameters they were first used with. "
                f"Try using a key other than '{key}' if you meant to execute a different request."
            )
            raise IdempotencyRefusal(message)
        if saved.answer is None:
            message = f"There is currently another in-progress request using this Idempotent Key: {key}"
            raise InFlight(message, code="idempotency_key_in_use")
        return saved.answer

    def _drop_expired(self) -> None:
        """Keys are kept in the order of their beginning, so the old ones come first."""
        while self._saved:
            key, oldest = next(iter(self._saved.items()))
            if oldest.answer is None or oldest.begun + KEPT > self._now():
                return
            del self._saved[key]

    def save(self, request: Request, answer: Answer) -> None:
        """Execution has ended, well or badly: repeat this answer from now on."""
        if request.idempotency_key in self._saved:
            self._saved[request.idempotency_key].answer = answer

    def forget(self, request: Request) -> None:
        """The request was refused before execution began: its key is free again."""
        self._saved.pop(request.idempotency_key, None)
