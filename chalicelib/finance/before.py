"""A monitor of the month before, as this month's rows are put beside it: the rows of assets on disk, where many."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chalicelib.finance.asset_rows import ASSET
from chalicelib.finance.monitor_model import PROFIT, Figures, Head, Key, Row, compared
from chalicelib.finance.sums_on_disk import SumsOnDisk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from chalicelib.finance.monitors import MonitorMonth
    from chalicelib.kernel.time import Month


@dataclass(frozen=True, slots=True)
class Before:
    """Figures of assets by key, currency and product, and those of all other rows by place, with what they kept."""

    others: dict[Key, Figures] = field(default_factory=dict)
    of_assets: SumsOnDisk = field(default_factory=SumsOnDisk)
    kept: dict[Key, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[Row]) -> Before:
        """What the month before says."""
        found = cls()
        for row in rows:
            if row.by == ASSET:
                for figure, amount in row.figures.items():
                    found.of_assets.add((row.key, row.currency, row.texts.get("product", "")), figure, amount)
            else:
                found.others[row.place] = row.figures
                if row.kept:
                    found.kept[row.place] = row.kept
        return found


class Compared:
    """A month's monitors, with the month before beside each row. Satisfies `monitors.MonitorMonth`."""

    def __init__(self, found: MonitorMonth) -> None:
        self._found, self._known = found, found.head(PROFIT).before is not None

    @property
    def month(self) -> Month:
        """Which month."""
        return self._found.month

    def head(self, monitor: str) -> Head:
        """What a monitor's file says of itself."""
        return self._found.head(monitor)

    def rows(self, monitor: str, by: str | None = None) -> Iterator[Row]:
        """A monitor's rows, from the first on."""
        return (compared(row, known=self._known) for row in self._found.rows(monitor, by))

    def largest_customers(self, most: int) -> Iterator[Row]:
        """The rows of the customers of the largest margin."""
        return (compared(row, known=self._known) for row in self._found.largest_customers(most))
