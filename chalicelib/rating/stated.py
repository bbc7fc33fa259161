"""What a partner states beside use: damage, loss and fines are *owed*, deliveries and add-ons are *ordered*.

Each is a use of its own under a tariff of its own, whose one price is the amount that was stated. So it passes through
rating, proofs, statements and the books like anything else that is charged, and no cap, fare or ceiling looks at it:
those go by the product's own name, and this one's has its kind behind it.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import ClassVar, Literal, get_args

from chalicelib.kernel.money import Money
from chalicelib.kernel.time import local_day_text
from chalicelib.rating.amounts import ONE, rounded
from chalicelib.rating.lines import ChargeClass, RatedLine
from chalicelib.rating.model import Tariff, Use, UseKind
from chalicelib.rating.reading import Fields
from chalicelib.rating.running import Running

ChargeKind = Literal["damage", "loss", "fine", "delivery", "add_on"]
CHARGE_KINDS: tuple[ChargeKind, ...] = get_args(ChargeKind)
OWED: frozenset[str] = frozenset({"damage", "loss", "fine"})
STATED, COUNTERED = "stated", "countered"
_BEHIND = "/"


def class_of(kind: str) -> ChargeClass:
    """Owed or ordered."""
    return "owed" if kind in OWED else "ordered"


def key_of(product: str, kind: str) -> str:
    """Under which name such charges of a product are settled and booked: `<partner>:<product>/<kind>`."""
    return f"{product}{_BEHIND}{kind}"


def kind_of(key: str) -> str:
    """The kind of charge that is settled under the name; nothing for use."""
    return key.partition(_BEHIND)[2]


def product_of(key: str) -> str:
    """The product that is settled under the name."""
    return key.partition(_BEHIND)[0]


def is_owed(key: str) -> bool:
    """Whether what is settled under the name is owed, and not bought."""
    return kind_of(key) in OWED


@dataclass(frozen=True, slots=True)
class StatedPrice:
    """The amount as it was stated, less what was taken back of it since."""

    kind: ClassVar[str] = "stated"
    applies_to: ClassVar[UseKind] = "order"

    id: str
    charge_class: ChargeClass

    def charges(self, use: Use, _: Running) -> list[RatedLine]:
        """A line of what was stated with the day on which it happened; another one of what was taken back."""
        facts, shown = {"day": local_day_text(use.started_at, use.tariff.zone)}, use.shown_by(STATED)
        currency, what, code = use.tariff.currency, self.charge_class, f"stated_{self.id}"
        amount, back = rounded(use.quantities[STATED], currency), use.quantities.get(COUNTERED)
        line = RatedLine(use.use_id, self.id, "charge", what, ONE, "", None, amount, code, facts, shown)
        if not back:
            return [line]
        less, code = rounded(-back, currency), "countered"
        return [line, RatedLine(use.use_id, self.id, "reduction", what, ONE, "", None, less, code, facts, shown)]

    def document(self) -> dict[str, object]:
        """The use says the amount."""
        return {}


def read(fields: Fields, price_id: str, charge_class: ChargeClass) -> StatedPrice:
    """Read the price, which is one of the kinds and in no tariff that a partner offers."""
    if price_id not in CHARGE_KINDS or charge_class != class_of(price_id):
        fields.fault("id", f"not_one_of: {', '.join(CHARGE_KINDS)}")
    return StatedPrice(price_id, charge_class)


@lru_cache(maxsize=256)
def tariff_of(product: str, kind: ChargeKind, currency: str, zone: str) -> Tariff:
    """The tariff of a product's charges of a kind; amounts that are stated include what tax there is."""
    price = StatedPrice(kind, class_of(kind))
    return Tariff(key_of(product, kind), 1, currency, zone, tax_inclusive=True, prices=(price,))


@dataclass(frozen=True, slots=True)
class StatedCharge:
    """A charge as rating sees it: what happened when, since when it is charged, how much, and what shows it."""

    charge_id: str
    product: str
    category: str
    kind: ChargeKind
    amount: Money
    happened_at: datetime
    charged_at: datetime
    countered: Money
    evidence: tuple[str, ...] = ()


def use_of(charge: StatedCharge, zone: str) -> Use:
    """The use of its own that a charge is."""
    quantities = {STATED: charge.amount.amount}
    if charge.countered.minor:
        quantities[COUNTERED] = charge.countered.amount
    return Use(
        use_id=charge.charge_id,
        tariff=tariff_of(charge.product, charge.kind, charge.amount.currency, zone),
        started_at=min(charge.happened_at, charge.charged_at),
        ended_at=charge.charged_at,
        open=False,
        quantities=quantities,
        evidence={STATED: charge.evidence},
        kind="order",
        product=key_of(charge.product, charge.kind),
        category=charge.category,
    )


def is_stated(use: Use) -> bool:
    """Whether the use is such a charge."""
    return bool(kind_of(use.tariff.tariff_id))
