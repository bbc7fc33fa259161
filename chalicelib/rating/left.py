"""What is left of each charge while reductions are taken off, one named step after the other."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from chalicelib.kernel.money import shares
from chalicelib.rating.amounts import money_of
from chalicelib.rating.lines import RatedLine, line_of

Covers = Callable[[RatedLine], bool]


class Left:
    """The charges and what remains of each."""

    def __init__(self, charges: Sequence[RatedLine], minor: Sequence[int] | None = None) -> None:
        self.charges = charges
        self.minor = [line.amount.minor for line in charges] if minor is None else list(minor)

    def over(self, ids: Sequence[str]) -> list[int]:
        """Which charges come from the prices."""
        return [index for index, line in enumerate(self.charges) if line.price_id in ids]

    def where(self, covers: Covers) -> list[int]:
        """Which charges the rule covers."""
        return [index for index, line in enumerate(self.charges) if covers(line)]

    def due(self, indexes: Sequence[int]) -> int:
        """What is left of them together."""
        return sum([self.minor[index] for index in indexes])

    def change(self, indexes: Sequence[int], by: int, code: str, facts: Mapping[str, str]) -> list[RatedLine]:
        """Share a change out in proportion to what is left, and say why on each line.

        A reduction falls on positive amounts; one that is given up again falls on the negative ones that caused it.
        """
        left, charges = self.minor, self.charges
        changed = list(zip(indexes, parts_of(tuple([left[index] for index in indexes]), by), strict=True))
        for index, part in changed:
            left[index] += part
        return [_reduction(charges[index], part, code, facts) for index, part in changed if part]


def changes(charges: Sequence[RatedLine], by: int, code: str, facts: Mapping[str, str]) -> list[RatedLine]:
    """As `Left.change`, where nothing came before it and nothing comes after."""
    parts = parts_of(tuple([line.amount.minor for line in charges]), by)
    return [_reduction(line, part, code, facts) for line, part in zip(charges, parts, strict=True) if part]


@lru_cache(maxsize=16_384)
def parts_of(left: tuple[int, ...], by: int) -> tuple[int, ...]:
    """A change shared out over what is left: a reduction over what is positive, one given up over what is negative.

    Rides of the same length under the same cap come up again and again, so each is worked out once.
    """
    weights = [max(0, minor) for minor in left] if by < 0 else [max(0, -minor) for minor in left]
    whole = sum(weights)
    if by == -whole:
        return tuple(-weight for weight in weights)
    return tuple(shares(by, weights)) if whole else (0,) * len(weights)


def _reduction(charge: RatedLine, part: int, code: str, facts: Mapping[str, str]) -> RatedLine:
    use_id, price_id, _, charge_class, quantity, unit, _, amount, _, _, evidence = charge
    money = money_of(part, amount.currency)
    return line_of((use_id, price_id, "reduction", charge_class, quantity, unit, None, money, code, facts, evidence))
