"""Monitors as exports keep them: read line by line, as far as somebody wants to know."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import takewhile

from chalicelib.finance.errors import ExportNotReady
from chalicelib.finance.largest import largest
from chalicelib.finance.model import Export
from chalicelib.finance.monitor_errors import MonthBeforeNotExported, MonthNotExported
from chalicelib.finance.monitor_files import file_name, unpacked
from chalicelib.finance.monitor_model import CUSTOMER, CUSTOMERS, PROFIT, Head, Row, of_view
from chalicelib.finance.ports import Exports
from chalicelib.kernel.time import Month
from chalicelib.ledger.model import JournalEntry
from chalicelib.ledger.ports import Ledger

Fetch = Callable[[str], Iterable[bytes]]
"""The bytes of a stored file, in pieces."""


class StoredMonth:
    """The monitors of an export. Satisfies `monitors.MonitorMonth`."""

    def __init__(self, export: Export, fetch: Fetch) -> None:
        self.export, self._fetch = export, fetch

    @property
    def month(self) -> Month:
        """Which month."""
        return self.export.month

    def head(self, monitor: str) -> Head:
        """What a monitor's file says of itself."""
        return self._open(monitor)[0]

    def rows(self, monitor: str, by: str | None = None) -> Iterator[Row]:
        """A monitor's rows, from the first on. Those of customers come last, and may be a million."""
        rows = self._open(monitor)[1]
        if by is not None and monitor == CUSTOMERS and by != CUSTOMER:
            rows = takewhile(lambda row: row.by != CUSTOMER, rows)
        return of_view(rows, by)

    def largest_customers(self, most: int) -> Iterator[Row]:
        """All customers are read for them."""
        return largest(self.rows(CUSTOMERS, CUSTOMER), most)

    def opened(self, monitor: str) -> tuple[Head, Iterator[Row]]:
        """Both, from one reading."""
        return self._open(monitor)

    def _open(self, monitor: str) -> tuple[Head, Iterator[Row]]:
        return unpacked(self._fetch(self.export.prefix + file_name(monitor)))


class MonthBefore:
    """What an export finds of the month before: its newest export then. Satisfies `monitors.Earlier`.

    What is paid ahead, stages and margins to date go on from it, so that one that was closed has to have an export by
    then. Behind months that nobody has closed, it is the newest month with an export; one from before there were
    monitors says nothing.
    """

    def __init__(self, export: Export, closes: Exports, fetch: Fetch, ledger: Ledger) -> None:
        known = closes.exports(export.month.previous)
        if known and not any(_is_known(each, export) for each in known):
            raise MonthBeforeNotExported(before=str(export.month.previous))
        earlier = (each for each in closes.exports_before(export.month) if _is_known(each, export))
        found = next(filter(_has_monitors, earlier), None)
        self._export, self._ledger = export, ledger
        self._stored = StoredMonth(found, fetch) if found is not None else None

    @property
    def month(self) -> Month | None:
        """Which month it is."""
        return self._stored.month if self._stored is not None else None

    def rows(self, monitor: str) -> Iterator[Row]:
        """A monitor's rows; none of a month that has no export."""
        return self._stored.rows(monitor) if self._stored is not None else iter(())

    def posted_since(self) -> Iterator[JournalEntry]:
        """What was posted to it and to earlier months after its export, and all of those behind it, by now.

        Where there is none, all of those before this one, as far back as anything was posted.
        """
        month, until = self._export.month.previous, self._export.as_of
        before = self._stored.export if self._stored is not None else None
        while before is None or month > before.month:
            entry = None
            for entry in self._ledger.posted_to(month, None, until):
                yield entry
            if before is None and entry is None:
                return
            month = month.previous
        if before is not None:
            yield from self._ledger.posted_to(before.month, before.as_of, until)
            late = self._ledger.posted_late(before.as_of, until)
            yield from (entry for entry in late if entry.period < before.month)


def stored_month(month: Month, *, closes: Exports, fetch: Fetch) -> StoredMonth:
    """The monitors of a month's newest export that is finished; otherwise why there are none."""
    known = closes.exports(month)
    found = _newest(known)
    if found is not None:
        return StoredMonth(found, fetch)
    if any(each.ready_at is None and not each.refused for each in known):
        raise ExportNotReady(month=str(month), version=known[-1].version)
    raise MonthNotExported(month=str(month))


def _newest(known: Sequence[Export]) -> Export | None:
    """Of those that are finished; an export from before there were monitors has none."""
    ready = [each for each in known if each.ready_at is not None and _has_monitors(each)]
    return max(ready, key=lambda each: each.version, default=None)


def _is_known(each: Export, to: Export) -> bool:
    """Whether another one that is written finds it."""
    return each.ready_at is not None and each.as_of <= to.as_of


def _has_monitors(export: Export) -> bool:
    return any(each.name == file_name(PROFIT) for each in export.files)
