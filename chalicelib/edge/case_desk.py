"""Cases at the partner door: what the system opened by itself, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from chalicelib.access.case import Case, CaseState
from chalicelib.edge.amounts import Amount, show_amount, show_instant
from chalicelib.edge.call import Call
from chalicelib.edge.lazily import lazily
from chalicelib.edge.paging import Page, PageQuery, paged
from chalicelib.edge.routes import get, post
from chalicelib.partners.model import ApiKey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.access import casing
    from chalicelib.catalogue import changes, maintaining
    from chalicelib.edge.wiring import Wiring
    from chalicelib.kernel.writes import Outcome, Write
else:
    casing = lazily("chalicelib.access.casing")
    changes = lazily("chalicelib.catalogue.changes")
    maintaining = lazily("chalicelib.catalogue.maintaining")


class CaseQuery(PageQuery, forbid_unknown_fields=True, kw_only=True):
    """How much of the list, and which cases: open or closed; without a state, all."""

    state: Literal["open", "closed"] | None = None


class CloseBody(msgspec.Struct, forbid_unknown_fields=True):
    """What was done about it. With `put_back` the case's take-out ends too: the asset is on offer again."""

    note: Annotated[str, msgspec.Meta(min_length=1, max_length=500, pattern=r"\S")]
    put_back: bool = False


class CaseShown(msgspec.Struct):
    """A case: why and when it was opened, what the customer had back then, which take-out began; how it was closed.

    There is no session where a thing said by itself that it is out of order while nobody had it, and no credit either;
    nor where the session went on with another asset.
    """

    case_id: str
    kind: str
    state: str
    reason: str
    partner_id: str
    asset: str
    session_id: str | None
    opened_at: str
    credit: Amount | None
    take_out_id: str | None
    closed_at: str | None
    closed_by: str | None
    note: str | None


def show_case(case: Case) -> CaseShown:
    """A case."""
    return CaseShown(
        case_id=case.case_id,
        kind=str(case.kind),
        state=str(case.state),
        reason=case.reason,
        partner_id=case.partner_id,
        asset=case.asset_id,
        session_id=case.session_id,
        opened_at=show_instant(case.opened_at),
        credit=show_amount(case.credit) if case.credit is not None else None,
        take_out_id=case.take_out_id,
        closed_at=show_instant(case.closed_at) if case.closed_at else None,
        closed_by=case.closed_by,
        note=case.note,
    )


def page_of_cases(wired: Wiring, query: CaseQuery, partner_id: str | None) -> Page[CaseShown]:
    """A page of a partner's, or of everybody's."""
    state = CaseState(query.state) if query.state else None
    rows = wired.cases.listed(partner_id, state, limit=query.limit, after=query.after)
    return paged(rows, query, show_case, lambda case: case.place)


class CaseDesk:
    """A partner sees to its own cases."""

    def __init__(self, wired: Wiring) -> None:
        self._wired = wired

    def _case(self, call: Call[ApiKey, Any], case_id: str) -> Case:
        return casing.case_of(case_id, call.caller.partner_id, cases=self._wired.cases)

    @get("/v1/cases", query=CaseQuery)
    def cases(self, call: Call[ApiKey, None]) -> Page[CaseShown]:
        """What was opened about my assets, by state and in order of opening."""
        return page_of_cases(self._wired, call.query, call.caller.partner_id)

    @get("/v1/cases/{case_id}", shows=show_case)
    def case(self, call: Call[ApiKey, None], case_id: str) -> Case:
        """One of these."""
        return self._case(call, case_id)

    @post("/v1/cases/{case_id}/close", takes=CloseBody, shows=show_case)
    def close_case(self, call: Call[ApiKey, CloseBody], case_id: str) -> Case:
        """It is seen to, and if I say so, the asset is on offer again. Closed again it stays as it is."""
        case, by = self._case(call, case_id), call.caller.key_id
        closed, writes = casing.close_case(case, by, call.body.note, cases=self._wired.cases, now=call.now)
        if call.body.put_back and case.take_out_id is not None:
            writes += self._putting_back(case, case.take_out_id, changes.Author(by, call.now))
        return call.commit(writes, closed)

    def _putting_back(self, case: Case, take_out_id: str, author: changes.Author) -> list[Write]:
        """What ends the take-out, to be committed with the case."""
        found: list[Write] = []

        def collect(writes: Sequence[Write], outcome: Outcome) -> Outcome:
            found.extend(writes)
            return outcome

        where = case.partner_id, case.asset_id, take_out_id
        maintaining.end_take_out(*where, author=author, catalogue=self._wired.catalogue, commit=collect)
        return found
