"""Proofs of what was settled, each with the digest of the one before it: the account's chain."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from chalicelib.billing.model import Link, ProofHead
from chalicelib.billing.ports import Billed
from chalicelib.billing.statement import Statement
from chalicelib.kernel.ids import digest
from chalicelib.kernel.time import Month, format_instant
from chalicelib.kernel.writes import Write
from chalicelib.rating.proof import GENESIS, proof_of

_PAGE = 200
_OF_THE_CHAIN = frozenset({"about", "previous", "digest", "time_zone_data"})
"""What a proof says beside what went into the rating and came out of it."""


class Proven(NamedTuple):
    """The proofs to be written, and the head of each month's."""

    writes: list[Write]
    heads: dict[Month, ProofHead]

    @property
    def last(self) -> Link:
        """The end of the chain with them."""
        return max(self.heads.values(), key=lambda head: head.number).link


def proving(
    statements: Iterable[Statement], last: Link | None, *, billed: Billed, time_zone_data: str, now: datetime
) -> Proven:
    """A proof of each statement, behind the `last` that the account has.

    The number of a proof is taken once, so two settlements of an account that were computed side by side cannot both
    be written: the later one is refused and computed again.
    """
    writes: list[Write] = []
    heads: dict[Month, ProofHead] = {}
    for stated in statements:
        proof = proof_of(
            stated.rated_from.uses,
            stated.rated_from.terms,
            stated.lines,
            about={"account_id": stated.account_id, "month": str(stated.month)},
            time_zone_data=time_zone_data,
            previous=last.digest if last else GENESIS,
        )
        head = ProofHead(
            account_id=stated.account_id,
            number=last.number + 1 if last else 1,
            month=stated.month,
            digest=str(proof["digest"]),
            previous=str(proof["previous"]),
            made_at=now,
        )
        writes += billed.adding_proof(head, proof)
        heads[stated.month], last = head, head.link
    return Proven(writes, heads)


def heads_of(account_id: str, billed: Billed) -> Iterator[ProofHead]:
    """The account's chain, the first proof first, a page at a time."""
    after, more = 0, True
    while more:
        page = billed.proofs(account_id, limit=_PAGE, after=after)
        yield from page
        after, more = (page[-1].number if page else after), len(page) == _PAGE


def proof_as_it_stands(
    stated: Statement, *, billed: Billed, time_zone_data: str, now: datetime
) -> Mapping[str, object]:
    """The newest proof of the month, if the statement is what it says still; else one that is made of it now.

    That one names the end of the chain as the one before it, is in no chain itself, and says in `about` of when it is.
    """
    last, newest = None, None
    for head in heads_of(stated.account_id, billed):
        last = head
        newest = head if head.month == stated.month else newest
    made = proof_of(
        stated.rated_from.uses,
        stated.rated_from.terms,
        stated.lines,
        about={"account_id": stated.account_id, "month": str(stated.month), "as_of": format_instant(now)},
        time_zone_data=time_zone_data,
        previous=last.digest if last else GENESIS,
    )
    kept = billed.proof(newest.account_id, newest.number) if newest else None
    return kept if kept is not None and _rating(kept) == _rating(made) else made


def _rating(proof: Mapping[str, object]) -> str:
    return digest({name: value for name, value in proof.items() if name not in _OF_THE_CHAIN})
