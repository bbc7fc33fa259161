"""The rules by which an account's documents are held against what its settlement says that they took along."""

from collections.abc import Iterable, Iterator, Mapping

from chalicelib.billing import differences
from chalicelib.billing.model import InvoiceLine, Settlement
from chalicelib.billing.paper_taxes import taken_by
from chalicelib.finance.facts import AccountMonth
from chalicelib.finance.reconciling_money import DOCUMENT, Line


def lines_of_papers(each: AccountMonth) -> Iterator[Line]:
    """What documents say otherwise: than the settlement of tax by rate and of partners' shares, or than their lines.

    What agrees is no line: an account's month has some dozen of these sums.
    """
    for invoice in each.invoices:
        yield from _unless_same(each, f"{invoice.invoice_id}:lines", invoice.total.minor, _sum_of(invoice.lines))
    for note in each.notes:
        yield from _unless_same(each, f"{note.note_id}:lines", note.total.minor, _sum_of(note.lines))
    if each.settlement is not None:
        for kind, settled, documents in _taken(each, each.settlement):
            for name in sorted({*settled, *documents}):
                about = f"{each.account_id}:{each.month}:{kind}{name}"
                yield from _unless_same(each, about, settled.get(name, 0), documents.get(name, 0))


def _taken(each: AccountMonth, settlement: Settlement) -> Iterator[tuple[str, Mapping[str, int], Mapping[str, int]]]:
    """What the settlement says, and what documents do. Credit takes shares off invoices: then they are not the same."""
    papers = [invoice.paper for invoice in each.invoices if invoice.paper is not None]
    if len(papers) == len(each.invoices):
        rows = [taken_by(paper.taxes) for paper in papers]
        rows += [taken_by(note.paper.taxes, sign=-1) for note in each.notes]
        yield "", settlement.taxes_invoiced, differences.summed(*rows)
    if not any(invoice.credited for invoice in each.invoices):
        shares = [invoice.shares for invoice in each.invoices] + [note.shares for note in each.notes]
        yield "share|", settlement.shares_invoiced, differences.summed(*shares)


def _sum_of(lines: Iterable[InvoiceLine]) -> int:
    return sum(line.amount.minor for line in lines)


def _unless_same(each: AccountMonth, about: str, here: int, there: int) -> Iterator[Line]:
    if here != there:
        yield Line(f"{DOCUMENT}:{about}", each.currency, here, here=True, inside=True)
        yield Line(f"{DOCUMENT}:{about}", each.currency, there, here=False, inside=True)
