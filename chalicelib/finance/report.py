"""The report of a month as sheets of figures, before anybody has written them in a language or a format."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Literal, NamedTuple

from chalicelib.finance.asset_rows import asset_key
from chalicelib.finance.before import Compared
from chalicelib.finance.largest import MOST
from chalicelib.finance.monitor_model import (
    BEHAVIOUR,
    CUSTOMERS,
    MONITORS,
    OF_A_MARGIN,
    PROFIT,
    PURCHASES,
    RECOGNITION,
    Figures,
    Row,
    unit_of,
)
from chalicelib.finance.monitors import MonitorMonth

Kind = Literal["text", "word", "name", "meaning", "tie", "money", "seconds", "count", "share", "figure"]
"""How a cell is written; `figure` is as the row's first cell says."""
Cells = tuple[object, ...]
_PERMILLION = 1_000_000


class Field(NamedTuple):
    """A column: the code of its name, and how its cells are written."""

    code: str
    kind: Kind


class Line(NamedTuple):
    """A row, in a currency."""

    currency: str
    cells: Cells


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars for the first rows of a sheet: a label, and a bar for each of the columns."""

    code: str
    label: str
    values: tuple[str, ...]
    most: int = 12


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: read from the first row on, as often as it is asked for. `cut`: only the files have all of it.

    Where it `adds` up, `totals` are what its rows come to by currency, if they are not the sum of what is shown.
    """

    code: str
    fields: tuple[Field, ...]
    lines: Callable[[], Iterable[Line]]
    charts: tuple[Chart, ...] = ()
    cut: bool = False
    adds: bool = True
    totals: Callable[[], Iterable[Line]] | None = None

    def place(self, code: str) -> int:
        """Where a column is."""
        return next(number for number, field in enumerate(self.fields) if field.code == code)


class Check(NamedTuple):
    """A difference, or that there is none: two sums in minor units, what they are about, and why they differ."""

    check: str
    currency: str
    left: int
    right: int
    about: str = ""
    cause: str = ""


NOT_RECONCILED = "not_reconciled"
MOST_CUSTOMERS = MOST
"""So many are in the report, those of the largest margin first; a spreadsheet of more helps nobody."""
_NO_ASSET = asset_key("", "")
_CURRENCY = Field("currency", "text")
_SUMMARY = (*OF_A_MARGIN, "margin")
_SUMMARY_OF_USE = ("sessions", "customers", "repeat_customers", "in_use_s", "unused_s", "disposal_s", "saved")


def sheets_of(found: MonitorMonth, checks: Iterable[Check] = ()) -> list[Sheet]:
    """All sheets, in their order."""
    found, checked = Compared(found), list(checks)
    return [
        replace(_sheet("summary", "figure", _summary, found, charts=_MARGIN), adds=False),
        _sheet("vat", "vat", _vat, found),
        _sheet("journal_tax", "rate", _journal_tax, found),
        *(_revenue(found, by) for by in ("category", "product", "partner")),
        *(_profit(found, by) for by in ("category", "product", "asset")),
        _customers_sheet(found),
        _stages(found),
        _sheet("moves", "move", _moves, found),
        replace(
            _sheet("behaviour", "behaviour", _behaviour, found, charts=_NEED),
            totals=lambda: _behaviour(found, "all"),
        ),
        _sheet("purchases", "purchases", _purchases, found),
        _sheet("recognition", "recognition", _recognition, found, charts=_RECOGNISED),
        _sheet("ahead", "ahead", partial(_of_rows, monitor=RECOGNITION, by="wallet", figures=_AHEAD), found),
        replace(_sheet("billing", "billing", _billing, found), adds=False),
        _sheet("cash", "cash", partial(_of_rows, monitor=RECOGNITION, by="cash", figures=("amount",)), found),
        replace(_sheet("reconciliation", "reconciliation", partial(_reconciled, checks=checked), found), adds=False),
        Sheet("definitions", (Field("figure", "name"), Field("meaning", "meaning")), _definitions, adds=False),
    ]


