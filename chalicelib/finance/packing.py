"""A file of rows on its way out: CSV, packed, in parts of five megabytes, of which it holds no more than one."""

import csv
import hashlib
import io
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from operator import call

from chalicelib.finance.columns import Cells, writers_of
from chalicelib.finance.facts import Column
from chalicelib.finance.model import FileEntry
from chalicelib.finance.ports import Upload
from chalicelib.kernel.money import Money

PART = 5 * 1024 * 1024
"""Bytes of a part: the store takes none smaller but the last, and ten thousand of a file. Each file holds one."""
_TEXT = 64 * 1024
"""So much text is packed at once."""
_LEVEL = 6
_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
"""Gzip's, with neither name nor instant nor system: the same rows give the same bytes."""


class Parts:
    """Bytes that go out in parts, with their digest and number."""

    def __init__(self, upload: Upload) -> None:
        self._upload, self._held, self._size = upload, list[bytes](), 0
        self._digest, self.size = hashlib.sha256(), 0

    def add(self, piece: bytes) -> None:
        """Some more; a part goes out once it is whole."""
        self._digest.update(piece)
        self.size += len(piece)
        while self._size + len(piece) >= PART:
            cut = PART - self._size
            self._held.append(piece[:cut])
            self._upload.part(b"".join(self._held))
            self._held, self._size, piece = [], 0, piece[cut:]
        if piece:
            self._held.append(piece)
            self._size += len(piece)

    @property
    def held(self) -> int:
        """Bytes that have not gone out yet."""
        return self._size

    def end(self) -> str:
        """The rest goes out; the digest of all. It is not to be seen before the upload is finished."""
        self._upload.last(b"".join(self._held))
        self._held = []
        return self._digest.hexdigest()


class Lines:
    """Rows as lines of CSV, counted and summed up. `sums` names the money columns that are, as `total: column`."""

    def __init__(self, columns: Sequence[Column], sums: Mapping[str, str]) -> None:
        self.names = [each.name for each in columns]
        self._writers = writers_of(columns)
        self._sums = [(total, self.names.index(column)) for total, column in sums.items()]
        self._text = io.StringIO(newline="")
        self.csv = csv.writer(self._text, lineterminator="\n")
        self.rows, self.totals = 0, Counter[str]()

    def add(self, cells: Cells) -> bool:
        """One more row; whether the text is long by now."""
        if len(cells) != len(self._writers):
            raise ValueError(f"{len(cells)} cells of {len(self._writers)}")
        self.csv.writerow(map(call, self._writers, cells))
        self.rows += 1
        for total, place in self._sums:
            amount = cells[place]
            if isinstance(amount, Money):
                self.totals[f"{total}_{amount.currency}"] += amount.minor
        return self.size > _TEXT

    @property
    def size(self) -> int:
        """How long the text is."""
        return self._text.tell()

    def taken(self) -> str:
        """The text, which it has no more."""
        text = self._text.getvalue()
        self._text.seek(0)
        self._text.truncate()
        return text


class Packed:
    """Rows that become a file. `sums` names the money columns whose sums are control totals, as `total: column`."""

    def __init__(self, name: str, columns: Sequence[Column], sums: Mapping[str, str], upload: Upload) -> None:
        self._name = name
        self._parts, self._deflate = Parts(upload), zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        self._crc, self._unpacked, self._plain = 0, 0, hashlib.sha256()
        self._lines = Lines(columns, sums)
        self._parts.add(_HEADER)
        self._lines.csv.writerow(self._lines.names)

    def add(self, rows: Iterable[Cells]) -> None:
        """More rows."""
        for cells in rows:
            if self._lines.add(cells):
                self._pack(self._lines.taken())

    def take(self, text: str, rows: int, totals: Mapping[str, int]) -> None:
        """Rows that were made elsewhere, as lines."""
        self._pack(self._lines.taken() + text)
        self._lines.rows += rows
        self._lines.totals.update(totals)

    @property
    def held(self) -> int:
        """Bytes that have not gone out yet."""
        return self._parts.held + self._lines.size

    @property
    def totals(self) -> Mapping[str, int]:
        """The control totals so far, in minor units by name and currency."""
        return dict(sorted(self._lines.totals.items()))

    def end(self) -> FileEntry:
        """The last part goes out; what the manifest says of the file."""
        self._pack(self._lines.taken())
        self._parts.add(self._deflate.flush())
        self._parts.add(self._crc.to_bytes(4, "little") + (self._unpacked & 0xFFFFFFFF).to_bytes(4, "little"))
        digest = self._parts.end()
        plain = self._unpacked, self._plain.hexdigest()
        names = tuple(self._lines.names)
        return FileEntry(self._name, self._lines.rows, self._parts.size, digest, names, self.totals, *plain)

    def _pack(self, lines: str) -> None:
        text = lines.encode()
        self._crc = zlib.crc32(text, self._crc)
        self._unpacked += len(text)
        self._plain.update(text)
        self._parts.add(self._deflate.compress(text))
