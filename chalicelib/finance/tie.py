"""Two ways to the same sum."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tie:
    """Two sums that are the same in books that are right. Minor units; what they differ by is shown, never hidden."""

    name: str
    currency: str
    left: int
    right: int
    meaning: str = ""

    @property
    def difference(self) -> int:
        """Nothing, in books that are right."""
        return self.left - self.right
