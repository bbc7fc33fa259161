"""The report in the operator's language: as a file of an export, and as a page."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING

from chalicelib.edge.lazily import lazily
from chalicelib.finance.facts import BookFile, Column, Tally
from chalicelib.finance.monitor_files import control_totals
from chalicelib.finance.monitor_model import PROFIT
from chalicelib.finance.report import sheets_of
from chalicelib.kernel.money import Money

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from chalicelib.edge import report_page, report_words, report_workbook
    from chalicelib.edge import words as all_words
    from chalicelib.edge.report_words import ReportWords
    from chalicelib.edge.words import Words
    from chalicelib.finance.monitors import MonitorMonth, Report
    from chalicelib.finance.report import Check, Line, Sheet
    from chalicelib.kernel.time import Month
else:
    report_page = lazily("chalicelib.edge.report_page")
    report_workbook = lazily("chalicelib.edge.report_workbook")
    report_words = lazily("chalicelib.edge.report_words")
    all_words = lazily("chalicelib.edge.words")

NAME = "report.xlsx"
_CLOUD = {"cloud_sessions": "cloud_nano_minor_per_session", "cloud_events": "cloud_nano_minor_per_event"}


def report_in(language: str, checks: Iterable[Check] = ()) -> Report:
    """What makes a workbook of a month's monitors."""

    def made(found: MonitorMonth) -> BookFile:
        words, tally = all_words.Words(language), Tally()
        said = report_words.report_words(words.language)
        sheets = [replace(each, lines=partial(_counted, each.lines, tally)) for each in sheets_of(found, checks)]
        content = report_workbook.written(sheets, _heading(found, words, said), said)
        columns, totals = [_column(each, said) for each in sheets], control_totals(found.head(PROFIT))
        return BookFile(NAME, report_workbook.MEDIA_TYPE, content, tally, columns, totals)

    return made


def _heading(found: MonitorMonth, words: Words, said: ReportWords) -> report_workbook.Heading:
    after = found.month.next
    made = datetime(after.year, after.number, 1, tzinfo=UTC)
    return report_workbook.Heading(_title(found.month, words, said), " ".join(_notes(found, words, said)), made)


def _counted(lines: Callable[[], Iterable[Line]], tally: Tally) -> Iterator[Line]:
    """The rows of a sheet, each of which counts once it is written."""
    for line in lines():
        tally.rows += 1
        yield line


def _column(sheet: Sheet, said: ReportWords) -> Column:
    """Of a workbook the manifest names the sheets, each with its headings."""
    headings = ", ".join(said.name(each.code) for each in sheet.fields)
    return Column(said.sheets[sheet.code], "sheet", "", headings)


def page_of(found: MonitorMonth, words: Words, checks: Iterable[Check] = ()) -> str:
    """The report as a page."""
    said = report_words.report_words(words.language)
    title, notes = _title(found.month, words, said), _notes(found, words, said)
    page: str = report_page.report_page(sheets_of(found, checks), title, notes, report_page.Told(said, words))
    return page


def _title(month: Month, words: Words, said: ReportWords) -> str:
    return said.title.format(month=_named(month, words))


def _notes(found: MonitorMonth, words: Words, said: ReportWords) -> list[str]:
    """What stands beside each figure, and what was stated."""
    head = found.head("profit")
    beside = said.compared.format(month=_named(head.before, words)) if head.before else said.alone
    cloud = {name: _a_million(head.basis, each, words) for name, each in _CLOUD.items()}
    return [beside, said.stated.format(**head.basis, **cloud)]


def _a_million(basis: Mapping[str, str], one: str, words: Words) -> str:
    """What a million of them cost, from thousand millionths for one."""
    currency = basis["currency"]
    return words.formats.money(Money(int(basis[one]) // 1000, currency).amount, currency)


def _named(month: Month, words: Words) -> str:
    return words.formats.month(date(month.year, month.number, 1))
