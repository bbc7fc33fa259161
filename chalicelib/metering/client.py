"""A lean DynamoDB client for the metering store: seven operations, signed, kept alive, repeated as botocore would.

    client = Client(
        region="eu-north-1",
        credentials=SessionCredentials(session),  # a botocore session
        surroundings=Surroundings(time.time, time.monotonic, time.sleep, random.random),
        endpoint=None,                            # or http://127.0.0.1:8000
    )
    deadline = client.deadline(within=10.0)       # None everywhere: `Timeouts.call` from the call's start

    client.get_item(table, key, deadline=d)                     -> Found(item | None, units)
    client.batch_get(table, keys, deadline=d)                   -> Items(items, units), in no order; any number of keys
    client.put_item(Put(table, item, condition), deadline=d)    -> Written(units)
    client.delete_item(Delete(table, key, condition), deadline=d)         -> Written(units)
    client.write([Put | Delete, ...], deadline=d)               -> [Written | ClientError, ...] in the order given
    client.execute([Statement(...), ...], deadline=d)           -> [None | ClientError, ...] likewise, many in a request
    client.batch_write(table, puts=[...], deletes=[...], deadline=d)      -> Written(units), no conditions; any number
    client.pages(Query(table, Expression(...)), deadline=d)     -> Iterator[Page(items, units, last)]
    client.ask(operation, request, deadline=d)                  -> its answer, both as DynamoDB's JSON has them (0075)

Items and keys are DynamoDB's attribute maps, `{"pk": {"S": "ride-1"}, "tail": {"B": b"..."}}`; `B` is bytes.
`write` sends up to `width` requests at once from the calling thread, on a connection each, and reports each by itself;
threads may share a client, too. Every call's capacity is returned and counted (`storage.capacity`).

Raised (or, by `write` and `execute`, returned): see `client_errors`. A failed condition brings the stored item along
(`ConditionFailedError.item`), but that of a statement does not. If it is `uncertain` as well, an earlier attempt of the
same call may have been applied and what is stored be the caller's own: compare version and contents before calling it a
conflict.
`UnansweredError.uncertain` says the same of a call that never got its answer: read before you decide.
"""

import ssl
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from msgspec import UNSET

from chalicelib.metering.client_batches import Ahead, Batch, delete_request, put_request, settle
from chalicelib.metering.client_bodies import (
    Expression,
    Item,
    ItemAsked,
    QueryAsked,
    Said,
    Statement,
    Value,
    encode,
    read_answered,
    read_said,
)
from chalicelib.metering.client_calls import Begun, Call, Calls, Timeouts, abandon
from chalicelib.metering.client_credentials import Credentials, SessionCredentials
from chalicelib.metering.client_errors import (
    ClientError,
    ConditionFailedError,
    ContendedError,
    NoCredentialsError,
    RefusedError,
    UnansweredError,
    UnprocessedError,
)
from chalicelib.metering.client_retries import Retrying, Surroundings
from chalicelib.metering.client_statements import carried_out
from chalicelib.storage import capacity

__all__ = [
    "Client",
    "ClientError",
    "ConditionFailedError",
    "ContendedError",
    "Credentials",
    "Delete",
    "Expression",
    "Found",
    "Item",
    "Items",
    "NoCredentialsError",
    "Page",
    "Put",
    "Query",
    "RefusedError",
    "Retrying",
    "SessionCredentials",
    "Statement",
    "Surroundings",
    "Timeouts",
    "UnansweredError",
    "UnprocessedError",
    "Value",
    "Written",
]

Attributes = Mapping[str, Value]
_RETRYING = Retrying()
_TIMEOUTS = Timeouts()


class Put(NamedTuple):
    """Store a whole item, if the condition holds."""

    table: str
    item: Attributes
    condition: Expression | None = None


class Delete(NamedTuple):
    """Remove an item, if the condition holds."""

    table: str
    key: Attributes
    condition: Expression | None = None


@dataclass(frozen=True)
class Query:
    """Items of one partition in key order. An index is read as it is (`consistent=False`)."""

    table: str
    keys: Expression
    index: str | None = None
    consistent: bool = True
    backwards: bool = False
    projection: Expression | None = None
    page: int | None = None
    after: Attributes | None = None


class Found(NamedTuple):
    """An item, or None."""

    item: Item | None
    units: float


class Items(NamedTuple):
    """Those that exist, in no order."""

    items: list[Item]
    units: float


class Written(NamedTuple):
    """Done."""

    units: float


class Page(NamedTuple):
    """A part of a query's answer, and the key to go on behind, None at the end."""

    items: list[Item]
    units: float
    last: Item | None


