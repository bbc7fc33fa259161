"""Settle a month: recompute, subtract what is billed, bill the difference."""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.billing.errors import SettlementChanged
from chalicelib.billing.model import Invoice, InvoiceLine, Parked, Settlement, minimum_charge
from chalicelib.billing.parking import reason_to_park
from chalicelib.billing.ports import Billed, Used
from chalicelib.billing.proving import proving
from chalicelib.billing.statement import Statement, statement
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Commit, Write
from chalicelib.ledger.accounts import receivable, revenue
from chalicelib.ledger.model import JournalEntry, Posting
from chalicelib.ledger.ports import Ledger

MOST_LINES = 200
"""Over this many sessions an invoice has one line a product instead of one a session (Stripe takes 250 in all)."""
SETTLEMENT = "settlement"


@dataclass(frozen=True, slots=True)
class Settled:
    """What settling came to: an invoice, nothing to do, or parked."""

    settlement: Settlement
    invoice: Invoice | None = None
    parked: Parked | None = None


def settle(
    account_id: str,
    month: Month,
    currency: str,
    *,
    billed: Billed,
    used: Used,
    ledger: Ledger,
    time_zone_data: str,
    now: datetime,
    commit: Commit,
) -> Settled:
    """Bring an account's month to what it has to be. Settling again changes nothing unless the evidence did.

    The last proof is read first: whatever is settled meanwhile takes its number, and refuses what we computed.
    """
    last = billed.last_proof(account_id)
    known = {each.month: each for each in billed.settlements(account_id)}
    before = known.get(month, Settlement(account_id, month, currency))
    corrected = _corrected(before, known, used, billed)
    stated, restated = _restated(before, corrected, known, used, now)
    after = _recomputed(stated, restated, before, known)
    held = billed.parked(account_id, month)
    if held is not None and held.released_at is None:
        return Settled(before, parked=held)
    if held is None:
        posted = _posted(ledger, account_id)
        parked = reason_to_park(
            after, stated.total.minor, [each for each in known.values() if each.version], posted, now
        )
        if parked is not None:
            _check_read_together(account_id, month, known, billed)
            return commit(billed.parking(parked), Settled(before, parked=parked))
    if (after.charges, after.adjusted) == (before.charges, before.adjusted):
        return Settled(before)
    changed = [
        each for each in restated if after.adjusted.get(str(each.month), {}) != before.adjusted.get(str(each.month), {})
    ]
    proofs = proving([stated, *changed], last, billed=billed, time_zone_data=time_zone_data, now=now)
    return _bill(stated, before, after, proofs, billed=billed, ledger=ledger, now=now, commit=commit)


def _corrected(before: Settlement, known: dict[Month, Settlement], used: Used, billed: Billed) -> list[Month]:
    """Earlier months that were corrected in this one. One that was never settled counts too, unless it is parked."""
    found = [month for month in used.adjusted_months(before.account_id, before.month) if month < before.month]
    return [month for month in found if month in known or billed.parked(before.account_id, month) is None]


def _restated(
    before: Settlement, corrected: list[Month], known: dict[Month, Settlement], used: Used, now: datetime
) -> tuple[Statement, list[Statement]]:
    """The month, and every settled one from the first that was corrected on, as they come out by now.

    A month shares caps with those beside it, and what it takes counts under ceilings afterwards: so months are stated
    in their order, each knowing what those before it came to, and what has not changed makes no difference.
    """
    first = min([*corrected, before.month])
    found: dict[Month, Statement] = {}
    for month in sorted({*(each for each in known if each >= first), *corrected, before.month}):
        paid = {each: stated.by_product for each, stated in found.items()}
        found[month] = statement(before.account_id, month, before.currency, used=used, now=now, paid=paid)
    return found[before.month], [each for month, each in found.items() if month != before.month]


def _recomputed(
    stated: Statement, restated: list[Statement], before: Settlement, known: dict[Month, Settlement]
) -> Settlement:
    changes = {
        str(again.month): _difference(again.by_product, _billed_of(again.month, before, known)) for again in restated
    }
    adjusted = {month: change for month, change in changes.items() if change}
    elsewhere = _adjusted_of(before.month, before.month, known)
    charges = {name: stated.by_product.get(name, 0) - elsewhere.get(name, 0) for name in stated.by_product | elsewhere}
    left = sum(each.left for each in known.values() if each.month != before.month)
    return replace(before, charges=charges, adjusted=adjusted, carried_in=left)


