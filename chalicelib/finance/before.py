"""A monitor of the month before, as this month's rows are put beside it: the rows of assets on disk, where many."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from chalicelib.finance.asset_rows import ASSET
from chalicelib.finance.monitor_model import Figures, Key, Row
from chalicelib.finance.sums_on_disk import SumsOnDisk


@dataclass(frozen=True, slots=True)
class Before:
    """Figures of assets by key, currency and product, and those of all other rows by their place."""

    others: dict[Key, Figures] = field(default_factory=dict)
    of_assets: SumsOnDisk = field(default_factory=SumsOnDisk)

    @classmethod
    def of(cls, rows: Iterable[Row]) -> "Before":
        """What the month before says."""
        found = cls()
        for row in rows:
            if row.by == ASSET:
                for figure, amount in row.figures.items():
                    found.of_assets.add((row.key, row.currency, row.texts.get("product", "")), figure, amount)
            else:
                found.others[row.place] = row.figures
        return found
