"""Monitors as files: lines of JSON, compressed. The first line says what the file is, each other one is a row."""

import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from chalicelib.finance.facts import Tally
from chalicelib.finance.monitor_model import Head, Row, unit_of
from chalicelib.finance.tie import Tie
from chalicelib.kernel.text import canonical, read
from chalicelib.kernel.time import Month

SCHEMA = 1
GZIP = 31
"""zlib's word for the format of gzip; it writes no time into it, so that the same rows are the same bytes."""
_PIECE = 1 << 16
Note = Callable[[Row, bytes], None]


def file_name(monitor: str) -> str:
    """Under which it stands in an export."""
    return f"{monitor}.jsonl.gz"


def control_totals(head: Head) -> dict[str, int]:
    """What its figures of money come to, by name and currency."""
    return {
        f"{figure}_{currency}": amount
        for currency, figures in head.totals.items()
        for figure, amount in figures.items()
        if unit_of(figure) == "money"
    }


def packed(head: Head, rows: Iterable[Row], tally: Tally, note: Note = lambda _row, _line: None) -> Iterator[bytes]:
    """A monitor's bytes, in pieces: a gzip file of lines, which are counted, and each noted with its row."""
    packer, held = zlib.compressobj(wbits=GZIP), bytearray()
    for number, line in enumerate(_lines(head, rows, note)):
        tally.rows = number
        held += line
        if len(held) >= _PIECE:
            tally.add(held)
            yield packer.compress(held)
            held.clear()
    tally.add(held)
    yield packer.compress(held) + packer.flush()


def unpacked(content: Iterable[bytes]) -> tuple[Head, Iterator[Row]]:
    """What the file says, with its rows as they are read."""
    lines = _split(content)
    return _head_of(read(next(lines))), map(row_of_line, map(read, lines))


def _lines(head: Head, rows: Iterable[Row], note: Note) -> Iterator[bytes]:
    yield _line(
        {
            "schema": SCHEMA,
            "monitor": head.monitor,
            "month": str(head.month),
            "before": str(head.before) if head.before else None,
            "rows": head.rows,
            "totals": {currency: dict(figures) for currency, figures in head.totals.items()},
            "ties": [[tie.name, tie.currency, tie.left, tie.right] for tie in head.ties],
            "basis": dict(head.basis),
        }
    )
    for row in rows:
        line = row_line(row)
        note(row, line)
        yield line


def row_line(row: Row) -> bytes:
    """A row as its line."""
    document: dict[str, object] = {"by": row.by, "key": row.key, "currency": row.currency, "figures": dict(row.figures)}
    if row.before is not None:
        document["before"] = dict(row.before)
    if row.texts:
        document["texts"] = dict(row.texts)
    if row.kept:
        document["kept"] = dict(row.kept)
    return _line(document)


def _line(document: object) -> bytes:
    return canonical(document) + b"\n"


def _split(content: Iterable[bytes]) -> Iterator[bytes]:
    reader, left = zlib.decompressobj(wbits=GZIP), b""
    for piece in content:
        *whole, left = (left + reader.decompress(piece)).split(b"\n")
        yield from whole
    *whole, _ = (left + reader.flush()).split(b"\n")
    yield from whole


def _head_of(document: dict[str, Any]) -> Head:
    before = document["before"]
    return Head(
        monitor=document["monitor"],
        month=Month.parse(document["month"]),
        before=Month.parse(before) if before else None,
        rows=document["rows"],
        totals=document["totals"],
        ties=tuple(Tie(*tie) for tie in document["ties"]),
        basis=document["basis"],
    )


def row_of_line(document: dict[str, Any]) -> Row:
    """The row of a line that was read."""
    names = ("before", "texts", "kept")
    more = {name: document[name] for name in names if name in document}
    return Row(document["by"], document["key"], document["currency"], document["figures"], **more)
