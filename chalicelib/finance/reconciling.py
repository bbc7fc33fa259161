"""The rules by which an account's month is reconciled: from what its use was rated at to what was collected of it."""

from dataclasses import dataclass

from chalicelib.billing.dispute_model import UNDECIDED, DisputeState
from chalicelib.billing.model import Invoice, InvoiceState
from chalicelib.finance.facts import AccountMonth
from chalicelib.finance.reconciliation_model import Cause, Difference, Stage, StageSum, explained
from chalicelib.finance.reconciling_money import COLLECTED, Line

Known = list[tuple[Cause, str, int]]
_LOST = frozenset({DisputeState.LOST, DisputeState.MADE_GOOD})


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What an account's month adds to the sums of stages, and the differences in it.

    `lines` are what its invoices say was paid, which is held against the ledger.
    """

    sums: tuple[StageSum, ...]
    differences: tuple[Difference, ...]
    lines: tuple[Line, ...] = ()


def reconcile_account(each: AccountMonth, *, stopped: bool) -> Reconciled:
    """Usage, rated, billed, collected. `stopped`: whether all collection is."""
    billed_sum, billed = _billed(each)
    owed, collected, paid = _collected(each, stopped=stopped)
    return Reconciled((billed_sum, owed), (*billed, *collected), tuple(paid))


def _billed(each: AccountMonth) -> tuple[StageSum, list[Difference]]:
    """The month's rated use against the month's documents: its invoices, less its own credit notes."""
    rated = each.statement.total.minor
    documents = sum(invoice.total.minor for invoice in each.invoices) - sum(note.total.minor for note in each.notes)
    about = f"{each.account_id}:{each.month}"
    known: Known = []
    settled = each.settlement
    taken = (settled.gross if settled is not None else 0) + each.later
    if rated != taken:
        known.append((_why_not_taken(each), about, rated - taken))
    known.append((Cause.BILLED_LATER, about, each.later))
    if settled is not None:
        known += [
            (Cause.OF_ANOTHER_MONTH, f"{each.account_id}:{month}", -sum(change.values()))
            for month, change in sorted(settled.adjusted.items())
        ]
        known.append((Cause.CARRIED, about, settled.left))
    summed = StageSum(Stage.BILLED, each.currency, rated, documents)
    return summed, explained(Stage.BILLED, each.currency, about, summed.difference, known)


def _why_not_taken(each: AccountMonth) -> Cause:
    if each.parked is not None:
        return Cause.PARKED
    return Cause.NOT_SETTLED if each.settlement is None or not each.settlement.version else Cause.CORRECTED_SINCE


def _collected(each: AccountMonth, *, stopped: bool) -> tuple[StageSum, list[Difference], list[Line]]:
    """What of the month's invoices is not paid, and why. All the rest says that it is: these are lines.

    The sum is of the first alone: lines bring theirs when they are held against the ledger.
    """
    left, found, lines = 0, list[Difference](), list[Line]()
    for invoice in each.invoices:
        about = invoice.invoice_id
        known = [
            (Cause.FROM_WALLET, about, invoice.paid_ahead.minor),
            (Cause.CREDITED, about, invoice.credited),
            *_taken_back(each, invoice),
        ]
        if invoice.state is not InvoiceState.PAID:
            unpaid = invoice.asks.minor - invoice.part_paid
            known.append((_why_unpaid(each, invoice, stopped=stopped), about, unpaid))
        paid = invoice.total.minor - sum(minor for _, _, minor in known)
        left += invoice.total.minor - paid
        found += explained(Stage.COLLECTED, each.currency, about, invoice.total.minor - paid, known)
        if paid:
            lines.append(Line(f"{COLLECTED}:{about}", each.currency, paid, here=True, inside=True))
    return StageSum(Stage.COLLECTED, each.currency, left, 0), found, lines


def _taken_back(each: AccountMonth, invoice: Invoice) -> Known:
    """By dispute, what a bank holds back of a payment, or has taken for good."""
    of_it = [dispute for dispute in each.disputes if dispute.invoice_id == invoice.invoice_id]
    causes = {**dict.fromkeys(UNDECIDED, Cause.DISPUTED), **dict.fromkeys(_LOST, Cause.WRITTEN_OFF)}
    return [(causes.get(each.state, Cause.DISPUTED), each.dispute_id, each.held) for each in of_it if each.held]


def _why_unpaid(each: AccountMonth, invoice: Invoice, *, stopped: bool) -> Cause:
    if invoice.invoice_id in each.written_off:
        return Cause.WRITTEN_OFF
    if invoice.state is InvoiceState.FAILED:
        return Cause.FAILED
    return Cause.STOPPED if stopped else Cause.NOT_PAID
