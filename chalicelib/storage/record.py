"""The base of every stored item, and the one connection all of them share."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, ClassVar, Protocol, Self, cast

from botocore.config import Config
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.connection import Connection, TableConnection
from pynamodb.expressions.condition import Condition

from chalicelib.storage import capacity
from chalicelib.storage.mapped import Mapped

_USER_AGENT = "adgang"
_LONGEST_PK, _LONGEST_SK = 2048, 1024
"""Bytes that DynamoDB takes as keys; names in paths may be longer."""
_COUNTED = (
    "GetItem",
    "BatchGetItem",
    "Query",
    "PutItem",
    "UpdateItem",
    "DeleteItem",
    "TransactWriteItems",
)


class Carrier(Protocol):
    """What PynamoDB asks of botocore's client; its errors are botocore's."""

    def _make_api_call(self, operation_name: str, operation_kwargs: dict[str, Any]) -> dict[str, Any]: ...


class Database:
    """Which stage's tables are used, and how. Set once by the wiring, before the first read or write."""

    prefix: ClassVar[str | None] = None
    carrier: ClassVar[Carrier | None] = None
    restored: ClassVar[Mapping[str, str]] = MappingProxyType({})

    @classmethod
    def use(cls, prefix: str, restored: Mapping[str, str] = MappingProxyType({})) -> None:
        """Use the tables whose names begin with `prefix`, as in `adgang-local-`; `restored` says how some are named."""
        cls.prefix, cls.restored = prefix, restored

    @classmethod
    def carried_by(cls, carrier: Carrier) -> None:
        """Have all calls carried by another than botocore's client."""
        if cls.carrier != carrier:
            cls.carrier = carrier
            _forget_connections()

    @classmethod
    def forget(cls) -> None:
        """Drop the connection, so that the next call makes a new one (another engine, another thread's session)."""
        cls.carrier = None
        _forget_connections()


class _Carried(Connection):
    """A connection whose calls a carrier makes, which counts their capacity itself."""

    @property
    def client(self) -> Any:  # noqa: ANN401 -- pynamodb's own type is private
        return Database.carrier


@lru_cache(maxsize=1)
def _connection() -> Connection:
    """One connection for all tables: a second client on the same session costs 3 ms, on a new one 50 ms."""
    if Database.carrier is not None:
        return _Carried()
    connection = Connection()
    # botocore spells its long user agent anew for each request, which is 7 % of a call's CPU; a stated one it keeps.
    connection.session.set_default_client_config(Config(user_agent=_USER_AGENT))
    events = cast("Any", connection.client).meta.events
    for operation in _COUNTED:
        events.register(f"provide-client-params.dynamodb.{operation}", capacity.ask)
        events.register(f"after-call.dynamodb.{operation}", capacity.note)
    return connection


@lru_cache(maxsize=64)
def _table(name: str, model: type["Record"]) -> TableConnection:
    table = TableConnection(name)
    table.connection = _connection()
    if name not in table.connection._tables:  # noqa: SLF001 -- several records share a table, which pynamodb refuses
        own = super(Record, model)._get_connection()
        table.connection.add_meta_table(own.get_meta_table())
    return table


def _forget_connections() -> None:
    _connection.cache_clear()
    _table.cache_clear()


class TableName:
    """The full name of an area's table at the stage in use, read each time that pynamodb asks."""

    def __init__(self, area: str) -> None:
        self.area = area

    def __get__(self, _instance: object, _owner: type) -> str:
        if Database.prefix is None:
            raise LookupError("the wiring has not said which stage's tables to use")
        return Database.restored.get(self.area, Database.prefix + self.area)


def _side(keys: Condition, sk: str) -> int:
    """Where a key lies: before all that begin so or lie between two (-1), among them (0), or behind them (1)."""
    first, *last = (each["S"] for each in (value.value for value in cast("Any", keys).values[1:]))
    among = sk.startswith(first) if keys.operator == "begins_with" else first <= sk <= last[0]
    return 0 if among else -1 if sk < first else 1


class Record(Mapped):
    """An item with text keys `pk` and `sk`, and its format's version, so that readers can accept the previous one."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    format = NumberAttribute(default=1)

    @classmethod
    def _get_connection(cls) -> TableConnection:
        return _table(cast("Any", cls).Meta.table_name, cls)

    @classmethod
    def find(cls, pk: str, sk: str) -> Self | None:
        """The item as last written (a consistent read), or None; no item has a key that is longer than keys may be."""
        if len(pk.encode()) > _LONGEST_PK or len(sk.encode()) > _LONGEST_SK:
            return None
        try:
            return cls.get(pk, sk, consistent_read=True)
        except cls.DoesNotExist:
            return None

    @classmethod
    def listed(
        cls,
        pk: str,
        keys: Condition | None = None,
        *,
        limit: int | None = None,
        after: str | None = None,
        backwards: bool = False,
        only: Condition | None = None,
    ) -> Iterator[Self]:
        """Items of one partition in key order, consistently read; `after` is the `sk` to go on behind.

        It may be of another list: DynamoDB refuses to begin outside of `keys`, so here it is before or behind all. What
        is not as `only` says is read, and not sent.
        """
        if len(pk.encode()) > _LONGEST_PK or len((after or "").encode()) > _LONGEST_SK:
            return iter(())
        if after is not None and keys is not None and (side := _side(keys, after)):
            if (side > 0) != backwards:
                return iter(())
            after = None
        start = None if after is None else {"pk": {"S": pk}, "sk": {"S": after}}
        return cls.query(
            pk,
            keys,
            only,
            consistent_read=True,
            limit=limit,
            last_evaluated_key=start,
            scan_index_forward=not backwards,
        )
