"""How the cells of the report are said in a language; a workbook writes numbers and says only words."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, cast

from chalicelib.finance.monitor_model import unit_of
from chalicelib.kernel.money import Money

if TYPE_CHECKING:
    from chalicelib.edge.report_words import ReportWords
    from chalicelib.edge.words import Words
    from chalicelib.finance.report import Cells, Field, Kind, Line

NUMBERS = frozenset({"money", "seconds", "count", "share"})
_TENTH, _HOUR = Decimal("0.1"), Decimal(3600)


def kind_of(field: Field, cells: Cells) -> Kind:
    """How a cell is written; of a figure, by which it is."""
    return unit_of(str(cells[0])) if field.kind == "figure" else field.kind


def word_of(kind: Kind, cell: object, said: ReportWords, *, first: bool = False) -> str:
    """A cell of words. What a row is about and has no name is of none alone."""
    text = str(cell if cell is not None else "")
    if kind == "name":
        return said.name(text)
    if kind == "meaning":
        return said.meanings.get(text, "")
    if kind == "tie":
        return said.tie(text)
    if kind == "word":
        return said.value(text) if text else text
    return text or (said.of_none if first else "")


def cell_text(field: Field, line: Line, number: int, said: ReportWords, words: Words) -> str:
    """A cell as text."""
    kind, cell = kind_of(field, line.cells), line.cells[number]
    if kind not in NUMBERS:
        return word_of(kind, cell, said, first=number == 0)
    if cell is None:
        return ""
    amount = cast("int", cell)
    if kind == "money":
        return words.formats.money(Money(amount, line.currency).amount, line.currency)
    if kind == "seconds":
        return f"{words.formats.number((Decimal(amount) / _HOUR).quantize(_TENTH))} h"
    if kind == "share":
        return words.formats.share(Decimal(amount).scaleb(-6).quantize(Decimal("0.001")))
    return words.formats.number(Decimal(amount))


def title_of(month: str, said: ReportWords) -> str:
    """Of the whole report."""
    return said.title.format(month=month)
