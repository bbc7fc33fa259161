"""A provider decides the tax: what a settlement adds is asked for, what it takes back is taken back in proportion.

The total is never the provider's to say. It is asked before the settlement's transaction, under a key made of what is
asked, so that whoever asks again gets the same answer; what it said is kept in that transaction, and recorded with
the provider after it (`tax_recording.py`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from chalicelib.billing import differences
from chalicelib.billing.credit_model import CreditNote
from chalicelib.billing.credit_ports import Numbers
from chalicelib.billing.currencies import chargeable
from chalicelib.billing.errors import TaxRefused
from chalicelib.billing.model import Invoice, Parked, Settlement
from chalicelib.billing.numbering import seller_of
from chalicelib.billing.paper_model import NO_TAX, TaxRow
from chalicelib.billing.parts import (
    Parts,
    figures_in,
    figures_in_split,
    has_split,
    is_split,
    parts_of,
    split_parts,
    sums_in,
    tax_parts,
    taxes_in,
)
from chalicelib.billing.share_ports import Shared
from chalicelib.billing.statement import Statement
from chalicelib.billing.tax_model import (
    AskedLine,
    AskedSale,
    SuppliedAt,
    TaxedSale,
    TaxLine,
    TaxPlace,
    Use,
    take_back_rows,
    take_back_use,
)
from chalicelib.billing.tax_ports import Calculated, OwnSplit, Split, Supplies, TaxedSales, TaxProvider, ToSplit
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write
from chalicelib.rating.figures import Figures

MOST_LINES = 100
"""The provider splits so many at once."""
FURTHEST_BACK = timedelta(days=30)
"""The provider knows which rates held a month ago, and no further back."""
_AN_HOUR = timedelta(hours=1)
NO_PLACE, REFUSED = "tax_place_unknown", "tax_refused"
Row = tuple[Use, str, int, int]
"""Of a use at a rate, the amount and the tax."""


@dataclass(frozen=True, slots=True)
class Change:
    """What of a use a settlement changes, in minor units that can be moved; `was` what was billed before it."""

    use: Use
    minor: int
    was: int


@dataclass(frozen=True, slots=True)
class ProviderSplit:
    """By month, all parts that are tax: what was split before, with what this settlement changes.

    `own` is what grew and has our own rates, since nobody else is asked any more.
    """

    by_month: Mapping[Month, Parts]
    writes: Sequence[Write] = ()
    refused: Parked | None = None
    own: Sequence[Change] = ()

    def stated(self, stated: Statement, shared: Shared) -> tuple[Mapping[str, Figures], Parts]:
        """The month's figures with that tax in them, so that shares go by it."""
        taxes = self.by_month.get(stated.month, {})
        if self.own:
            whole = figures_in(stated, shared)
            mine = [change for change in self.own if change.use[1] == stated.month]
            taxes = _with(stated.month, taxes, [row for change in mine for row in _own_more(change, whole)])
        figures = figures_in_split(stated, taxes)
        return figures, {**parts_of(figures, stated.month, shared), **taxes}


@dataclass(frozen=True, slots=True)
class ProviderTaxes:
    """Satisfies `tax_ports.Taxing`. Without a provider nobody is asked: a stage goes by its own rates, or does again.

    What was split before stays then, and goes back as it came; what grows beside it has our own rates.
    """

    provider: TaxProvider | None
    sales: TaxedSales
    supplies: Supplies
    numbers: Numbers
    zone: str

    def split(self, asked: ToSplit) -> Split:
        """Each month by product: what it has more is asked for, what it has less is taken back.

        Products whose prices exclude tax have none in them and are not asked about.
        """
        changes = [change for stated in asked.statements for change in _changes(stated, asked)]
        before = {each.month: _taxes_before(each.month, asked) for each in asked.statements}
        if self.provider is None and not any(has_split(parts) for parts in before.values()):
            return OwnSplit()
        if not changes:
            return ProviderSplit(before)
        shrunk = {change.use: -change.minor for change in changes if change.minor < 0}
        sales = self.sales.of_account(asked.before.account_id) if shrunk else ()
        back = take_back_use(sales, shrunk, f"{asked.before.month}:{asked.before.version + 1}", asked.now)
        rows: list[Row] = [(use, rate, -gross, -tax) for use, rate, gross, tax in back.rows if use is not None]
        for change in changes:
            if change.use in shrunk:
                rows += _own_back(change, shrunk[change.use] - back.taken(change.use), before[change.use[1]])
        growing = [each for each in changes if each.minor > 0]
        try:
            made = self._asked_for(growing, self.provider, asked) if self.provider is not None else []
        except TaxRefused as refusal:
            reason = str(refusal.facts.get("reason", REFUSED))
            facts = {name: str(value) for name, value in refusal.facts.items() if name != "reason"}
            parked = Parked(asked.before.account_id, asked.before.month, reason, facts, asked.now)
            return ProviderSplit(before, refused=parked)
        rows += [
            ((line.product, line.used_in), line.rate, line.gross, line.tax) for each in made for line in each.lines
        ]
        changed = [*back.sales, *made]
        writes = [
            write for each in changed for write in (self.sales.saving(each), self.sales.recording(each, asked.now))
        ]
        own = growing if self.provider is None else ()
        return ProviderSplit({month: _with(month, before[month], rows) for month in before}, writes, own=own)

    def _asked_for(self, growing: Sequence[Change], provider: TaxProvider, asked: ToSplit) -> list[TaxedSale]:
        if not growing:
            return []
        seller, buyer = seller_of(asked.seller_id, self.numbers), self.numbers.buyer(asked.before.account_id)
        grouped: dict[tuple[Month, SuppliedAt, TaxPlace], list[AskedLine]] = {}
        for change in growing:
            product, month = change.use
            supply = self.supplies.of(product, seller, buyer)
            if supply.place is None:
                raise TaxRefused(reason=NO_PLACE, product=product)
            line = AskedLine(product, supply.code, change.minor)
            grouped.setdefault((month, supply.at, supply.place), []).append(line)
        made: list[TaxedSale] = []
        for (month, at, place), lines in sorted(grouped.items()):
            for first in range(0, len(lines), MOST_LINES):
                wanted = AskedSale(
                    name=f"{asked.before.account_id}:{asked.before.month}:{asked.before.version + 1}",
                    currency=asked.before.currency,
                    place=place,
                    at=at,
                    tax_at=tax_instant(month, self.zone, asked.now),
                    posted_at=tax_instant(asked.before.month, self.zone, asked.now),
                    lines=tuple(lines[first : first + MOST_LINES]),
                    vat_number=buyer.vat_number if buyer is not None else None,
                )
                made.append(_sale(asked, len(made) + 1, month, wanted, provider.calculate(wanted)))
        return made

    def giving_back(self, note: CreditNote, invoice: Invoice) -> tuple[CreditNote, Sequence[Write]]:
        """Of what was sold with the invoice first. What its sales have no more, as after a correction, has no tax."""
        wanted = [(row.booked, row.gross, row.tax) for row in note.paper.taxes if row.country is not None]
        if not wanted:
            return note, ()
        sales = self.sales.of_account(note.account_id)
        same = next((f"{each.month}:{each.version}:" for each in sales if each.at == invoice.issued_at), "-")
        back = take_back_rows(sales, wanted, first=same, name=note.name, at=note.issued_at)
        taken = [TaxRow(rate, gross, tax) for _, rate, gross, tax in back.rows if gross]
        own = [row for row in note.paper.taxes if row.country is None]
        short = note.total.minor - sum(row.gross for row in [*taken, *own])
        rows = [*taken, *own, *([TaxRow(NO_TAX, short, 0)] if short else [])]
        kept = [(self.sales.saving(each), self.sales.recording(each, note.issued_at)) for each in back.sales]
        return replace(note, paper=replace(note.paper, taxes=tuple(rows))), [write for pair in kept for write in pair]


