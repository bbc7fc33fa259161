"""Settlements of several accounts in one transaction: their documents take as many numbers, and none is missing.

So the item that all documents of a series pass is written once for a handful of accounts, and not for each, and so are
what their entries in the ledger sum up to, that their invoices were issued, and that these are to be collected.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from chalicelib.billing.credit_ports import Numbers
from chalicelib.billing.errors import NumberTaken
from chalicelib.billing.numbering import TRIES, Naming, seller_of
from chalicelib.billing.paper_model import UNNAMED, Seller, Series
from chalicelib.billing.settling import Settled
from chalicelib.billing.unwritten import Unwritten
from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.writes import Commit, Together, Write

MOST_WRITES = 96
"""Of a hundred that one act may have: the numbers of some series."""

Run = tuple[str, Series]
"""A seller's series: its numbers run from 1 on."""


@dataclass(frozen=True, slots=True)
class Block:
    """What is written together: each account's writes and what they came to, and how many numbers they take.

    `accounts` is how many there are, whether they could be written or not.
    """

    accounts: int
    writes: Sequence[Write]
    settled: Mapping[str, Settled]
    taken: Mapping[Run, int]


def write_together(
    found: Sequence[Unwritten], *, numbers: Numbers, together: Together, commit: Commit
) -> dict[str, Settled]:
    """Write as many as can be together, by account. What is not named was not written, and is to be settled by itself.

    One that cannot be written, since somebody else has settled its account meanwhile, is in its block's way: none of
    that block is written, and the others are. Blocks whose numbers others take first are numbered anew.
    """
    written: dict[str, Settled] = {}
    left = list(found)
    while left:
        try:
            block = _numbered(left, numbers, together, commit)
        except Exception:  # noqa: BLE001 -- whatever it was, each is settled by itself, and says so
            return written
        written |= block.settled
        left = left[block.accounts :]
    return written


def _numbered(found: Sequence[Unwritten], numbers: Numbers, together: Together, commit: Commit) -> Block:
    """The first of them that one transaction holds, written; what they came to is not said if they could not be.

    Where nobody knows whether they were written, it is tried once more: they have the numbers then that they were to
    have, and not those behind what is written after them.
    """
    sellers = {each.seller_id: seller_of(each.seller_id, numbers) or UNNAMED for each in found}
    runs = sorted({(sellers[each.seller_id].seller_id, each.series) for each in found if each.series is not None})
    unknown = False
    for _ in range(TRIES):
        last = {run: numbers.last_number(*run) for run in runs}
        block = _block(found, sellers, last, numbers, together)
        taking = [numbers.taking_number(*run, last[run] + count, count) for run, count in block.taken.items()]
        try:
            return commit([*block.writes, *taking], block)
        except NumberTaken:
            continue
        except Refusal:
            return replace(block, settled={})
        except Exception:  # noqa: BLE001 -- as above
            if unknown:
                return replace(block, settled={})
            unknown = True
    raise NumberTaken(series=" ".join(series for _, series in runs))


def _block(
    found: Sequence[Unwritten],
    sellers: Mapping[str, Seller],
    last: Mapping[Run, int],
    numbers: Numbers,
    together: Together,
) -> Block:
    """As many of them as fit, in their order; the first one in any case."""
    writes: Sequence[Write] = []
    settled: dict[str, Settled] = {}
    taken: Counter[Run] = Counter()
    for each in found:
        seller, paper, run = sellers[each.seller_id], None, None
        if each.series is not None:
            run = seller.seller_id, each.series
            naming = Naming.of(each.account_id, each.seller_id, numbers)
            paper = naming.paper(seller, each.series, last[run] + taken[run] + 1)
        more, what = each.made(paper)
        joined = together([*writes, *more])
        if settled and len(joined) > MOST_WRITES:
            break
        writes = joined
        settled[each.account_id] = what
        if run is not None:
            taken[run] += 1
    return Block(len(settled), writes, settled, taken)
