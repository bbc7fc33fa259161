"""Receipts: what a session cost and what shows it, as JSON and as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from chalicelib.edge.amounts import Amount, Line, show_amount, show_instant, show_line
from chalicelib.kernel.quantity import plain
from chalicelib.kernel.time import zone as zone_named

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from chalicelib.access.reading import Receipt


_WIDTH = 64


class NeedShown(msgspec.Struct):
    """A stretch of the session: what it was, and the ids of the evidence that shows it."""

    state: str
    start: str
    end: str
    evidence: list[str]


class ReceiptShown(msgspec.Struct):
    """What a session cost and what shows it: its charges, and its part of caps that it shares with other sessions."""

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


def show_receipt(receipt: Receipt) -> ReceiptShown:
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
        need=[
            NeedShown(
                str(each.state),
                show_instant(each.interval.start),
                show_instant(each.interval.end),
                list(each.evidence),
            )
            for each in record.need.intervals
        ],
        quantities={meter: plain(amount) for meter, amount in record.need.quantities.items()},
        lines=[show_line(line) for line in cost.lines],
        amount=show_amount(cost.amount),
        evidence_sha256=record.need.digest,
        revision=record.revision,
    )


def receipt_text(receipt: Receipt, zone: str) -> str:
    """The receipt for reading and printing; times are in the operator's zone."""
    shown, local = show_receipt(receipt), zone_named(zone)
    session, record = receipt.record.session, receipt.record

    def clock(instant: object) -> str:
        return f"{instant:%Y-%m-%d %H:%M:%S %Z}"

    head = [
        f"Receipt {shown.session_id}",
        "=" * _WIDTH,
        f"{shown.product}, {shown.asset}",
        f"from {clock(session.started_at.astimezone(local))} to {clock(record.ended_at.astimezone(local))}",
        *(f"{meter}: {amount}" for meter, amount in shown.quantities.items()),
        "-" * _WIDTH,
    ]
    rows = [_row(line) for line in shown.lines]
    foot = ["-" * _WIDTH, "Total, tax included".ljust(_WIDTH - 14) + _right(shown.amount)]
    proof = [f"Tariff version {shown.tariff_version}, quote {shown.quote_id}", f"Evidence {shown.evidence_sha256}"]
    return "\n".join([*head, *rows, *foot, *proof]) + "\n"


def _row(line: Line) -> str:
    if line.kind == "reduction":
        what = f"{line.price}: {line.code.replace('_', ' ')}"
    else:
        what = f"{line.price} ({line.quantity} {line.unit})" if line.unit else line.price
    return what.ljust(_WIDTH - 14) + _right(line.amount)


def _right(amount: Amount) -> str:
    return f"{amount.amount} {amount.currency}".rjust(14)
