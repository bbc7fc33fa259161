"""What a file of an export is made of, and the reader that writes it while a month is read."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chalicelib.finance.columns import Cells
from chalicelib.finance.facts import AccountMonth, Column
from chalicelib.finance.model import FileEntry
from chalicelib.finance.packing import Lines, Packed
from chalicelib.finance.ports import Upload
from chalicelib.ledger.model import JournalEntry

CSV = "text/csv; charset=utf-8"
GZIP = "application/gzip"


def no_rows(_each: object) -> Iterable[Cells]:
    """It says nothing of these."""
    return ()


def nothing_left() -> Iterable[Cells]:
    """It held nothing back."""
    return ()


@dataclass(frozen=True, slots=True)
class FileOf:
    """A file: its columns, which of them are summed up as control totals, and the rows that a month gives it.

    `rest` gives those rows that it held back, once all was read.
    """

    name: str
    about: str
    columns: Sequence[Column]
    sums: Mapping[str, str]
    of_account: Callable[[AccountMonth], Iterable[Cells]] = no_rows
    of_entry: Callable[[JournalEntry], Iterable[Cells]] = no_rows
    rest: Callable[[], Iterable[Cells]] = field(default=nothing_left)


class RowsOfPart:
    """A reader that makes a file's rows of a part of the accounts. Satisfies `ports.Divisible`."""

    def __init__(self, file: FileOf) -> None:
        self.file = file
        self._lines, self._texts = Lines(file.columns, file.sums), list[str]()

    def account(self, each: AccountMonth) -> None:
        """Its rows of an account's month."""
        for cells in self.file.of_account(each):
            if self._lines.add(cells):
                self._texts.append(self._lines.taken())

    def entry(self, entry: JournalEntry) -> None:
        """The journal has no parts."""
        raise NotImplementedError(entry.reference)

    def kept(self) -> Iterator[Any]:
        """The lines, and at last how many rows they are, with their sums."""
        for text in (*self._texts, self._lines.taken()):
            yield [text, 0, {}]
        yield ["", self._lines.rows, dict(self._lines.totals)]

    def take(self, kept: Any) -> None:  # noqa: ANN401 -- JSON
        """Who puts parts together writes the file."""
        raise NotImplementedError(kept)


class Writing:
    """A reader that writes one file. Satisfies `ports.Divisible`."""

    def __init__(self, file: FileOf, upload: Upload) -> None:
        self.file, self.upload = file, upload
        self._packed = Packed(file.name, file.columns, file.sums, upload)

    def account(self, each: AccountMonth) -> None:
        """Its rows of an account's month."""
        self._packed.add(self.file.of_account(each))

    def entry(self, entry: JournalEntry) -> None:
        """Its rows of a journal entry."""
        self._packed.add(self.file.of_entry(entry))

    def add(self, rows: Iterable[Cells]) -> None:
        """Rows that were made elsewhere."""
        self._packed.add(rows)

    def kept(self) -> Iterator[Any]:
        """All of it is in the file."""
        return iter(())

    def take(self, kept: Any) -> None:  # noqa: ANN401 -- JSON
        """Rows of a part."""
        self._packed.take(*kept)

    def end(self) -> FileEntry:
        """The last rows; what the manifest says of it. It is not to be seen before its upload is finished."""
        self._packed.add(self.file.rest())
        return self._packed.end()
