"""What the monitors show at the finance door: each figure with the month before beside it, and what it means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, NamedTuple

import msgspec

from chalicelib.finance.monitor_model import BEHAVIOUR, CUSTOMERS, PROFIT, Figures, Head, Row, compared, unit_of
from chalicelib.kernel.money import Money

if TYPE_CHECKING:
    from chalicelib.edge.report_words import ReportWords

Filter = Annotated[str, msgspec.Meta(max_length=200)]
_RATIOS = {
    PROFIT: (("margin_share", "margin", "revenue"),),
    CUSTOMERS: (("margin_share", "margin", "revenue"),),
    BEHAVIOUR: (("utilisation", "in_use_s", "disposal_s"), ("repeat_share", "repeat_customers", "customers")),
}
_MAY_BE_UNKNOWN = frozenset({"expected"})
_MILLION = 1_000_000


class PageOfRows(NamedTuple):
    """Some rows of a view, and whether there are more behind them."""

    view: str
    rows: list[Row]
    more: bool


class MonitorQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Which view, and which of its rows: from one on, so many, and only those that are about what is named.

    `words=false` leaves the definitions out.
    """

    by: Filter | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=200)] = 50
    after: Annotated[str, msgspec.Meta(max_length=300)] | None = None
    category: Filter | None = None
    partner: Filter | None = None
    product: Filter | None = None
    stage: Filter | None = None
    words: bool = True


class FigureShown(msgspec.Struct):
    """A figure: money in major units as text, times in whole seconds, counts. Null is what is not known."""

    now: str | int | None
    before: str | int | None


class MonitorRow(msgspec.Struct):
    """A row: what it is about, and its figures. `ratios` are fractions, null of nothing."""

    key: str
    currency: str
    about: dict[str, str]
    figures: dict[str, FigureShown]
    ratios: dict[str, str | None]


class TieShown(msgspec.Struct):
    """Two ways to the same sum, in major units; `off` is by how much they differ."""

    name: str
    currency: str
    one: str
    other: str
    off: str


class MonitorShown(msgspec.Struct):
    """A page of a view. `totals` are of the whole month by currency; `definitions` say what each figure is.

    `before` is the month beside; `next` the `after` of the next page, or null at the end.
    """

    month: str
    before: str | None
    version: int
    view: str
    items: list[MonitorRow]
    next: str | None
    totals: dict[str, dict[str, str | int]]
    ties: list[TieShown]
    stated: dict[str, str]
    definitions: dict[str, str]


def show_monitor(head: Head, version: int, found: PageOfRows, said: ReportWords | None) -> MonitorShown:
    """A page of rows."""
    rows = found.rows
    known = head.before is not None
    items = [_row(head.monitor, compared(row, known=known)) for row in rows]
    codes = sorted({code for item in items for code in (*item.figures, *item.ratios)} | _codes(head.totals.values()))
    return MonitorShown(
        month=str(head.month),
        before=str(head.before) if head.before else None,
        version=version,
        view=found.view,
        items=items,
        next=place_of(rows[-1]) if found.more and rows else None,
        totals={
            currency: {code: _shown(code, amount, currency) for code, amount in figures.items()}
            for currency, figures in head.totals.items()
        },
        ties=[
            TieShown(
                each.name,
                each.currency,
                *(_money(minor, each.currency) for minor in (each.left, each.right, each.difference)),
            )
            for each in head.ties
        ],
        stated=dict(head.basis),
        definitions={code: said.meanings[code] for code in codes if code in said.meanings} if said is not None else {},
    )


def place_of(row: Row) -> str:
    """Where a page goes on."""
    return f"{row.currency}~{row.key}"


def _codes(several: Iterable[Figures]) -> set[str]:
    return {code for figures in several for code in figures}


def _row(monitor: str, row: Row) -> MonitorRow:
    figures = {code: _figure(code, row) for code in sorted({*row.figures, *(row.before or ())})}
    ratios = {name: _ratio(row.figures, part, whole) for name, part, whole in _RATIOS.get(monitor, ())}
    known = {name: each for name, each in ratios.items() if each is not None or name == "margin_share"}
    return MonitorRow(row.key, row.currency, dict(row.texts), figures, known)


def _figure(code: str, row: Row) -> FigureShown:
    return FigureShown(*(_of_month(code, each, row.currency) for each in (row.figures, row.before)))


def _of_month(code: str, figures: Figures | None, currency: str) -> str | int | None:
    """What a month has no figure of was nothing, but for what is expected: there nobody knows."""
    if figures is None or (code in _MAY_BE_UNKNOWN and code not in figures):
        return None
    return _shown(code, figures.get(code, 0), currency)


def _shown(code: str, amount: int, currency: str) -> str | int:
    return _money(amount, currency) if unit_of(code) == "money" else amount


def _money(amount: int, currency: str) -> str:
    return str(Money(amount, currency).amount)


def _ratio(figures: Mapping[str, int], part: str, whole: str) -> str | None:
    of = figures.get(whole, 0)
    return f"{Decimal(figures.get(part, 0) * _MILLION // of).scaleb(-6):.6f}" if of > 0 else None
