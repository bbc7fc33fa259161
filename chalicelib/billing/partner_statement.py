"""A partner's month: what customers were billed at its products, and its share of that."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.kernel.time import Month
from chalicelib.rating.figures import Figures
from chalicelib.rating.share import ShareLine, total_of


@dataclass(frozen=True, slots=True)
class PartnerStatement:
    """As it was stated last. Minor units.

    `posted` is what settlements posted of the share, by product, and `trued_up` what statements posted beside: what
    goes by the month as a whole (tiers, minimum, the one rounding). Both together are the `lines`. `proof` is the
    number, in the partner's chain, of the proof that holds all of it.
    """

    partner_id: str
    month: Month
    currency: str
    version: int
    figures: Mapping[str, Figures]
    lines: tuple[ShareLine, ...]
    posted: Mapping[str, int]
    trued_up: Mapping[str, int]
    bills: int
    proof: int
    digest: str
    stated_at: datetime
    first_stated_at: datetime

    def proven(self, proof: int, digest: str) -> "PartnerStatement":
        """With the link that proves it."""
        return replace(self, proof=proof, digest=digest)

    @property
    def total(self) -> int:
        """The share."""
        return total_of(self.lines)
