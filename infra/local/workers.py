"""What runs behind the doors: streams, queues, Stripe's webhooks and timers, turned over until nothing is pending."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from infra.cloudformation import ACCOUNT
from infra.local.apps import REGION, LoadedApp
from infra.local.calls import CallRecord
from infra.local.engine import MOTO, Engine
from infra.local.event_sources import EventSource, queue_sources, stream_sources
from infra.local.gateway import Gateway
from infra.local.queues import QueuePoller
from infra.local.streams import StreamPoller
from infra.local.stripe_double import StripeDouble
from infra.tables import table_name

_MOST_ROUNDS = 1000
_MORE_DELIVERIES = 50

Post = Callable[[bytes, Mapping[str, str]], int]


class Poller(Protocol):
    """What reads a stream or a queue for a handler."""

    source: EventSource

    def poll(self) -> int:
        """Handle what is new; how much that was."""


class NeverQuietError(RuntimeError):
    """What is handled makes more work each time: a loop."""


class Backlog:
    """Everything pending, in a fixed order, so that a second run handles it in the same one."""

    def __init__(self, pollers: list[Poller], stripe: StripeDouble | None, post: Post, calls: CallRecord) -> None:
        self._pollers = pollers
        self._stripe = stripe
        self._post = post
        self._calls = calls
        self._read_at = [-1] * len(pollers)

    def drain(self) -> int:
        """Handle what is pending and what comes of it; how much that was."""
        total = 0
        for _ in range(_MOST_ROUNDS):
            handled = sum(self._news(place) for place in range(len(self._pollers))) + self._webhooks()
            total += handled
            if not handled:
                return total
        raise NeverQuietError(f"{total} records, messages and webhooks, and still more")

    def _news(self, place: int) -> int:
        """What nobody has written to since it was last read has none; what is read is read to its end."""
        poller = self._pollers[place]
        written = self._calls.written[poller.source.source]
        if written == self._read_at[place]:
            return 0
        self._read_at[place] = written
        return poller.poll()

    def _owed(self) -> int:
        return self._stripe.pending_webhooks() if self._stripe else 0

    def _webhooks(self) -> int:
        """Deliveries may be held back or refused on request: try again before calling it quiet."""
        if self._stripe is None:
            return 0
        for _ in range(_MORE_DELIVERIES):
            accepted = self._stripe.deliver(self._post)
            if accepted or not self._owed():
                return accepted
        return 0


def pollers_of(workers: LoadedApp, engine: Engine, queues: Mapping[str, str]) -> list[Poller]:
    """One for each stream and queue that wakes one of the workers' handlers."""
    dynamodb, sqs = engine.client("dynamodb"), engine.client("sqs")

    def give_up(note: Mapping[str, Any]) -> None:
        sqs.send_message(QueueUrl=queues["stream-failures"], MessageBody=json.dumps(note))

    pollers: list[Poller] = []
    for source in stream_sources(workers):
        table = dynamodb.describe_table(TableName=table_name("local", source.source))["Table"]
        streams, arn, at_once = engine.client("dynamodbstreams"), table["LatestStreamArn"], engine.kind == MOTO
        pollers.append(StreamPoller(streams, arn, source, give_up, at_once))
    for source in queue_sources(workers):
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{table_name('local', source.source)}"
        pollers.append(QueuePoller(sqs, queues[source.source], arn, source))
    return pollers


def webhook_post(workers: LoadedApp, gateway: Gateway) -> Post:
    """Sends a webhook to the one route of the workers that takes them, through the gateway."""
    (path,) = (path for path in workers.app.routes if "webhook" in path)

    def post(body: bytes, headers: Mapping[str, str]) -> int:
        return gateway.ask("POST", f"/{workers.name}{path}", headers, body).status

    return post
