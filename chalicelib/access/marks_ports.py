"""What settling many accounts at once asks of the marks of those that are to be billed."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from chalicelib.kernel.time import Month


class Marks(Protocol):
    """Where it is marked that an account is to be billed for a month."""

    def adjusted_among(self, accounts: Sequence[str], month: Month) -> Mapping[str, Sequence[Month]]:
        """For each of at most 100 accounts the earlier months of which a charge was corrected in this one."""
