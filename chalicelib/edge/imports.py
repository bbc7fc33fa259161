"""Imports: many entries in one body, as JSON or CSV, each row by itself; a bad row stops no other."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any

import msgspec

from chalicelib.catalogue.model import ImportReport
from chalicelib.edge.call import convert, decode
from chalicelib.edge.columns import Column, columns_of
from chalicelib.edge.media_types import CSV
from chalicelib.edge.refusals import (
    BodyInvalid,
    BodyTooLarge,
    Malformed,
    RefusedItem,
    UnsupportedMediaType,
    refused_item,
)
from chalicelib.kernel.errors import Refusal

MOST_ROWS = 500
MOST_BYTES = 1024 * 1024
JSON = "application/json"
MEDIA_TYPES = (JSON, CSV)
_ID_LETTERS = 200
_UTF_8 = ("", "utf-8", "utf8", "us-ascii")

Row = tuple[str, Any]
"""The entry's id, and what was said of it in its own shape; or why it cannot be read."""


class ImportedRow(msgspec.Struct, omit_defaults=True):
    """What became of a row, counted from 0; of a CSV file the header is not counted."""

    row: int
    id: str
    outcome: str
    refused: RefusedItem | None = None


class Imported(msgspec.Struct):
    """What became of each row: a bad one stops no other, and sending all again is safe."""

    stored: int
    refused: int
    rows: list[ImportedRow]


def reads_rows(name: str, shape: type[Any], id_field: str) -> Callable[[bytes, Mapping[str, str]], list[Row]]:
    """Reads a body of many rows: `{name: [...]}` as JSON, or CSV whose first line names the fields."""

    def read(raw: bytes, headers: Mapping[str, str]) -> list[Row]:
        if len(raw) > MOST_BYTES:
            raise BodyTooLarge(most_bytes=MOST_BYTES)
        media_type, _, parameters = headers.get("content-type", JSON).partition(";")
        if media_type.strip().lower() == JSON:
            return _from_json(raw, name, shape, id_field)
        if media_type.strip().lower() == CSV:
            _check_charset(parameters)
            return _from_csv(raw, name, shape, id_field)
        raise UnsupportedMediaType(takes=list(MEDIA_TYPES))

    return read


def _from_json(raw: bytes, name: str, shape: type[Any], id_field: str) -> list[Row]:
    rows: list[msgspec.Raw] = getattr(decode(raw, _envelope(name)), name)
    return [_json_row(each, shape, id_field) for each in rows]


@lru_cache
def _envelope(name: str) -> type[Any]:
    rows = Annotated[list[msgspec.Raw], msgspec.Meta(min_length=1, max_length=MOST_ROWS)]
    return msgspec.defstruct("Envelope", [(name, rows)], forbid_unknown_fields=True)


def _json_row(raw: msgspec.Raw, shape: type[Any], id_field: str) -> Row:
    try:
        body = decode(bytes(raw), shape)
    except Refusal as refusal:
        return _id_in(raw, id_field), refusal
    return getattr(body, id_field), body


def _id_in(raw: msgspec.Raw, id_field: str) -> str:
    try:
        found = decode(bytes(raw), dict[str, object]).get(id_field)
    except Refusal:
        return ""
    return found[:_ID_LETTERS] if isinstance(found, str) else ""


def _check_charset(parameters: str) -> None:
    for each in parameters.split(";"):
        name, _, value = each.strip().partition("=")
        if name.lower() == "charset" and value.strip('"').lower() not in _UTF_8:
            raise UnsupportedMediaType(takes=[f"{CSV}; charset=utf-8"])


def _from_csv(raw: bytes, name: str, shape: type[Any], id_field: str) -> list[Row]:
    try:
        lines = [line for line in csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True) if line]
    except UnicodeDecodeError as error:
        raise Malformed(reason="the body is not UTF-8") from error
    except csv.Error as error:
        raise Malformed(reason=f"the body is not valid CSV: {error}") from error
    if not 1 <= len(lines) - 1 <= MOST_ROWS:
        raise BodyInvalid(reason=f"a line that names the fields, and 1 to {MOST_ROWS} rows", pointer=f"/{name}")
    columns = columns_of(lines[0], shape, id_field)
    return [_csv_row(cells, columns, shape, id_field) for cells in lines[1:]]


def _csv_row(cells: Sequence[str], columns: Sequence[Column], shape: type[Any], id_field: str) -> Row:
    given = {column.name: cell for column, cell in zip(columns, cells, strict=False)}
    entry_id = given.get(id_field, "")[:_ID_LETTERS]
    try:
        if len(cells) != len(columns):
            raise BodyInvalid(pointer="", reason=f"{len(cells)} cells, where the first line has {len(columns)}")
        members: dict[str, Any] = {}
        for column, cell in zip(columns, cells, strict=True):
            column.put(members, cell)
        return entry_id, convert(members, shape)
    except Refusal as refusal:
        return entry_id, refusal


def storing(rows: Sequence[Row], store: Callable[[Any], object]) -> Iterator[tuple[str, Callable[[], object]]]:
    """Each row with what is to be done with it: stored, or refused as it could not be read."""
    for entry_id, body in rows:
        yield entry_id, _refusing(body) if isinstance(body, Refusal) else _storing(store, body)


def _refusing(refusal: Refusal) -> Callable[[], object]:
    def refuse() -> object:
        raise refusal

    return refuse


def _storing(store: Callable[[Any], object], body: object) -> Callable[[], object]:
    return lambda: store(body)


def show_import(reports: Sequence[ImportReport]) -> Imported:
    """The report of an import."""
    rows = [_imported(each) for each in reports]
    refused = sum(row.refused is not None for row in rows)
    return Imported(len(rows) - refused, refused, rows)


def _imported(report: ImportReport) -> ImportedRow:
    if isinstance(report.error, Refusal):
        return ImportedRow(report.row, report.entry_id, "refused", refused_item(report.error))
    return ImportedRow(report.row, report.entry_id, "stored")
