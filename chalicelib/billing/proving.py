"""Proofs of what was settled, each with the digest of the one before it: the account's chain."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from chalicelib.billing.model import Link, ProofHead
from chalicelib.billing.ports import Billed
from chalicelib.billing.statement import Statement
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write
from chalicelib.rating.proof import GENESIS, proof_of


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
