"""What is left of each charge while reductions are taken off, one named step after the other."""

from collections.abc import Callable, Mapping, Sequence

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
        left = self.minor
        if by < 0:
            indexes = [index for index in indexes if left[index] > 0]
        else:
            indexes = [index for index in indexes if left[index] < 0] if by else []
        if not indexes:
            return []
        lines: list[RatedLine] = []
        for index, part in zip(indexes, self._parts(indexes, by), strict=True):
            if part:
                left[index] += part
                use_id, price_id, _, charge_class, quantity, unit, _, amount, _, _, evidence = self.charges[index]
                money = money_of(part, amount.currency)
                values = (charge_class, quantity, unit, None, money, code, facts, evidence)
                lines.append(line_of((use_id, price_id, "reduction", *values)))
        return lines

    def _parts(self, indexes: Sequence[int], by: int) -> list[int]:
        weights = [self.minor[index] for index in indexes]
        if by == -sum(weights):
            return [-weight for weight in weights]
        return shares(by, weights if by < 0 else [-weight for weight in weights])
