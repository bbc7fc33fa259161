"""What a tax provider has split: each sale as it was calculated, and what of it was taken back since."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from chalicelib.kernel.money import Money
from chalicelib.kernel.quantity import plain
from chalicelib.kernel.time import Month

_NOUGHT = Decimal(0)


class SuppliedAt(StrEnum):
    """Where a supply is taxed: where a thing is put at somebody's disposal, or where its buyer is."""

    DISPOSAL = "disposal"
    BUYER = "buyer"


@dataclass(frozen=True, slots=True, order=True)
class TaxPlace:
    """A country (ISO 3166), with a postal code where that matters."""

    country: str
    postal_code: str = ""


@dataclass(frozen=True, slots=True)
class Supply:
    """What a product is for tax: the provider's code of its kind, and where it is supplied; None: nobody said where."""

    code: str
    at: SuppliedAt
    place: TaxPlace | None


@dataclass(frozen=True, slots=True)
class AskedLine:
    """An amount, tax included, to be split."""

    product: str
    code: str
    gross: int


@dataclass(frozen=True, slots=True)
class AskedSale:
    """What is asked of the provider at once: the supplies of a month of use at one place.

    The rates are those of `tax_at`; `posted_at` is in the period that our own entry is in, if the provider goes as far
    back. A firm's VAT number tells the provider that its buyer may owe the tax itself.
    """

    name: str
    currency: str
    place: TaxPlace
    at: SuppliedAt
    tax_at: datetime
    posted_at: datetime
    lines: tuple[AskedLine, ...]
    vat_number: str | None = None


@dataclass(frozen=True, slots=True)
class TaxLine:
    """A product's use in a month, with the tax in it. `rate` as in `0.255:FI`, or `0:DE:reverse_charge`."""

    product: str
    used_in: Month
    rate: str
    gross: int
    tax: int
    provider_line: str | None = None


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What a credit note took back of a sale: by the place of its line, what of the amount and what of the tax."""

    name: str
    at: datetime
    parts: tuple[tuple[int, int, int], ...]
    transaction: str | None = None

    @property
    def gross(self) -> int:
        """Of all lines."""
        return sum(gross for _, gross, _ in self.parts)

    @property
    def tax(self) -> int:
        """Of all lines."""
        return sum(tax for _, _, tax in self.parts)


@dataclass(frozen=True, slots=True)
class TaxedSale:
    """What one calculation split, in the settlement that took it: `<account>:<month>:<settlement's version>:<number>`.

    `transaction` is its record at the provider, once it has one; `refused` why it will never have one, or why what was
    taken back has none.
    """

    account_id: str
    month: Month
    version: int
    number: int
    currency: str
    at: datetime
    posted_at: datetime
    calculation: str
    lines: tuple[TaxLine, ...]
    transaction: str | None = None
    backs: tuple[TakenBack, ...] = ()
    refused: str | None = None
    revision: int = 1

    @property
    def sale_id(self) -> str:
        """Unique, and its reference at the provider."""
        return f"{self.account_id}:{self.name}"

    @property
    def name(self) -> str:
        """Within its account."""
        return f"{self.month}:{self.version}:{self.number}"

    @property
    def is_recorded(self) -> bool:
        """Whether the provider has all of it."""
        return self.transaction is not None and all(each.transaction is not None for each in self.backs)

    def left(self, place: int) -> tuple[int, int]:
        """What of a line, and of its tax, was not taken back."""
        parts = [part for each in self.backs for part in each.parts if part[0] == place]
        line = self.lines[place]
        return line.gross - sum(part[1] for part in parts), line.tax - sum(part[2] for part in parts)

    @property
    def taxes_left(self) -> dict[str, int]:
        """By rate, the tax that was not taken back."""
        sums: dict[str, int] = {}
        for place, line in enumerate(self.lines):
            sums[line.rate] = sums.get(line.rate, 0) + self.left(place)[1]
        return sums

    def giving_back(self, name: str, at: datetime, parts: Mapping[int, tuple[int, int]]) -> "TaxedSale":
        """With more taken back."""
        back = TakenBack(name, at, tuple((place, *part) for place, part in sorted(parts.items())))
        return replace(self, backs=(*self.backs, back), revision=self.revision + 1)


def rate_name(percent: Decimal, country: str, reason: str) -> str:
    """A rate as it is booked and shown: a fraction, and the country; of no tax also the reason for that."""
    fraction = plain(percent.scaleb(-2))
    return f"{fraction}:{country}:{reason}" if percent == _NOUGHT else f"{fraction}:{country}"


Use = tuple[str, Month]
"""A product's use in a month."""


