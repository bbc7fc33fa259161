"""Write an export: the month is read once, every file reads along, and the manifest comes last."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.billing.postings import TRUE_UP
from chalicelib.finance.chart import Chart
from chalicelib.finance.errors import ExportExists, VersionTaken
from chalicelib.finance.exporting import asking_again
from chalicelib.finance.facts import BookFile, Column
from chalicelib.finance.files import GZIP, FileOf, RowsOfPart, Writing
from chalicelib.finance.manifest import manifest
from chalicelib.finance.model import MANIFEST, Export, FileEntry, FinanceNotice
from chalicelib.finance.packing import Parts
from chalicelib.finance.partner_files import PartnerFiles
from chalicelib.finance.ports import Book, Books, Divisible, Exports, Files, Lookups, Reader, Reading, Spool
from chalicelib.finance.rows import SESSIONS, USAGE
from chalicelib.finance.rows_billed import ADJUSTMENTS, INVOICES, documents_file
from chalicelib.finance.rows_booked import journal_of, payments_of
from chalicelib.finance.rows_partners import PARTNERS, Pseudonym, file_of_partner
from chalicelib.finance.ties import Ties
from chalicelib.kernel.errors import Contended, Refusal, Unavailable
from chalicelib.kernel.text import read
from chalicelib.kernel.time import Month, format_instant
from chalicelib.kernel.writes import Commit
from chalicelib.ledger.model import JournalEntry

READY, REFUSED = "export_ready", "export_refused"
Source = Callable[[Export, Sequence[Divisible]], None]
"""Shows a month to readers."""
_TOGETHER = 50
"""Partners' files that are made known in one transaction."""


@dataclass(frozen=True, slots=True)
class Exporting:
    """What an export is written from and to. `chart` reads the operator's account numbers when they are needed."""

    closes: Exports
    files: Files
    reading: Reading
    lookups: Lookups
    books: Books
    chart: Callable[[], Chart]
    pseudonym: Pseudonym
    spool: Callable[[], Spool]
    zone: str
    now: datetime
    commit: Commit

    def show(self, export: Export, readers: Sequence[Divisible]) -> None:
        """Show the month to all readers, once: an account at a time, then an entry at a time."""
        for each in self.reading.accounts(export.month, export.as_of, export.settled_since):
            for reader in readers:
                reader.account(each)
        read_entries(export, self.reading, readers)


def schema(chart: Chart, lookups: Lookups) -> list[FileOf]:
    """The files of every export, in their order."""
    booked = [payments_of(lookups), journal_of(chart)]
    return [USAGE, SESSIONS, INVOICES, documents_file(lookups), ADJUSTMENTS, PARTNERS, *booked]


def write_export(month: Month, version: int, by: Exporting, source: Source | None = None) -> Export | None:
    """Write the files as of the instant at which they were asked for. A repeat writes the same bytes, or nothing.

    The `source` shows the month to readers; unless another is named, that is `by.reading`.

    What cannot be written is noted with its reason, and nothing of it is to be seen: trying again would not help. So is
    a version of whose number the bucket has another one: what was written once is never written over.
    """
    export = by.closes.export(month, version)
    if export is None or export.ready_at is not None or export.refused:
        return export
    try:
        check_free(export, by.files)
        ready, partners = _written(export, by, source or by.show)
    except (Unavailable, Contended):
        raise
    except Refusal as refusal:
        return refuse(export, refusal, by)
    for first in range(0, len(partners), _TOGETHER):
        by.commit(list(by.closes.adding_files(ready, partners[first : first + _TOGETHER])), None)
    last = [by.closes.export_ready(ready), by.closes.noticing(_notice(ready, by.now))]
    try:
        return by.commit([*last, *asking_again(ready, by.closes, by.now)], ready)
    except ExportExists:  # somebody has just asked for the month after
        return by.commit(last, ready)


def check_free(export: Export, files: Files) -> None:
    """That its number has no manifest yet, or its own, which a worker has left that died; else `VersionTaken`."""
    content = files.find(export.prefix + MANIFEST)
    if content is None:
        return
    said = read(content)
    if (said["as_of"], said["close"]) != (format_instant(export.as_of), export.close):
        raise VersionTaken(month=str(export.month), version=export.version, as_of=said["as_of"])


