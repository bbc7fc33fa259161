"""Finds in rating's sources the code of every line that it can make."""

import ast
from collections.abc import Iterator
from pathlib import Path

import chalicelib

ROOT = Path(chalicelib.__file__).parent.parent
CODE = 8
"""The place of the code among a line's values."""
GIVEN = {
    "RatedLine": CODE,
    "promotion_line": 2,
    "change": 2,
    "changes": 2,
    "_reduction": 2,
    "lower": 2,
    "_spend": 3,
    "line": 2,
}
"""What makes lines, and where it is given their code."""
OF_A_LINE = {"line", "charge", "promotion", "old", "new"}
"""Names of lines whose code is handed on."""


def codes_made() -> set[str]:
    """The codes; one that ends in `*` stands for all that begin so."""
    return {
        code
        for path in sorted((ROOT / "chalicelib" / "rating").glob("*.py"))
        if path.stem not in {"explain", "lines"}
        for code in Module(path).codes()
    }


class Module:
    """One file of rating."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        self.functions = [node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef)]

    def codes(self) -> Iterator[str]:
        for function in self.functions:
            for node in ast.walk(function):
                if isinstance(node, ast.Call):
                    for given in _codes_given(node):
                        yield from self._said(given, function)
                if isinstance(node, ast.Tuple) and _ends_a_line(node):
                    yield from self._said(node.elts[-2], function)

    def _said(self, given: ast.expr, function: ast.FunctionDef) -> Iterator[str]:
        """What an expression can be; one that cannot be followed fails, so that no code goes unseen."""
        match given:
            case ast.Constant(value=str(text)):
                yield text
            case ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]):
                yield f"{text}*"
            case ast.IfExp():
                yield from self._said(given.body, function)
                yield from self._said(given.orelse, function)
            case ast.Subscript(value=ast.Name(id=table)):
                yield from self._said(self._table(table), function)
            case ast.Attribute(value=ast.Name(id=name), attr="code") if name in OF_A_LINE:
                return
            case ast.Name(id=name):
                yield from self._named(name, function)
            case _:
                raise LookupError(f"{self.name}:{given.lineno}: cannot tell the code {ast.unparse(given)}")

    def _named(self, name: str, function: ast.FunctionDef) -> Iterator[str]:
        """A parameter is given where the function is called, which is looked at there."""
        if name in {each.arg for each in function.args.args}:
            if function.name not in GIVEN:
                raise LookupError(f"{self.name}:{function.lineno}: {function.name} is given a code: add it to GIVEN")
            return
        found = False
        for node in ast.walk(function):
            for target, value in _bound(node):
                if isinstance(target, ast.Name) and target.id == name:
                    found = True
                    yield from self._said(value, function)
                elif isinstance(target, ast.Tuple) and name in _names(target):
                    found = True
                    yield from self._part(value, _names(target).index(name), function)
        if not found:
            raise LookupError(f"{self.name}:{function.lineno}: cannot tell where {name} comes from")

    def _part(self, value: ast.expr, place: int, function: ast.FunctionDef) -> Iterator[str]:
        match value:
            case ast.Tuple():
                yield from self._said(value.elts[place], function)
            case ast.IfExp():
                yield from self._part(value.body, place, function)
                yield from self._part(value.orelse, place, function)
            case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
                for called in [each for each in self.functions if each.name == name]:
                    for node in ast.walk(called):
                        if isinstance(node, ast.Return) and node.value is not None:
                            yield from self._part(node.value, place, called)
            case _:
                raise LookupError(f"{self.name}:{value.lineno}: cannot tell the parts of {ast.unparse(value)}")

    def _table(self, name: str) -> ast.expr:
        """What a table of codes holds, here or where it is imported from."""
        for node in self.tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == name:
                if isinstance(node.value, ast.DictComp):
                    return node.value.value
                raise LookupError(f"{self.name}: cannot tell the codes of {name}")
            if isinstance(node, ast.ImportFrom) and name in {each.name for each in node.names}:
                return Module(ROOT.joinpath(*str(node.module).split(".")).with_suffix(".py"))._table(name)
        raise LookupError(f"{self.name}: cannot find {name}")


def _codes_given(call: ast.Call) -> Iterator[ast.expr]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    yield from (each.value for each in call.keywords if each.arg == "code")
    if name in GIVEN and len(call.args) > GIVEN[name] and not any(isinstance(a, ast.Starred) for a in call.args):
        yield call.args[GIVEN[name]]
    match call.args:
        case [ast.Tuple(elts=values)] if name == "line_of" and not any(isinstance(a, ast.Starred) for a in values):
            yield values[CODE]


def _ends_a_line(node: ast.Tuple) -> bool:
    """Values of a line whose row begins elsewhere, and whose evidence comes later: a code and its facts end them."""
    return len(node.elts) > 1 and isinstance(node.elts[0], ast.Starred) and ast.unparse(node.elts[-1]) == "facts"


def _bound(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    if isinstance(node, ast.Assign):
        yield from ((target, node.value) for target in node.targets)


def _names(target: ast.Tuple) -> list[str]:
    return [each.id if isinstance(each, ast.Name) else "" for each in target.elts]
