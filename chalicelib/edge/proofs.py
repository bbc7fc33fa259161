"""How an account's proofs are shown: the chain, and each whole proof as `make verify` reads it."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from chalicelib.billing.errors import UnknownProof
from chalicelib.billing.model import ProofHead
from chalicelib.billing.ports import Billed
from chalicelib.edge.amounts import show_instant
from chalicelib.edge.paging import Page, PageQuery, paged
from chalicelib.edge.refusals import QueryInvalid

_MOST_DIGITS = 6


class ProofShown(msgspec.Struct):
    """A proof of a month's bill. `previous` is the digest of the account's proof before it, 64 zeros for the first."""

    number: int
    month: str
    digest: str
    previous: str
    made_at: str


def show_proof_head(head: ProofHead) -> ProofShown:
    """A link of the chain."""
    return ProofShown(head.number, str(head.month), head.digest, head.previous, show_instant(head.made_at))


def proofs_of(account_id: str, query: PageQuery, *, billed: Billed) -> Page[ProofShown]:
    """A page of an account's chain, the first proof first."""
    after = _number(query.after) if query.after else 0
    if query.after and not after:
        raise QueryInvalid(pointer="/after", reason="the number of a proof")
    rows: Sequence[ProofHead] = billed.proofs(account_id, limit=query.limit, after=after)
    return paged(rows, query, show_proof_head, lambda head: str(head.number))


def proof_of(account_id: str, number: str, *, billed: Billed) -> Mapping[str, Any]:
    """The whole proof, or `UnknownProof`, which another account's is too."""
    known = _number(number)
    proof = billed.proof(account_id, known) if known else None
    if proof is None:
        raise UnknownProof(number=number[:20])
    return proof


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else 0
