"""Receipts: what a session cost and what shows it, as JSON and as text."""

import msgspec

from chalicelib.access.model import ChargeRecord
from chalicelib.edge.amounts import Amount, Line, show_amount, show_instant, show_line
from chalicelib.kernel.money import total
from chalicelib.kernel.quantity import plain
from chalicelib.kernel.time import zone as zone_named
from chalicelib.rating import line_from_document

_WIDTH = 64


class NeedShown(msgspec.Struct):
    """A stretch of the session: what it was, and the ids of the evidence that shows it."""

    state: str
    start: str
    end: str
    evidence: list[str]


class Receipt(msgspec.Struct):
    """A sealed charge record. Caps that it shares with other sessions are on the month's statement."""

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


def show_receipt(record: ChargeRecord) -> Receipt:
    """The receipt of a charge record."""
    lines = [line_from_document(each) for each in record.lines]
    session = record.session
    return Receipt(
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
        lines=[show_line(line) for line in lines],
        amount=show_amount(total((line.amount for line in lines), record.currency)),
        evidence_sha256=record.need.digest,
        revision=record.revision,
    )


def receipt_text(record: ChargeRecord, zone: str) -> str:
    """The receipt for reading and printing; times are in the operator's zone."""
    shown, local = show_receipt(record), zone_named(zone)
    session = record.session

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
    rows = [
        f"{line.price} ({line.quantity} {line.unit})".ljust(_WIDTH - 14) + _right(line.amount) for line in shown.lines
    ]
    foot = ["-" * _WIDTH, "Total, tax included".ljust(_WIDTH - 14) + _right(shown.amount)]
    proof = [f"Tariff version {shown.tariff_version}, quote {shown.quote_id}", f"Evidence {shown.evidence_sha256}"]
    return "\n".join([*head, *rows, *foot, *proof]) + "\n"


def _right(amount: Amount) -> str:
    return f"{amount.amount} {amount.currency}".rjust(14)
