"""The report as a workbook: a sheet a table, written row by row, so that a million of them take no more memory.

Nothing in it is computed by the spreadsheet: words are written as words, whatever they begin with.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, cast

from xlsxwriter import Workbook

from chalicelib.edge.report_cells import NUMBERS, kind_of, word_of
from chalicelib.finance.report_totals import Totals
from chalicelib.kernel.money import Money, decimals_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from chalicelib.edge.report_words import ReportWords
    from chalicelib.finance.report import Chart, Field, Kind, Line, Sheet

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADER_ROW = 3
MOST_ROWS = 1_048_500
"""Of a sheet, by its format, below its heading and above its totals."""
_AS_WRITTEN = ("strings_to_formulas", "strings_to_urls", "strings_to_numbers")
COLOURS = ("#1B4F8A", "#B4530A", "#2E6B34")
"""Dark enough on white, and told apart without seeing red and green."""
_WIDTHS = {"text": 24, "word": 18, "name": 26, "meaning": 90, "tie": 48, "money": 15, "figure": 18}
_OF_CODES = {"currency": 9, "product": 44, "asset": 44, "customer": 36, "partner": 34, "about": 44}
_OTHER_WIDTH, _CHART_HEIGHT, _CHART_WIDTH = 13, 340, 720
_A4, _TWO_LINES = 9, 31
_SEEN_AT_ONCE, _CHART_ROWS = 40, 18
"""Rows under which a chart is still seen, and how many it covers."""
_HEAD = {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E3EAF3", "bottom": 1}
_TOTAL = {"bold": True, "top": 1}
_SECONDS_OF_DAY = 86_400
_PIECE = 1 << 16
_REMEMBERED = 4096
"""Numbers that are made once for all: most cells of a large table are nothing, or small."""


@dataclass(slots=True)
class _Book:
    """The workbook with the formats that it has made so far."""

    workbook: Any
    said: ReportWords
    formats: dict[tuple[str, str, bool], Any] = field(default_factory=dict)

    def format(self, kind: Kind, currency: str = "", *, total: bool = False) -> Any:  # noqa: ANN401 -- XlsxWriter publishes no types
        """Of a kind of cell; money has its currency's decimals, and its code behind it. Totals stand under a line."""
        key = (kind, currency if kind == "money" else "", total)
        if key not in self.formats:
            self.formats[key] = self.workbook.add_format(_format_of(kind, currency) | (_TOTAL if total else {}))
        return self.formats[key]


def _format_of(kind: Kind, currency: str) -> dict[str, object]:
    if kind == "money":
        decimals = decimals_of(currency)
        number = "#,##0" + ("." + "0" * decimals if decimals else "")
        return {"num_format": f'{number} "{currency}";[Red]-{number} "{currency}"'}
    named = {"count": "#,##0", "seconds": "[h]:mm", "share": "0.0%"}
    return {"num_format": named[kind]} if kind in named else {"indent": int(kind == "meaning")}


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above every sheet, and when the workbook says that it was made."""

    title: str
    note: str
    made: datetime


def written(sheets: Sequence[Sheet], heading: Heading, said: ReportWords) -> Iterator[bytes]:
    """The workbook's bytes, in pieces: the same for the same figures, whenever it is written."""
    with TemporaryFile() as file:
        workbook = Workbook(file, {"constant_memory": True, **dict.fromkeys(_AS_WRITTEN, False)})
        workbook.set_properties({"title": heading.title, "created": heading.made.replace(tzinfo=None)})
        book = _Book(workbook, said)
        for sheet in sheets:
            _Page(book, sheet).write(heading)
        workbook.close()
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece


