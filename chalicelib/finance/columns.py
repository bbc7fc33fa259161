"""How the cells of exported files are written: one way for each kind of value, and none that becomes a formula."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from chalicelib.finance.facts import Column
from chalicelib.kernel.money import Money, decimals_of
from chalicelib.kernel.quantity import plain
from chalicelib.kernel.time import format_instant

Cells = Sequence[object]
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "text": "words or a name; empty where there is none",
        "ids": "ids with spaces between, percent-encoded where one would be no word; empty where there is none",
        "integer": "a whole number",
        "money": "a decimal number in major units of the row's `currency`, with a dot; empty where there is none",
        "decimal": "a decimal number with a dot, without trailing zeros; empty where there is none",
        "instant": "RFC 3339 in UTC with six decimals, as in 2021-05-31T20:32:38.000000Z; empty where there is none",
    }
)
"""What stands in a cell of each kind."""
_SIGNS = r"=+\-@\uff1d\uff0b\uff0d\uff20"
"""With these a spreadsheet begins what it computes; the last four are wide, which some take for the same."""
_UNSEEN = r"\s\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
"""Spaces, controls, and what has no width. No spreadsheet is known to compute behind all of them: none is trusted."""
_COMPUTED = re.compile(f"[\\x00-\\x1f]|[{_UNSEEN}]*[{_SIGNS}]")
_COMPUTED_BEHIND = re.compile(f'(?<=;)(?=[{_UNSEEN}"]*[{_SIGNS}])')
"""Where a cell would begin for who takes semicolons for separators: to them our quotes are amid a cell, and a quote
behind a semicolon, whether it is the text's own or ours, opens or closes one."""
_PLAIN = re.compile(r"[A-Za-z0-9_][ -:<-~]*")
"""What needs no look at all: most texts. There is no semicolon in them."""
_IN_IDS = r"!-$&-:<-~"
"""All that is seen in ASCII, but for what encodes the rest, and semicolons."""
_PLAIN_ID = re.compile(f"[A-Za-z0-9_][{_IN_IDS}]*")
_PLAIN_IDS = re.compile(f"{_PLAIN_ID.pattern}(?: {_PLAIN_ID.pattern})*")
_ENCODED = re.compile(f"^[=+@-]|[^{_IN_IDS}]")
_REMEMBERED = 4096
"""Cells of a kind that are written once for all: rows that follow one another have much in common."""


def columns_of(text: str) -> tuple[Column, ...]:
    """Columns as lines of `name | kind | unit | meaning`."""
    rows = (line.split("|", 3) for line in text.splitlines() if line)
    return tuple(Column(*(each.strip() for each in row)) for row in rows)


def writers_of(columns: Iterable[Column]) -> list[Callable[[object], object]]:
    """How each column is written."""
    return [_WRITERS[column.kind] for column in columns]


def safe(text: str) -> str:
    """The text on one line, with an apostrophe wherever a spreadsheet would take what follows for a formula.

    This is the stated rule: nothing from outside begins with = + - @ or a control character, also behind what cannot be
    seen, and nothing in it does so behind a semicolon, at which spreadsheets in Danish, Dutch, Finnish, German and
    Swedish begin a cell. None of its line ends begins a row, and none of its tabs a cell: they are spaces.
    """
    if _PLAIN.fullmatch(text):
        return text
    line = text if text.isprintable() else " ".join(text.splitlines()).replace("\t", " ")
    if ";" in line:
        line = _COMPUTED_BEHIND.sub("'", line)
    return f"'{line}" if _COMPUTED.match(line) else line


class _Texts(dict[object, str]):
    """Texts as they are written; those that were last written are looked up, which is a fifth of the work."""

    def __missing__(self, cell: object) -> str:
        text = "" if cell is None else safe(str(cell))
        if type(cell) is str or cell is None:  # nothing else is equal to these and written otherwise
            if len(self) >= _REMEMBERED:
                self.clear()
            self[cell] = text
        return text


_text = _Texts().__getitem__


def id_text(name: str) -> str:
    """The id as one word that no spreadsheet computes: percent-encoded (RFC 3986) where it is none of itself.

    What is not seen in ASCII is, and so are `%`, `;` and a first = + - @: nothing else is written otherwise.
    """
    return _ENCODED.sub(_encoded, name)


def _encoded(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode())


def _ids(cell: object) -> str:
    if not isinstance(cell, (tuple, list)):
        return _text(cell)
    if len(cell) == 1:  # most, and so many that it counts
        return cell[0] if _PLAIN_ID.fullmatch(cell[0]) else id_text(cell[0])
    line = " ".join(cell)
    is_plain = _PLAIN_IDS.fullmatch(line) is not None and line.count(" ") == len(cell) - 1
    return line if is_plain else " ".join(map(id_text, cell))


def _integer(cell: object) -> object:
    return "" if cell is None else cell


def money_text(amount: Money) -> str:
    """In major units: 1250 cents are `12.50`."""
    return _in_major_units(amount.minor, amount.currency)


@lru_cache(maxsize=_REMEMBERED)
def _in_major_units(minor: int, currency: str) -> str:
    decimals = decimals_of(currency)
    if not decimals:
        return str(minor)
    whole, rest = divmod(abs(minor), 10**decimals)
    return f"{'-' if minor < 0 else ''}{whole}.{rest:0{decimals}d}"


def _money(cell: object) -> str:
    return _in_major_units(cell.minor, cell.currency) if isinstance(cell, Money) else ""


@lru_cache(maxsize=_REMEMBERED)
def _decimal(cell: object) -> str:
    return "" if cell is None else plain(cell)  # type: ignore[arg-type]  # of a decimal column


@lru_cache(maxsize=_REMEMBERED)
def _instant(cell: object) -> str:
    return "" if cell is None else format_instant(cell)  # type: ignore[arg-type]  # of an instant's column


_WRITERS: Mapping[str, Callable[[object], object]] = {
    "text": _text,
    "ids": _ids,
    "integer": _integer,
    "money": _money,
    "decimal": _decimal,
    "instant": _instant,
}
