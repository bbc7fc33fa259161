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
    then. A month that nobody has closed, and an export from before there were monitors, say nothing.
    """

    def __init__(self, export: Export, closes: Exports, fetch: Fetch) -> None:
        known = closes.exports(export.month.previous)
        ready = [each for each in known if each.ready_at and each.as_of <= export.as_of]
        if known and not ready:
            raise MonthBeforeNotExported(before=str(export.month.previous))
        found = _newest(ready)
        self._stored = StoredMonth(found, fetch) if found is not None else None

    @property
    def month(self) -> Month | None:
        """Which month it is."""
        return self._stored.month if self._stored is not None else None

    def rows(self, monitor: str) -> Iterator[Row]:
        """A monitor's rows; none of a month that has no export."""
        return self._stored.rows(monitor) if self._stored is not None else iter(())


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


def _has_monitors(export: Export) -> bool:
    return any(each.name == file_name(PROFIT) for each in export.files)
