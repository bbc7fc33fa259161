"""What is ordered beside use: time reserved beyond what is free; cancelling, changing, or not coming for a booking.

Each is a meter of that name, priced in the class *ordered*. We count it, by what was done; no thing reports it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from chalicelib.rating.meter import Meter

if TYPE_CHECKING:  # the model itself asks which of its prices are these
    from chalicelib.rating.model import Price

RESERVED, CANCELLATION, CHANGE, NO_SHOW = "reserved", "cancellation", "change", "no_show"
ORDERED = frozenset({RESERVED, CANCELLATION, CHANGE, NO_SHOW})
Quantities = Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Orders:
    """What is ordered with a quoted use: `due` for certain, `beside` the use at most, and `instead` of the use."""

    due: Quantities = field(default_factory=dict)
    beside: Quantities = field(default_factory=dict)
    instead: tuple[Quantities, ...] = ()


def meter_of(price: "Price") -> Meter | None:
    """The meter that it charges, if it charges one."""
    return getattr(price, "meter", None)


def is_order(price: "Price") -> bool:
    """Whether it charges what is ordered."""
    meter = meter_of(price)
    return price.charge_class == "ordered" and meter is not None and meter.name in ORDERED
