"""Receipts: what a session cost and what shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from chalicelib.edge.amounts import Amount, Line, show_amount, show_instant, show_line
from chalicelib.edge.hold_shapes import HoldShown
from chalicelib.kernel.quantity import plain

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from chalicelib.access.model import NeedInterval
    from chalicelib.access.reading import Receipt
    from chalicelib.edge.words import Words


class NeedShown(msgspec.Struct):
    """A stretch of the session: what it was, and the ids of the evidence that shows it."""

    state: str
    start: str
    end: str
    evidence: list[str]


class ReceiptShown(msgspec.Struct):
    """What a session cost and what shows it: its charges, and its part of caps that it shares with other sessions.

    `hold` is what became of what was held for it; at its very end nothing has yet.
    """

    session_id: str
    product: str
    asset: str
    tariff_version: int
    quote_id: str
    started_at: str
    ended_at: str
    need: list[NeedShown]
    quantities: dict[str, str]
    lines: list[Line]
    amount: Amount
    evidence_sha256: str
    revision: int
    hold: HoldShown | None = None


def show_need(need: NeedInterval) -> NeedShown:
    """A stretch."""
    interval = need.interval
    return NeedShown(str(need.state), show_instant(interval.start), show_instant(interval.end), list(need.evidence))


def show_receipt(receipt: Receipt, words: Words | None = None) -> ReceiptShown:
    """The receipt of an ended session."""
    record, cost = receipt.record, receipt.cost
    session = record.session
    return ReceiptShown(
        session_id=session.session_id,
        product=session.product_id,
        asset=session.asset_id,
        tariff_version=session.tariff_version,
        quote_id=session.quote_id,
        started_at=show_instant(session.started_at),
        ended_at=show_instant(record.ended_at),
        need=[show_need(each) for each in record.need.intervals],
        quantities={meter: plain(amount) for meter, amount in record.need.quantities.items()},
        lines=[show_line(line, words) for line in cost.lines],
        amount=show_amount(cost.amount),
        evidence_sha256=record.need.digest,
        revision=record.revision,
    )
