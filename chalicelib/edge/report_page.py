"""The report as one page for a browser, a printer, or a screen reader: tables with headings, charts told in words."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, NamedTuple, cast

from chalicelib.edge.page_frame import framed
from chalicelib.edge.report_cells import NUMBERS, cell_text, kind_of
from chalicelib.edge.report_charts import Bar, Bars, bar_chart
from chalicelib.finance.report_totals import Totals

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chalicelib.edge.report_words import ReportWords
    from chalicelib.edge.words import Words
    from chalicelib.finance.report import Chart, Field, Line, Sheet

MOST_SHOWN = 20
STYLE = (
    "body{font:14px/1.45 sans-serif;color:#1a1a1a;background:#fff;max-width:104em;margin:2em auto;padding:0 1em}"
    "h1{font-size:1.7em}h2{font-size:1.25em;margin:2em 0 .4em}"
    ".wide{overflow-x:auto}"
    "table{border-collapse:collapse;margin:.4em 0 1em}"
    "caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}"
    "th,td{padding:.25em .7em;border-bottom:1px solid #767676;text-align:left;vertical-align:top}"
    "thead th{background:#e3eaf3}td.n,th.n{text-align:right}td.n,td.s{white-space:nowrap}"
    "tfoot th,tfoot td{font-weight:bold;border-top:2px solid #1a1a1a}"
    "tbody th{font-weight:normal;white-space:nowrap}thead th{vertical-align:bottom}svg{max-width:100%;height:auto}"
    "@media print{@page{size:A4 landscape;margin:12mm}body{font-size:9px;margin:0;max-width:none}"
    "h2,svg,tr{break-inside:avoid}h2{break-after:avoid}"
    ".wide{overflow:visible}th,td{padding:.15em .35em}svg{width:60%}}"
)


class Told(NamedTuple):
    """In which words a page is told."""

    said: ReportWords
    words: Words


def report_page(sheets: Sequence[Sheet], title: str, notes: Sequence[str], told: Told) -> str:
    """Every sheet as a section, with the first of its rows."""
    parts = [f"<p>{escape(note)}</p>" for note in notes]
    for sheet in sheets:
        parts += _section(sheet, told)
    return framed(told.words.language, title, parts, STYLE)


def _section(sheet: Sheet, told: Told) -> Iterator[str]:
    """A sheet that has more rows than are shown says so."""
    name = told.said.sheets[sheet.code]
    totals = Totals(sheet)
    lines: list[Line] = []
    for line in sheet.lines():
        totals.add(line)
        if len(lines) <= _most(sheet):
            lines.append(line)
    shown = lines[: _most(sheet)]
    yield f"<section><h2>{escape(name)}</h2>"
    if not shown:
        yield f"<p>{escape(told.said.nothing)}</p></section>"
        return
    for chart in sheet.charts:
        yield _chart(sheet, chart, shown, told)
    yield from _table(sheet, name, shown, told, totals.lines())
    if len(lines) > len(shown):
        yield f"<p>{escape(told.said.more.format(shown=len(shown)))}</p>"
    yield "</section>"


def _most(sheet: Sheet) -> int:
    """Definitions and the summary are there whole."""
    return MOST_SHOWN if sheet.code not in ("definitions", "summary", "reconciliation") else 10 * MOST_SHOWN


def _table(sheet: Sheet, name: str, lines: Sequence[Line], told: Told, totals: Sequence[Line]) -> Iterator[str]:
    kinds = [_class(each) for each in sheet.fields]
    heads = (
        f'<th scope="col"{kind}>{escape(told.said.name(each.code))}</th>'
        for each, kind in zip(sheet.fields, kinds, strict=True)
    )
    yield f'<div class="wide" role="region" tabindex="0" aria-label="{escape(name)}">'
    yield f"<table><caption>{escape(name)}</caption>"
    yield f"<thead><tr>{''.join(heads)}</tr></thead><tbody>"
    for line in lines:
        cells = [escape(cell_text(each, line, place, told.said, told.words)) for place, each in enumerate(sheet.fields)]
        yield _row(cells, kinds)
    yield "</tbody>"
    if totals:
        yield "<tfoot>"
    for line in totals:
        fields = list(enumerate(sheet.fields))[1:]
        cells = [escape(cell_text(each, line, place, told.said, told.words)) for place, each in fields]
        yield _row([escape(told.said.total), *cells], kinds)
    yield "</tfoot></table></div>" if totals else "</table></div>"


def _row(cells: Sequence[str], kinds: Sequence[str]) -> str:
    rest = (f"<td{kind}>{cell}</td>" for cell, kind in zip(cells[1:], kinds[1:], strict=True))
    return f'<tr><th scope="row"{kinds[0]}>{cells[0]}</th>{"".join(rest)}</tr>'


def _class(field: Field) -> str:
    """Numbers stand to the right, and neither they nor ids and months are broken."""
    if field.kind in NUMBERS or field.kind == "figure":
        return ' class="n"'
    return ' class="s"' if field.kind == "text" else ""


def _chart(sheet: Sheet, chart: Chart, lines: Sequence[Line], told: Told) -> str:
    label, places = sheet.place(chart.label), [sheet.place(code) for code in chart.values]
    rows = [
        Bars(
            cell_text(sheet.fields[label], line, label, told.said, told.words),
            [
                Bar(cast("int", line.cells[place] or 0), cell_text(sheet.fields[place], line, place, *told))
                for place in places
            ],
        )
        for line in lines[: chart.most]
        if all(kind_of(sheet.fields[place], line.cells) in NUMBERS for place in places)
    ]
    series = [told.said.name(code) for code in chart.values]
    return bar_chart(f"chart-{sheet.code}", told.said.charts[chart.code], series, rows)
