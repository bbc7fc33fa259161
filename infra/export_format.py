"""Keeps the tables of docs/exports.md as the files' own schema says: `python -m infra.export_format` rewrites them."""

import re
from collections.abc import Iterator
from pathlib import Path

from chalicelib.finance.chart import DEFAULT, Chart
from chalicelib.finance.columns import KINDS
from chalicelib.finance.facts import Column
from chalicelib.finance.files import FileOf
from chalicelib.finance.rows_partners import file_of_partner
from chalicelib.finance.ties import EQUATIONS
from chalicelib.finance.writing import schema

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "exports.md"
_BLOCK = re.compile(r"(<!-- (?P<name>[^\n]+): generated -->\n)(.*?)(<!-- end -->)", re.DOTALL)


class _Nothing:
    """Satisfies `finance.ports.Lookups`; it is never asked."""

    def names_at_provider(self, entries: object) -> list[None]:
        raise LookupError(entries)

    def goodwill(self, entry: object) -> None:
        raise LookupError(entry)


def blocks() -> dict[str, str]:
    """Each block of the document by its name."""
    files = [*schema(Chart(DEFAULT), _Nothing()), file_of_partner("<partner>")]
    found = {file.name: "\n".join(_of_file(file)) for file in files}
    found["kinds"] = "\n".join(_table(("type", "in a cell"), KINDS.items()))
    found["accounts"] = "\n".join(_table(("ledger account", "number"), DEFAULT.items()))
    found["ties"] = "\n".join(_table(("name", "meaning"), ((name, meaning) for name, _, _, meaning in EQUATIONS)))
    return found


def _of_file(file: FileOf) -> Iterator[str]:
    sums = ", ".join(f"`{total}` (of `{column}`)" for total, column in file.sums.items())
    yield f"{file.about} Control totals: {sums}."
    yield ""
    yield from _table(("column", "type", "unit", "meaning"), map(_row, file.columns))


def _row(column: Column) -> tuple[str, ...]:
    return f"`{column.name}`", column.kind, column.unit, column.meaning


def _table(head: tuple[str, ...], rows: object) -> Iterator[str]:
    for row in (head, ("---",) * len(head), *rows):  # type: ignore[misc]  # rows of as many cells
        yield f"| {' | '.join(row)} |"


def updated(text: str) -> str:
    """The document with its blocks as they have to be."""
    found = blocks()
    named = {match["name"] for match in _BLOCK.finditer(text)}
    if named != set(found):
        raise LookupError(f"docs/exports.md and the schema differ in {sorted(named ^ set(found))}")
    return _BLOCK.sub(lambda match: f"{match[1]}{found[match['name']]}\n{match[4]}", text)


if __name__ == "__main__":
    DOCUMENT.write_text(updated(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
