"""Write a month's files, each with its control totals, and the manifest last: what has no manifest is no export."""

import csv
import hashlib
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.finance.closes_ports import Closes
from chalicelib.finance.errors import ExportNotReady, UnknownExport
from chalicelib.finance.model import Export, FileEntry
from chalicelib.finance.ports import Files
from chalicelib.finance.rows import Table
from chalicelib.kernel.time import Month, format_instant
from chalicelib.kernel.writes import Commit

LINK_SECONDS = 300
MANIFEST = "manifest.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Written:
    """A file as it is stored."""

    entry: FileEntry
    content: bytes


def next_export(month: Month, known: Sequence[Export], asked_by: str, now: datetime) -> Export:
    """The version after those known."""
    return Export(month, max((each.version for each in known), default=0) + 1, now, asked_by)


def ask_export(month: Month, asked_by: str, *, closes: Closes, now: datetime, commit: Commit) -> Export:
    """Have another version of a closed month written, as things stand now. The ones before stay as they are."""
    known = closes.exports(month)
    if not known:
        raise UnknownExport(month=str(month))
    shown = max(each.close for each in known)
    export = replace(next_export(month, known, asked_by, now), close=shown)
    return commit(closes.asking(export, now), export)


def write_export(
    month: Month,
    version: int,
    *,
    tables: Callable[[Month, datetime], Sequence[Table]],
    closes: Closes,
    files: Files,
    now: datetime,
    commit: Commit,
) -> Export | None:
    """Write the files as of the instant at which they were asked for; a repeat writes the same bytes."""
    export = closes.export(month, version)
    if export is None or export.ready_at is not None:
        return export
    written = [_written(table) for table in tables(month, export.as_of)]
    for each in written:
        files.write(export.prefix + each.entry.name, each.content, "text/csv; charset=utf-8")
    ready = replace(export, ready_at=now, files=tuple(each.entry for each in written))
    files.write(export.prefix + MANIFEST, manifest(ready), "application/json")
    return commit([closes.export_ready(ready)], ready)


def file_link(month: Month, version: int, name: str, *, closes: Closes, files: Files) -> str:
    """A short-lived address of one file of a finished export."""
    export = closes.export(month, version)
    if export is None or name not in {MANIFEST, *(each.name for each in export.files)}:
        raise UnknownExport(month=str(month), version=version, name=name[:60])
    if export.ready_at is None:
        raise ExportNotReady(month=str(month), version=version)
    return files.link(export.prefix + name, LINK_SECONDS)


def manifest(export: Export) -> bytes:
    """What the export holds, for people and programs to check it by."""
    document = {
        "format": FORMAT,
        "month": str(export.month),
        "version": export.version,
        "as_of": format_instant(export.as_of),
        "close": export.close,
        "files": [
            {
                "name": each.name,
                "rows": each.rows,
                "bytes": each.size,
                "sha256": each.sha256,
                "columns": list(each.columns),
                "totals_in_minor_units": dict(sorted(each.totals.items())),
            }
            for each in export.files
        ],
    }
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def _written(table: Table) -> Written:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.columns)
    rows = 0
    for row in table.rows:
        writer.writerow(row)
        rows += 1
    content = text.getvalue().encode()
    digest = hashlib.sha256(content).hexdigest()
    return Written(FileEntry(table.name, rows, len(content), digest, table.columns, table.totals()), content)
