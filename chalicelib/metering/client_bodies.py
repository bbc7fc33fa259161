"""DynamoDB's JSON: attribute maps as callers have them, with `B` as bytes, to and from the body of a request."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple, TypedDict

from msgspec import UNSET, DecodeError, Struct, UnsetType
from msgspec.json import Decoder, Encoder


class Value(TypedDict, total=False):
    """One attribute's value: exactly one of these, as in `{"S": "ride-1"}`, `{"N": "3"}`, `{"B": b"..."}`."""

    S: str
    N: str
    B: bytes
    BOOL: bool
    NULL: bool
    M: "dict[str, Value]"
    L: "list[Value]"
    SS: list[str]
    NS: list[str]
    BS: list[bytes]


Item = dict[str, Value]
_NONE: Mapping[str, Any] = MappingProxyType({})


class Expression(NamedTuple):
    """An expression of DynamoDB's with what its `#names` and `:values` stand for."""

    text: str
    values: Mapping[str, Value] = _NONE
    names: Mapping[str, str] = _NONE


class Asking(Struct, rename="pascal", kw_only=True):
    """A request; what is unset is left out."""

    return_consumed_capacity: str = "TOTAL"


class ItemAsked(Asking):
    """GetItem, PutItem, DeleteItem."""

    table_name: str
    key: Mapping[str, Value] | UnsetType = UNSET
    item: Mapping[str, Value] | UnsetType = UNSET
    consistent_read: bool | UnsetType = UNSET
    condition_expression: str | UnsetType = UNSET
    projection_expression: str | UnsetType = UNSET
    expression_attribute_names: Mapping[str, str] | UnsetType = UNSET
    expression_attribute_values: Mapping[str, Value] | UnsetType = UNSET
    return_values_on_condition_check_failure: str | UnsetType = UNSET


class QueryAsked(Asking):
    """Query."""

    table_name: str
    key_condition_expression: str
    index_name: str | UnsetType = UNSET
    consistent_read: bool | UnsetType = UNSET
    scan_index_forward: bool | UnsetType = UNSET
    limit: int | UnsetType = UNSET
    projection_expression: str | UnsetType = UNSET
    expression_attribute_names: Mapping[str, str] | UnsetType = UNSET
    expression_attribute_values: Mapping[str, Value] | UnsetType = UNSET
    exclusive_start_key: Mapping[str, Value] | UnsetType = UNSET


class KeysAsked(Struct, rename="pascal"):
    """One table's part of BatchGetItem."""

    keys: Sequence[Mapping[str, Value]]
    consistent_read: bool | UnsetType = UNSET
    projection_expression: str | UnsetType = UNSET
    expression_attribute_names: Mapping[str, str] | UnsetType = UNSET


class BatchAsked(Asking):
    """BatchGetItem, BatchWriteItem."""

    request_items: Mapping[str, Any]


class Statement(Struct, rename="pascal"):
    """One of PartiQL's, and what its question marks stand for."""

    statement: str
    parameters: Sequence[Value]


class StatementsAsked(Asking):
    """BatchExecuteStatement."""

    statements: Sequence[Statement]


class Capacity(Struct, rename="pascal"):
    """What a call used in one table."""

    capacity_units: float = 0.0


class Said(Struct, rename="pascal", kw_only=True):
    """An answer to GetItem, PutItem, DeleteItem or Query."""

    item: Item | None = None
    items: list[Item] = []
    last_evaluated_key: Item | None = None
    consumed_capacity: Capacity | None = None

    @property
    def units(self) -> float:
        """Capacity units used."""
        return self.consumed_capacity.capacity_units if self.consumed_capacity else 0.0


class KeysLeft(Struct, rename="pascal"):
    """One table's keys that were not read."""

    keys: list[Item]


class BatchSaid(Struct, rename="pascal", kw_only=True):
    """An answer to BatchGetItem or BatchWriteItem."""

    responses: dict[str, list[Item]] = {}
    unprocessed_keys: dict[str, KeysLeft] = {}
    unprocessed_items: dict[str, list[dict[str, dict[str, Item]]]] = {}
    consumed_capacity: list[Capacity] = []

    @property
    def units(self) -> float:
        """Capacity units used."""
        return sum(each.capacity_units for each in self.consumed_capacity)


class Failing(Struct, rename="pascal"):
    """Why a statement failed."""

    code: str = ""
    message: str = ""


class Became(Struct, rename="pascal"):
    """What became of a statement."""

    error: Failing | None = None


class StatementsSaid(Struct, rename="pascal", kw_only=True):
    """An answer to BatchExecuteStatement: of each statement, in the order given."""

    responses: list[Became]
    consumed_capacity: list[Capacity] = []

    @property
    def units(self) -> float:
        """Capacity units used."""
        return sum(each.capacity_units for each in self.consumed_capacity)


class Answered(TypedDict, total=False):
    """An answer to any operation on items, under DynamoDB's own names."""

    Item: Item
    Items: list[Item]
    Attributes: Item
    Count: int
    ScannedCount: int
    LastEvaluatedKey: Item
    Responses: dict[str, list[Item]]
    UnprocessedKeys: dict[str, Any]
    UnprocessedItems: dict[str, Any]
    ConsumedCapacity: Any


_FAULT = {"kind": "__type", "lower": "message", "upper": "Message", "item": "Item", "reasons": "CancellationReasons"}


class Fault(Struct, rename=_FAULT):
    """An answer other than success. DynamoDB writes `message` with either case."""

    kind: str = ""
    lower: str | None = None
    upper: str | None = None
    item: Item | None = None
    reasons: list[dict[str, Any]] = []

    @property
    def code(self) -> str:
        """The error's name without its namespace."""
        return self.kind.rsplit("#", 1)[-1].split(":", 1)[0]

    @property
    def message(self) -> str:
        """For people."""
        return self.lower or self.upper or ""


def read_fault(body: bytes) -> Fault:
    """What an answer says that is no success; nothing if it is not DynamoDB's."""
    try:
        return _read_fault(body)
    except DecodeError:
        return Fault()


encode = Encoder().encode
read_said = Decoder(Said).decode
read_batch = Decoder(BatchSaid).decode
read_statements = Decoder(StatementsSaid).decode
read_answered = Decoder(Answered).decode
_read_fault = Decoder(Fault).decode
