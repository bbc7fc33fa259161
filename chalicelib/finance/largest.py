"""The customers of the largest margin, of a million: found as their file is written, so that no row is made twice."""

import heapq
import json
from collections.abc import Iterable, Iterator

from chalicelib.finance.monitor_files import row_line, row_of_line
from chalicelib.finance.monitor_model import CUSTOMER, Row

MOST = 10_000
"""So many are found: as many as a report shows."""


class Largest:
    """Of each that may be one of the largest no more is held than its line in the file. `seen` counts all."""

    def __init__(self, most: int = MOST) -> None:
        self.most, self.seen = most, 0
        self._held: list[tuple[int, str, str, bytes]] = []

    def note(self, row: Row, line: bytes) -> None:
        """One more row, with its line; what is of no customer view does not count."""
        if row.by != CUSTOMER:
            return
        self.seen += 1
        one = (row.figures["margin"], row.key, row.currency, line)
        if len(self._held) < self.most:
            heapq.heappush(self._held, one)
        elif one > self._held[0]:
            heapq.heapreplace(self._held, one)

    def rows(self, most: int) -> Iterator[Row]:
        """The largest first."""
        return (row_of_line(json.loads(line)) for *_, line in sorted(self._held, reverse=True)[:most])


def largest(rows: Iterable[Row], most: int) -> Iterator[Row]:
    """Those of the largest margin, of which all are read."""
    found = Largest(most)
    for row in rows:
        found.note(row, row_line(row))
    return found.rows(most)
