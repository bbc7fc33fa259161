"""What the workers read of the queue that closes, exports and reconciling are spread over."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.finance.closes_model import Sent
from chalicelib.finance.parts_model import Task
from chalicelib.finance.reconciliation_model import Run
from chalicelib.kernel.time import Month, parse_instant


def close_pages(event: Mapping[str, Any]) -> Iterator[tuple[str, tuple[Sent, int]]]:
    """Message id and page of each message, and how often it was sent by now."""
    for record in event["Records"]:
        body, tries = json.loads(record["body"]), int(record["attributes"]["ApproximateReceiveCount"])
        page = Sent(Month.parse(body["month"]), int(body["page"]), tuple(body["accounts"]), body.get("version", 1))
        yield record["messageId"], (page, tries)


Queued = tuple[Sent, int] | Task | Run
"""A page of a close and how often it was sent, what is to be done of an export, or a run of reconciling."""


def queued(event: Mapping[str, Any]) -> Iterator[tuple[str, Queued]]:
    """Message id of each message, and what it asks for."""
    for record in event["Records"]:
        body = json.loads(record["body"])
        if "export" in body:
            yield record["messageId"], Task(Month.parse(body["month"]), int(body["export"]), body["part"])
        elif "reconcile" in body:
            yield record["messageId"], Run(Month.parse(body["month"]), parse_instant(body["reconcile"]))
        else:
            yield from close_pages({"Records": [record]})