def tax_instant(month: Month, zone: str, now: datetime) -> datetime:
    """By which instant's rates a month is taxed: its last second, once it is over; no further back than is known there.

    By the hour, so that who asks again asks the same.
    """
    last = month.interval(zone).end - timedelta(seconds=1)
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return max(min(last, hour), hour - FURTHEST_BACK)


def _changes(stated: Statement, asked: ToSplit) -> Iterable[Change]:
    billed = differences.billed(stated.month, asked.known, differences.charges)
    excluded = {use.tariff.settled_as for use in stated.uses if not use.tariff.tax_inclusive}
    by_product = stated.by_product
    for product in sorted({*by_product, *billed}):
        if not asked.concerns(product, stated.month):
            continue
        was, now = (_movable(sums.get(product, 0), stated.currency) for sums in (billed, by_product))
        if now != was and not (product in excluded and now > was):
            yield Change((product, stated.month), now - was, was)


def _movable(minor: int, currency: str) -> int:
    """What is below zero has no tax in it; what cannot be moved is asked about once it adds up."""
    return chargeable(Money(max(0, minor), currency)).minor


def _taxes_before(month: Month, asked: ToSplit) -> dict[str, int]:
    return tax_parts(differences.billed(month, asked.known, differences.parts))


def _own_back(change: Change, minor: int, before: Parts) -> list[Row]:
    """What was billed by our own rates, before anybody else was asked, goes back in proportion to those."""
    product = change.use[0]
    sums, taxes = sums_in(before, product), taxes_in(before, product)
    left = change.was - sum(sums.values())
    if minor <= 0 or left <= 0:
        return []
    taken = min(minor, left)
    own = {rate: tax for rate, tax in taxes.items() if not is_split(rate)}
    return [(change.use, rate, 0, -((2 * tax * taken + left) // (2 * left))) for rate, tax in own.items()]


def _own_more(change: Change, whole: Mapping[str, Figures]) -> list[Row]:
    """What grew has the tax that the month's product has by our own rates, in proportion."""
    found = whole.get(change.use[0])
    if found is None or found.gross <= 0:
        return []
    gross = found.gross
    return [(change.use, rate, 0, (2 * tax * change.minor + gross) // (2 * gross)) for rate, tax in found.taxes.items()]


def _with(month: Month, before: Parts, rows: Iterable[Row]) -> dict[str, int]:
    mine = [(use[0], rate, gross, tax) for use, rate, gross, tax in rows if use[1] == month]
    return differences.summed(before, split_parts(mine))


def _sale(asked: ToSplit, number: int, month: Month, wanted: AskedSale, found: Calculated) -> TaxedSale:
    rates = {line.product: line for line in found.lines}
    lines = tuple(
        TaxLine(each.product, month, rates[each.product].rate, each.gross, rates[each.product].tax.minor)
        for each in wanted.lines
    )
    _check(wanted, lines)
    before: Settlement = asked.before
    return TaxedSale(
        account_id=before.account_id,
        month=before.month,
        version=before.version + 1,
        number=number,
        currency=before.currency,
        at=asked.now,
        posted_at=wanted.posted_at,
        calculation=found.calculation,
        lines=lines,
    )


def _check(wanted: AskedSale, lines: Iterable[TaxLine]) -> None:
    """Tax splits a total and never changes it; anything else is looked at before it is billed."""
    for line in lines:
        if not 0 <= line.tax <= line.gross:
            raise TaxRefused(product=line.product, gross=line.gross, tax=line.tax, currency=wanted.currency)
