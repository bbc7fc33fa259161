"""The manifest: what an export holds, for people and programs to check it by. What has none is no export."""

import json
from collections.abc import Iterable, Mapping, Sequence

from chalicelib.finance.facts import Column
from chalicelib.finance.files import FileOf
from chalicelib.finance.model import Export, FileEntry
from chalicelib.finance.tie import Tie
from chalicelib.kernel.time import format_instant

FORMAT = 2


def manifest(
    export: Export,
    *,
    zone: str,
    schemas: Mapping[str, FileOf],
    columns: Mapping[str, Sequence[Column]],
    partners: Iterable[FileEntry],
    ties: Iterable[Tie],
    accounts: Mapping[str, int],
    differing: Sequence[str],
    numbers: Mapping[str, str],
) -> bytes:
    """The same export has the same bytes. `schemas` are by file, `columns` those of files that books have left."""
    document = {
        "format": FORMAT,
        "month": str(export.month),
        "version": export.version,
        "as_of": format_instant(export.as_of),
        "close": export.close,
        "restatement": export.close > 1,
        "zone": zone,
        "accounts": {name: accounts.get(name, 0) for name in ("settled", "parked", "open")},
        "accounts_that_differ": list(differing),
        "files": [_file(each, schemas.get(each.name), columns.get(each.name, ())) for each in export.files],
        "partners": [_file(each, None, ()) for each in partners],
        "partner_columns": [_column(each) for each in schemas["partners/"].columns],
        "ties": [_tie(each) for each in ties],
        "account_numbers": dict(sorted(numbers.items())),
    }
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def _file(entry: FileEntry, schema: FileOf | None, columns: Sequence[Column]) -> dict[str, object]:
    shown: dict[str, object] = {"name": entry.name}
    if schema is not None:
        shown["about"], columns = schema.about, schema.columns
    shown |= {
        "rows": entry.rows,
        "bytes": entry.size,
        "sha256": entry.sha256,
        "unpacked_bytes": entry.unpacked,
        "unpacked_sha256": entry.unpacked_sha256,
        "totals_in_minor_units": dict(sorted(entry.totals.items())),
    }
    return shown | ({"columns": [_column(each) for each in columns]} if columns else {})


def _column(column: Column) -> dict[str, str]:
    return {"name": column.name, "type": column.kind, "unit": column.unit, "meaning": column.meaning}


def _tie(tie: Tie) -> dict[str, object]:
    return {
        "name": tie.name,
        "currency": tie.currency,
        "left_minor": tie.left,
        "right_minor": tie.right,
        "difference_minor": tie.difference,
        "meaning": tie.meaning,
    }
