"""moto's condition and update expressions, read once for each text instead of at each call, with the same outcome.

moto matches a condition's text word by word, and again for each call; it copies and walks the tree of an update ten
times, and asks at each node what abstract classes it is of. A third of a busy run's time went there. What is wrong in
an expression is found and said by moto itself.
"""

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any
from unittest.mock import patch

from moto.dynamodb.comparisons import AttributeValue, ConditionExpressionParser
from moto.dynamodb.parsing import validators
from moto.dynamodb.parsing.ast_nodes import (  # type: ignore[attr-defined]
    DepthFirstTraverser,
    Expression,
    Node,
    UpdateExpressionFunction,
)
from moto.dynamodb.parsing.expressions import UpdateExpressionParser  # type: ignore[attr-defined]

from infra.local.patching import patched

Tree = Any
"""moto's nodes, of conditions and of updates: it publishes no types that hold."""
_PARSE: Callable[..., Any] = ConditionExpressionParser.parse
_OPERAND: Callable[..., Any] = ConditionExpressionParser._make_operand  # noqa: SLF001 -- what binds a value to its place
_MAKE: Callable[[str], Tree] = UpdateExpressionParser.make
_TEXTS = 2000
_is_node: Callable[[Any], bool] = cache(lambda kind: issubclass(kind, Node))
_has_clauses: Callable[[Any], bool] = cache(lambda kind: issubclass(kind, Expression | UpdateExpressionFunction))
_is_of: Callable[[Any, tuple[Any, ...]], bool] = cache(issubclass)


@contextmanager
def read_once() -> Iterator[None]:
    """While inside, expressions that moto has seen before take less time. It is safe under the engine's lock only."""
    with patched(
        (ConditionExpressionParser, "parse", _parse),
        (ConditionExpressionParser, "_make_operand", _operand),
        (UpdateExpressionParser, "make", _made),
        (validators, "deepcopy", _copied),
        (DepthFirstTraverser, "traverse_node_recursively", _traverse),
        (Node, "find_clauses", _clauses),
    ):
        yield


class _ByName:
    """Stands for the values while a condition is read: each is known by its own name."""

    def __getitem__(self, name: str) -> str:
        return name

    def __contains__(self, name: object) -> bool:
        return True


def _parse(parser: Tree) -> Tree:
    """The condition, with this call's values in it."""
    text, names = parser.condition_expression, parser.expression_attribute_names
    if not text:
        return _PARSE(parser)
    try:
        tree, names_found, values_found = _condition(text, tuple((names or {}).items()))
        condition = parser._make_op_condition(tree)  # noqa: SLF001 -- the last step of moto's own
    except Exception:  # noqa: BLE001 -- whichever it is, moto finds it again
        return _PARSE(parser)
    parser.expr_attr_names_found.extend(names_found)
    parser.expr_attr_values_found.extend(values_found)
    return condition


@lru_cache(maxsize=_TEXTS)
def _condition(text: str, names: tuple[tuple[str, str], ...]) -> tuple[Tree, list[str], list[str]]:
    """The tree of moto's own steps, and the names and values that it found on the way."""
    parser: Any = ConditionExpressionParser(text, dict(names), _ByName())  # type: ignore[arg-type]
    trees: list[Tree] = []
    with patch.object(parser, "_make_op_condition", trees.append):
        _PARSE(parser)
    return trees[0], parser.expr_attr_names_found, parser.expr_attr_values_found


def _operand(parser: Tree, node: Tree) -> Tree:
    if node.kind == parser.Kind.EXPRESSION_ATTRIBUTE_VALUE and node.value == node.text:
        return AttributeValue(parser.expression_attribute_values[node.text])
    return _OPERAND(parser, node)


@lru_cache(maxsize=_TEXTS)
def _made(text: str) -> Tree:
    """Nobody writes to it: moto copies it before it puts values in."""
    return _MAKE(text)


def _copied(node: Tree) -> Tree:
    """Of a tree, its nodes anew; what is no node is copied as it was."""
    return _copied_node(node) if isinstance(node, Node) else copy.deepcopy(node)


def _copied_node(node: Tree) -> Tree:
    made = node.__class__.__new__(node.__class__)
    made.__dict__.update(node.__dict__)
    if node.children is not None:
        made.children = [_copied_child(made, each) if _is_node(type(each)) else each for each in node.children]
    return made


def _copied_child(parent: Tree, child: Tree) -> Tree:
    made = _copied_node(child)
    made.parent = parent
    return made


def _traverse(traverser: Tree, node: Tree, child_id: int = -1) -> Tree:
    """Depth first, from the leaves up, as moto's; what it looks for is asked for once a tree."""
    return _walk(traverser, traverser.nodes_to_be_processed(), node, child_id)


def _walk(traverser: Tree, wanted: tuple[type, ...], node: Tree, child_id: int) -> Tree:
    if not _is_node(type(node)):
        return node
    parent = node.parent
    if node.children is not None:
        for place, child in enumerate(node.children):
            traverser.pre_processing_of_child(node, place)
            _walk(traverser, wanted, child, place)
    if not _is_of(type(node), wanted):
        return node
    done = traverser.process(node)
    done.parent = parent
    if parent:
        parent.children[child_id] = done
    return done


def _clauses(node: Tree, kinds: list[type]) -> list[Tree]:
    found = []
    for child in node.children or []:
        if type(child) in kinds:
            found.append(child)
        elif _has_clauses(type(child)):
            found.extend(child.find_clauses(kinds))
    return found
