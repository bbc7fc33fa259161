"""Tiers, shared by the price kinds that have them: upper bound inclusive, the last one open."""

from dataclasses import dataclass
from decimal import Decimal

from chalicelib.kernel.quantity import plain
from chalicelib.rating.amounts import NOTHING
from chalicelib.rating.reading import Fields


@dataclass(frozen=True, slots=True)
class Tier:
    """What lies above the tier before and up to, and with, `up_to`; the last tier has no end."""

    up_to: Decimal | None
    unit_amount: Decimal
    flat_amount: Decimal = NOTHING

    def document(self) -> dict[str, object]:
        """The tier as JSON-ready values."""
        end = None if self.up_to is None else plain(self.up_to)
        return {"up_to": end, "unit_amount": plain(self.unit_amount), "flat_amount": plain(self.flat_amount)}


def read_tiers(fields: Fields) -> tuple[Tier, ...]:
    """Read a table of tiers: sorted, without gap or overlap, the last one open."""
    rows = fields.items("tiers")
    if not rows and isinstance(fields.values.get("tiers"), list | tuple):
        fields.fault("tiers", "empty")
    tiers: list[Tier] = []
    for number, row in enumerate(rows):
        tiers.append(_tier(row, tiers[-1].up_to if tiers else NOTHING, is_last=number == len(rows) - 1))
    return tuple(tiers)


def _tier(row: Fields, begins: Decimal | None, *, is_last: bool) -> Tier:
    end = None if row.take("up_to", default=None) is None else row.decimal("up_to")
    _check_start(row, begins)
    if is_last and end is not None:
        row.fault("up_to", "last_tier_is_not_open")
    if not is_last and row.values.get("up_to") is None:
        row.fault("up_to", "open_tier_before_the_last")
    if end is not None and begins is not None and end <= begins:
        row.fault("up_to", "not_sorted")
    tier = Tier(end, row.price("unit_amount", default="0"), row.price("flat_amount", default="0"))
    row.no_others()
    return tier


def _check_start(row: Fields, begins: Decimal | None) -> None:
    """A tier may say where it begins; then that has to be where the one before ends."""
    if "from" not in row.values:
        return
    stated = row.decimal("from")
    if stated is not None and begins is not None and stated != begins:
        row.fault("from", "gap" if stated > begins else "overlap")
