"""The ceiling: access to a thing never costs more than its stated purchase price."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.kernel.money import Money
from chalicelib.rating.fairness import Standing
from chalicelib.rating.running import Running


@dataclass(frozen=True, slots=True)
class Ceiling:
    """Lifetime charges for a product stop at `price`, of which `paid_before` was paid in earlier periods.

    Afterwards the use costs nothing, or at most `upkeep` a month; and the customer may keep the thing.
    """

    id: str
    product: str
    price: Money
    paid_before: Money
    upkeep: Money | None = None


def under_ceilings(standing: Standing, ceilings: Sequence[Ceiling]) -> None:
    """Take off what lies above each ceiling, but for the stated upkeep."""
    for ceiling in ceilings:
        standing.same_currency(ceiling.price)
        _apply(standing, ceiling)


def _apply(standing: Standing, ceiling: Ceiling) -> None:
    running = Running()
    lifetime, upkeep = (ceiling.product, ceiling.id), (ceiling.product, f"{ceiling.id} upkeep")
    running.paid_before(lifetime, "", min(ceiling.paid_before.minor, ceiling.price.minor))
    for use in standing.chosen(ceiling.product):
        covered = standing.charged_but_owed(use)
        due = standing.left.due(covered)
        _, paid = running.below(lifetime, "", ceiling.price.minor, due)
        if ceiling.upkeep is not None and paid != due:
            paid += running.below(upkeep, use.in_period("month"), ceiling.upkeep.minor, due - paid)[1]
        if paid != due:
            standing.lower(covered, due - paid, "ceiling", _facts(ceiling))


def _facts(ceiling: Ceiling) -> dict[str, str]:
    upkeep = ceiling.upkeep or Money.zero(ceiling.price.currency)
    return {
        "ceiling": ceiling.id,
        "product": ceiling.product,
        "price": str(ceiling.price.amount),
        "upkeep": str(upkeep.amount),
        "may_keep": "yes",
    }
