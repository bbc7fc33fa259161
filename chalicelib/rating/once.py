"""The price of a pass: paid once, when it is bought; what of it was not used when it ends is paid back.

What a use says of a pass is in quantities: `bought_s` and `bought_uses` are how long and for how many uses it was good
when it was bought, `unused_s` and `unused_uses` what was left of that when it ended before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar, NamedTuple

from chalicelib.kernel.money import Money
from chalicelib.kernel.quantity import plain
from chalicelib.rating.amounts import ONE, minor_units
from chalicelib.rating.lines import ChargeClass, LineKind, RatedLine
from chalicelib.rating.model import START, Use, UseKind
from chalicelib.rating.reading import Fields
from chalicelib.rating.running import Running

BOUGHT_S, UNUSED_S, BOUGHT_USES, UNUSED_USES = "bought_s", "unused_s", "bought_uses", "unused_uses"
_BOUGHT = {BOUGHT_S: UNUSED_S, BOUGHT_USES: UNUSED_USES}


@dataclass(frozen=True, slots=True)
class OncePrice:
    """`amount` for a pass, once or for each seat.

    Of a pass that ends before it is used up, that part is paid back which was not used: of its time, or of its uses.
    Of one that is bounded by both, the smaller part: the other was there to be had only together with it.
    """

    kind: ClassVar[str] = "once"
    applies_to: ClassVar[UseKind] = "agreement"

    id: str
    charge_class: ChargeClass
    amount: Decimal
    per_seat: bool = False

    def charges(self, use: Use, _: Running) -> list[RatedLine]:
        """A line of the price, and one of what is paid back of it."""
        seats = use.held.seats if self.per_seat and use.held is not None else 1
        currency, shown = use.tariff.currency, use.shown_by(START)
        facts = {"price": plain(self.amount), **({"seats": str(seats)} if self.per_seat else {})}
        paid = minor_units(self.amount * seats, currency)

        def line(kind: LineKind, minor: int, code: str, facts: Mapping[str, str]) -> RatedLine:
            what = (use.use_id, self.id, kind, self.charge_class, ONE, "", None, Money(minor, currency), code)
            return RatedLine(*what, facts, shown)

        lines = [line("charge", paid, "bought_once", facts)]
        unused = unused_part(use.quantities)
        back = unused.of(paid) if unused is not None else 0
        if unused is not None and back:
            code = "uses_paid_back" if unused.by_uses else "time_paid_back"
            lines.append(line("reduction", -back, code, {"unused": plain(unused.left), "bought": plain(unused.bought)}))
        return lines

    def document(self) -> dict[str, object]:
        """The amount, and whether each seat pays it."""
        return {"amount": plain(self.amount), **({"per_seat": True} if self.per_seat else {})}


class Unused(NamedTuple):
    """How much of a pass is left, of how much that was bought: seconds, or uses."""

    left: Decimal
    bought: Decimal
    by_uses: bool

    def of(self, minor: int) -> int:
        """So much of an amount, rounded to the nearest minor unit."""
        part = Fraction(self.left) / Fraction(self.bought) * minor
        return int(part + Fraction(1, 2))


def unused_part(quantities: Mapping[str, Decimal]) -> Unused | None:
    """What of a pass was not used: the smaller part of its time and its uses; None of one that has not ended."""
    found = [
        Unused(quantities[left], quantities[bought], bought == BOUGHT_USES)
        for bought, left in _BOUGHT.items()
        if left in quantities and quantities.get(bought)
    ]
    return min(found, key=lambda each: Fraction(each.left) / Fraction(each.bought), default=None)


def read(fields: Fields, price_id: str, charge_class: ChargeClass) -> OncePrice:
    """Read the price."""
    per_seat = fields.truth("per_seat") if "per_seat" in fields.values else False
    return OncePrice(price_id, charge_class, fields.price("amount"), per_seat)
