"""The difference between two ratings of the same period: lines that say what changed, and add up to the change."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal, localcontext

from chalicelib.kernel.money import Money
from chalicelib.kernel.quantity import plain
from chalicelib.rating.amounts import NOTHING
from chalicelib.rating.lines import ChargeClass, LineKind, RatedLine
from chalicelib.rating.rate import EXACT

_Key = tuple[str, str, LineKind, ChargeClass, str, str]
_RULES = ("cap", "ceiling", "allowance", "tariff_id")


@dataclass
class _Sum:
    """The lines of one rule for one use, taken together."""

    minor: int = 0
    quantity: Decimal = NOTHING
    codes: list[str] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)

    def add(self, line: RatedLine) -> None:
        self.minor += line.amount.minor
        self.quantity += line.quantity
        self.codes += [line.code] * (line.code not in self.codes)
        self.evidence += [each for each in line.evidence if each not in self.evidence]


def difference(before: Iterable[RatedLine], after: Iterable[RatedLine]) -> tuple[RatedLine, ...]:
    """The lines that lead from one rating to the other: after a late event, a correction, a tariff error.

    Each line states what the rule's lines for the use came to and come to now; rules that agree have none.
    """
    with localcontext(EXACT):
        was, units = _sums(before)
        now, more = _sums(after)
        units |= more
        keys = [*now, *(key for key in was if key not in now)]
        pairs = ((key, was.get(key, _Sum()), now.get(key, _Sum())) for key in keys)
        return tuple(_line(key, old, new, units[key]) for key, old, new in pairs if old.minor != new.minor)


def _sums(lines: Iterable[RatedLine]) -> tuple[dict[_Key, _Sum], dict[_Key, str]]:
    sums: dict[_Key, _Sum] = {}
    units: dict[_Key, str] = {}
    for line in lines:
        rule = next((line.facts[name] for name in _RULES if name in line.facts), "") if line.kind != "charge" else ""
        key = (line.use_id, line.price_id, line.kind, line.charge_class, line.amount.currency, rule)
        sums.setdefault(key, _Sum()).add(line)
        units[key] = line.unit
    return sums, units


def _line(key: _Key, old: _Sum, new: _Sum, unit: str) -> RatedLine:
    use_id, price_id, kind, charge_class, currency, rule = key
    facts = {
        "was": str(Money(old.minor, currency).amount),
        "now": str(Money(new.minor, currency).amount),
        "quantity_was": plain(old.quantity),
        "quantity_now": plain(new.quantity),
        "of": " ".join(new.codes or old.codes),
    }
    return RatedLine(
        use_id,
        price_id,
        kind,
        charge_class,
        new.quantity - old.quantity,
        unit,
        None,
        Money(new.minor - old.minor, currency),
        "changed",
        {**facts, "rule": rule} if rule else facts,
        tuple(new.evidence or old.evidence),
    )
