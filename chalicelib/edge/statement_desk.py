"""A partner's share, statements and their proofs at the partner door."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chalicelib.edge.call import Call
from chalicelib.edge.lazily import lazily
from chalicelib.edge.paging import Page, PageQuery, paged
from chalicelib.edge.routes import NOTHING, get
from chalicelib.kernel.time import Month
from chalicelib.partners.model import ApiKey

if TYPE_CHECKING:
    from chalicelib.billing import stating
    from chalicelib.edge import proofs, share_shapes, statement_shapes
    from chalicelib.edge.wiring import Wiring
else:
    proofs = lazily("chalicelib.edge.proofs")
    share_shapes = lazily("chalicelib.edge.share_shapes")
    stating = lazily("chalicelib.billing.stating")
    statement_shapes = lazily("chalicelib.edge.statement_shapes")


class StatementDesk:
    """A partner sees its own share, and can compute it again."""

    def __init__(self, wired: Wiring) -> None:
        self._wired = wired

    @get("/v1/shares")
    def shares(self, call: Call[ApiKey, None]) -> list[share_shapes.ShareShown]:
        """The rules of my share, by the month from which each holds; of rules for one month the last counts."""
        found = self._wired.shares_agreed.all_share_terms(call.caller.partner_id)
        return [share_shapes.show_share(each) for each in found]

    @get("/v1/statements", query=PageQuery)
    def statements(self, call: Call[ApiKey, None]) -> Page[statement_shapes.StatementHead]:
        """My months that are stated, the first one first."""
        query = call.query
        rows = self._wired.share_rows.statements(call.caller.partner_id, limit=query.limit, after=query.after)
        return paged(rows, query, statement_shapes.show_statement_head, lambda each: str(each.month))

    @get("/v1/statements/{month}", refuses=NOTHING)
    def statement(self, call: Call[ApiKey, None], month: str) -> statement_shapes.StatementShown:
        """My month by product: what was billed, what came off, my share; restated when a bill is corrected."""
        partner_id, wanted = call.caller.partner_id, Month.parse(month)
        stated = stating.statement_of(partner_id, wanted, kept=self._wired.share_rows)
        return statement_shapes.show_statement(stated, self._wired.payouts.moved(partner_id, wanted))

    @get("/v1/proofs", query=PageQuery)
    def all_proofs(self, call: Call[ApiKey, None]) -> Page[proofs.ProofShown]:
        """The chain of my statements' proofs, the first one first."""
        return proofs.proofs_of(call.caller.partner_id, call.query, billed=self._wired.billed)

    @get("/v1/proofs/{number}")
    def proof(self, call: Call[ApiKey, None], number: str) -> Mapping[str, Any]:
        """A whole proof, which `make verify` recomputes; bills are in it by the digests of their own proofs."""
        return proofs.proof_of(call.caller.partner_id, number, billed=self._wired.billed)
