"""Does the tax provider report what our ledger says? Of each account that was invoiced lately."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.billing.comparison_model import COMPARED, SETTLES_WITHIN, Difference
from chalicelib.billing.parts import is_split
from chalicelib.billing.tax_model import TaxedSale
from chalicelib.billing.tax_ports import TaxedSales, TaxProvider
from chalicelib.kernel.writes import Commit
from chalicelib.ledger.accounts import tax_rate_of
from chalicelib.ledger.ports import Ledger


@dataclass(frozen=True, slots=True)
class TaxComparing:
    """What it goes by; `noting` writes a difference down in the transaction that repairs it."""

    sales: TaxedSales
    provider: TaxProvider
    ledger: Ledger
    now: datetime
    noting: Callable[[Difference], Commit]


def compare_taxes(account_id: str, by: TaxComparing) -> Iterator[Difference]:
    """Our sales with the ledger's tax, and each of the last weeks with its records at the provider."""
    sales = by.sales.of_account(account_id)
    yield from _ledger(account_id, sales, by)
    for sale in sales:
        found = _sale(sale, by)
        if found is not None:
            yield found


def _ledger(account_id: str, sales: Sequence[TaxedSale], by: TaxComparing) -> Iterator[Difference]:
    split, posted = dict[str, int](), dict[str, int]()
    for sale in sales:
        for rate, tax in sale.taxes_left.items():
            split[rate] = split.get(rate, 0) + tax
    for entry in by.ledger.of_account(account_id):
        for each in entry.postings:
            rate_posted = tax_rate_of(each.ledger_account)
            if rate_posted is not None and is_split(rate_posted):
                posted[rate_posted] = posted.get(rate_posted, 0) - each.amount.minor
    for rate in sorted({*split, *posted}):
        facts = {"rate": rate, "ledger_minor": str(posted.get(rate, 0)), "sales_minor": str(split.get(rate, 0))}
        if posted.get(rate, 0) != split.get(rate, 0):
            yield Difference(f"{account_id}:{rate}", "tax_differs_from_ledger", "reported", facts)


def _sale(sale: TaxedSale, by: TaxComparing) -> Difference | None:
    last = max([sale.at, *(each.at for each in sale.backs)])
    if sale.refused is not None:
        return Difference(sale.sale_id, "tax_not_recorded", "reported", {"code": sale.refused})
    if not sale.is_recorded:
        if last > by.now - SETTLES_WITHIN:
            return None
        found = Difference(sale.sale_id, "tax_not_recorded", "recorded_again")
        return by.noting(found)([by.sales.recording(sale, by.now)], found)
    if last < by.now - COMPARED:
        return None
    names = [sale.transaction, *(each.transaction for each in sale.backs)]
    there = [by.provider.stands(name) for name in names if name is not None]
    ours = sum(each.tax for each in sale.lines) - sum(each.tax for each in sale.backs)
    theirs = sum(each.tax for each in there)
    facts = {"here_minor": str(ours), "there_minor": str(theirs), "currency": sale.currency}
    return None if ours == theirs else Difference(sale.sale_id, "tax_differs", "reported", facts)
