"""What the workers read: stream records and webhooks."""

import json
import logging
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

import msgspec

from chalicelib.edge.refusals import BodyTooLarge, Unauthenticated
from chalicelib.kernel.time import Month

_log = logging.getLogger("adgang")
_KEPT = ("INSERT", "MODIFY")
MOST_BYTES = 256 * 1024


class Received(msgspec.Struct):
    """The webhook is stored; or was before."""

    received: bool
    new: bool


def new_images(event: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    """Sequence number and text attributes of each item that was written; removals are passed over."""
    for record in event["Records"]:
        if record["eventName"] in _KEPT:
            image = record["dynamodb"]["NewImage"]
            yield (
                record["dynamodb"]["SequenceNumber"],
                {name: value["S"] for name, value in image.items() if "S" in value},
            )


def bodies_of(image: Mapping[str, str]) -> list[dict[str, str]]:
    """The facts of a message, and of those that were said in one item with it."""
    return [json.loads(image["body"]), *json.loads(image.get("others", "[]"))]


def invoice_named(facts: Mapping[str, str]) -> tuple[str, Month, int]:
    """The account, month and number of the invoice that a message is about."""
    return facts["account_id"], Month.parse(facts["month"]), int(facts["number"])


def webhook_bytes(raw: bytes, _headers: Mapping[str, str]) -> bytes:
    """The raw body, which the signature is over."""
    if len(raw) > MOST_BYTES:
        raise BodyTooLarge(most_bytes=MOST_BYTES)
    return raw


def nobody(_headers: Mapping[str, str], _wired: object, _needs: str | None) -> NoReturn:
    """This door's one route is public: Stripe shows itself by its signature."""
    raise Unauthenticated


def log_failure(what: str, record: str, error: Exception) -> None:
    """A line an error, without its text, which may hold what a log must not; `record` finds it in stream or queue."""
    if isinstance(error, ExceptionGroup):
        for each in error.exceptions:
            log_failure(what, record, each)
        return
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
    _log.error(json.dumps({"worker": what, "record": record, "error": type(error).__name__, "at": where}))
