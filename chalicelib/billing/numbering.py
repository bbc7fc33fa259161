"""Numbers of documents: 1, 2, 3 for each seller and series, each taken with the document that has it, or not at all."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from chalicelib.billing.credit_ports import Numbers
from chalicelib.billing.errors import NumberTaken, UnknownSeller
from chalicelib.billing.paper_model import OPERATORS, UNNAMED, Paper, Seller, Series
from chalicelib.kernel.writes import Write

Outcome = TypeVar("Outcome")
TRIES = 20
"""As long as others take each number before us; then the worker begins anew."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """What a document is numbered with, and the write that takes the number."""

    paper: Paper
    taking: Write


def numbered(
    account_id: str,
    series: Series,
    numbers: Numbers,
    issue: Callable[[Numbered], Outcome],
    seller_id: str = OPERATORS,
) -> Outcome:
    """Issue a document under the seller's next number, in one transaction; again under another while others take it.

    What fails has taken no number, so that none is missing.
    """
    seller, naming = seller_of(seller_id, numbers) or UNNAMED, Naming.of(account_id, seller_id, numbers)
    for _ in range(TRIES):
        number = numbers.last_number(seller.seller_id, series) + 1
        paper = naming.paper(seller, series, number)
        try:
            return issue(Numbered(paper, numbers.taking_number(seller.seller_id, series, number)))
        except NumberTaken:
            continue
    raise NumberTaken(series=str(series))


@dataclass(frozen=True, slots=True)
class Naming:
    """How a document names its buyer, and whether a seller of its own."""

    buyer_version: int
    apart: bool

    @classmethod
    def of(cls, account_id: str, seller_id: str, numbers: Numbers) -> "Naming":
        """As they are now."""
        buyer = numbers.buyer(account_id)
        return cls(buyer.version if buyer is not None else 0, seller_id != OPERATORS)

    def paper(self, seller: Seller, series: Series, number: int) -> Paper:
        """Under a number."""
        said = seller.number_of(series, number), seller.seller_id, seller.version, self.buyer_version
        return Paper(*said, apart=self.apart)


def seller_of(seller_id: str, numbers: Numbers) -> Seller | None:
    """A seller that was named, or the one under whom bills go out; None as long as there is none of these."""
    if seller_id == OPERATORS:
        return numbers.default_seller()
    found = numbers.seller(seller_id)
    if found is None:
        raise UnknownSeller(seller_id=seller_id)
    return found
