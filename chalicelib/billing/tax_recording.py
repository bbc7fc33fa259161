"""Have the tax provider record what was split, so that its reports say what our ledger says. Safe to repeat."""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.billing.errors import TaxRefused
from chalicelib.billing.tax_model import TakenBack, TaxedSale
from chalicelib.billing.tax_ports import TaxedSales, TaxProvider, Transacted
from chalicelib.kernel.writes import Commit

DIFFERS = "sums_differ"


@dataclass(frozen=True, slots=True)
class Recording:
    """What recording goes by."""

    sales: TaxedSales
    provider: TaxProvider
    now: datetime
    commit: Commit


def record(account_id: str, name: str, by: Recording) -> TaxedSale | None:
    """Bring a sale's record, and those of what was taken back of it, to the provider, one by one, each once.

    Each call has a key and a reference of its own. What the provider refuses for good is written down, and told by the
    comparison; nothing is invented in its place.
    """
    sale = by.sales.find(account_id, name)
    if sale is None or sale.refused is not None:
        return sale
    try:
        if sale.transaction is None:
            sale = _saved(_recorded(sale, by.provider.record(sale)), by)
        for place, back in enumerate(sale.backs):
            if back.transaction is None:
                sale = _saved(_taken_back(sale, place, by.provider.take_back(sale, back)), by)
    except TaxRefused as refusal:
        return _saved(replace(sale, refused=str(refusal.facts.get("code", refusal.code))), by)
    return sale


def _saved(sale: TaxedSale, by: Recording) -> TaxedSale:
    changed = replace(sale, revision=sale.revision + 1)
    return by.commit([by.sales.saving(changed)], changed)


def _recorded(sale: TaxedSale, made: Transacted) -> TaxedSale:
    """What comes to another sum than ours is kept as it is there, and nothing more is told of it."""
    lines = tuple(replace(line, provider_line=made.lines.get(line.product)) for line in sale.lines)
    same = (made.gross, made.tax) == (sum(each.gross for each in lines), sum(each.tax for each in lines))
    return replace(sale, lines=lines, transaction=made.transaction, refused=None if same else DIFFERS)


def _taken_back(sale: TaxedSale, place: int, made: Transacted) -> TaxedSale:
    back: TakenBack = replace(sale.backs[place], transaction=made.transaction)
    same = (made.gross, made.tax) == (-back.gross, -back.tax)
    backs = (*sale.backs[:place], back, *sale.backs[place + 1 :])
    return replace(sale, backs=backs, refused=None if same else DIFFERS)
