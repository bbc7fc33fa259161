"""How money, instants and rated lines are shown at every door."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from chalicelib.kernel.money import Money
from chalicelib.kernel.quantity import plain
from chalicelib.kernel.time import format_instant

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from chalicelib.edge.words import Words
    from chalicelib.rating import RatedLine


class Amount(msgspec.Struct):
    """An exact amount: `amount` in major units as text, as in 12.50."""

    amount: str
    currency: str


class Line(msgspec.Struct):
    """A rated line: what for, how much of it, at which price, and the ids of the evidence that shows it.

    `text` says the same in the reader's language, where that was asked for.
    """

    price: str
    kind: str
    charge_class: str
    quantity: str
    unit: str
    unit_price: str | None
    amount: Amount
    code: str
    facts: dict[str, str]
    evidence: list[str]
    text: str | msgspec.UnsetType = msgspec.UNSET


def show_amount(money: Money) -> Amount:
    """Money as text."""
    return Amount(str(money.amount), money.currency)


def show_instant(instant: datetime) -> str:
    """RFC 3339 in UTC."""
    return format_instant(instant)


def show_line(line: RatedLine, words: Words | None = None) -> Line:
    """A rated line; with its sentence, if there are words."""
    return Line(
        price=line.price_id,
        kind=line.kind,
        charge_class=line.charge_class,
        quantity=plain(line.quantity),
        unit=line.unit,
        unit_price=None if line.unit_price is None else plain(line.unit_price),
        amount=show_amount(line.amount),
        code=line.code,
        facts=dict(line.facts),
        evidence=list(line.evidence),
        text=words.of(line) if words else msgspec.UNSET,
    )
