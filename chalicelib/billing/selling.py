"""Who sells what, from which month on, and what of an account's settlements is each seller's.

A settlement is of all that an account has used. Seen as one seller's it is a settlement again: so what makes a document
of what is left makes one of a seller's part of it, and knows of no other seller.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from chalicelib.billing import differences
from chalicelib.billing.credit_ports import Numbers
from chalicelib.billing.errors import MonthBegun
from chalicelib.billing.model import Settlement, Sold
from chalicelib.billing.numbering import seller_of
from chalicelib.billing.paper_model import OPERATORS
from chalicelib.billing.parts import partner_of
from chalicelib.billing.statement import Statement
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Commit, Write
from chalicelib.rating.stated import product_of

_ByMonth = Mapping[str, Mapping[str, int]]
_FURTHER = "~"
"""What stands before the name of a product's further tariff."""


@dataclass(frozen=True, slots=True)
class NamedSeller:
    """Who sells a partner's products, or one of them (`<partner>:<product>`), from a month on, and who said so."""

    scope: str
    since: Month
    seller_id: str
    set_by: str
    set_at: datetime


@dataclass(frozen=True, slots=True)
class Selling:
    """All that was said of who sells what. What holds for a month that has begun never changes."""

    said: tuple[NamedSeller, ...] = ()

    def of(self, product: str, month: Month) -> str:
        """Who sells what is settled under the name: as was said of the product, else of its partner."""
        name = product_of(product).partition(_FURTHER)[0]
        for scope in (name, partner_of(name)):
            found = [each for each in self.said if each.scope == scope and each.since <= month]
            if found:
                return max(found, key=lambda each: (each.since, each.set_at)).seller_id
        return OPERATORS


ONE_SELLER = Selling()


class Sells(Protocol):
    """Where it is kept who sells what."""

    def selling(self) -> Selling:
        """All that was said."""

    def naming(self, named: NamedSeller) -> Write:
        """Store it beside what was said before: otherwise `SellingChanged`."""


def name_seller(named: NamedSeller, zone: str, *, sells: Sells, numbers: Numbers, commit: Commit) -> NamedSeller:
    """Have a seller sell it from a month to come on: what is in months that have begun keeps its seller.

    Under whom bills go out anyhow is nobody else: what it sells goes with the operator's bills.
    """
    if named.since <= Month.of(named.set_at, zone):
        raise MonthBegun(month=str(named.since))
    default, seller = numbers.default_seller(), seller_of(named.seller_id, numbers)
    if default is not None and seller is not None and seller.seller_id == default.seller_id:
        named = replace(named, seller_id=OPERATORS)
    return commit([sells.naming(named)], named)