_BILLED = ("posted", "invoiced", "carried")
_BILLED_BEFORE = ("before:posted", "before:invoiced", "before:carried")
_AHEAD = ("opening", "came_in", "used", "paid_back", "closing")
_EARNED = ("need", "booked", "accrued", "earlier", "revenue", "pass_opening", "pass_closing", "recognised")
_USED = ("sessions", "customers", "repeat_customers")
_TIMES = ("in_use_s", "kept_s", "grace_s", "released_s", "faulty_s", "unused_s", "disposal_s")
_VALUE = ("posted_late", "margin_to_date", "expected", "sessions", "months_used")
_DOCUMENTS = ("net", "tax", "gross", "documents")
_DOCUMENTS_BEFORE = ("before:net", "before:tax", "before:gross")
_MOVED = ("customers", "before:customers")
_MARGIN = (Chart("margin_parts", "figure", ("now",), len(OF_A_MARGIN)),)
_NEED = (Chart("need", "product", ("in_use_s", "unused_s")),)
_RECOGNISED = (Chart("recognition", "product", ("recognised", "booked", "accrued")),)


def _figures(*codes: str) -> tuple[Field, ...]:
    return tuple(Field(code, unit_of(code.removeprefix("before:"))) for code in codes)


_FIELDS: dict[str, tuple[Field, ...]] = {
    "figure": (
        Field("figure", "name"),
        _CURRENCY,
        Field("now", "figure"),
        Field("before", "figure"),
        Field("meaning", "meaning"),
    ),
    "vat": (
        Field("country", "word"),
        Field("rate", "share"),
        Field("reason", "word"),
        _CURRENCY,
        *_figures(*_DOCUMENTS, *_DOCUMENTS_BEFORE),
    ),
    "rate": (Field("country", "word"), Field("rate", "share"), _CURRENCY, *_figures("tax", "before:tax")),
    "customers": (
        Field("customer", "text"),
        Field("stage", "word"),
        Field("stage_before", "word"),
        Field("first", "text"),
        Field("last", "text"),
        _CURRENCY,
        *_figures(*OF_A_MARGIN, "margin", "before:margin", *_VALUE),
    ),
    "move": (Field("stage_before", "word"), Field("stage", "word"), _CURRENCY, *_figures(*_MOVED)),
    "behaviour": (
        Field("product", "text"),
        Field("currency", "text"),
        *_figures(*_USED),
        Field("repeat_share", "share"),
        *_figures(*_TIMES),
        Field("utilisation", "share"),
        *_figures("saved", "before:sessions"),
    ),
    "purchases": (
        Field("product", "text"),
        Field("class", "word"),
        Field("kind", "word"),
        _CURRENCY,
        *_figures("count", "amount", "before:amount"),
    ),
    "recognition": (Field("product", "text"), _CURRENCY, *_figures(*_EARNED, "before:recognised")),
    "ahead": (Field("kind", "word"), _CURRENCY, *_figures(*_AHEAD)),
    "billing": (_CURRENCY, *_figures(*_BILLED, *_BILLED_BEFORE)),
    "cash": (Field("kind", "word"), _CURRENCY, *_figures("amount", "before:amount")),
    "reconciliation": (
        Field("check", "tie"),
        Field("about", "text"),
        _CURRENCY,
        Field("left", "money"),
        Field("right", "money"),
        Field("off", "money"),
        Field("cause", "word"),
    ),
}


def _sheet(
    code: str, fields: str, lines: Callable[[MonitorMonth], Iterable[Line]], found: MonitorMonth,
    *, charts: tuple[Chart, ...] = (),
) -> Sheet:  # fmt: skip
    return Sheet(code, _FIELDS[fields], lambda: lines(found), charts)


def _get(figures: Figures | None, code: str) -> int | None:
    """Nothing where the month before is not known."""
    return None if figures is None else figures.get(code, 0)


def _values(row: Row, codes: Iterable[str]) -> Cells:
    return tuple(
        _get(row.before, code.removeprefix("before:")) if code.startswith("before:") else row.figures.get(code, 0)
        for code in codes
    )


def _part(figures: Figures, part: str, whole: str) -> int | None:
    """A share, in millionths; None of nothing, and of less."""
    of = figures.get(whole, 0)
    return figures.get(part, 0) * _PERMILLION // of if of > 0 else None