def refuse(export: Export, refusal: Refusal, by: Exporting) -> Export:
    """Note why it cannot be written."""
    said = {name: str(value)[:200] for name, value in refusal.facts.items()}
    refused = replace(export, refused={"code": refusal.code, **said})
    return by.commit([by.closes.export_ready(refused), by.closes.noticing(_notice(refused, by.now))], refused)


def readers_of_part(export: Export, by: Exporting, spool: Spool) -> list[Divisible]:
    """Who reads a part of an export's accounts, in the order of those that read all of it."""
    rows = [RowsOfPart(each) for each in schema(by.chart(), by.lookups)]
    return [*rows, Ties(), PartnerFiles(export.month, by.pseudonym, spool), *by.books(export)]


def _notice(export: Export, now: datetime) -> FinanceNotice:
    facts = {"month": str(export.month), "version": str(export.version), **export.refused}
    return FinanceNotice(REFUSED if export.refused else READY, f"{export.month}/{export.version}", facts, now)


def _written(export: Export, by: Exporting, source: Source) -> tuple[Export, Sequence[FileEntry]]:
    """The export with its files, and partners' files. Until the manifest is there nobody knows of any of them."""
    chart, spool = by.chart(), by.spool()
    with ExitStack() as at_end:
        at_end.callback(spool.close)
        begun = [Writing(each, by.files.begin(export.prefix + each.name, GZIP)) for each in schema(chart, by.lookups)]
        for writing in begun:
            at_end.callback(writing.upload.abort)
        ties, owners = Ties(), PartnerFiles(export.month, by.pseudonym, spool)
        books = by.books(export)
        source(export, [*begun, ties, owners, *books])
        entries = [writing.end() for writing in begun]
        for writing in begun:
            writing.upload.finish()
        partners = list(owners.write(export, by.files))
        others, columns = _left(export, books, by.files)
        ready = replace(export, ready_at=by.now, files=(*entries, *others), partners=len(partners))
        content = manifest(
            ready,
            zone=by.zone,
            schemas={**{each.file.name: each.file for each in begun}, "partners/": file_of_partner("")},
            columns=columns,
            partners=partners,
            ties=ties.ties({each.name: each.totals for each in entries}),
            accounts=ties.accounts,
            differing=ties.differing,
            numbers=chart.numbers,
        )
        by.files.write(export.prefix + MANIFEST, content, "application/json")
    return ready, partners


def read_entries(export: Export, reading: Reading, readers: Sequence[Reader]) -> None:
    """Show the month's journal to all readers, once: an entry at a time."""
    for entry in reading.entries(export.month):
        if entry.posted_at <= export.as_of or _is_of_the_close(entry):
            for reader in readers:
                reader.entry(entry)


def _is_of_the_close(entry: JournalEntry) -> bool:
    """What the first statement of a partner's month booked: the close has it made, and no export is before it."""
    return entry.kind == TRUE_UP and entry.reference.endswith(":1")


def _left(export: Export, books: Sequence[Book], files: Files) -> tuple[list[FileEntry], dict[str, Sequence[Column]]]:
    """What books have left, stored."""
    entries, columns = [], {}
    for file in (file for book in books for file in book.files()):
        entries.append(_stored(export, file, files))
        columns[file.name] = file.columns
    return entries, columns


def _stored(export: Export, file: BookFile, files: Files) -> FileEntry:
    upload = files.begin(export.prefix + file.name, file.content_type)
    try:
        parts = Parts(upload)
        for piece in file.content:
            parts.add(piece)
        digest = parts.end()
        upload.finish()
    except BaseException:
        upload.abort()
        raise
    names, tally = tuple(each.name for each in file.columns), file.tally
    plain = (tally.unpacked, tally.sha256) if tally.unpacked else (parts.size, digest)
    return FileEntry(file.name, tally.rows, parts.size, digest, names, file.totals, *plain)
