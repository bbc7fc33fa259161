"""Payment terms at the finance door."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from chalicelib.billing.errors import UnknownAccount
from chalicelib.billing.payment_terms import MOST_DAYS, PaymentTerm, set_term
from chalicelib.edge.amounts import show_instant
from chalicelib.edge.call import Call
from chalicelib.edge.callers import ACT, READ, Staff
from chalicelib.edge.finance import Note
from chalicelib.edge.refusals import BodyInvalid
from chalicelib.edge.routes import get, put

if TYPE_CHECKING:
    from chalicelib.edge.wiring_finance import BackOffice

Email = Annotated[
    str, msgspec.Meta(pattern=r"^[^@\s]{1,64}@[^@\s]{1,180}\.[^@\s.]{2,24}$", examples=["ap@example.com"])
]


class TermBody(msgspec.Struct, forbid_unknown_fields=True):
    """Within how many days an account pays its bills by itself, where they are sent, and why; null: as any other."""

    days: Annotated[int, msgspec.Meta(ge=1, le=MOST_DAYS)] | None
    note: Note
    email: Email | None = None


class TermShown(msgspec.Struct):
    """A decision about an account's payment term."""

    account_id: str
    days: int | None
    email: str | None
    note: str
    set_by: str
    set_at: str


def show_term(term: PaymentTerm) -> TermShown:
    """A decision."""
    return TermShown(term.account_id, term.days, term.email, term.note, term.set_by, show_instant(term.set_at))


class TermDesk:
    """Finance says who pays by invoice."""

    def __init__(self, wired: BackOffice) -> None:
        self._wired = wired

    @put("/v1/accounts/{account_id}/payment-term", takes=TermBody, shows=show_term, needs=ACT)
    def put_term(self, call: Call[Staff, TermBody], account_id: str) -> PaymentTerm:
        """Have an account pay its bills by itself, within so many days, or take that back: it needs no card for it.

        Bills go out with a link from the next on, and those that waited for a card; what was sent stays due.
        """
        self._check_known(account_id)
        body = call.body
        if body.days is not None and body.email is None:
            raise BodyInvalid(pointer="/email", reason="bills are sent there")
        email = body.email if body.days is not None else None
        term = PaymentTerm(account_id, body.days, email, call.caller.subject, call.now, body.note)
        return set_term(term, terms=self._wired.terms, commit=call.commit)

    @get("/v1/accounts/{account_id}/payment-term", needs=READ)
    def terms(self, _call: Call[Staff, None], account_id: str) -> list[TermShown]:
        """All decisions about an account's payment term, the newest first; it holds, and without one no term does."""
        self._check_known(account_id)
        return [show_term(each) for each in self._wired.terms.terms(account_id)]

    def _check_known(self, account_id: str) -> None:
        if self._wired.agreements.find(account_id) is None:
            raise UnknownAccount(account_id=account_id)
