"""Settlements of several accounts in one transaction: their documents take as many numbers, and none is missing.

So the item that all documents of a series pass is written once for a handful of accounts, and not for each.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chalicelib.billing.credit_ports import Numbers
from chalicelib.billing.errors import NumberTaken
from chalicelib.billing.numbering import TRIES, buyer_version, paper_of
from chalicelib.billing.paper_model import UNNAMED, Paper, Seller, Series
from chalicelib.billing.settling import Settled, Unwritten
from chalicelib.kernel.writes import Commit, Write

ACCOUNTS_TOGETHER = 8
"""So many accounts are read before they are written: an account's settlement has a dozen writes."""
MOST_WRITES = 96
"""Of a hundred that one act may have: two series' numbers, and some to spare."""


@dataclass(frozen=True, slots=True)
class Block:
    """What is written together: each account's writes and what they came to, and how many numbers they take."""

    writes: Sequence[Write]
    settled: Mapping[str, Settled]
    taken: Mapping[Series, int]


def write_together(found: Sequence[Unwritten], *, numbers: Numbers, commit: Commit) -> dict[str, Settled]:
    """Write as many as can be together, by account. What is not named was not written, and is to be settled by itself.

    One that cannot be written, since somebody else has settled its account meanwhile, is in its block's way: none of
    that block is written. Blocks whose numbers others take first are numbered anew.
    """
    written: dict[str, Settled] = {}
    left = list(found)
    while left:
        try:
            block = _numbered(left, numbers, commit)
        except Exception:  # noqa: BLE001 -- whatever it was, each is settled by itself, and says so
            return written
        written |= block.settled
        left = left[len(block.settled) :]
    return written


def _numbered(found: Sequence[Unwritten], numbers: Numbers, commit: Commit) -> Block:
    """The first of them that one transaction holds, written."""
    seller = numbers.default_seller() or UNNAMED
    series = sorted({each.series for each in found if each.series is not None})
    for _ in range(TRIES):
        last = {each: numbers.last_number(seller.seller_id, each) for each in series}
        block = _block(found, seller, last, numbers)
        taking = [
            numbers.taking_number(seller.seller_id, each, last[each] + count, count)
            for each, count in block.taken.items()
        ]
        try:
            return commit([*block.writes, *taking], block)
        except NumberTaken:
            continue
    raise NumberTaken(series=" ".join(series))


def _block(found: Sequence[Unwritten], seller: Seller, last: Mapping[Series, int], numbers: Numbers) -> Block:
    """As many of them as fit, in their order; the first one in any case."""
    writes: list[Write] = []
    settled: dict[str, Settled] = {}
    taken: Counter[Series] = Counter()
    for each in found:
        paper: Paper | None = None
        if each.series is not None:
            number = last[each.series] + taken[each.series] + 1
            paper = paper_of(seller, each.series, number, buyer_version(each.account_id, numbers))
        more, what = each.made(paper)
        if settled and len(writes) + len(more) > MOST_WRITES:
            break
        writes += more
        settled[each.account_id] = what
        if each.series is not None:
            taken[each.series] += 1
    return Block(writes, settled, taken)
