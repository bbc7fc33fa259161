"""Where use was billed: with its month, with a month that corrected it, or in what took along what was too small."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from chalicelib.edge.as_of import versions
from chalicelib.edge.corrections import corrected_in
from chalicelib.finance.deferred_passes import is_plan
from chalicelib.kernel.time import Month

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from chalicelib.access.model import ChargeRecord
    from chalicelib.billing.credit_model import CreditNote
    from chalicelib.billing.model import Invoice, Settlement
    from chalicelib.billing.owed_model import PartnerCharge
    from chalicelib.edge.wiring_finance import BackOffice

    Document = Invoice | CreditNote
    Corrected = Mapping[Month, Sequence[ChargeRecord]]

ADJUSTMENT, _CARRIED, _FEE, _OTHERS = "adjustment", "carried", "subscription", "others"
_TAKES_ALONG = frozenset({_CARRIED, _OTHERS})
"""What lines are about that take along what is left of other months: the latter stands for the smallest ones."""


class WhereBilled(NamedTuple):
    """The invoices that billed something, and all months that are concerned: of its use, and of its bills."""

    invoices: list[Invoice]
    months: frozenset[Month]


@dataclass(frozen=True, slots=True)
class Settled:
    """What an account's months came to, and its documents."""

    wired: BackOffice
    settlements: Mapping[Month, Settlement]
    invoices: Sequence[Invoice]
    notes: Sequence[CreditNote]

    @classmethod
    def of(cls, account_id: str, wired: BackOffice) -> Settled:
        """One query each."""
        every = wired.billed.settlements(account_id)
        notes = [each for each in wired.issuing.notes.notes(account_id) if not each.of_goodwill]
        return cls(wired, {each.month: each for each in every}, wired.billed.invoices(account_id), notes)

    def where(self, uses: Collection[str], months: Collection[Month], corrected: Collection[Month]) -> WhereBilled:
        """By whom what was used in these months was billed, and its corrections by the settlements of other months.

        Of a month's invoices those that name one of the uses, or have a line that stands for several. Where none names
        one, all of the month; then also what took along what the month had left.
        """
        found: list[Document] = []
        for month in sorted(months):
            own = [each for each in self.invoices if each.month == month]
            named = [each for each in own if is_rolled_up(each) or not _named_in(each).isdisjoint(uses)]
            found += named or [*own, *self._onward(month)]
        for month in sorted(corrected):
            adjusting = [each for each in self._documents(month) if _adjusts(each, months)]
            found += adjusting or self._onward(month)
        every = frozenset({*months, *corrected, *(each.month for each in found)})
        return WhereBilled([each for each in self.invoices if each in found], every)

    def months_correcting(self, uses: Collection[str], months: Collection[Month]) -> set[Month]:
        """The months whose settlements took what one of these sessions was corrected by since its own was billed."""
        return {
            settled.month
            for settled in self.settlements.values()
            if any(str(month) in settled.adjusted for month in months)
            and any(
                record.session.session_id in uses
                for month, records in corrected_in(settled, self.wired.now(), self.wired).items()
                if month in months
                for record in records
            )
        }

    def months_countering(self, charges: Iterable[PartnerCharge]) -> set[Month]:
        """The months whose settlements took what was given back of charges that were billed before."""
        given_back = [(str(each.month), each.counters[0].at) for each in charges if each.counters]
        return {
            settled.month
            for settled in self.settlements.values()
            for month, at in given_back
            if month in settled.adjusted and (settled.stood is None or settled.stood.at >= at)
        }

    def corrected_by(self, document: Document) -> Corrected:
        """By earlier month, the records whose correction a document bills with its own month."""
        settled = self.settlements.get(document.month)
        if settled is None or not any(line.about in (ADJUSTMENT, _OTHERS) for line in document.lines):
            return {}
        found = corrected_in(settled, self.wired.now(), self.wired)
        by_then = {
            month: [each for each in records if each.sealed_at <= document.issued_at]
            for month, records in found.items()
        }
        return {month: records for month, records in by_then.items() if records}

    def taken_along(self, document: Document) -> list[Month]:
        """The months of which a document bills what their own documents do not."""
        if not _takes_along(document):
            return []
        return [each for each in sorted(self.settlements) if each != document.month and document in self._onward(each)]

    def corrections_left(self, month: Month) -> Corrected:
        """By earlier month, the records whose correction no document of the month bills."""
        found = corrected_in(self.settlements[month], self.wired.now(), self.wired)
        return {each: records for each, records in found.items() if not self.is_billed(str(each), month)}

    def plans_corrected(self, month: Month) -> list[Month]:
        """Earlier months of which the settlement of a month corrected what subscriptions cost."""
        settled = self.settlements.get(month)
        changes = settled.adjusted.items() if settled is not None else ()
        return [Month.parse(month) for month, change in changes if any(is_plan(key) for key in change)]

    def is_billed(self, use_id: str, month: Month) -> bool:
        """Whether a document of the month has a line for it, or one that stands for several."""
        return any(is_rolled_up(each) or use_id in _named_in(each) for each in self._documents(month))

    def bills_fees(self, month: Month) -> bool:
        """Whether a document of the month bills what subscriptions cost."""
        every = self._documents(month)
        return any(is_rolled_up(each) or any(line.about == _FEE for line in each.lines) for each in every)

    def _documents(self, month: Month) -> list[Document]:
        return [each for each in self._every() if each.month == month]

    def _every(self) -> list[Document]:
        return [*self.invoices, *self.notes]

    def _onward(self, month: Month) -> list[Document]:
        """What took along what was left of a month, each time that something was and no document of its own took it."""
        found: list[Document] = []
        settled = newer = self.settlements.get(month)
        for version in versions(settled, self.wired.billed) if settled is not None else ():
            took_it = newer is not None and _documents_of(newer) > _documents_of(version)
            if _is_left(version) and not took_it:
                found += [each for each in self._next_after(version) if each not in found]
            newer = version
        return found

    def _next_after(self, settled: Settlement) -> list[Document]:
        """The first documents behind it that take something along; of several sellers there are several of a month."""
        behind = (each for each in self._every() if _is_behind(each, settled) and _takes_along(each))
        found = sorted(behind, key=lambda each: (each.issued_at, each.month))
        return [each for each in found if each.month == found[0].month]


def is_rolled_up(invoice: Document) -> bool:
    """Whether a line stands for several things that were used."""
    return any(line.about in ("product", _OTHERS) for line in invoice.lines)


def _named_in(document: Document) -> set[str]:
    return {line.reference for line in document.lines}


def _is_left(settled: Settlement) -> bool:
    """Whether something of it was left to be billed with others; what has no document left all."""
    return bool(settled.carried_out if _documents_of(settled) else settled.left)


def _documents_of(settled: Settlement) -> int:
    return settled.invoices + settled.credits


def _is_behind(document: Document, settled: Settlement) -> bool:
    if settled.stood is None or document.issued_at == settled.stood.at:
        return document.month > settled.month
    return document.issued_at > settled.stood.at


def _takes_along(document: Document) -> bool:
    return any(line.about in _TAKES_ALONG for line in document.lines)


def _adjusts(document: Document, months: Collection[Month]) -> bool:
    names = {str(each) for each in months}
    return any(
        line.about == _OTHERS or (line.about == ADJUSTMENT and line.reference in names) for line in document.lines
    )
