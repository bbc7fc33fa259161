"""The workers: streams, queue, timer, and Stripe's webhook. Each may be run twice with the same input.

They are functions of their own, which share this file: each imports what it alone does when it is first called.
"""

import time
from collections.abc import Mapping
from functools import partial
from typing import Any

from chalice.app import CloudWatchEvent, Cron, DynamoDBEvent, SQSEvent

from chalicelib.edge.call import Call
from chalicelib.edge.door import Door
from chalicelib.edge.reacting import each_of, fire_timer, react_to_all
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.edge.workers import Received, bodies_of, log_failure, new_images, nobody, webhook_bytes
from chalicelib.kernel.time import parse_instant

EACH_HOUR = Cron(30, "*", "*", "*", "?", "*")
"""Whenever a month's grace ends in the operator's zone, and later for one that was missed (0079)."""
EACH_AFTERNOON = Cron(15, "13", "*", "*", "?", "*")
"""By then what the night's closes sent to be collected is paid, and somebody is there to read what differs."""

wired = BackOffice()
app = Door("workers", wired=lambda: wired, authenticate=nobody)


def _imported(name: str) -> Any:  # noqa: ANN401 -- an intrinsic that CloudFormation resolves where Chalice wants text
    return {"Fn::ImportValue": {"Fn::Sub": f"adgang-${{Stage}}-{name}"}}


@app.on_dynamodb_record(stream_arn=_imported("outbox-stream-arn"), batch_size=10, name="outbox")
def outbox(event: DynamoDBEvent) -> dict[str, Any]:
    """Do what was saved to be done."""

    def do(image: Mapping[str, str]) -> None:
        react_to_all(image["topic"], bodies_of(image), wired)

    return each_of(new_images(event.to_dict()), do, partial(log_failure, "outbox"))


@app.on_dynamodb_record(stream_arn=_imported("inbox-stream-arn"), batch_size=10, name="inbox")
def inbox(event: DynamoDBEvent) -> dict[str, Any]:
    """Read again what Stripe's events are about."""
    from chalicelib.billing.inbox_items import event_in
    from chalicelib.edge.reacting_stripe import provider_event

    def do(image: Mapping[str, str]) -> None:
        provider_event(event_in(image), wired)

    return each_of(new_images(event.to_dict()), do, partial(log_failure, "inbox"))


@app.on_sqs_message(queue_arn=_imported("close-pages-arn"), batch_size=1, name="close_page")
def close_page(event: SQSEvent) -> dict[str, Any]:
    """Settle a page of accounts, do a part of an export, or reconcile a month."""
    from chalicelib.edge.queued import queued
    from chalicelib.edge.reacting_closes import do_queued

    return each_of(queued(event.to_dict()), partial(do_queued, wired=wired), partial(log_failure, "close_page"))


@app.lambda_function(name="timer")
def timer(event: Mapping[str, str], _context: object) -> None:
    """Do what a timer was set for."""
    fire_timer(event, wired)


@app.schedule(EACH_HOUR, name="close_timer")
def close_timer(_event: CloudWatchEvent) -> None:
    """Close the month that has ended, once its grace is over."""
    from chalicelib.finance.closing import close_by_timer

    settings = wired.settings
    close_by_timer(settings.zone, settings.close_grace, closes=wired.closes, now=wired.now(), commit=wired.commit)


@app.schedule(EACH_AFTERNOON, name="compare_timer")
def compare_timer(event: CloudWatchEvent) -> None:
    """Have a worker that may talk with Stripe compare our books with its."""
    from chalicelib.billing.comparing import ask_by_timer

    at = parse_instant(event.time)
    ask_by_timer(at, comparisons=wired.comparisons, ledger=wired.ledger, now=wired.now(), commit=wired.commit)


@app.post(
    "/v1/stripe/webhooks", public=True, signed=True, refuses=("forbidden",), idempotent=False, reads=webhook_bytes
)
def stripe_webhook(call: Call[None, bytes]) -> Received:
    """Take in an event of Stripe's: verified on the raw body, stored once, answered."""
    from chalicelib.billing.inbox import receive
    from chalicelib.edge.webhooks import read, verify_any

    signature, settings = call.headers.get("stripe-signature", ""), wired.settings
    secrets = (lambda: settings.stripe_webhook_secret, lambda: settings.stripe_connect_webhook_secret)
    verify_any(call.raw, signature, secrets=secrets, wall_now=time.time())
    event = read(call.raw, live=wired.settings.mode == "live", now=call.now)
    return Received(received=True, new=receive(event, billed=wired.billed, commit=call.commit))
