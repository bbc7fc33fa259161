"""Numbers of documents: 1, 2, 3 for each seller and series, each taken with the document that has it, or not at all."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from chalicelib.billing.credit_ports import Numbers
from chalicelib.billing.errors import NumberTaken
from chalicelib.billing.paper_model import UNNAMED, Paper, Seller, Series
from chalicelib.kernel.writes import Write

Outcome = TypeVar("Outcome")
TRIES = 20
"""As long as others take each number before us; then the worker begins anew."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """What a document is numbered with, and the write that takes the number."""

    paper: Paper
    taking: Write


def numbered(account_id: str, series: Series, numbers: Numbers, issue: Callable[[Numbered], Outcome]) -> Outcome:
    """Issue a document under the next number, in one transaction; again under another while others take it.

    What fails has taken no number, so that none is missing.
    """
    seller, version = numbers.default_seller() or UNNAMED, buyer_version(account_id, numbers)
    for _ in range(TRIES):
        number = numbers.last_number(seller.seller_id, series) + 1
        paper = paper_of(seller, series, number, version)
        try:
            return issue(Numbered(paper, numbers.taking_number(seller.seller_id, series, number)))
        except NumberTaken:
            continue
    raise NumberTaken(series=str(series))


def buyer_version(account_id: str, numbers: Numbers) -> int:
    """In which version a document names the account's details; 0 where there are none."""
    buyer = numbers.buyer(account_id)
    return buyer.version if buyer is not None else 0


def paper_of(seller: Seller, series: Series, number: int, buyer: int) -> Paper:
    """What names a document under that number."""
    return Paper(seller.number_of(series, number), seller.seller_id, seller.version, buyer)
