"""What a rating has counted so far, so that one that goes on session by session sums to one done at once."""

from collections import defaultdict
from decimal import Decimal

from chalicelib.rating.amounts import NOTHING

Rule = tuple[str, str]
"""Tariff id, and the id of the price, cap or other rule. Versions of a tariff count together."""
Key = tuple[str, str, str]
"""The same with the period."""

_NOTHING_YET = (0, 0)


class Running:
    """Totals by rule and period while uses are rated in their settling order."""

    def __init__(self) -> None:
        self._counted: dict[Key, Decimal] = {}
        self._marked: set[Key] = set()
        self.charged: defaultdict[Key, int] = defaultdict(int)
        self._under: dict[Rule, dict[str, tuple[int, int]]] = {}
        self._earlier: dict[Rule, int] = {}

    def copy(self) -> "Running":
        """A rating that goes on from here and leaves this one as it is."""
        other = Running()
        other._counted.update(self._counted)
        other._marked.update(self._marked)
        other.charged.update(self.charged)
        other._under.update({rule: dict(paid) for rule, paid in self._under.items()})
        other._earlier.update(self._earlier)
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

    def paid_before(self, rule: Rule, period: str, minor: int) -> None:
        """Begin with what was paid under a limit in earlier periods; none of that is given back."""
        self._under[rule] = {period: (minor, minor)}
        self._earlier[rule] = minor

    def below(self, rule: Rule, period: str, limit: int, due: int) -> tuple[int, int]:
        """What was paid before under a limit per period, and how much of `due` is paid now, in minor units.

        A negative amount (a larger volume made earlier units cheaper) gives back only what had been paid, in whichever
        period of the rule that was.
        """
        paid = self._under.get(rule)
        if paid is None:
            paid = self._under[rule] = {}
        charged, before = paid.get(period, _NOTHING_YET)
        charged += due
        if due < 0:
            kept = sum(each for _, each in paid.values()) - self._earlier.get(rule, 0)
            now = max(min(0, charged - before), -kept)
        elif before + due <= limit:
            now = due
        else:
            now = limit - before if before < limit else 0
        paid[period] = (charged, before + now)
        return before, now