def _billed_of(month: Month, without: Settlement, known: dict[Month, Settlement]) -> dict[str, int]:
    """By product, what all settlements but one have taken for a month's use."""
    settled = known.get(month, Settlement(without.account_id, month, without.currency))
    own, adjusted = dict(settled.charges), _adjusted_of(month, without.month, known)
    return {name: own.get(name, 0) + adjusted.get(name, 0) for name in own | adjusted}


def _adjusted_of(month: Month, without: Month, known: dict[Month, Settlement]) -> dict[str, int]:
    """By product, what settlements of other months, but for one, have taken or given back for a month's use."""
    sums: dict[str, int] = {}
    for each in known.values():
        if each.month != without:
            for product, minor in each.adjusted.get(str(month), {}).items():
                sums[product] = sums.get(product, 0) + minor
    return sums


def _difference(now: dict[str, int], before: dict[str, int]) -> dict[str, int]:
    every = sorted(set(now) | set(before))
    changes = {product: now.get(product, 0) - before.get(product, 0) for product in every}
    return {product: minor for product, minor in changes.items() if minor}


def _check_read_together(account_id: str, month: Month, known: dict[Month, Settlement], billed: Billed) -> None:
    """Settlements and ledger are two reads. If another worker settled in between, only that made them differ."""
    if known != {each.month: each for each in billed.settlements(account_id)}:
        raise SettlementChanged(month=str(month))


def _posted(ledger: Ledger, account_id: str) -> int:
    owed = receivable(account_id)
    entries = [entry for entry in ledger.of_account(account_id) if entry.kind == SETTLEMENT]
    return sum(each.amount.minor for entry in entries for each in entry.postings if each.ledger_account == owed)


def _bill(
    stated: Statement,
    before: Settlement,
    after: Settlement,
    proofs: list[Write],
    *,
    billed: Billed,
    ledger: Ledger,
    now: datetime,
    commit: Commit,
) -> Settled:
    """The settlement, its proof, postings and invoice, if the sum is worth one, exist together or not at all."""
    after = replace(after, version=before.version + 1)
    writes = [*proofs, *_postings(before, after, ledger, now)]
    due = Money(after.carried_out, after.currency)
    if due < minimum_charge(due.currency):
        return commit([billed.saving_settlement(after), *writes], Settled(after))
    invoice = Invoice(after.account_id, after.month, after.invoices + 1, _lines(stated, before, after), due, now)
    after = replace(after, invoiced=after.invoiced + due.minor, invoices=invoice.number)
    writes += billed.adding_invoice(invoice, now)
    return commit([billed.saving_settlement(after), *writes], Settled(after, invoice))


def _postings(before: Settlement, after: Settlement, ledger: Ledger, now: datetime) -> list[Write]:
    changes = _difference(after.posted, before.posted)
    if not changes:
        return []
    currency = after.currency
    owed = Posting(receivable(after.account_id), Money(sum(changes.values()), currency))
    earned = [Posting(revenue(product), Money(-minor, currency)) for product, minor in changes.items()]
    postings = tuple(each for each in [owed, *earned] if each.amount.minor)
    reference = f"{SETTLEMENT}:{after.account_id}:{after.month}:{after.version}"
    entry = JournalEntry(reference, SETTLEMENT, after.account_id, after.month, now, postings)
    return list(ledger.posting(entry))


def _lines(stated: Statement, before: Settlement, after: Settlement) -> tuple[InvoiceLine, ...]:
    """The first invoice of a month lists its sessions; a later one, the difference by product."""
    currency = after.currency
    if before.version == 0 and len(stated.by_use) <= MOST_LINES:
        rows = [("session", use_id, minor) for use_id, minor in stated.by_use.items()]
    else:
        rows = [
            ("product", name, minor) for name, minor in _difference(dict(after.charges), dict(before.charges)).items()
        ]
    for month, change in after.adjusted.items():
        rows.append(("adjustment", month, sum(change.values()) - sum(before.adjusted.get(month, {}).values())))
    left = after.carried_out - sum(minor for _, _, minor in rows)
    rows.append(("carried", str(after.month.previous), left))
    return tuple(InvoiceLine(about, reference, Money(minor, currency)) for about, reference, minor in rows if minor)
