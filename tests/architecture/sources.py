"""The project's own Python files, parsed once."""

import ast
import gc
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
AREAS = (
    "kernel",
    "rating",
    "metering",
    "ledger",
    "catalogue",
    "customers",
    "partners",
    "billing",
    "access",
    "subscriptions",
    "finance",
    "dialogue",
)
CORE = AREAS  # what holds rules: no clock, no environment, no randomness


@dataclass(frozen=True)
class Source:
    path: Path
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))

    @property
    def lines(self) -> int:
        return self.text.count("\n")

    def functions(self) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
        return [node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]

    def imported(self) -> set[str]:
        """Every module that is imported anywhere in the file, with the names taken from it: `a.b` and `a.b.c`."""
        found: set[str] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found |= {each.name for each in node.names}
            elif isinstance(node, ast.ImportFrom):
                found |= {node.module or ""} | {f"{node.module}.{each.name}" for each in node.names}
        return found


@cache
def sources(*folders: str) -> tuple[Source, ...]:
    paths = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py") if _ours(path))
    texts = [(path, path.read_text(encoding="utf-8")) for path in paths]
    gc.disable()  # millions of nodes that stay: no collection finds anything among them
    try:
        return tuple(Source(path, text, ast.parse(text)) for path, text in texts)
    finally:
        gc.freeze()
        gc.enable()


def _ours(path: Path) -> bool:
    """Not the links through which a function packs the shared package."""
    return "__pycache__" not in path.parts and not any(parent.is_symlink() for parent in path.parents)
