"""DynamoDB's tables in dictionaries: what PynamoDB asks of them, for campaigns that would take an hour on moto.

Owns: reads, conditional writes and transactions, all or nothing, exactly as the stores of this project ask for them.
Does not own: streams, limits, indexes, or expressions that no store here writes: an unknown one fails at once.
`test_money_itself` holds it against moto: the same story leaves the same items on both.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import cache
from typing import Any
from unittest.mock import patch

from botocore.client import BaseClient
from botocore.exceptions import ClientError

Item = dict[str, dict[str, Any]]
Values = dict[str, dict[str, Any]]
Named = dict[str, str]
Value = Callable[[Item, Named, Values], Any]
_TOKEN = re.compile(r"\s*(<>|<=|>=|[=<>(),+\-]|[#:]?[A-Za-z0-9_.#\[\]]+)")
_HASHED = re.compile(r"\(?#\w+ = (:\w+)")
_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda one, other: one == other,
    "<>": lambda one, other: one != other,
    "<": lambda one, other: one is not None and one < other,
    "<=": lambda one, other: one is not None and one <= other,
    ">": lambda one, other: one is not None and one > other,
    ">=": lambda one, other: one is not None and one >= other,
}


def _plain(value: dict[str, Any] | None) -> Any:  # noqa: ANN401 -- as comparable as its type
    """What is compared: numbers by their size, sets as sets."""
    if value is None:
        return None
    ((kind, inner),) = value.items()
    if kind == "N":
        return Decimal(inner)
    return frozenset(inner) if kind in {"SS", "NS", "BS"} else inner


class _Reader:
    """Reads an expression as PynamoDB spells it, once; what it gives is asked again and again."""

    def __init__(self, text: str) -> None:
        self._tokens = _TOKEN.findall(text)
        assert "".join(self._tokens) == re.sub(r"\s", "", text), text
        self._at = 0

    @property
    def next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def take(self, expected: str = "") -> str:
        found = self.next
        assert found
        assert not expected or found == expected, (self._tokens, self._at)
        self._at += 1
        return found

    def takes(self, wanted: str) -> bool:
        if self.next == wanted:
            self._at += 1
            return True
        return False

    def either(self) -> Value:
        first = self.both()
        if not self.takes("OR"):
            return first
        rest = self.either()
        return lambda *of: first(*of) or rest(*of)

    def both(self) -> Value:
        first = self.single()
        if not self.takes("AND"):
            return first
        rest = self.both()
        return lambda *of: first(*of) and rest(*of)

    def single(self) -> Value:
        if self.takes("NOT"):
            denied = self.single()
            return lambda *of: not denied(*of)
        if self.takes("("):
            inner = self.either()
            self.take(")")
            return inner
        if self.next in {"attribute_exists", "attribute_not_exists", "begins_with", "contains"}:
            return self._function()
        return self._comparison()

    def _function(self) -> Value:
        name = self.take()
        self.take("(")
        what = self.operand()
        if name.startswith("attribute"):
            self.take(")")
            return lambda *of: (what(*of) is None) is (name == "attribute_not_exists")
        self.take(",")
        other = self.operand()
        self.take(")")
        if name == "begins_with":
            return lambda *of: str(_plain(what(*of)) or "").startswith(_plain(other(*of)))
        return lambda *of: _plain(other(*of)) in (_plain(what(*of)) or ())

    def _comparison(self) -> Value:
        what = self.operand()
        if self.takes("BETWEEN"):
            low = self.operand()
            self.take("AND")
            high = self.operand()
            return lambda *of: _plain(low(*of)) <= _plain(what(*of)) <= _plain(high(*of))
        if self.takes("IN"):
            self.take("(")
            several = [self.operand()]
            while self.takes(","):
                several.append(self.operand())
            self.take(")")
            return lambda *of: _plain(what(*of)) in [_plain(each(*of)) for each in several]
        compared, other = _COMPARED[self.take()], self.operand()
        return lambda *of: compared(_plain(what(*of)), _plain(other(*of)))

    def operand(self) -> Value:
        """A value, a path, or one of the functions that give a value."""
        name = self.take()
        if name == "size":
            self.take("(")
            sized = self.operand()
            self.take(")")
            return lambda *of: {"N": str(len(next(iter((sized(*of) or {"S": ""}).values()))))}
        if name == "if_not_exists":
            self.take("(")
            what = self.operand()
            self.take(",")
            other = self.operand()
            self.take(")")
            return lambda *of: found if (found := what(*of)) is not None else other(*of)
        if name.startswith(":"):
            return lambda _item, _names, values: values[name]
        steps = name.split(".")
        return lambda item, names, _values: _within(item, [names.get(each, each) for each in steps])

    def updates(self) -> Iterator[tuple[str, str, Value | None]]:
        """What is set, removed or added to, by name."""
        while self.next:
            verb = self.take()
            while True:
                name, value = self.take(), None
                if verb == "SET":
                    self.take("=")
                    value = self._sum()
                elif verb in {"ADD", "DELETE"}:
                    value = self.operand()
                yield verb, name, value
                if not self.takes(","):
                    break

    def _sum(self) -> Value:
        first = self.operand()
        sign = 1 if self.takes("+") else -1 if self.takes("-") else 0
        if not sign:
            return first
        other = self.operand()
        return lambda *of: {"N": str(_plain(first(*of)) + sign * _plain(other(*of)))}


def _within(item: Item, steps: list[str]) -> Any:  # noqa: ANN401 -- an attribute's value
    found: Any = item.get(steps[0])
    for each in steps[1:]:
        found = None if found is None else found["M"].get(each)
    return found


@cache
def _condition(text: str) -> Value:
    reader = _Reader(text)
    found = reader.either()
    assert not reader.next, text
    return found


@cache
def _updates(text: str) -> tuple[tuple[str, str, Value | None], ...]:
    return tuple(_Reader(text).updates())


def _holds(request: dict[str, Any], item: Item, text: str | None) -> bool:
    if not text:
        return True
    found = _condition(text)(
        item, request.get("ExpressionAttributeNames", {}), request.get("ExpressionAttributeValues", {})
    )
    return bool(found)


def _refused(code: str, operation: str, **more: Any) -> ClientError:  # noqa: ANN401 -- botocore's
    answer: Any = {"Error": {"Code": code, "Message": code}, **more}
    return ClientError(answer, operation)


class QuickTables:
    """All tables by name; an item is replaced, never changed, so a shallow copy is a snapshot."""

    def __init__(self, told: Callable[[str, Item], None] = lambda _area, _item: None) -> None:
        self.tables: dict[str, dict[str, dict[str, Item]]] = {}
        self._told = told

    def items(self, *areas: str) -> Iterator[tuple[str, Item]]:
        """Each item with its area; of all areas, or of some."""
        for name, table in list(self.tables.items()):
            area = name.rpartition("-")[2]
            if not areas or area in areas:
                yield from ((area, item) for rows in list(table.values()) for item in list(rows.values()))

    @contextmanager
    def answering(self) -> Iterator[None]:
        """While inside, whatever is asked of DynamoDB is answered from here."""
        real = BaseClient._make_api_call

        def call(client: BaseClient, operation: str, request: dict[str, Any]) -> Any:  # noqa: ANN401 -- botocore's
            if client.meta.service_model.service_name != "dynamodb":
                return real(client, operation, request)
            return getattr(self, f"_{operation.lower()}")(request)

        with patch.object(BaseClient, "_make_api_call", call):
            yield

    @contextmanager
    def listening(self) -> Iterator[None]:
        """While inside, another engine answers, and what it writes is told of all the same."""
        real = BaseClient._make_api_call

        def call(client: BaseClient, operation: str, request: dict[str, Any]) -> Any:  # noqa: ANN401 -- botocore's
            answer = real(client, operation, request)
            if operation in {"PutItem", "UpdateItem", "TransactWriteItems"}:
                written = request.get("TransactItems") or [{operation.removesuffix("Item"): request}]
                for verb, each in (next(iter(each.items())) for each in written):
                    if verb == "Put":
                        self._told(each["TableName"].rpartition("-")[2], each["Item"])
            return answer

        with patch.object(BaseClient, "_make_api_call", call):
            yield

    def _find(self, table: str, key: Item) -> Item | None:
        return self.tables.get(table, {}).get(key["pk"]["S"], {}).get(key["sk"]["S"])

    def _getitem(self, request: dict[str, Any]) -> dict[str, Any]:
        item = self._find(request["TableName"], request["Key"])
        return {"Item": item} if item is not None else {}

    def _batchgetitem(self, request: dict[str, Any]) -> dict[str, Any]:
        found = {}
        for name, asked in request["RequestItems"].items():
            items = (self._find(name, each) for each in asked["Keys"])
            found[name] = [item for item in items if item is not None]
        return {"Responses": found, "UnprocessedKeys": {}}

    def _query(self, request: dict[str, Any]) -> dict[str, Any]:
        text, start = request["KeyConditionExpression"], request.get("ExclusiveStartKey")
        forward, hashed = request.get("ScanIndexForward", True), _HASHED.match(text)
        assert hashed, text
        partition = request["ExpressionAttributeValues"][hashed[1]]["S"]
        rows = self.tables.get(request["TableName"], {}).get(partition, {})
        found = [item for _, item in sorted(rows.items(), reverse=not forward) if _holds(request, item, text)]
        if start is not None:
            behind = start["sk"]["S"]
            found = [item for item in found if (item["sk"]["S"] > behind) is forward and item["sk"]["S"] != behind]
        limit = request.get("Limit") or len(found)
        page, rest = found[:limit], found[limit:]
        more = {"LastEvaluatedKey": {name: page[-1][name] for name in ("pk", "sk")}} if rest else {}
        page = [item for item in page if _holds(request, item, request.get("FilterExpression"))]
        return {"Items": page, "Count": len(page), "ScannedCount": len(page), **more}

    def _putitem(self, request: dict[str, Any]) -> dict[str, Any]:
        return self._alone("Put", request)

    def _updateitem(self, request: dict[str, Any]) -> dict[str, Any]:
        return self._alone("Update", request)

    def _deleteitem(self, request: dict[str, Any]) -> dict[str, Any]:
        return self._alone("Delete", request)

    def _alone(self, verb: str, request: dict[str, Any]) -> dict[str, Any]:
        key, before = self._before(request)
        if not _holds(request, before, request.get("ConditionExpression")):
            raise _refused("ConditionalCheckFailedException", f"{verb}Item")
        after = _after(verb, request, before)
        self._write(request["TableName"], key, after)
        return {"Attributes": after} if after is not None and request.get("ReturnValues") == "ALL_NEW" else {}

    def _batchwriteitem(self, request: dict[str, Any]) -> dict[str, Any]:
        for name, asked in request["RequestItems"].items():
            for each in asked:
                put = each.get("PutRequest")
                self._write(name, _key(put["Item"] if put else each["DeleteRequest"]["Key"]), put and put["Item"])
        return {"UnprocessedItems": {}}

    def _transactwriteitems(self, request: dict[str, Any]) -> dict[str, Any]:
        asked = [next(iter(each.items())) for each in request["TransactItems"]]
        befores = [self._before(each) for _, each in asked]
        places = {(each["TableName"], key) for (_, each), (key, _) in zip(asked, befores, strict=True)}
        assert len(places) == len(befores), "an item twice in a transaction"
        held = [
            _holds(each, before, each.get("ConditionExpression"))
            for (_, each), (_, before) in zip(asked, befores, strict=True)
        ]
        if not all(held):
            reasons = [{"Code": "None" if each else "ConditionalCheckFailed"} for each in held]
            raise _refused("TransactionCanceledException", "TransactWriteItems", CancellationReasons=reasons)
        for (verb, each), (key, before) in zip(asked, befores, strict=True):
            if verb != "ConditionCheck":
                self._write(each["TableName"], key, _after(verb, each, before))
        return {}

    def _before(self, request: dict[str, Any]) -> tuple[tuple[str, str], Item]:
        key = _key(request.get("Key") or request["Item"])
        return key, self._find(request["TableName"], request.get("Key") or request["Item"]) or {}

    def _write(self, name: str, key: tuple[str, str], after: Item | None) -> None:
        """As a stream tells of it: what is stored, in the order of writing."""
        rows = self.tables.setdefault(name, {}).setdefault(key[0], {})
        if after is None:
            rows.pop(key[1], None)
            return
        rows[key[1]] = after
        self._told(name.rpartition("-")[2], after)


def _key(item: Item) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]


def _after(verb: str, request: dict[str, Any], before: Item) -> Item | None:
    if verb == "Delete":
        return None
    if verb == "Put":
        return dict(request["Item"])
    after: Item = {**request["Key"], **before}
    names, values = request.get("ExpressionAttributeNames", {}), request.get("ExpressionAttributeValues", {})
    for what, name, value in _updates(request["UpdateExpression"]):
        attribute = names.get(name, name)
        if value is None:
            after.pop(attribute, None)
            continue
        given = value(before, names, values)
        after[attribute] = given if what == "SET" else _joined(what, before.get(attribute), given)
        if not next(iter(after[attribute].values())) and what == "DELETE":
            del after[attribute]
    return after


def _joined(what: str, before: dict[str, Any] | None, given: dict[str, Any]) -> dict[str, Any]:
    """A number that is added to, or a set that grows or shrinks."""
    ((kind, more),) = given.items()
    if kind == "N":
        return {"N": str((_plain(before) or Decimal(0)) + Decimal(more))}
    held = set((before or {kind: []})[kind])
    return {kind: sorted(held | set(more) if what == "ADD" else held - set(more))}
