"""Bars as SVG, drawn by attributes alone: each under its title, and with a text that says what can be seen."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

COLOURS = ("#1B4F8A", "#B4530A", "#2E6B34")
"""Each has a contrast of more than 4.5 to 1 on white."""
INK = "#1A1A1A"
_WIDTH, _LABELS, _VALUES, _BAR, _GAP, _TOP = 720, 190, 110, 16, 10, 30
"""The title stands in what is left free at the top."""
_LETTERS = 26
_LEGEND = 26


class Bar(NamedTuple):
    """A value as a whole number, which is how long it is drawn, and as text."""

    size: int
    text: str


class Bars(NamedTuple):
    """What stands at the side, and a bar for each series."""

    label: str
    bars: Sequence[Bar]


def bar_chart(name: str, title: str, series: Sequence[str], rows: Sequence[Bars]) -> str:
    """Bars to the right of nothing, or to the left of it. `name` makes its ids unique in the page."""
    most = max((bar.size for row in rows for bar in row.bars), default=0)
    least = min((bar.size for row in rows for bar in row.bars), default=0)
    low, high = min(0, least), max(0, most)
    legend = _LEGEND if len(series) > 1 else 0
    height = _TOP + len(rows) * (len(series) * _BAR + _GAP) + legend
    parts = [
        f'<svg role="img" aria-labelledby="{name}-title {name}-desc" viewBox="0 0 {_WIDTH} {height}"',
        f' width="{_WIDTH}" height="{height}" font-family="sans-serif" font-size="12" fill="{INK}">',
        f'<title id="{name}-title">{escape(title)}</title>',
        f'<desc id="{name}-desc">{escape(_told(series, rows))}</desc>',
        f'<rect width="{_WIDTH}" height="{height}" fill="#FFFFFF"/>',
        f'<text x="{_LABELS}" y="{_TOP // 2}" font-weight="bold">{escape(title)}</text>',
    ]
    start = _LABELS + (_VALUES if low < 0 else 0)
    scale = (start, low, high, _WIDTH - start - _VALUES)
    for number, row in enumerate(rows):
        top = _TOP + number * (len(series) * _BAR + _GAP)
        middle = top + len(series) * _BAR // 2 + 4
        parts.append(f'<text x="{_LABELS - 10}" y="{middle}" text-anchor="end">{escape(_short(row.label))}</text>')
        for place, bar in enumerate(row.bars):
            parts += _bar(bar, top + place * _BAR, COLOURS[place % len(COLOURS)], scale)
    zero = _x(0, *scale)
    parts.append(f'<line x1="{zero}" y1="{_TOP - _GAP // 2}" x2="{zero}" y2="{height - legend}" stroke="{INK}"/>')
    parts += _legend(series, height) if legend else ()
    return "".join([*parts, "</svg>"])


def _bar(bar: Bar, top: int, colour: str, scale: tuple[int, int, int, int]) -> Iterator[str]:
    """The bar, and its text at its end."""
    zero, end = _x(0, *scale), _x(bar.size, *scale)
    left, width = min(zero, end), abs(end - zero)
    yield f'<rect x="{left}" y="{top}" width="{width}" height="{_BAR - 2}" fill="{colour}"/>'
    place, anchor = (end + 5, "start") if bar.size >= 0 else (end - 5, "end")
    yield f'<text x="{place}" y="{top + _BAR - 5}" text-anchor="{anchor}">{escape(bar.text)}</text>'


def _x(size: int, start: int, low: int, high: int, span: int) -> int:
    """Where a value ends; there is room for a text behind it."""
    return start + (span * (size - low) // (high - low) if high > low else 0)


def _legend(series: Sequence[str], height: int) -> Iterator[str]:
    for number, name in enumerate(series):
        left, top = _LABELS + number * 170, height - _BAR
        yield f'<rect x="{left}" y="{top}" width="12" height="12" fill="{COLOURS[number % len(COLOURS)]}"/>'
        yield f'<text x="{left + 18}" y="{top + 11}">{escape(name)}</text>'


def _short(label: str) -> str:
    """The end of a long one: an id begins with its partner's, and many begin alike."""
    return label if len(label) <= _LETTERS else f"\N{HORIZONTAL ELLIPSIS}{label[1 - _LETTERS :]}"


def _told(series: Sequence[str], rows: Sequence[Bars]) -> str:
    """The chart in words."""
    told = []
    for row in rows:
        values = ", ".join(f"{name} {bar.text}" for name, bar in zip(series, row.bars, strict=True))
        told.append(f"{row.label}: {values}")
    return "; ".join(told)
