"""The mobile door's routes of a month: its statement, what each line of it rests on, and its proof."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from chalicelib.customers.model import Right
from chalicelib.edge.acting_for import acting
from chalicelib.edge.call import Call
from chalicelib.edge.languages import WordsQuery, words_of, words_wished
from chalicelib.edge.lazily import lazily
from chalicelib.edge.oidc import Claims
from chalicelib.edge.paging import PageQuery
from chalicelib.edge.routes import NOTHING, get
from chalicelib.kernel.time import Month

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.billing import proving, sold_by_whom, statement, statement_lines
    from chalicelib.customers.model import Customer
    from chalicelib.edge import line_evidence, month_shapes, own_use, papers, time_zone_data
    from chalicelib.edge.wiring import Wiring
else:
    proving = lazily("chalicelib.billing.proving")
    sold_by_whom = lazily("chalicelib.billing.sold_by_whom")
    statement = lazily("chalicelib.billing.statement")
    statement_lines = lazily("chalicelib.billing.statement_lines")
    line_evidence = lazily("chalicelib.edge.line_evidence")
    month_shapes = lazily("chalicelib.edge.month_shapes")
    own_use = lazily("chalicelib.edge.own_use")
    papers = lazily("chalicelib.edge.papers")
    time_zone_data = lazily("chalicelib.edge.time_zone_data")

_TEXT = "text/plain; charset=utf-8"


class EvidenceQuery(PageQuery):
    """A page of the session's events, `after` one by its reference; `words=true` gives the line its sentence."""

    after: Annotated[str, msgspec.Meta(max_length=1000)] | None = None
    words: bool = False


class MonthDesk:
    """Who pays, or used, reads what a month costs and why."""

    def __init__(self, wired: Wiring) -> None:
        self._wired = wired

    def _customer(self, call: Call[Claims, Any]) -> Customer:
        return acting(call, self._wired)

    def _statement(self, customer: Customer, month: str, call: Call[Claims, Any]) -> statement.Statement:
        wired, asked = self._wired, Month.parse(month)
        stated = statement.statement(
            customer.account_id, asked, wired.settings.currency, used=wired.used, now=call.now, as_rated=True
        )
        return own_use.own_part(stated, customer, wired.sessions)

    def _sellers(self, stated: statement.Statement) -> Sequence[sold_by_whom.SellersPart]:
        return sold_by_whom.sold_by_whom(stated, self._wired.sells.selling(), self._wired.issuing.numbers)

    @get("/v1/statements/{month}", needs=Right.SEE, query=WordsQuery)
    def month_statement(self, call: Call[Claims, None], month: str) -> month_shapes.StatementOfMonth:
        """What a month costs, live: session by session, with every reduction, and who sells it."""
        customer = self._customer(call)
        stated = self._statement(customer, month, call)
        return month_shapes.show_statement(stated, words_wished(call, customer.language), self._sellers(stated))

    @get("/v1/statements/{month}/statement.txt", needs=Right.SEE, answers=_TEXT)
    def statement_as_text(self, call: Call[Claims, None], month: str) -> str:
        """The same statement for reading and printing, in the reader's language."""
        customer = self._customer(call)
        stated = self._statement(customer, month, call)
        words = words_of(call, customer.language)
        return papers.statement_text(stated, self._wired.settings.zone, words, self._sellers(stated))

    @get("/v1/statements/{month}/lines/{line_id}/evidence", needs=Right.SEE, query=EvidenceQuery)
    def evidence(self, call: Call[Claims, None], month: str, line_id: str) -> line_evidence.LineEvidence:
        """What a line rests on: its session with need and events, its charge or subscription; tariff and record."""
        customer = self._customer(call)
        stated = self._statement(customer, month, call)
        return line_evidence.line_evidence(
            stated.month,
            statement_lines.line_named(stated, line_id),
            customer.account_id,
            call.query,
            words=words_wished(call, customer.language),
            wired=self._wired,
            now=call.now,
        )

    @get("/v1/statements/{month}/proof", needs=Right.READ, refuses=NOTHING)
    def proof(self, call: Call[Claims, None], month: str) -> Mapping[str, Any]:
        """The month's proof as it stands, from which anybody can compute the statement again.

        What is settled and has not changed has the proof of its settlement, which is in the chain at /v1/proofs.
        """
        stated = self._statement(self._customer(call), month, call)
        data = time_zone_data.time_zone_data()
        return proving.proof_as_it_stands(stated, billed=self._wired.billed, time_zone_data=data, now=call.now)