@dataclass(frozen=True, slots=True)
class Part:
    """One seller's part of an account's settlements, statements and documents."""

    seller_id: str
    selling: Selling

    def has(self, product: str, month: Month) -> bool:
        """Whether it is sold by this seller."""
        return self.selling.of(product, month) == self.seller_id

    @property
    def is_all(self) -> bool:
        """Whether nobody else sells anything."""
        return not self.selling.said

    def of(self, whole: Settlement) -> Settlement:
        """The settlement as if nothing else was sold; it counts its own documents alone."""
        if self.is_all:
            return whole
        sold = self._sold(whole)
        return replace(
            whole,
            charges=self._mine(whole.charges, whole.month),
            adjusted=self._by_month(whole.adjusted),
            carried_in=0,
            invoiced=sold.invoiced,
            invoices=sold.documents,
            credits=0,
            parts=self._mine(whole.parts, whole.month),
            parts_adjusted=self._by_month(whole.parts_adjusted),
            shares_invoiced=sold.shares,
            taxes_invoiced=sold.taxes,
            sold={},
        )

    def stated(self, stated: Statement) -> Statement:
        """The statement's uses and lines that are sold by this seller."""
        if self.is_all:
            return stated
        uses = tuple(use for use in stated.uses if self.has(use.tariff.settled_as, stated.month))
        names = {use.use_id for use in uses}
        return replace(stated, uses=uses, lines=tuple(line for line in stated.lines if line.use_id in names))

    def brought(self, before: Settlement, after: Settlement) -> Settlement:
        """The settlement before, with what this seller sells as it is after; what others sell is left for later."""
        if self.is_all:
            return after

        def both(was: Mapping[str, int], now: Mapping[str, int], month: Month) -> dict[str, int]:
            others = {name: minor for name, minor in was.items() if not self.has(_product(name), month)}
            return {**others, **self._mine(now, month)}

        def all_months(was: _ByMonth, now: _ByMonth) -> _ByMonth:
            found = {each: both(was.get(each, {}), now.get(each, {}), Month.parse(each)) for each in {**was, **now}}
            return {month: sums for month, sums in found.items() if sums}

        return replace(
            after,
            charges=both(before.charges, after.charges, after.month),
            adjusted=all_months(before.adjusted, after.adjusted),
            parts=both(before.parts, after.parts, after.month),
            parts_adjusted=all_months(before.parts_adjusted, after.parts_adjusted),
        )

    def taken(self, whole: Settlement, was: Settlement, now: Settlement) -> Settlement:
        """The whole with what a document took of this part of it."""
        if self.is_all:
            return now
        took = Sold(
            now.invoiced - was.invoiced,
            1,
            differences.difference(now.shares_invoiced, was.shares_invoiced),
            differences.difference(now.taxes_invoiced, was.taxes_invoiced),
        )
        apart = self.seller_id != OPERATORS
        sold = {**whole.sold, self.seller_id: _added(self._sold(whole), took)} if apart else whole.sold
        return replace(
            whole,
            invoiced=whole.invoiced + took.invoiced,
            invoices=now.invoices,
            credits=now.credits,
            shares_invoiced=differences.summed(whole.shares_invoiced, took.shares),
            taxes_invoiced=differences.summed(whole.taxes_invoiced, took.taxes),
            sold=sold,
        )

    def _sold(self, whole: Settlement) -> Sold:
        if self.seller_id != OPERATORS:
            return whole.sold.get(self.seller_id, Sold())
        others = list(whole.sold.values())
        return Sold(
            whole.invoiced - sum(each.invoiced for each in others),
            whole.invoices + whole.credits - sum(each.documents for each in others),
            differences.difference(whole.shares_invoiced, differences.summed(*(each.shares for each in others))),
            differences.difference(whole.taxes_invoiced, differences.summed(*(each.taxes for each in others))),
        )

    def _mine(self, sums: Mapping[str, int], month: Month) -> dict[str, int]:
        return {name: minor for name, minor in sums.items() if self.has(_product(name), month)}

    def _by_month(self, sums: _ByMonth) -> _ByMonth:
        found = {month: self._mine(each, Month.parse(month)) for month, each in sums.items()}
        return {month: each for month, each in found.items() if each}


@dataclass(frozen=True, slots=True)
class Sellers:
    """Who has something to settle in a month: what it took of charges before, and what it has to take."""

    selling: Selling
    statements: Sequence[Statement]
    before: Settlement
    charged: differences.Taken

    def changed_first(self, *, everybody: bool = False) -> Iterator[Part]:
        """The operator, then each seller by id, those of whom charges have changed before the others.

        That is who sells something of what is stated; `everybody` else too, of whom something may be left.
        """
        changed, names = self._changed, {OPERATORS}
        names |= {each.seller_id for each in self.selling.said if everybody}
        for stated in self.statements if self.selling.said else ():
            names |= {self.selling.of(product, stated.month) for product in stated.by_product}
        for seller_id in sorted({*names, *changed}, key=lambda name: (name not in changed, name)):
            yield Part(seller_id, self.selling)

    @property
    def _changed(self) -> set[str]:
        """Nobody is looked for where there is but one."""
        if not self.selling.said:
            return set()
        was, now = dict(differences.charges(self.before).by_month), dict(self.charged.by_month)
        return {
            self.selling.of(product, month or self.before.month)
            for month in {**was, **now}
            for product in differences.difference(now.get(month, {}), was.get(month, {}))
        }


def _product(name: str) -> str:
    """The product of a charge, or of a part of one, which ends with it."""
    return name.rpartition("|")[2]


def _added(one: Sold, other: Sold) -> Sold:
    return Sold(
        one.invoiced + other.invoiced,
        one.documents + other.documents,
        differences.summed(one.shares, other.shares),
        differences.summed(one.taxes, other.taxes),
    )
