"""Ask for exports, and where their files are. What has no manifest is no export; one that is written never changes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.finance.closes_model import check_ended
from chalicelib.finance.errors import ExportNotReady, ExportRefused, NotClosed, UnknownExport
from chalicelib.finance.model import MANIFEST, Export, FinanceNotice
from chalicelib.finance.monitor_errors import MonthBeforeNotExported
from chalicelib.finance.ports import Exports, Files
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Commit, Write

LINK_SECONDS = 300
BEHIND = "export_behind"
"""What finance is told of a month that was settled once more since its newest export."""


def next_export(month: Month, known: Sequence[Export], asked_by: str, now: datetime) -> Export:
    """The version after those known."""
    return Export(month, max((each.version for each in known), default=0) + 1, now, asked_by)


def ask_export(month: Month, asked_by: str, zone: str, *, closes: Exports, now: datetime, commit: Commit) -> Export:
    """Have another version of a closed month written, as things stand now. The ones before stay as they are."""
    check_ended(month, zone, now)
    known = closes.exports(month)
    if not known:
        raise NotClosed(month=str(month))
    shown = max(each.close for each in known)
    export = replace(next_export(month, known, asked_by, now), close=shown)
    return commit(closes.asking(export, now), export)


def asking_again(ready: Export, closes: Exports, now: datetime) -> Sequence[Write]:
    """Have the month after written too, if its newest version was refused since this month had no export yet."""
    known = closes.exports(ready.month.next)
    newest = max(known, key=lambda each: each.version, default=None)
    if newest is None or newest.refused.get("code") != MonthBeforeNotExported().code:
        return ()
    again = next_export(newest.month, known, newest.asked_by, now)
    return closes.asking(replace(again, close=newest.close, settled_since=newest.settled_since), now)


def telling_behind(month: Month, account_id: str, settled_at: datetime, *, closes: Exports) -> Sequence[Write]:
    """Tell finance, once, that an account's month was settled after its newest export: another version shows that."""
    newest = max(
        (each for each in closes.exports(month) if not each.refused), key=lambda each: each.version, default=None
    )
    if newest is None or newest.as_of >= settled_at:
        return ()
    facts = {"month": str(month), "version": str(newest.version), "account_id": account_id}
    about = f"{month}/{newest.version}/{account_id}"
    return [closes.noticing(FinanceNotice(BEHIND, about, facts, settled_at))]


def ready_export(month: Month, version: int, *, closes: Exports) -> Export:
    """A version that can be read; otherwise why not."""
    export = closes.export(month, version)
    if export is None:
        raise UnknownExport(month=str(month), version=version)
    if export.refused:
        raise ExportRefused(**{**export.refused, "month": str(month), "version": version})
    if export.ready_at is None:
        raise ExportNotReady(month=str(month), version=version)
    return export


def file_link(month: Month, version: int, name: str, *, closes: Exports, files: Files) -> str:
    """A short-lived address of one file of a finished export."""
    export = ready_export(month, version, closes=closes)
    known = name in {MANIFEST, *(each.name for each in export.files)}
    if not known and (not name.startswith("partners/") or closes.file(export, name) is None):
        raise UnknownExport(month=str(month), version=version, name=name[:80])
    return files.link(export.prefix + name, LINK_SECONDS)
