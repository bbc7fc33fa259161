"""What a product asks of its customers before a start: what they have to show, agree to, and what is held."""

import re
from dataclasses import dataclass
from decimal import Decimal

from chalicelib.catalogue.checking import check, check_count
from chalicelib.kernel.money import Money
from chalicelib.kernel.requirement import HOW, LINK, is_requirement

_CONSENT = re.compile(r"[a-z][a-z0-9_]{0,31}:[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
_MOST = 10
_ALL = Decimal(1)
_SHARE_PLACES = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Hold:
    """What is held on a customer's card while a thing is out: an amount, or a share of the quote's worst case."""

    amount: Money | None = None
    share: Decimal | None = None

    def __post_init__(self) -> None:
        check("policy/hold", holds=(self.amount is None) != (self.share is None), reason="an amount or a share")
        if self.amount is not None:
            check("policy/hold/amount", holds=self.amount.minor > 0, reason="above zero")
        if self.share is not None:
            fits = (
                self.share.is_finite() and 0 < self.share <= _ALL and self.share == self.share.quantize(_SHARE_PLACES)
            )
            check("policy/hold/share", holds=fits, reason="above 0, at most 1, with four decimals at most")

    def of(self, worst_case: Money) -> Money:
        """What is held for a quote of that worst case; a share is rounded half up to the minor unit."""
        if self.amount is not None:
            return self.amount
        return Money.rounded(worst_case.amount * (self.share or _ALL), worst_case.currency)


def check_required(field: str, required: tuple[str, ...]) -> None:
    """What customers have to show, each once."""
    check_count(field, required, _MOST)
    for each in required:
        check(field, holds=is_requirement(each), reason=HOW)
    check(field, holds=len(set(required)) == len(required), reason="each once")


def check_consents(field: str, consents: tuple[str, ...]) -> None:
    """What customers have to agree to: a purpose and the version of its text, each purpose once; never a link."""
    check_count(field, consents, _MOST)
    for each in consents:
        check(field, holds=bool(_CONSENT.fullmatch(each)), reason="a purpose and a version, as in position:2021-05")
    purposes = {each.partition(":")[0] for each in consents}
    check(field, holds=len(purposes) == len(consents), reason="each purpose once")
    check(field, holds=LINK not in purposes, reason="nobody has to be known again for a start")
