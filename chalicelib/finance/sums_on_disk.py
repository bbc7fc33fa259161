"""Figures by keys of which a month may have very many, as of assets: in memory while they are few, on disk beyond."""

from collections.abc import Callable, Iterator

from chalicelib.finance.monitor_model import Figures, Key
from chalicelib.finance.tallies import TalliesOnDisk

MOST_KEYS = 4_000
"""So many keys are held before all of them are put aside."""
_AMOUNTS, _CACHE_KB = 4_000, 1_000
_BETWEEN = "\x01"
"""Before every character of a name, so that keys on disk are in the order of keys in memory."""


class SumsOnDisk:
    """Adds up as `Sums` does, and gives all of it in order of key. The parts of keys hold no control characters."""

    def __init__(self, most_keys: int | None = None) -> None:
        self._most_keys = most_keys or MOST_KEYS
        self._held: dict[Key, dict[str, int]] = {}
        self._aside: TalliesOnDisk | None = None

    def add(self, key: Key, figure: str, amount: int) -> None:
        """So much more of a figure."""
        figures = self._held.get(key)
        if figures is None:
            if len(self._held) >= self._most_keys:
                self._put_aside()
            figures = self._held[key] = {}
        figures[figure] = figures.get(figure, 0) + amount

    def items(self) -> Iterator[tuple[Key, Figures]]:
        """All, in order of key. Nothing is added while they are read."""
        if self._aside is None:
            yield from sorted(self._held.items())
            return
        self._put_aside()
        for (name, _), figures in self._aside.items():
            yield tuple(name.split(_BETWEEN)), figures

    def _put_aside(self) -> None:
        if self._aside is None:
            self._aside = TalliesOnDisk(most_held=_AMOUNTS, cache_kb=_CACHE_KB)
        for key, figures in self._held.items():
            name = _BETWEEN.join(key)
            for figure, amount in figures.items():
                self._aside.add((name, ""), figure, amount)
        self._held.clear()


def following(sums: SumsOnDisk) -> Callable[[Key], Figures | None]:
    """What there is of a key; keys are asked for in their order."""
    items = sums.items()
    ahead = next(items, None)

    def of(key: Key) -> Figures | None:
        nonlocal ahead
        while ahead is not None and ahead[0] < key:
            ahead = next(items, None)
        return ahead[1] if ahead is not None and ahead[0] == key else None

    return of
