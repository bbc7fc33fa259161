"""Exports at the finance door: ask for one, see what there is, download it; and what finance is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec
from msgspec import structs

from chalicelib.edge.amounts import show_instant
from chalicelib.edge.call import Call
from chalicelib.edge.callers import ACT, READ, Staff
from chalicelib.edge.finance import MonthBody
from chalicelib.edge.paging import Page, PageQuery, TimeQuery, in_time, narrowed, paged, same
from chalicelib.edge.routes import NOT_YET, NOTHING, get, post
from chalicelib.finance.errors import UnknownExport
from chalicelib.finance.exporting import LINK_SECONDS, ask_export, file_link, ready_export
from chalicelib.finance.model import Export, FileEntry, FinanceNotice, place_of
from chalicelib.kernel.time import Month

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.edge.wiring_finance import BackOffice
    from chalicelib.finance.parts_model import Plan

_DIGITS = 7


class NoticeQuery(TimeQuery, forbid_unknown_fields=True, kw_only=True):
    """How much of the list, and what was told: of a kind, `since` an instant and before `until` another."""

    code: Literal["export_behind", "export_ready", "export_refused"] | None = None


class FileShown(msgspec.Struct):
    """A file of an export. The unpacked size and digest are those of what is in it."""

    name: str
    rows: int
    bytes: int
    sha256: str
    unpacked_bytes: int
    unpacked_sha256: str
    totals_minor: dict[str, int]


class ExportShown(msgspec.Struct):
    """A version of a month's files. `refused` says why it could not be written; `partners` counts their own files.

    Of one that many accounts have it says, while it is being written, in how many `parts`, and how many are read; null
    of one that has none, or of which not all are planned.
    `close` is the version of the close that it shows: a later one than the first restates the month.
    """

    month: str
    version: int
    state: str
    as_of: str
    asked_by: str
    ready_at: str | None
    files: list[FileShown]
    partners: int
    close: int
    refused: dict[str, str] | None
    parts: int | None = None
    parts_done: int = 0


class LinkShown(msgspec.Struct):
    """Where a file can be downloaded for the next few minutes."""

    href: str
    expires_in_seconds: int


class FinanceNoticeShown(msgspec.Struct):
    """What finance is told: `export_ready`, or `export_refused` with the reason among its facts.

    `export_behind` says of which account the month was settled after its newest version, as by a release: ask for
    another one, which shows that.
    """

    code: str
    about: str
    facts: dict[str, str]
    told_at: str


def show_file(each: FileEntry) -> FileShown:
    """A file; one that is not packed is what is in it."""
    plain = each.unpacked or each.size, each.unpacked_sha256 or each.sha256
    return FileShown(each.name, each.rows, each.size, each.sha256, *plain, dict(each.totals))


def show_export(export: Export) -> ExportShown:
    """An export."""
    return ExportShown(
        month=str(export.month),
        version=export.version,
        state=export.state,
        as_of=show_instant(export.as_of),
        asked_by=export.asked_by,
        ready_at=show_instant(export.ready_at) if export.ready_at else None,
        files=[show_file(each) for each in export.files],
        partners=export.partners,
        close=export.close,
        refused=dict(export.refused) or None,
    )


def show_exports(exports: list[tuple[Export, Plan | None]]) -> list[ExportShown]:
    """All versions of a month, with how far those are that are being written."""
    found = []
    for export, plan in exports:
        shown = show_export(export)
        found.append(shown if plan is None else structs.replace(shown, parts=plan.parts, parts_done=plan.done))
    return found


def show_notice(notice: FinanceNotice) -> FinanceNoticeShown:
    """A notice."""
    return FinanceNoticeShown(notice.code, notice.about, dict(notice.facts), show_instant(notice.told_at))


class ExportDesk:
    """Finance asks for exports and downloads them."""

    def __init__(self, wired: BackOffice) -> None:
        self._wired = wired

    @post("/v1/exports", takes=MonthBody, shows=show_export, status=202, needs=ACT, refuses=NOTHING)
    def ask(self, call: Call[Staff, MonthBody]) -> Export:
        """Have another version of a closed month written, as things stand now."""
        month, zone = Month.parse(call.body.month), self._wired.settings.zone
        return ask_export(month, call.caller.subject, zone, closes=self._wired.closes, now=call.now, commit=call.commit)

    @get("/v1/exports", query=PageQuery, needs=READ)
    def all_exports(self, call: Call[Staff, None]) -> Page[ExportShown]:
        """All exports by month and version."""
        rows = self._wired.closes.all_exports(limit=call.query.limit, after=call.query.after)
        return paged(rows, call.query, show_export, lambda each: f"{each.month}#{each.version:06d}")

    @get("/v1/exports/{month}", shows=show_exports, needs=READ, refuses=NOTHING)
    def of_month(self, _call: Call[Staff, None], month: str) -> list[tuple[Export, Plan | None]]:
        """All versions of a month's export."""
        found = self._wired.closes.exports(Month.parse(month))
        if not found:
            raise UnknownExport(month=month)
        return [(each, self._plan(each)) for each in found]

    def _plan(self, export: Export) -> Plan | None:
        written = export.state != "being_written"
        return None if written else self._wired.export_parts.plan(export.month, export.version)

    @get("/v1/exports/{month}/{version}/{name}", needs=READ, refuses=NOT_YET)
    def download(self, _call: Call[Staff, None], month: str, version: str, name: str) -> LinkShown:
        """A short-lived signed link to one file of an export."""
        return self._link(month, version, name)

    @get("/v1/exports/{month}/{version}/partners", query=PageQuery, needs=READ, refuses=NOT_YET)
    def of_partners(self, call: Call[Staff, None], month: str, version: str) -> Page[FileShown]:
        """Partners' own files of an export, by name."""
        closes = self._wired.closes
        export = ready_export(Month.parse(month), _number(version), closes=closes)
        rows = closes.files(export, limit=call.query.limit, after=call.query.after)
        return paged(rows, call.query, show_file, lambda each: each.name)

    @get("/v1/exports/{month}/{version}/partners/{name}", needs=READ, refuses=NOT_YET)
    def download_of_partner(self, _call: Call[Staff, None], month: str, version: str, name: str) -> LinkShown:
        """A short-lived signed link to one partner's own file of an export."""
        return self._link(month, version, f"partners/{name}")

    def _link(self, month: str, version: str, name: str) -> LinkShown:
        wired = self._wired
        href = file_link(Month.parse(month), _number(version), name, closes=wired.closes, files=wired.files)
        return LinkShown(href, LINK_SECONDS)

    @get("/v1/notices", query=NoticeQuery, needs=READ)
    def notices(self, call: Call[Staff, None]) -> Page[FinanceNoticeShown]:
        """What finance is told, the newest first: that an export is ready, or why it could not be written.

        A page may be short, or empty, and have more behind it: `next` says so.
        """
        query, closes = call.query, self._wired.closes
        return narrowed(
            query,
            lambda limit, after: closes.notices(limit=limit, after=after),
            show_notice,
            place_of,
            _told_in(query),
        )


def _told_in(query: NoticeQuery) -> Callable[[FinanceNotice], bool]:
    """Whether a notice is of the kind and from the time that are asked for."""
    within = in_time(query)
    return lambda told: within(told.told_at) and same(query, code=told.code)


def _number(version: str) -> int:
    """0, which there is none of, for what is no number."""
    return int(version) if version.isdecimal() and len(version) < _DIGITS else 0
