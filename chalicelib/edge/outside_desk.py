"""Refunds that somebody made at Stripe by hand, at the finance door."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from chalicelib.billing.errors import UnknownOutsideRefund
from chalicelib.edge.amounts import Amount, show_amount, show_instant
from chalicelib.edge.call import Call
from chalicelib.edge.callers import ACT, READ, Staff
from chalicelib.edge.dispute_desk import NoteBody
from chalicelib.edge.lazily import lazily
from chalicelib.edge.paging import Page, PageQuery, paged
from chalicelib.edge.refusals import BodyInvalid
from chalicelib.edge.routes import get, post
from chalicelib.kernel.money import Money

if TYPE_CHECKING:
    from chalicelib.billing import booking_outside, outside_model
    from chalicelib.billing.outside_model import Outside
    from chalicelib.edge.wiring_finance import BackOffice
else:
    booking_outside = lazily("chalicelib.billing.booking_outside")
    outside_model = lazily("chalicelib.billing.outside_model")

_REFUND = re.compile(r"(re|pyr)_[A-Za-z0-9_]{1,80}")


class OutsidePartShown(msgspec.Struct):
    """A part of it: open `credit`, `goodwill`, what was left in the `wallet`, or what had been `spent` of it.

    `refund_id` is how the trace finds it.
    """

    kind: str
    amount: Amount
    refund_id: str | None


class OutsideShown(msgspec.Struct):
    """A refund by hand: `asked`, `booked`, or `refused` for a `reason`; `paid` says what its payment was for.

    The reason is `unknown_at_stripe`, `failed_at_stripe`, `payment_unknown`, `invoice_not_paid`, or `booked_by_itself`
    of one that we made.
    """

    refund_id: str
    state: str
    reason: str | None
    account_id: str | None
    paid: str | None
    amount: Amount | None
    parts: list[OutsidePartShown]
    note: str
    asked_by: str
    asked_at: str


def show_outside(found: Outside) -> OutsideShown:
    """A refund by hand."""
    currency = found.amount.currency if found.amount is not None else ""
    marks = {"credit": "r", "goodwill": "r", "wallet": "w"}
    return OutsideShown(
        refund_id=found.provider_refund,
        state=str(found.state),
        reason=found.reason or None,
        account_id=found.account_id or None,
        paid=found.paid or None,
        amount=show_amount(found.amount) if found.amount is not None else None,
        parts=[
            OutsidePartShown(
                str(each.kind),
                show_amount(Money(each.minor, currency)),
                f"{found.account_id}:{marks[each.kind]}{each.number}" if each.kind in marks else None,
            )
            for each in found.parts
        ],
        note=found.note,
        asked_by=found.asked_by,
        asked_at=show_instant(found.asked_at),
    )


class OutsideDesk:
    """Finance has booked what was given back past us."""

    def __init__(self, wired: BackOffice) -> None:
        self._wired = wired

    @post("/v1/outside-refunds/{refund_id}", takes=NoteBody, shows=show_outside, status=202, needs=ACT)
    def book(self, call: Call[Staff, NoteBody], refund_id: str) -> Any:  # noqa: ANN401 -- loaded when it is needed
        """Have a refund booked that somebody made at Stripe by hand: a worker reads it there, and says what it was.

        Of an invoice it is the account's open credit first, then goodwill; of a top-up what is left of that in the
        wallet, and the operator bears the rest.
        """
        if _REFUND.fullmatch(refund_id) is None:
            raise BodyInvalid(pointer="/refund_id", reason="a refund of Stripe's, as in re_1abc")
        who, note, outsides = call.caller.subject, call.body.note, self._wired.outsides
        return booking_outside.ask_booking(refund_id, who, note, outsides=outsides, now=call.now, commit=call.commit)

    @get("/v1/outside-refunds", query=PageQuery, needs=READ)
    def all_outside(self, call: Call[Staff, None]) -> Page[OutsideShown]:
        """All that was asked for, the oldest first."""
        rows = self._wired.outsides.listed(limit=call.query.limit, after=call.query.after)
        return paged(rows, call.query, show_outside, outside_model.place_of)

    @get("/v1/outside-refunds/{refund_id}", needs=READ)
    def outside(self, _call: Call[Staff, None], refund_id: str) -> OutsideShown:
        """One of them, as it stands."""
        found = self._wired.outsides.outside(refund_id[:100])
        if found is None:
            raise UnknownOutsideRefund(refund_id=refund_id[:100])
        return show_outside(found)