def _summary(found: MonitorMonth) -> Iterator[Line]:
    """The margin and what it is made of, and what was used; in every currency that there is."""
    rows = list(found.rows(PROFIT, "product"))
    for currency in sorted({row.currency for row in rows}):
        own = [row for row in rows if row.currency == currency]
        known = any(row.before is not None for row in own)
        for code in _SUMMARY:
            now = sum(row.figures.get(code, 0) for row in own)
            before = sum((row.before or {}).get(code, 0) for row in own) if known else None
            yield Line(currency, (code, currency, now, before, code))
    for row in found.rows(BEHAVIOUR, "all"):
        for code in _SUMMARY_OF_USE:
            currency = row.currency if unit_of(code) == "money" else ""
            yield Line(row.currency, (code, currency, row.figures.get(code, 0), _get(row.before, code), code))


def _vat(found: MonitorMonth) -> Iterator[Line]:
    for row in found.rows(RECOGNITION, "document_tax"):
        country, rate, reason = row.key.split("|")
        about = country or "not_said", _rate(rate), reason
        yield Line(row.currency, (*about, row.currency, *_values(row, (*_DOCUMENTS, *_DOCUMENTS_BEFORE))))


def _journal_tax(found: MonitorMonth) -> Iterator[Line]:
    for row in found.rows(RECOGNITION, "tax"):
        rate, country, *_ = [*row.key.split(":"), ""]
        about = country or "not_said", _rate(rate)
        yield Line(row.currency, (*about, row.currency, *_values(row, ("tax", "before:tax"))))


def _rate(text: str) -> int:
    return int(Decimal(text) * _PERMILLION)


def _of_rows(found: MonitorMonth, monitor: str, by: str, figures: Sequence[str]) -> Iterator[Line]:
    codes = figures if len(figures) > 1 else (*figures, *(f"before:{each}" for each in figures))
    for row in found.rows(monitor, by):
        yield Line(row.currency, (row.key, row.currency, *_values(row, codes)))


def _by_revenue(found: MonitorMonth, by: str, cells: Callable[[Row], Cells]) -> Iterator[Line]:
    """The largest first. Assets may be very many: of each no more is held than its cells, as text."""
    ranked = [
        (-row.figures.get("revenue", 0), row.key, row.currency, json.dumps(cells(row)))
        for row in found.rows(PROFIT, by)
    ]
    ranked.sort()
    return (
        Line(currency, ("" if key == _NO_ASSET else key, currency, *json.loads(text)))
        for _, key, currency, text in ranked
    )


def _revenue(found: MonitorMonth, by: str) -> Sheet:
    codes = ("revenue", "credits", "partner_share", "before:revenue")

    def lines() -> Iterator[Line]:
        return (line for line in _by_revenue(found, by, lambda row: _values(row, codes)) if any(line.cells[2:]))

    charts = (Chart("revenue_category", "category", ("revenue",)),) if by == "category" else ()
    return Sheet(f"revenue_{by}", (Field(by, "text"), _CURRENCY, *_figures(*codes)), lines, charts)


def _profit(found: MonitorMonth, by: str) -> Sheet:
    codes = (*OF_A_MARGIN, "margin")

    def cells(row: Row) -> Cells:
        return *_values(row, codes), _part(row.figures, "margin", "revenue"), _get(row.before, "margin")

    fields = (Field(by, "text"), _CURRENCY, *_figures(*codes), Field("margin_share", "share"))
    charts = (Chart("margin_product", "product", ("revenue", "margin")),) if by == "product" else ()
    return Sheet(f"profit_{by}", (*fields, *_figures("before:margin")), lambda: _by_revenue(found, by, cells), charts)


def _customers_sheet(found: MonitorMonth) -> Sheet:
    """Its totals are those of all customers, and of none, also where the largest alone are shown."""
    head = found.head(CUSTOMERS)

    def totals() -> Iterator[Line]:
        for currency, figures in sorted(head.totals.items()):
            known = (figures.get(code, 0) for code in (*OF_A_MARGIN, "margin"))
            to_date = (figures.get(code, 0) for code in ("posted_late", "margin_to_date"))
            value = None, *to_date, None, figures.get("sessions", 0), None
            yield Line(currency, (*[""] * 5, currency, *known, *value))

    sheet = _sheet("customers", "customers", _customers, found)
    return replace(sheet, cut=head.rows > MOST_CUSTOMERS, totals=totals)


