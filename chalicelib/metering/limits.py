"""What of its limits a subject has reached."""

from dataclasses import dataclass
from decimal import Decimal

from chalicelib.metering.head import Head

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Reached:
    """So many percent of a limit."""

    meter: str
    part: int
    most: Decimal


def reached(before: Head, after: Head) -> tuple[Reached, ...]:
    """What was reached from one head to the next, or from nothing where the limit is a new one."""
    return tuple(
        Reached(name, part, limit.most)
        for name, limit in sorted(after.limits.items())
        for part in limit.reached(
            (before.total(name) or _ZERO) if before.limits.get(name) == limit else _ZERO, after.total(name) or _ZERO
        )
    )
