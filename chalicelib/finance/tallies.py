"""Figures by account of a month that may have a million of them: in memory for a few, on disk for the rest."""

import sqlite3
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Protocol

Who = tuple[str, str]
"""An account and a currency."""
MOST_HELD, CACHE_KB = 20_000, 8_000
_ADD = "INSERT INTO tally VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET amount = amount + excluded.amount"
_TABLE = "CREATE TABLE tally (account TEXT, currency TEXT, figure TEXT, amount INTEGER,"
_KEYED = " PRIMARY KEY (account, currency, figure)) WITHOUT ROWID"
_ALL = "SELECT account, currency, figure, amount FROM tally ORDER BY account, currency, figure"


class Tallies(Protocol):
    """Where figures are added up."""

    def add(self, who: Who, figure: str, amount: int) -> None:
        """So much more of a figure."""

    def items(self) -> Iterator[tuple[Who, dict[str, int]]]:
        """All, in order of account and currency."""


class TalliesOnDisk:
    """Satisfies `Tallies` with a table in a temporary file of SQLite's, which is gone when nobody holds it any more.

    So many amounts are held before they are written together; what is in memory does not grow with accounts. One thread
    uses it at a time, whichever.
    """

    def __init__(self, path: str = "", most_held: int = MOST_HELD, cache_kb: int = CACHE_KB) -> None:
        self._held: dict[tuple[str, str, str], int] = {}
        self._most_held = most_held
        self._table = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for setting in ("journal_mode = OFF", "synchronous = OFF", "temp_store = FILE", f"cache_size = -{cache_kb}"):
            self._table.execute(f"PRAGMA {setting}")
        self._table.execute(_TABLE + _KEYED)

    def add(self, who: Who, figure: str, amount: int) -> None:
        """Held for now."""
        key = (*who, figure)
        self._held[key] = self._held.get(key, 0) + amount
        if len(self._held) >= self._most_held:
            self._write()

    def items(self) -> Iterator[tuple[Who, dict[str, int]]]:
        """Read in order, as they are asked for."""
        self._write()
        for who, rows in groupby(self._table.execute(_ALL), key=itemgetter(0, 1)):
            yield who, {figure: amount for _, _, figure, amount in rows}

    def close(self) -> None:
        """Drop all of it."""
        self._table.close()

    def __del__(self) -> None:
        self.close()

    def _write(self) -> None:
        self._table.execute("BEGIN")
        self._table.executemany(_ADD, [(*key, amount) for key, amount in sorted(self._held.items())])
        self._table.execute("COMMIT")
        self._held.clear()
