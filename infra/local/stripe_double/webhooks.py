"""Signed webhooks: queued with each change, sent when told to, kept until accepted; if told so, repeated and late."""

import hashlib
import hmac
import json
import random
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

import stripe

MOST_ATTEMPTS = 16
"""So often an event is tried before it is given up, as over Stripe's three days."""

GIVEN_UP_AFTER = timedelta(days=3)
WAITS = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=5), timedelta(hours=10))
LATER_WAITS = timedelta(hours=12)
"""How long Stripe waits after each refusal where it goes by the clock: longer each time, for three days in all."""

LISTENED = frozenset(
    {
        "setup_intent.succeeded",
        "setup_intent.setup_failed",
        "invoice.finalized",
        "invoice.paid",
        "invoice.payment_failed",
        "invoice.payment_action_required",
        "invoice.voided",
        "invoice.marked_uncollectible",
        "invoice.overpaid",
        "payment_intent.amount_capturable_updated",
        "payment_intent.canceled",
        "payment_intent.succeeded",
        "payment_intent.payment_failed",
        "payment_method.attached",
        "payment_method.automatically_updated",
        "payment_method.detached",
        "charge.expired",
        "charge.refunded",
        "charge.dispute.closed",
        "charge.dispute.created",
        "charge.dispute.funds_reinstated",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.updated",
        "refund.failed",
        "refund.updated",
        "account.updated",
        "credit_note.created",
        "customer.deleted",
    }
)
"""The event types that the webhook endpoint is registered for; all others are only recorded."""

Post = Callable[[bytes, Mapping[str, str]], int]
"""Sends a body with headers to the endpoint and says the HTTP status."""


@dataclass
class Pending:
    """One event on its way."""

    event_id: str
    body: bytes
    queued: datetime
    due: datetime
    attempts: int = 0
    waited: int = 0


@dataclass(frozen=True)
class Manners:
    """How deliveries misbehave: sent so often, in this shuffled order, after so many calls of `deliver`, so much later.

    With `back_off` what was refused waits by the clock before it is tried again.
    """

    repeat: int = 1
    shuffle_seed: int | None = None
    hold: int = 0
    late: timedelta = timedelta(0)
    back_off: bool = False


@dataclass
class Outbox:
    """The webhook endpoint as Stripe sees it, and what it is still owed."""

    secret: str
    wall_clock: Callable[[], float]
    lock: Lock
    now: Callable[[], datetime]
    api_version: str = stripe.api_version
    listened: frozenset[str] = LISTENED
    pending: list[Pending] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)
    manners: Manners = field(default_factory=Manners)
    connect_secret: str | None = None

    def listens_to(self, kind: str) -> bool:
        """Whether the endpoint is registered for this type of event."""
        return kind in self.listened

    def add(self, event_id: str, body: bytes) -> None:
        """Queue an event; the caller holds the lock."""
        now = self.now()
        self.pending.append(Pending(event_id, body, now, now + self.manners.late))

    def deliver(self, post: Post) -> int:
        """Send what is due, without the lock, so that the receiver may call back; the number of accepted deliveries."""
        with self.lock:
            due, repeat = self._take_due(), max(1, self.manners.repeat)
        accepted, refused, rest = 0, [], deque(due)
        try:
            while rest:
                answers = [self._send(post, rest[0]) for _ in range(repeat)]
                accepted += sum(answers)
                event = rest.popleft()
                if not any(answers):
                    refused.append(event)
        finally:
            with self.lock:
                self._keep([*refused, *rest])
        return accepted

    def _take_due(self) -> list[Pending]:
        for event in self.pending:
            event.waited += 1
        now, hold = self.now(), self.manners.hold
        due = [event for event in self.pending if event.waited > hold and event.due <= now]
        self.pending = [event for event in self.pending if event.waited <= hold or event.due > now]
        if self.manners.shuffle_seed is not None:
            random.Random(self.manners.shuffle_seed).shuffle(due)  # noqa: S311 - a test's disorder, not a secret
        return due

    def _send(self, post: Post, event: Pending) -> bool:
        event.attempts += 1
        secret = self.secret if self.connect_secret is None or not _of_connected(event.body) else self.connect_secret
        signature = self.signature(event.body, secret)
        headers = {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": signature}
        try:
            status = post(event.body, headers)
        except OSError:
            return False
        return 200 <= status < 300  # noqa: PLR2004 - HTTP's success range

    def _keep(self, refused: list[Pending]) -> None:
        kept = []
        for event in refused:
            if self._may_be_tried_again(event):
                kept.append(event)
            else:
                self.given_up.append(event.event_id)
        self.pending = kept + self.pending

    def _may_be_tried_again(self, event: Pending) -> bool:
        if not self.manners.back_off or not event.attempts:
            return event.attempts < MOST_ATTEMPTS
        tried = -(-event.attempts // max(1, self.manners.repeat))
        event.due = self.now() + (WAITS[tried - 1] if tried <= len(WAITS) else LATER_WAITS)
        return event.due <= event.queued + GIVEN_UP_AFTER

    def signature(self, body: bytes, secret: str | None = None) -> str:
        """The `Stripe-Signature` header for this body, made now by the wall clock."""
        moment = int(self.wall_clock())
        mark = hmac.new((secret or self.secret).encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
        return f"t={moment},v1={mark}"


def _of_connected(body: bytes) -> bool:
    """Whether it is an event of a connected account's: Stripe sends those to an endpoint of their own."""
    return "account" in json.loads(body)
