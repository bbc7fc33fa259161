"""Rated lines: amounts that explain themselves."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from types import MappingProxyType
from typing import Literal, NamedTuple, cast

from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.money import Money
from chalicelib.kernel.quantity import plain, quantity
from chalicelib.rating.errors import InvalidLine

ChargeClass = Literal["use", "ordered", "owed"]
LineKind = Literal["charge", "reduction"]

NO_FACTS: Mapping[str, str] = MappingProxyType({})


class RatedLine(NamedTuple):
    """An amount with its price rule, its explanation (code and facts, no words) and the ids of its evidence.

    A named tuple because a month's rating makes hundreds of thousands of them.
    """

    use_id: str
    price_id: str
    kind: LineKind
    charge_class: ChargeClass
    quantity: Decimal
    unit: str
    unit_price: Decimal | None
    amount: Money
    code: str
    facts: Mapping[str, str] = NO_FACTS
    evidence: tuple[str, ...] = ()


_Values = tuple[
    str,
    str,
    LineKind,
    ChargeClass,
    Decimal,
    str,
    Decimal | None,
    Money,
    str,
    Mapping[str, str],
    tuple[str, ...],
]
line_of: Callable[[_Values], RatedLine] = partial(tuple.__new__, RatedLine)
"""A line of all its values in their order: half the time of naming them, for the kinds that make the most lines."""


def line_document(line: RatedLine) -> dict[str, object]:
    """The line as it is stored: plain JSON values, decimals as text."""
    return {
        "use_id": line.use_id,
        "price_id": line.price_id,
        "kind": line.kind,
        "charge_class": line.charge_class,
        "quantity": plain(line.quantity),
        "unit": line.unit,
        "unit_price": None if line.unit_price is None else plain(line.unit_price),
        "minor": line.amount.minor,
        "currency": line.amount.currency,
        "code": line.code,
        "facts": dict(line.facts),
        "evidence": list(line.evidence),
    }


def line_from_document(document: Mapping[str, object]) -> RatedLine:
    """Read a stored line back; anything else is `InvalidLine`."""
    try:
        price = document["unit_price"]
        return RatedLine(
            use_id=str(document["use_id"]),
            price_id=str(document["price_id"]),
            kind=cast("LineKind", document["kind"]),
            charge_class=cast("ChargeClass", document["charge_class"]),
            quantity=quantity(cast("str", document["quantity"])),
            unit=str(document["unit"]),
            unit_price=None if price is None else quantity(cast("str", price)),
            amount=Money(int(cast("int", document["minor"])), str(document["currency"])),
            code=str(document["code"]),
            facts=dict(cast("Mapping[str, str]", document["facts"])),
            evidence=tuple(cast("list[str]", document["evidence"])),
        )
    except (KeyError, TypeError, ValueError, Refusal) as error:
        raise InvalidLine(reason=f"{type(error).__name__}: {error}"[:200]) from error