def _customers(found: MonitorMonth) -> Iterator[Line]:
    return map(_customer, found.largest_customers(MOST_CUSTOMERS))


def _customer(row: Row) -> Line:
    codes = (*OF_A_MARGIN, "margin", "before:margin", "posted_late", "margin_to_date")
    about = (row.texts.get(name, "") for name in ("stage", "stage_before", "first", "last"))
    value = row.figures.get("expected"), *_values(row, ("sessions", "months_used"))
    return Line(row.currency, (row.key, *about, row.currency, *_values(row, codes), *value))


def _stages(found: MonitorMonth) -> Sheet:
    codes = ("customers", "before:customers", "margin", "stood", "used_again")

    def lines() -> Iterator[Line]:
        for row in found.rows(CUSTOMERS, "stage"):
            yield Line(row.currency, (row.key, row.currency, *_values(row, codes)))

    fields = (Field("stage", "word"), _CURRENCY, *_figures(*codes))
    return Sheet("stages", fields, lines, (Chart("stages", "stage", ("customers",)),))


def _moves(found: MonitorMonth) -> Iterator[Line]:
    for row in found.rows(CUSTOMERS, "move"):
        was, _, stage = row.key.partition(">")
        yield Line(row.currency, (was or "new", stage, row.currency, *_values(row, _MOVED)))


def _behaviour(found: MonitorMonth, by: str = "product") -> Iterator[Line]:
    for row in found.rows(BEHAVIOUR, by):
        repeat = _part(row.figures, "repeat_customers", "customers")
        utilisation = _part(row.figures, "in_use_s", "disposal_s")
        used, times = _values(row, _USED), _values(row, _TIMES)
        more = _values(row, ("saved", "before:sessions"))
        yield Line(row.currency, (row.key, row.currency, *used, repeat, *times, utilisation, *more))


def _purchases(found: MonitorMonth) -> Iterator[Line]:
    for row in found.rows(PURCHASES, "product"):
        about = row.texts["product"], row.texts["class"], row.texts["kind"]
        yield Line(row.currency, (*about, row.currency, *_values(row, ("count", "amount", "before:amount"))))


def _recognition(found: MonitorMonth) -> Iterator[Line]:
    for row in found.rows(RECOGNITION, "product"):
        yield Line(row.currency, (row.key, row.currency, *_values(row, (*_EARNED, "before:recognised"))))


def _billing(found: MonitorMonth) -> Iterator[Line]:
    for row in found.rows(RECOGNITION, "billing"):
        yield Line(row.currency, (row.currency, *_values(row, (*_BILLED, *_BILLED_BEFORE))))


def _reconciled(found: MonitorMonth, checks: Sequence[Check]) -> Iterator[Line]:
    """What others have compared, or that it was not yet, and how the monitors tie."""
    own = [Check(tie.name, tie.currency, tie.left, tie.right) for name in MONITORS for tie in found.head(name).ties]
    for each in (*checks, *own):
        nothing = each.check == NOT_RECONCILED
        sums = (None, None, None) if nothing else (each.left, each.right, each.left - each.right)
        yield Line(each.currency, (each.check, each.about, each.currency, *sums, each.cause))


DEFINED = (
    *OF_A_MARGIN,
    *("margin", "margin_share", "margin_to_date", "posted_late", "expected", "sessions", "months_used"),
    *("customers", "repeat_customers", "repeat_share", "stood", "used_again"),
    *(*_TIMES, "utilisation", "saved", "count", "amount"),
    *(code for code in _EARNED if code != "revenue"),
    *(*_AHEAD, *_BILLED, *_DOCUMENTS),
)
"""Every figure that stands anywhere, once."""


def _definitions() -> Iterator[Line]:
    return (Line("", (code, code)) for code in DEFINED)
