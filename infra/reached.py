"""Which modules of ours a door can come to run: those that its app imports, and those that these import, and so on.

Doors share one `chalicelib`, and each runs about half of it; what it cannot run is no use in its package. Read from the
sources, so that nothing has to be run: imports wherever they stand but for checkers of types, modules that a literal
names (`lazily("chalicelib.x")`), and all of a package of which one is chosen by name.
"""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

PACKAGE = "chalicelib"


def trim(folder: Path) -> None:
    """Remove the modules of `folder/chalicelib` that nothing beside it can come to run."""
    modules = {module_name(path.relative_to(folder)): path for path in (folder / PACKAGE).rglob("*.py")}
    kept = reached([path.read_text(encoding="utf-8") for path in folder.glob("*.py")], modules)
    for name in modules.keys() - kept:
        modules[name].unlink()


def reached(sources: list[str], modules: Mapping[str, Path]) -> frozenset[str]:
    """The names of those modules that the sources come to run."""
    found, ahead = set[str](), [name for source in sources for name in _named("__main__", source, modules)]
    while ahead:
        name = ahead.pop()
        if name in found:
            continue
        found.add(name)
        ahead += _named(name, modules[name].read_text(encoding="utf-8"), modules)
    return frozenset(found)


def _named(name: str, source: str, modules: Mapping[str, Path]) -> Iterator[str]:
    """Modules that one names, with the packages around them."""
    for said in _mentioned(name, source):
        wanted = [other for other in modules if other.startswith(said)] if said.endswith(".") else [said]
        for one in wanted:
            parts = one.split(".")
            around = (".".join(parts[:depth]) for depth in range(1, len(parts) + 1))
            yield from (outer for outer in around if outer in modules)


@cache
def _mentioned(name: str, source: str) -> tuple[str, ...]:
    """What may be modules in a source. Kept, as the doors share most of theirs."""
    return tuple(dict.fromkeys(said for each in _at_run_time(ast.parse(source)) for said in _said(each, name)))


def _at_run_time(node: ast.AST) -> Iterator[ast.AST]:
    """All that the node is made of, but for what only checkers of types see."""
    yield node
    for_types = isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    inner = node.orelse if for_types and isinstance(node, ast.If) else ast.iter_child_nodes(node)
    for each in inner:
        yield from _at_run_time(each)


def _said(node: ast.AST, name: str) -> list[str]:
    """What may be modules in an import, a literal, or a name that is put together: up to the point where it varies."""
    match node:
        case ast.Import():
            return [each.name for each in node.names]
        case ast.ImportFrom(module=str(module)):
            return [module, *(f"{module}.{each.name}" for each in node.names)]
        case ast.Constant(value=str(text)):
            return [text] if text.startswith(f"{PACKAGE}.") else []
        case ast.Call(func=ast.Name(id="import_module"), args=[ast.JoinedStr(values=values), *_]):
            start = _start(values, name)
            return [start[: start.rindex(".") + 1]] if start.startswith(f"{PACKAGE}.") else []
    return []


def _start(values: list[ast.expr], name: str) -> str:
    """The text of an f-string as far as it is known, where `__name__` is."""
    text = ""
    for each in values:
        match each:
            case ast.Constant(value=str(known)):
                text += known
            case ast.FormattedValue(value=ast.Name(id="__name__")):
                text += name
            case _:
                break
    return text


def module_name(path: Path) -> str:
    """What a module is imported as, by its path beside the package."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
