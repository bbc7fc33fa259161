"""Where an account stands between two steps: its uses, what is left of their charges, the lines of the steps so far."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from chalicelib.kernel.money import CurrencyMismatch, Money
from chalicelib.rating.amounts import ONE
from chalicelib.rating.left import Left
from chalicelib.rating.lines import LineKind, RatedLine
from chalicelib.rating.model import Use


@dataclass
class Standing:
    """The uses in settling order, with what is left of what each price charged for each use.

    Those of `earlier` were billed before: they fill the caps that they share with the others, and nothing else.
    """

    uses: Sequence[Use]
    left: Left
    currency: str
    by_use: Mapping[str, list[int]]
    earlier: Collection[str] = ()
    lines: list[RatedLine] = field(default_factory=list)

    @classmethod
    def of(cls, uses: Sequence[Use], lines: Sequence[RatedLine], earlier: Collection[str] = ()) -> "Standing":
        """Take charges and reductions together, by use and price. Currencies never mix."""
        nets: dict[tuple[str, str], int] = {}
        charges: dict[tuple[str, str], RatedLine] = {}
        currency = lines[0].amount.currency
        for line in lines:
            if line.amount.currency != currency:
                raise CurrencyMismatch(one=currency, other=line.amount.currency)
            key = (line.use_id, line.price_id)
            charges.setdefault(key, line)
            nets[key] = nets.get(key, 0) + line.amount.minor
        by_use: dict[str, list[int]] = {}
        for index, (use_id, _) in enumerate(charges):
            by_use.setdefault(use_id, []).append(index)
        return cls(uses, Left(list(charges.values()), list(nets.values())), currency, by_use, earlier)

    def same_currency(self, amount: Money) -> None:
        """Refuse an amount of another currency."""
        if amount.currency != self.currency:
            raise CurrencyMismatch(one=self.currency, other=amount.currency)

    def charged_for(self, use: Use) -> list[int]:
        """The places, in `left`, of what the use was charged by need: ordered and owed things are no part of it."""
        return [index for index in self.by_use.get(use.use_id, ()) if self.left.charges[index].charge_class == "use"]

    def charged_but_owed(self, use: Use) -> list[int]:
        """The places of all that the use was charged, passes and fees too, but for what is owed."""
        return [index for index in self.by_use.get(use.use_id, ()) if self.left.charges[index].charge_class != "owed"]

    def sharing(self, product: str, category: str = "") -> Iterator[Use]:
        """The uses of a product or of a category, earlier ones too; of everything if neither is named."""
        return (use for use in self.uses if product in ("", use.product) and category in ("", use.category))

    def chosen(self, product: str = "") -> Iterator[Use]:
        """The uses of a product, or of all, that are billed now."""
        return (use for use in self.sharing(product) if use.use_id not in self.earlier)

    def lower(self, indexes: Sequence[int], by: int, code: str, facts: Mapping[str, str]) -> None:
        """Share a reduction out over the charges, each with a line; one that is given up again is below zero."""
        self.lines += self.left.change(indexes, -by, code, facts)

    def promote(self, indexes: Iterable[int], by: int, promotion: RatedLine) -> None:
        """Take a promotion off: one line of its own, which the operator bears; the charges stay as they are."""
        if by > 0:
            self.left.change(list(indexes), -by, promotion.code, {})
            self.lines.append(promotion._replace(amount=Money(-by, self.currency)))

    def payable(self, places: Sequence[int]) -> int:
        """What is left to be paid there, and no more than what is left of everything: some of it may be given back."""
        charges, earlier = self.left.charges, self.earlier
        left = enumerate(self.left.minor)
        everything = sum([minor for index, minor in left if charges[index].use_id not in earlier])
        return max(0, min(self.left.due(places), everything))

    @property
    def positive(self) -> list[int]:
        """The places where something is left to be paid now."""
        charges, earlier = self.left.charges, self.earlier
        left = enumerate(self.left.minor)
        return [index for index, minor in left if minor > 0 and charges[index].use_id not in earlier]


def promotion_line(rule_id: str, currency: str, code: str, facts: Mapping[str, str]) -> RatedLine:
    """A promotion's line, its amount still to be put in: it belongs to no use."""
    kind: LineKind = "reduction"
    return RatedLine("", rule_id, kind, "use", ONE, "", None, Money(0, currency), code, facts)