class _Page:
    """One sheet: title, note, headings that stay, rows, and charts beside them."""

    def __init__(self, book: _Book, sheet: Sheet) -> None:
        self._book, self._sheet = book, sheet
        self._name = book.said.sheets[sheet.code]
        self._page = book.workbook.add_worksheet(self._name)

    def write(self, heading: Heading) -> None:
        """From the first row to the last, as the format wants it."""
        self._lay_out()
        page, add = self._page, self._book.workbook.add_format
        page.write_string(0, 0, f"{self._name} - {heading.title}", add({"bold": True, "font_size": 14}))
        page.write_string(1, 0, heading.note)
        page.set_row(HEADER_ROW, _TWO_LINES)
        words, numbers, texts = (add({**_HEAD, **each}) for each in ({}, {"align": "right"}, {"indent": 1}))
        for number, each in enumerate(self._sheet.fields):
            head = numbers if each.kind in NUMBERS or each.kind == "figure" else words
            page.write_string(
                HEADER_ROW, number, self._book.said.name(each.code), texts if each.kind == "meaning" else head
            )
        totals = Totals(self._sheet)
        last, cut = self._lines(totals)
        if last == HEADER_ROW:
            page.write_string(HEADER_ROW + 1, 0, self._book.said.nothing)
            return
        end = self._totals(last, totals)
        if cut or self._sheet.cut:
            page.write_string(end + 1, 0, self._book.said.more.format(shown=last - HEADER_ROW))
        page.autofilter(HEADER_ROW, 0, last, len(self._sheet.fields) - 1)
        for place, chart in enumerate(self._sheet.charts):
            self._chart(chart, last, end, place)

    def _lay_out(self) -> None:
        page = self._page
        page.freeze_panes(HEADER_ROW + 1, 1)
        page.set_landscape()
        page.set_paper(_A4)
        page.fit_to_pages(1, 0)
        page.repeat_rows(HEADER_ROW)
        for number, each in enumerate(self._sheet.fields):
            page.set_column(number, number, _OF_CODES.get(each.code) or _WIDTHS.get(each.kind, _OTHER_WIDTH))

    def _lines(self, totals: Totals) -> tuple[int, bool]:
        """All rows, or as many as a sheet has; which was the last, and whether there are more, which add up too."""
        row, lines = HEADER_ROW, iter(self._sheet.lines())
        for row, line in enumerate(islice(lines, MOST_ROWS), start=HEADER_ROW + 1):
            totals.add(line)
            for number, each in enumerate(self._sheet.fields):
                self._cell(row, number, each, line)
        cut = False
        for line in lines:
            cut = True
            totals.add(line)
        return row, cut

    def _totals(self, last: int, totals: Totals) -> int:
        """Below the rows, out of the reach of their filter; which was the last."""
        row = last
        for row, line in enumerate(totals.lines(), start=last + 1):
            self._page.write_string(row, 0, self._book.said.total, self._book.format("text", total=True))
            for number, each in enumerate(self._sheet.fields[1:], start=1):
                self._cell(row, number, each, line, total=True)
        return row

    def _cell(self, row: int, column: int, each: Field, line: Line, *, total: bool = False) -> None:
        kind, cell = kind_of(each, line.cells), line.cells[column]
        if kind not in NUMBERS:
            text = word_of(kind, cell, self._book.said, first=column == 0)
            if text:
                self._page.write_string(row, column, text, self._book.format(kind, total=total))
        elif cell is not None:
            number = _number(kind, cast("int", cell), line.currency)
            self._page.write_number(row, column, number, self._book.format(kind, line.currency, total=total))

    def _chart(self, chart: Chart, last: int, below: int, place: int) -> None:
        """Of the first rows; the spreadsheet draws the bars."""
        end, label = min(last, HEADER_ROW + chart.most), self._sheet.place(chart.label)
        drawn = self._book.workbook.add_chart({"type": "bar"})
        for number, code in enumerate(chart.values):
            column = self._sheet.place(code)
            drawn.add_series(
                {
                    "name": [self._name, HEADER_ROW, column],
                    "categories": [self._name, HEADER_ROW + 1, label, end, label],
                    "values": [self._name, HEADER_ROW + 1, column, end, column],
                    "fill": {"color": COLOURS[number % len(COLOURS)]},
                }
            )
        title = self._book.said.charts[chart.code]
        drawn.set_title({"name": title, "name_font": {"size": 12}})
        drawn.set_x_axis({"major_gridlines": {"visible": True, "line": {"color": "#D5D5D5"}}})
        drawn.set_y_axis({"reverse": True, "label_position": "low"})
        drawn.set_legend({"position": "bottom"} if len(chart.values) > 1 else {"none": True})
        drawn.set_size({"width": _CHART_WIDTH, "height": _CHART_HEIGHT})
        under = below + 2 + place * _CHART_ROWS, 0
        beside = HEADER_ROW + place * _CHART_ROWS, len(self._sheet.fields) + 1
        where = {"description": title, "object_position": 3}
        self._page.insert_chart(*(under if last <= _SEEN_AT_ONCE else beside), drawn, where)


@lru_cache(maxsize=_REMEMBERED)
def _number(kind: Kind, amount: int, currency: str) -> Decimal:
    """As a spreadsheet counts: days for times, fractions for shares."""
    if kind == "money":
        return Money(amount, currency).amount
    if kind == "seconds":
        return Decimal(amount) / _SECONDS_OF_DAY
    return Decimal(amount).scaleb(-6) if kind == "share" else Decimal(amount)
