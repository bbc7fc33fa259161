"""Expressions that are read once decide, change and refuse as moto does by itself."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from moto.dynamodb.comparisons import create_condition_expression_parser, get_filter_expression
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.parsing import expressions as moto_expressions
from moto.dynamodb.parsing.executors import UpdateExpressionExecutor
from moto.dynamodb.parsing.validators import UpdateExpressionValidator

from infra.local.expressions import read_once

NAMES = {"#n": "number", "#t": "text", "#l": "list", "#m": "map", "#set": "set", "#new": "new", "#pk": "pk"}
ATTRS = {
    "pk": {"S": "a"},
    "sk": {"S": "b"},
    "number": {"N": "7"},
    "text": {"S": "seven"},
    "list": {"L": [{"N": "1"}, {"S": "two"}]},
    "map": {"M": {"deep": {"N": "3"}}},
    "set": {"SS": ["x", "y"]},
}
VALUES = [
    {":n": {"N": "7"}, ":m": {"N": "9"}, ":t": {"S": "seven"}, ":l": {"L": [{"S": "three"}]}, ":set": {"SS": ["y"]}},
    {":n": {"N": "8"}, ":m": {"N": "6"}, ":t": {"S": "sev"}, ":l": {"L": []}, ":set": {"SS": ["z"]}},
    {":n": {"S": "7"}, ":m": {"NULL": True}, ":t": {"N": "1"}, ":l": {"S": "no list"}, ":set": {"N": "1"}},
    {":n": {"N": "7"}},
    {},
]
CONDITIONS = [
    "#n = :n",
    "#n <> :n AND #t = :t",
    "#n < :n OR (#n >= :m AND NOT #t = :t)",
    "#n BETWEEN :n AND :m",
    "#n IN (:n, :m)",
    "attribute_exists(#n) AND attribute_not_exists(#new)",
    "attribute_not_exists(#m.deep) OR begins_with(#t, :t)",
    "contains(#set, :t) OR attribute_type(#t, :t)",
    "size(#t) > :n",
    "number = :n AND #l[1] = :t",
    "((#n = :n))",
    "#n = ",
    "#n = :n :m",
    "#unknown = :n",
    "#n = :unknown",
    "value = :n",
    "size(#new) > :n",
]
UPDATES = [
    "SET #n = :n",
    "SET #n = #n + :n, #t = :t",
    "SET #n = #n - :m, #new = if_not_exists(#new, :n) REMOVE #t, #m.deep",
    "SET #l = list_append(#l, :l)",
    "SET #m.deep = :n, #l[0] = :t",
    "SET #new.deeper = :n",
    "SET #l[7] = :t REMOVE #l[0], #l[1]",
    "ADD #n :n",
    "ADD #set :set REMOVE #new",
    "DELETE #set :set",
    "SET #n = :n, #n = :m",
    "SET #n = :n SET #t = :t",
    "SET #pk = :t",
    "SET #n = #new + :n",
    "SET #unknown = :n",
    "SET #n = :unknown",
    "SET value = :n",
    "SET #n :n",
]


def _item() -> Item:
    """A new one, nothing of which is another's."""
    return Item(DynamoType(ATTRS["pk"]), DynamoType(ATTRS["sk"]), copy.deepcopy(ATTRS))


def _outcome(act: Callable[[], Any]) -> Any:  # noqa: ANN401 -- whatever it comes to
    try:
        return act()
    except Exception as error:  # noqa: BLE001 -- an error is an outcome as well
        return type(error), str(error)


def _decisions() -> list[Any]:
    """What each condition says with each set of values, of an item and of none; twice, as what is read is kept."""

    def decide(condition: str, values: dict[str, Any], item: Any) -> Any:  # noqa: ANN401 -- moto's
        return get_filter_expression(condition, NAMES, values).expr(item)

    item = _item()
    return [
        _outcome(lambda: decide(condition, values, each))  # noqa: B023 -- called at once
        for _ in range(2)
        for condition in CONDITIONS
        for values in VALUES
        for each in (item, None)
    ]


class _Table:
    """As much of a table as the validators ask for."""

    table_key_attrs = attribute_keys = ("pk", "sk")
    attr = ({"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "S"})


def _changes() -> list[Any]:
    """What each update makes of the item with each set of values."""

    def change(update: str, values: dict[str, Any]) -> Any:  # noqa: ANN401 -- the item as JSON
        item = _item()
        tree = moto_expressions.UpdateExpressionParser.make(update)
        table: Any = _Table()
        done = UpdateExpressionValidator(tree, NAMES, values, item, table).validate()
        done.normalize()
        UpdateExpressionExecutor(done, item, NAMES).execute()
        return item.to_json()

    return [_outcome(lambda: change(update, values)) for _ in range(2) for update in UPDATES for values in VALUES]  # noqa: B023 -- called at once


@pytest.mark.parametrize("outcomes", [_decisions, _changes])
def test_expressions_come_to_the_same(outcomes: Callable[[], list[Any]]) -> None:
    plain = outcomes()
    with read_once():
        again = outcomes()

    refused = [each for each in plain if isinstance(each, tuple)]
    assert 40 < len(refused) < len(plain) - 40
    assert again == plain


def test_the_parser_tells_which_names_and_values_it_has_used() -> None:
    """
    moto refuses names and values that were given and not used.
    """

    def used() -> tuple[list[str], list[str]]:
        parser = create_condition_expression_parser("#n = :n OR (#n = :m AND #t = :t)", NAMES, VALUES[0])
        parser.parse()
        return parser.expr_attr_names_found, parser.expr_attr_values_found

    plain = used()
    with read_once():
        assert [used(), used()] == [plain, plain]
    assert plain == (["#n", "#n", "#t"], [":n", ":m", ":t"])
