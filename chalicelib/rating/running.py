"""What a rating has counted so far, so that one that goes on session by session sums to one done at once."""

from collections import defaultdict
from decimal import Decimal

from chalicelib.rating.amounts import NOTHING

Key = tuple[str, str, str]
"""Tariff id, the id of the price, cap or other rule, and the period. Versions of a tariff count together."""

_NOTHING_YET = (0, 0)


class Running:
    """Totals by rule and period while uses are rated in their settling order."""

    def __init__(self) -> None:
        self._counted: dict[Key, Decimal] = {}
        self._marked: set[Key] = set()
        self.charged: defaultdict[Key, int] = defaultdict(int)
        self._under: dict[Key, tuple[int, int]] = {}
        self._kept: dict[tuple[str, str], int] = {}

    def copy(self) -> "Running":
        """A rating that goes on from here and leaves this one as it is."""
        other = Running()
        other._counted.update(self._counted)
        other._marked.update(self._marked)
        other.charged.update(self.charged)
        other._under.update(self._under)
        other._kept.update(self._kept)
        return other

    def total(self, key: Key) -> Decimal:
        """What has been counted so far."""
        return self._counted.get(key, NOTHING)

    def count(self, key: Key, quantity: Decimal) -> tuple[Decimal, Decimal, bool]:
        """Add to a total: what it was, what it is now, and whether this is the first to be counted."""
        first = key not in self._counted
        before = NOTHING if first else self._counted[key]
        after = self._counted[key] = before + quantity
        return before, after, first

    def raise_to(self, key: Key, quantity: Decimal) -> tuple[Decimal, Decimal]:
        """Keep the largest: what it was, and what it is now."""
        before = self._counted.get(key, NOTHING)
        after = self._counted[key] = max(before, quantity)
        return before, after

    def first(self, key: Key) -> bool:
        """Whether this is the first time that the key is seen; the next time it is not."""
        if key in self._marked:
            return False
        self._marked.add(key)
        return True

    def paid_before(self, key: Key, minor: int) -> None:
        """Begin with what was paid under a limit in earlier periods."""
        self._under[key] = (minor, minor)

    def below(self, key: Key, limit: int, due: int) -> tuple[int, int]:
        """What was paid before under a limit per key, and how much of `due` is paid now, in minor units.

        A negative amount (a larger volume made earlier units cheaper) gives back only what had been paid, in whichever
        period of the rule that was.
        """
        charged, before = self._under.get(key, _NOTHING_YET)
        charged += due
        rule = key[:2]
        kept = self._kept.get(rule, 0)
        if due < 0:
            now = max(min(0, charged - before), -kept)
        elif before + due <= limit:
            now = due
        else:
            now = limit - before if before < limit else 0
        self._under[key] = (charged, before + now)
        self._kept[rule] = kept + now
        return before, now
