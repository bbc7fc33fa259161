"""One file for each partner, from the same pass: its rows are put aside in order, and merged when all was read."""

import heapq
import json
from collections.abc import Iterator, Sequence
from typing import Any

from chalicelib.finance.columns import Cells
from chalicelib.finance.facts import AccountMonth
from chalicelib.finance.files import GZIP, Writing
from chalicelib.finance.model import Export, FileEntry
from chalicelib.finance.ports import Files, Spool
from chalicelib.finance.rows_partners import PartnerRow, Pseudonym, file_of_partner, rows_of_account, rows_of_entry
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.ledger.model import JournalEntry
from chalicelib.rating.model import OPERATOR

HELD = 20_000
"""So many rows of all partners are held at once; the rest are put aside."""


class PartnerFiles:
    """A reader that leaves a file a partner, ordered by customer: the books' own order would tell two months apart.

    Satisfies `ports.Divisible`.
    """

    def __init__(self, month: Month, pseudonym: Pseudonym, spool: Spool) -> None:
        self._month, self._pseudonym, self._spool = month, pseudonym, spool
        self._held: dict[str, list[str]] = {}
        self._size = 0

    def account(self, each: AccountMonth) -> None:
        """Its rows of an account's month."""
        for row in rows_of_account(each):
            self._take(row)

    def entry(self, entry: JournalEntry) -> None:
        """Its rows of a journal entry."""
        for row in rows_of_entry(entry):
            self._take(row)

    def _take(self, row: PartnerRow) -> None:
        """What the operator itself sells is no partner's."""
        if row.partner == OPERATOR:
            return
        customer = self._pseudonym(row.partner, self._month, row.account) if row.account else ""
        sums = row.gross.minor, row.tax.minor, row.share.minor, row.gross.currency
        self._hold(row.partner, [json.dumps([customer, row.key, row.original, *sums])])

    def kept(self) -> Iterator[Any]:
        """Partners' lines, in runs."""
        for partner, lines in self._held.items():
            for run in (*self._spool.runs(partner), lines):
                yield [partner, list(run)]

    def take(self, kept: Any) -> None:  # noqa: ANN401 -- JSON
        """A run of a partner's lines."""
        self._hold(*kept)

    def _hold(self, partner: str, lines: Sequence[str]) -> None:
        self._held.setdefault(partner, []).extend(lines)
        self._size += len(lines)
        if self._size >= HELD:
            for each, held in self._held.items():
                self._spool.spill(each, sorted(held))
            self._held = {each: [] for each in self._held}
            self._size = 0

    def write(self, export: Export, files: Files) -> Iterator[FileEntry]:
        """Store the files, by name; each can be seen, though not as an export, once it is yielded."""
        for partner in sorted(self._held):
            file = file_of_partner(partner)
            upload = files.begin(export.prefix + file.name, GZIP)
            try:
                writing = Writing(file, upload)
                writing.add(self._cells(partner))
                entry = writing.end()
                upload.finish()
            except BaseException:
                upload.abort()
                raise
            yield entry

    def _cells(self, partner: str) -> Iterator[Cells]:
        for line in heapq.merge(*self._spool.runs(partner), sorted(self._held[partner])):
            customer, key, original, gross, tax, share, currency = json.loads(line)
            amounts = (Money(minor, currency) for minor in (gross, tax, share))
            yield PartnerRow(partner, "", key, original, *amounts).cells((self._month, customer))
