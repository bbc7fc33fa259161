"""The finance door's routes of a month's postings, and of the proofs of accounts' bills."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chalicelib.edge import finance
from chalicelib.edge.callers import READ
from chalicelib.edge.paging import Page, PageQuery
from chalicelib.edge.proofs import ProofShown, proof_of, proofs_of
from chalicelib.edge.routes import get
from chalicelib.kernel.time import Month
from chalicelib.ledger.service import PostedInMonth, posted_in_month

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from chalicelib.edge.call import Call
    from chalicelib.edge.callers import Staff
    from chalicelib.edge.wiring_finance import BackOffice


class JournalDesk:
    """What the books say, and what shows that they are right."""

    def __init__(self, wired: BackOffice) -> None:
        self._wired = wired

    @get("/v1/accounts/{account_id}/proofs", query=PageQuery, needs=READ)
    def proofs(self, call: Call[Staff, None], account_id: str) -> Page[ProofShown]:
        """An account's chain of proofs, the first one first."""
        return proofs_of(account_id, call.query, billed=self._wired.billed)

    @get("/v1/accounts/{account_id}/proofs/{number}", needs=READ)
    def proof(self, _call: Call[Staff, None], account_id: str, number: str) -> Mapping[str, Any]:
        """A whole proof, which `make verify` recomputes."""
        return proof_of(account_id, number, billed=self._wired.billed)

    @get("/v1/journal/{month}", query=finance.JournalQuery, shows=finance.show_journal, needs=READ)
    def journal(self, call: Call[Staff, None], month: str) -> PostedInMonth:
        """A month's postings by ledger account, and whether they balance; of some thousand entries at a time."""
        limit, after = call.query.limit, call.query.after
        return posted_in_month(Month.parse(month), limit=limit, after=after, ledger=self._wired.ledger)
