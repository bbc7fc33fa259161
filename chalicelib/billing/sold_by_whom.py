"""Who sells what of an account's month, as its bills will say it."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.billing.credit_ports import Numbers
from chalicelib.billing.numbering import seller_of
from chalicelib.billing.paper_model import OPERATORS, Seller
from chalicelib.billing.selling import Part, Selling
from chalicelib.billing.statement import Statement
from chalicelib.kernel.money import Money


@dataclass(frozen=True, slots=True)
class SellersPart:
    """A seller, what of the month it sells, and what that comes to."""

    seller: Seller
    uses: frozenset[str]
    amount: Money


def sold_by_whom(stated: Statement, selling: Selling, numbers: Numbers) -> Sequence[SellersPart]:
    """The operator's part first, then each other seller's; whom finance has not stated is not named."""
    names = {selling.of(use.tariff.settled_as, stated.month) for use in stated.uses}
    found = []
    for name in sorted(names, key=lambda each: (each != OPERATORS, each)):
        seller, own = seller_of(name, numbers), Part(name, selling).stated(stated)
        if seller is not None:
            found.append(SellersPart(seller, frozenset(use.use_id for use in own.uses), own.total))
    return found
