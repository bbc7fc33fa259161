"""Batches: cut to DynamoDB's size, sent at once, and what it gives back is asked again until all is done or told."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from chalicelib.metering.client_bodies import BatchAsked, BatchSaid, Item, KeysAsked, Value, encode, read_batch
from chalicelib.metering.client_calls import Begun, Call, Calls
from chalicelib.metering.client_errors import UnansweredError, UnprocessedError
from chalicelib.metering.client_retries import Trouble

_MOST_KEYS = 100
_MOST_WRITES = 25
Part = Sequence[Any]
"""Keys, or requests of BatchWriteItem."""


class Batch(NamedTuple):
    """What is asked of one table, and how."""

    operation: str
    most: int
    asking: Callable[[Part], Any]
    left: Callable[[BatchSaid], Part]
    table: str

    @classmethod
    def of_keys(cls, table: str, *, consistent: bool) -> "Batch":
        """Read items by their keys."""

        def left(said: BatchSaid) -> Part:
            return said.unprocessed_keys[table].keys if table in said.unprocessed_keys else ()

        return cls("BatchGetItem", _MOST_KEYS, lambda keys: KeysAsked(keys, consistent), left, table)

    @classmethod
    def of_writes(cls, table: str) -> "Batch":
        """Put and delete items."""
        return cls("BatchWriteItem", _MOST_WRITES, list, lambda said: said.unprocessed_items.get(table, ()), table)

    def call(self, part: Part) -> Call:
        """One request."""
        return Call(self.operation, encode(BatchAsked(request_items={self.table: self.asking(part)})), read_batch)

    def parts(self, requests: Part) -> list[Part]:
        """As many as one request takes."""
        return [requests[at : at + self.most] for at in range(0, len(requests), self.most)]


def put_request(item: Mapping[str, Value]) -> dict[str, object]:
    """As BatchWriteItem takes it."""
    return {"PutRequest": {"Item": item}}


def delete_request(key: Mapping[str, Value]) -> dict[str, object]:
    """As BatchWriteItem takes it."""
    return {"DeleteRequest": {"Key": key}}


class Ahead(NamedTuple):
    """The first calls of a batch, sent before it is waited for."""

    calls: Sequence[Call]
    flights: Begun

    @classmethod
    def of(cls, batch: Batch, requests: Part, calls: Calls) -> "Ahead":
        """Send them."""
        sent = [batch.call(part) for part in batch.parts(requests)]
        return cls(sent, calls.begun(sent, calls.deadline()))


def settle(
    batch: Batch,
    requests: Part,
    calls: Calls,
    run: Callable[[Sequence[Call], float, Begun | None], None],
    ends: float,
    *,
    ahead: Ahead | None = None,
) -> tuple[list[Item], float]:
    """What was found and the capacity used.

    What is given back is asked again as often as a call is, counted from the last time that any of it was done.
    """
    found: list[Item] = []
    units, attempt, taken = 0.0, 0, 0
    while requests:
        parts = batch.parts(requests)
        sent, flights = ahead or ([batch.call(part) for part in parts], None)
        run(sent, ends, flights)
        ahead = None
        failures: list[UnansweredError] = []
        left: list[Any] = []
        for call, part in zip(sent, parts, strict=True):
            if call.failed is None:
                said: BatchSaid = call.said
                units += said.units
                found += said.responses.get(batch.table, ())
                left += batch.left(said)
            elif isinstance(call.failed, UnansweredError):
                failures.append(call.failed)
                left += part
            else:
                raise call.failed
        if failures:
            raise UnprocessedError(left, found) from failures[0]
        done = len(requests) - len(left)
        if done:
            calls.quota.give(taken)
            attempt = 0
        if left:
            attempt += 1
            # the answer may just have been too large; nothing done at all is a sign of throttling
            trouble = Trouble.TRANSIENT if done else Trouble.THROTTLED
            taken = calls.quota.COSTS[trouble]
            delay = calls.delay(attempt, trouble)
            if delay is None or not calls.paused(delay, ends):
                raise UnprocessedError(left, found)
        requests = left
    return found, units