@dataclass(frozen=True, slots=True)
class Reversed:
    """What taking back came to: the sales that it changed, and what was taken, each with the amount and the tax.

    Of use, `rows` are by use and rate; of a document, by rate alone. What is in no row had no sale left.
    """

    sales: tuple[TaxedSale, ...]
    rows: tuple[tuple[Use | None, str, int, int], ...]

    def taken(self, use: Use) -> int:
        """How much of a use was taken."""
        return sum(gross for whose, _, gross, _ in self.rows if whose == use)


def take_back_use(sales: Iterable[TaxedSale], wanted: Mapping[Use, int], name: str, at: datetime) -> Reversed:
    """Take so much of each use back, the newest sale first, with the tax in proportion.

    Of each line the tax is what is left of it times what is taken of what is left of the amount, half up: all of the
    amount takes all of the tax, in however many steps.
    """
    left, changed, rows = dict(wanted), list[TaxedSale](), list[tuple[Use | None, str, int, int]]()
    for sale in _newest_first(sales):
        parts: dict[int, tuple[int, int]] = {}
        for place, line in enumerate(sale.lines):
            use = (line.product, line.used_in)
            gross, tax = _part(*sale.left(place), left.get(use, 0))
            if gross > 0:
                parts[place] = (gross, tax)
                left[use] -= gross
                rows.append((use, line.rate, gross, tax))
        if parts:
            changed.append(sale.giving_back(name, at, parts))
    return Reversed(tuple(changed), tuple(rows))


def take_back_rows(
    sales: Iterable[TaxedSale], wanted: Iterable[tuple[str, int, int]], *, first: str, name: str, at: datetime
) -> Reversed:
    """Take amounts with stated taxes back, by rate: of the sales whose names begin with `first`, then of the newest."""
    ordered = sorted(_newest_first(sales), key=lambda each: not each.name.startswith(first))
    parts: dict[str, dict[int, tuple[int, int]]] = {sale.sale_id: {} for sale in ordered}
    rows = list[tuple[Use | None, str, int, int]]()
    for rate, gross, tax in wanted:
        places = [(sale, place) for sale in ordered for place, line in enumerate(sale.lines) if line.rate == rate]
        amounts = _from_first([sale.left(place)[0] for sale, place in places], gross)
        known = [sale.left(place)[1] if each else 0 for (sale, place), each in zip(places, amounts, strict=True)]
        taxes = _from_first(known, tax)
        for (sale, place), amount, of_tax in zip(places, amounts, taxes, strict=True):
            if amount:
                parts[sale.sale_id][place] = (amount, of_tax)
        rows.append((None, rate, sum(amounts), sum(taxes)))
    changed = [sale.giving_back(name, at, parts[sale.sale_id]) for sale in ordered if parts[sale.sale_id]]
    return Reversed(tuple(changed), tuple(rows))


def _newest_first(sales: Iterable[TaxedSale]) -> list[TaxedSale]:
    return sorted(sales, key=lambda each: (each.at, each.name), reverse=True)


def _from_first(has: Sequence[int], wanted: int) -> list[int]:
    """All of each, from the first on, until it is enough."""
    found: list[int] = []
    for each in has:
        found.append(max(0, min(each, wanted - sum(found))))
    return found


def _part(gross: int, tax: int, most: int) -> tuple[int, int]:
    """So much of an amount as there may be, with the tax in it in proportion, half up."""
    if gross <= 0 or most <= 0:
        return 0, 0
    taken = min(gross, most)
    return (taken, tax) if taken == gross else (taken, (2 * tax * taken + gross) // (2 * gross))


@dataclass(frozen=True, slots=True)
class CalculatedLine:
    """What the provider made of a line: its tax, at a rate."""

    product: str
    rate: str
    tax: Money
