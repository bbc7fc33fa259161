"""What partners have of what customers are billed: by account and month, and tax rates from a month on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from chalicelib.kernel.time import Month
from chalicelib.rating.figures import Figures, TaxRates


@dataclass(frozen=True, slots=True)
class ShareRow:
    """What an account's month came to at a partner's products, as its last proof has it.

    `posted` is what of the share was posted with the account's settlements, by product, in minor units.
    """

    partner_id: str
    month: Month
    account_id: str
    figures: Mapping[str, Figures]
    posted: Mapping[str, int]
    proof: str


@dataclass(frozen=True, slots=True)
class StatedRates:
    """The tax in prices from a month on; `rates` are percentages by scope: a product, a category, or all else.

    `by_kind` are those of what is owed or ordered beside use, where it has a rate of its own.
    """

    since: Month
    by_product: Mapping[str, Decimal]
    by_category: Mapping[str, Decimal]
    others: Decimal
    set_by: str
    set_at: datetime
    by_kind: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def rates(self) -> TaxRates:
        """As fractions."""
        return TaxRates(
            {name: percent.scaleb(-2) for name, percent in self.by_product.items()},
            {name: percent.scaleb(-2) for name, percent in self.by_category.items()},
            self.others.scaleb(-2),
            {kind: percent.scaleb(-2) for kind, percent in self.by_kind.items()},
        )
