"""How partners' statements are shown, to them and to finance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from chalicelib.edge.amounts import Amount, show_amount, show_instant
from chalicelib.edge.payout_shapes import MovementShown, show_movement
from chalicelib.kernel.money import Money

if TYPE_CHECKING:
    from chalicelib.billing.partner_statement import PartnerStatement
    from chalicelib.billing.payout_model import Movement
    from chalicelib.rating.figures import Figures
    from chalicelib.rating.share import ShareLine


class ShareLineShown(msgspec.Struct):
    """A part of the share: by which rule, and the facts that it came from; amounts in facts are in minor units."""

    kind: str
    amount: Amount
    facts: dict[str, str]


class ProductRow(msgspec.Struct):
    """A product's month: what was charged, what caps, fares and included uses took off, what faults gave back.

    `billed` is what that leaves, `tax` what the law has of it, `share` the partner's.
    """

    product: str
    sessions: int
    charged: Amount
    reduced: Amount
    fault_credits: Amount
    billed: Amount
    tax: Amount
    net: Amount
    share: Amount
    lines: list[ShareLineShown]


class StatementShown(msgspec.Struct):
    """A partner's month as stated last. `added` is what belongs to no product: a minimum. `proof` is in the chain.

    `transfers` are what was sent and taken back in the month, for whichever months that was owed.
    """

    month: str
    version: int
    stated_at: str
    bills: int
    products: list[ProductRow]
    added: list[ShareLineShown]
    share: Amount
    proof: int
    digest: str
    transfers: list[MovementShown]


class StatementHead(msgspec.Struct):
    """A month that is stated."""

    month: str
    version: int
    stated_at: str
    share: Amount


def show_statement(stated: PartnerStatement, moved: Sequence[Movement]) -> StatementShown:
    """All of it."""

    def lines(product: str) -> list[ShareLineShown]:
        return [_line(line, stated.currency) for line in stated.lines if line.product == product]

    return StatementShown(
        month=str(stated.month),
        version=stated.version,
        stated_at=show_instant(stated.stated_at),
        bills=stated.bills,
        products=[
            _row(product, figures, lines(product), stated.currency)
            for product, figures in sorted(stated.figures.items())
        ],
        added=lines(""),
        share=show_amount(Money(stated.total, stated.currency)),
        proof=stated.proof,
        digest=stated.digest,
        transfers=[show_movement(each) for each in moved],
    )


def show_statement_head(stated: PartnerStatement) -> StatementHead:
    """A row of a list."""
    share = show_amount(Money(stated.total, stated.currency))
    return StatementHead(str(stated.month), stated.version, show_instant(stated.stated_at), share)


def _line(line: ShareLine, currency: str) -> ShareLineShown:
    return ShareLineShown(line.kind, show_amount(Money(line.minor, currency)), dict(line.facts))


def _row(product: str, figures: Figures, lines: list[ShareLineShown], currency: str) -> ProductRow:
    def amount(minor: int) -> Amount:
        return show_amount(Money(minor, currency))

    share = sum((Money.of(line.amount.amount, currency).minor for line in lines), 0)
    return ProductRow(
        product=product.partition(":")[2],
        sessions=figures.sessions,
        charged=amount(figures.charged),
        reduced=amount(figures.reduced),
        fault_credits=amount(figures.fault_credits),
        billed=amount(figures.gross),
        tax=amount(figures.gross - figures.net),
        net=amount(figures.net),
        share=amount(share),
        lines=lines,
    )
