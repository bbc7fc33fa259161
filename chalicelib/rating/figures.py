"""What a statement's lines come to, product by product: charges, reductions, faults, and the tax that is in them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from chalicelib.kernel.money import Money
from chalicelib.kernel.quantity import plain
from chalicelib.rating.fault_credit import FAULT_CREDIT
from chalicelib.rating.lines import RatedLine
from chalicelib.rating.model import Use
from chalicelib.rating.stated import kind_of, product_of
from chalicelib.rating.tax import tax_by_line, taxed


@dataclass(frozen=True, slots=True)
class TaxRates:
    """The rates, as fractions, of what is included in prices: of a product, else of its category, else of all.

    What is owed or ordered beside use has the rate `by_kind`, where one is stated, and its product's otherwise.
    """

    by_product: Mapping[str, Decimal] = field(default_factory=dict)
    by_category: Mapping[str, Decimal] = field(default_factory=dict)
    others: Decimal = Decimal(0)
    by_kind: Mapping[str, Decimal] = field(default_factory=dict)

    def of(self, use: Use) -> Decimal:
        """The rate of a use; prices that exclude tax have none in them."""
        if not use.tariff.tax_inclusive:
            return Decimal(0)
        by_category = self.by_category.get(use.category, self.others)
        tariff_id = use.tariff.settled_as
        by_product = self.by_product.get(product_of(tariff_id), by_category)
        return self.by_kind.get(kind_of(tariff_id), by_product)


@dataclass(frozen=True, slots=True)
class Figures:
    """A product's sums in minor units; `charged - reduced - fault_credits` is `gross`, in which the `taxes` are.

    `fault_credits_net` is what faults gave back without the tax in it; `sessions` counts those that cost something,
    `faults` those that have something back for a fault.
    """

    charged: int = 0
    reduced: int = 0
    fault_credits: int = 0
    fault_credits_net: int = 0
    sessions: int = 0
    faults: int = 0
    taxes: Mapping[str, int] = field(default_factory=dict)

    @property
    def gross(self) -> int:
        """What customers were billed."""
        return self.charged - self.reduced - self.fault_credits

    @property
    def net(self) -> int:
        """The same without the tax in it."""
        return self.gross - sum(self.taxes.values())

    def plus(self, other: "Figures") -> "Figures":
        """Both together."""
        return Figures(
            self.charged + other.charged,
            self.reduced + other.reduced,
            self.fault_credits + other.fault_credits,
            self.fault_credits_net + other.fault_credits_net,
            self.sessions + other.sessions,
            self.faults + other.faults,
            _sum((self.taxes, other.taxes)),
        )


NO_FIGURES = Figures()
ByProduct = Mapping[str, Figures]


def together(several: Iterable[ByProduct]) -> dict[str, Figures]:
    """Figures of several statements, product by product."""
    found: dict[str, Figures] = {}
    for each in several:
        for product, figures in each.items():
            found[product] = found.get(product, NO_FIGURES).plus(figures)
    return found


def figures_of(lines: Sequence[RatedLine], uses: Sequence[Use], rates: TaxRates) -> dict[str, Figures]:
    """The figures by product. Promotions belong to no use: the operator bears them, and no figure is less for them."""
    by_id = {use.use_id: use for use in uses}
    own = [line for line in lines if line.use_id in by_id]
    taxes = _taxes(own, by_id, rates)
    lines_of: dict[str, list[RatedLine]] = defaultdict(list)
    for line in own:
        lines_of[line.use_id].append(line)
    sums: dict[str, Figures] = {}
    for use_id, its in lines_of.items():
        use = by_id[use_id]
        product = use.tariff.settled_as
        sums[product] = sums.get(product, NO_FIGURES).plus(_of_use(use, its))
    net: dict[str, int] = _faults_net(sums, by_id.values(), rates)
    return {
        product: Figures(
            each.charged,
            each.reduced,
            each.fault_credits,
            net[product],
            each.sessions,
            each.faults,
            taxes.get(product, {}),
        )
        for product, each in sums.items()
    }


def _of_use(use: Use, lines: Sequence[RatedLine]) -> Figures:
    charged = sum(line.amount.minor for line in lines if line.kind == "charge")
    credits_given = -sum(line.amount.minor for line in lines if line.code == FAULT_CREDIT)
    total = sum(line.amount.minor for line in lines)
    counts = use.kind == "session" and (use.part is None or use.part.number == 0)
    return Figures(
        charged=charged,
        reduced=charged - credits_given - total,
        fault_credits=credits_given,
        sessions=int(counts and total > 0),
        faults=int(counts and credits_given > 0),
    )


def _taxes(lines: Sequence[RatedLine], uses: Mapping[str, Use], rates: TaxRates) -> dict[str, dict[str, int]]:
    """By product and rate. Each rate's tax is rounded once, and shared out over what it is in."""
    at_rate: dict[Decimal, list[RatedLine]] = defaultdict(list)
    for line in lines:
        rate = rates.of(uses[line.use_id])
        if rate:
            at_rate[rate].append(line)
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for rate, its in at_rate.items():
        currency = its[0].amount.currency
        whole = taxed(Money(sum(line.amount.minor for line in its), currency), rate, inclusive=True).tax
        for line, part in zip(its, tax_by_line(its, whole), strict=True):
            taxes, name = found[uses[line.use_id].tariff.settled_as], plain(rate)
            taxes[name] = taxes.get(name, 0) + part.minor
    return {product: {rate: minor for rate, minor in taxes.items() if minor} for product, taxes in found.items()}


def _faults_net(sums: Mapping[str, Figures], uses: Iterable[Use], rates: TaxRates) -> dict[str, int]:
    rate_of = {use.tariff.settled_as: (rates.of(use), use.tariff.currency) for use in uses}
    net = {}
    for product, each in sums.items():
        rate, currency = rate_of[product]
        net[product] = taxed(Money(each.fault_credits, currency), rate, inclusive=True).net.minor
    return net


def _sum(several: Iterable[Mapping[str, int]]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for each in several:
        for name, minor in each.items():
            sums[name] = sums.get(name, 0) + minor
    return {name: minor for name, minor in sums.items() if minor}