class Client:
    """See the module."""

    def __init__(
        self,
        *,
        region: str,
        credentials: Credentials,
        surroundings: Surroundings,
        endpoint: str | None = None,
        retrying: Retrying = _RETRYING,
        timeouts: Timeouts = _TIMEOUTS,
        width: int = 8,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._calls = Calls(
            endpoint=endpoint or f"https://dynamodb.{region}.amazonaws.com",
            region=region,
            credentials=credentials,
            surroundings=surroundings,
            retrying=retrying,
            timeouts=timeouts,
            width=width,
            tls=tls,
        )

    def deadline(self, within: float) -> float:
        """The instant on this client's clock after so many seconds, to pass to its calls."""
        return self._calls.deadline(within)

    def close(self) -> None:
        """Close idle connections."""
        self._calls.close()

    def get_item(self, table: str, key: Attributes, *, consistent: bool = True, deadline: float | None = None) -> Found:
        """One item by its whole key."""
        asked = ItemAsked(table_name=table, key=key, consistent_read=consistent)
        said = self._one(Call("GetItem", encode(asked), read_said), deadline)
        return Found(said.item, said.units)

    def ask(self, operation: str, request: Mapping[str, Any], *, deadline: float | None = None) -> dict[str, Any]:
        """Any operation on items, for who spells requests as DynamoDB has them."""
        call = Call(operation, encode(request), read_answered)
        self._calls.run([call], self._calls.deadline() if deadline is None else deadline)
        if call.failed is not None:
            raise call.failed
        said: dict[str, Any] = call.said
        capacity.note(said)
        return said

    def put_item(self, put: Put, *, deadline: float | None = None) -> Written:
        """Store one item."""
        return Written(self._one(_writing(put), deadline).units)

    def delete_item(self, delete: Delete, *, deadline: float | None = None) -> Written:
        """Remove one item."""
        return Written(self._one(_writing(delete), deadline).units)

    def write(self, acts: Sequence[Put | Delete], *, deadline: float | None = None) -> list[Written | ClientError]:
        """Each by itself, several at once, so at most one for a key; what became of each, in the order given."""
        calls = [_writing(act) for act in acts]
        self._run(calls, self._calls.deadline() if deadline is None else deadline)
        return [call.failed or Written(call.said.units) for call in calls]

    def execute(self, statements: Sequence[Statement], *, deadline: float | None = None) -> list[ClientError | None]:
        """Writes as statements, at most one for a key; None for each that was done, in the order given, or why not."""
        ends = self._calls.deadline() if deadline is None else deadline
        return carried_out(statements, self._calls, self._run, ends)

    def batch_get(
        self, table: str, keys: Sequence[Attributes], *, consistent: bool = True, deadline: float | None = None
    ) -> Items:
        """Items by their whole keys, each given once. What is not answered at last is told by `UnprocessedError`."""
        return Items(*self._settled(Batch.of_keys(table, consistent=consistent), keys, deadline))

    def batch_gets(
        self, table: str, parts: Iterable[Sequence[Attributes]], *, consistent: bool = True
    ) -> Iterator[Items]:
        """As `batch_get` for each part in turn, and while the caller is busy with one, the next is under way."""
        batch = Batch.of_keys(table, consistent=consistent)
        before: tuple[Sequence[Attributes], Ahead] | None = None
        coming = iter(parts)
        try:
            while True:
                part = next(coming, None)
                after = None if part is None else (part, Ahead.of(batch, part, self._calls))
                if before is not None:
                    keys, ahead = before
                    before = after
                    yield Items(*settle(batch, keys, self._calls, self._run, self._calls.deadline(), ahead=ahead))
                before = after
                if after is None:
                    return
        finally:
            if before is not None:
                abandon(before[1].flights)

    def batch_write(
        self,
        table: str,
        *,
        puts: Sequence[Attributes] = (),
        deletes: Sequence[Attributes] = (),
        deadline: float | None = None,
    ) -> Written:
        """Unconditional writes, at most one for a key. What is not done at last is told by `UnprocessedError`."""
        requests = [*map(put_request, puts), *map(delete_request, deletes)]
        return Written(self._settled(Batch.of_writes(table), requests, deadline)[1])

    def pages(self, query: Query, *, deadline: float | None = None) -> Iterator[Page]:
        """Each page as it is asked for. Without a deadline, each has its own `Timeouts.call`."""
        after = query.after
        while True:
            said = self._one(Call("Query", encode(_querying(query, after)), read_said), deadline)
            yield Page(said.items, said.units, said.last_evaluated_key)
            after = said.last_evaluated_key
            if not after:
                return

    def _one(self, call: Call, deadline: float | None) -> Said:
        self._run([call], self._calls.deadline() if deadline is None else deadline)
        if call.failed is not None:
            raise call.failed
        said: Said = call.said
        return said

    def _settled(self, batch: Batch, requests: Sequence[Any], deadline: float | None) -> tuple[list[Item], float]:
        ends = self._calls.deadline() if deadline is None else deadline
        return settle(batch, requests, self._calls, self._run, ends)

    def _run(self, calls: Sequence[Call], ends: float, flights: Begun | None = None) -> None:
        self._calls.run(calls, ends, flights)
        units = sum(call.said.units for call in calls if call.said is not None)
        capacity.note({"ConsumedCapacity": {"CapacityUnits": units}})


def _writing(act: Put | Delete) -> Call:
    if isinstance(act, Put):
        operation, asked = "PutItem", ItemAsked(table_name=act.table, item=act.item)
    else:
        operation, asked = "DeleteItem", ItemAsked(table_name=act.table, key=act.key)
    if act.condition is not None:
        asked.condition_expression = act.condition.text
        asked.expression_attribute_names = act.condition.names or UNSET
        asked.expression_attribute_values = act.condition.values or UNSET
        asked.return_values_on_condition_check_failure = "ALL_OLD"
    return Call(operation, encode(asked), read_said)


def _querying(query: Query, after: Attributes | None) -> QueryAsked:
    projection = query.projection
    names = {**query.keys.names, **(projection.names if projection else {})}
    return QueryAsked(
        table_name=query.table,
        key_condition_expression=query.keys.text,
        index_name=query.index or UNSET,
        consistent_read=query.consistent,
        scan_index_forward=not query.backwards,
        limit=query.page or UNSET,
        projection_expression=projection.text if projection else UNSET,
        expression_attribute_names=names or UNSET,
        expression_attribute_values=query.keys.values or UNSET,
        exclusive_start_key=after or UNSET,
    )
