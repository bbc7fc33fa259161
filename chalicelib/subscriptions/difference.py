"""What a change, or a new version, makes dearer or cheaper."""

from dataclasses import dataclass

from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Interval


@dataclass(frozen=True, slots=True)
class Difference:
    """What an interval costs before and after, and how much more that is; negative: how much less."""

    within: Interval
    before: Money
    after: Money

    @property
    def more(self) -> Money:
        """After less before."""
        return self.after - self.before
