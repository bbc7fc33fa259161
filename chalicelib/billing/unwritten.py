"""A settlement that is computed and waits to be written: by itself, or together with others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.billing.credit_ports import Numbers
from chalicelib.billing.numbering import Numbered, numbered
from chalicelib.billing.paper_model import OPERATORS, Paper, Series
from chalicelib.kernel.writes import Commit, Write

if TYPE_CHECKING:
    from chalicelib.billing.settling import Settled

Made = tuple[Sequence[Write], "Settled"]
"""What writes a settlement, and what it came to."""


@dataclass(frozen=True, slots=True)
class Unwritten:
    """A settlement that waits to be written. Of the document that it has in a series, the number is not taken yet.

    `made` says, under a document's paper, what is to be written; without a document it needs none.
    """

    account_id: str
    made: Callable[[Paper | None], Made]
    series: Series | None = None
    seller_id: str = OPERATORS

    def alone(self, numbers: Numbers, commit: Commit) -> "Settled":
        """Write it by itself, under the seller's next number."""
        if self.series is None:
            writes, settled = self.made(None)
            return commit(writes, settled)

        def issue(given: Numbered) -> "Settled":
            writes, settled = self.made(given.paper)
            return commit([*writes, given.taking], settled)

        return numbered(self.account_id, self.series, numbers, issue, self.seller_id)
