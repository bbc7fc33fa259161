"""Settle a month: recompute, subtract what is billed, bill the difference."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.billing import differences
from chalicelib.billing.credit_model import CreditNote
from chalicelib.billing.credit_ports import Issuing, Numbers
from chalicelib.billing.credit_postings import note_source
from chalicelib.billing.crediting import adding_note
from chalicelib.billing.errors import SettlementChanged
from chalicelib.billing.issuing import Taking
from chalicelib.billing.model import Invoice, InvoiceLine, Parked, Settlement, chargeable, minimum_charge
from chalicelib.billing.numbering import Numbered, numbered
from chalicelib.billing.paper_model import Paper, Series
from chalicelib.billing.parking import reason_to_park
from chalicelib.billing.ports import Billed, Used
from chalicelib.billing.postings import SETTLEMENT, invoice_source, settlement_entry
from chalicelib.billing.proving import Proven, proving
from chalicelib.billing.share_ports import Shared
from chalicelib.billing.share_rows import rows_of
from chalicelib.billing.statement import Statement, statement
from chalicelib.billing.tax_ports import Split, ToSplit
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Commit, Write
from chalicelib.ledger.accounts import receivable
from chalicelib.ledger.ports import Ledger
from chalicelib.rating import Use
from chalicelib.rating.figures import Figures
from chalicelib.rating.stated import class_of, is_stated, kind_of

MOST_LINES = 200
"""Over this many sessions an invoice has one line a product instead of one a session (Stripe takes 250 in all)."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What settling came to: an invoice, a credit note, nothing to do, or parked."""

    settlement: Settlement
    invoice: Invoice | None = None
    parked: Parked | None = None
    note: CreditNote | None = None


Made = tuple[Sequence[Write], Settled]
"""What writes a settlement, and what it came to."""


@dataclass(frozen=True, slots=True)
class Unwritten:
    """A settlement that waits to be written. Of the document that it has in a series, the number is not taken yet.

    `made` says, under a document's paper, what is to be written; without a document it needs none.
    """

    account_id: str
    made: Callable[[Paper | None], Made]
    series: Series | None = None

    def alone(self, numbers: Numbers, commit: Commit) -> Settled:
        """Write it by itself, under the next number."""
        if self.series is None:
            writes, settled = self.made(None)
            return commit(writes, settled)

        def issue(given: Numbered) -> Settled:
            writes, settled = self.made(given.paper)
            return commit([*writes, given.taking], settled)

        return numbered(self.account_id, self.series, numbers, issue)


@dataclass(frozen=True, slots=True)
class _Stated:
    """A month as it comes out by now: its statement, its figures by product, and the parts of those."""

    statement: Statement
    figures: Mapping[str, Figures]
    parts: Mapping[str, int]

    @classmethod
    def of(cls, stated: Statement, shared: Shared, split: Split) -> "_Stated":
        return cls(stated, *split.stated(stated, shared))


def settle(
    account_id: str,
    month: Month,
    currency: str,
    *,
    billed: Billed,
    used: Used,
    ledger: Ledger,
    shared: Shared,
    issuing: Issuing,
    time_zone_data: str,
    now: datetime,
    commit: Commit,
) -> Settled:
    """Bring an account's month to what it has to be. Settling again changes nothing unless the evidence did."""
    found = unwritten(
        account_id,
        month,
        currency,
        billed=billed,
        used=used,
        ledger=ledger,
        shared=shared,
        issuing=issuing,
        time_zone_data=time_zone_data,
        now=now,
        commit=commit,
    )
    return found.alone(issuing.numbers, commit) if isinstance(found, Unwritten) else found


def unwritten(
    account_id: str,
    month: Month,
    currency: str,
    *,
    billed: Billed,
    used: Used,
    ledger: Ledger,
    shared: Shared,
    issuing: Issuing,
    time_zone_data: str,
    now: datetime,
    commit: Commit,
) -> Settled | Unwritten:
    """What an account's month has to be brought to; settled at once where nothing is billed, or it is parked.

    The last proof is read first: whatever is settled meanwhile takes its number, and refuses what we computed.
    """
    last = billed.last_proof(account_id)
    every = billed.settlements(account_id)
    known = {each.month: each for each in every if each.currency == currency}
    before = known.get(month, Settlement(account_id, month, currency))
    held = billed.parked(account_id, month)
    if held is not None and held.released_at is None:
        return Settled(before, parked=held)
    corrected = _corrected(before, known, used, billed)
    statements = _restated(before, corrected, known, used, now)
    split = issuing.taxes.split(ToSplit(before, statements, known, now))
    found = {each.month: _Stated.of(each, shared, split) for each in statements}
    after = _recomputed(found, before, known)
    stated = found[month].statement
    earlier = [each for each in every if each.version]
    parked = reason_to_park(after, stated.total.minor, earlier, _posted(ledger, account_id), now)
    parked = split.refused or (None if held is not None and parked is not None and held.knows(parked) else parked)
    if parked is not None:
        parked = parked if held is None else held.followed_by(parked)
        _check_read_together(account_id, month, every, billed)
        return commit(billed.parking(parked), Settled(before, parked=parked))
    marks = [write for each in found.values() for write in each.statement.rated_from.marking(now)]
    if _taken(after) == _taken(before) and not marks:
        return Settled(before)
    changed = [stated, *(each.statement for each in found.values() if _differs(each.statement.month, before, after))]
    proofs = proving(changed, last, billed=billed, time_zone_data=time_zone_data, now=now)
    rows = [write for each in changed for write in _share_rows(found[each.month], known, proofs, shared)]
    bill = _Bill(stated, before, after, proofs, known)
    rows += [*marks, *split.writes]
    return _bill(bill, rows, billed=billed, ledger=ledger, issuing=issuing, now=now)


def _share_rows(of: _Stated, known: Mapping[Month, Settlement], proofs: Proven, shared: Shared) -> list[Write]:
    whose, month = of.statement.account_id, of.statement.month
    rows = rows_of(whose, month, of.figures, known=known, proofs=proofs.heads, shared=shared)
    return [shared.saving_row(row) for row in rows]


def _taken(settlement: Settlement) -> tuple[differences.Taken, differences.Taken]:
    return differences.charges(settlement), differences.parts(settlement)


def _differs(month: Month, before: Settlement, after: Settlement) -> bool:
    """Whether the settlement corrects an earlier month otherwise than it did."""
    pairs = zip(_taken(before), _taken(after), strict=True)
    return any(was.adjusted.get(str(month), {}) != now.adjusted.get(str(month), {}) for was, now in pairs)


def _corrected(before: Settlement, known: dict[Month, Settlement], used: Used, billed: Billed) -> list[Month]:
    """Earlier months that were corrected in this one. One that was never settled counts too, unless it is parked."""
    found = [month for month in used.adjusted_months(before.account_id, before.month) if month < before.month]
    return [month for month in found if month in known or billed.parked(before.account_id, month) is None]


def _restated(
    before: Settlement, corrected: list[Month], known: dict[Month, Settlement], used: Used, now: datetime
) -> list[Statement]:
    """The month, and every settled one from the first that was corrected on, as they come out by now.

    A month shares caps with those beside it, and what it takes counts under ceilings afterwards: so months are stated
    in their order, each knowing what those before it came to, and what has not changed makes no difference.
    """
    first = min([*corrected, before.month])
    found: dict[Month, Statement] = {}
    for month in sorted({*(each for each in known if each >= first), *corrected, before.month}):
        paid = {each: stated.by_product for each, stated in found.items()}
        found[month] = statement(before.account_id, month, before.currency, used=used, now=now, paid=paid)
    return list(found.values())


def _recomputed(found: dict[Month, _Stated], before: Settlement, known: dict[Month, Settlement]) -> Settlement:
    others = [month for month in found if month != before.month]
    own = found[before.month]
    charges = differences.recomputed(
        own.statement.by_product,
        {month: found[month].statement.by_product for month in others},
        before,
        known,
        differences.charges,
    )
    parts = differences.recomputed(
        own.parts, {month: found[month].parts for month in others}, before, known, differences.parts
    )
    left = sum(each.left for each in known.values() if each.month != before.month)
    return replace(
        before,
        charges=charges.own,
        adjusted=charges.adjusted,
        parts=differences.keeping(parts.own, before.parts),
        parts_adjusted={
            month: differences.keeping(parts.adjusted.get(month, {}), before.parts_adjusted.get(month, {}))
            for month in {**before.parts_adjusted, **parts.adjusted}
        },
        carried_in=left,
    )


def _check_read_together(account_id: str, month: Month, every: Sequence[Settlement], billed: Billed) -> None:
    """Settlements and ledger are two reads. If another worker settled in between, only that made them differ."""
    if list(every) != list(billed.settlements(account_id)):
        raise SettlementChanged(month=str(month))


def _posted(ledger: Ledger, account_id: str) -> int:
    owed = receivable(account_id)
    entries = [entry for entry in ledger.of_account(account_id) if entry.kind == SETTLEMENT]
    return sum(each.amount.minor for entry in entries for each in entry.postings if each.ledger_account == owed)


@dataclass(frozen=True, slots=True)
class _Bill:
    """What is to be billed: the month's statement, the settlement as it was and as it has to be, and what proves it."""

    stated: Statement
    before: Settlement
    after: Settlement
    proofs: Proven
    known: Mapping[Month, Settlement]


def _bill(
    bill: _Bill,
    rows: list[Write],
    *,
    billed: Billed,
    ledger: Ledger,
    issuing: Issuing,
    now: datetime,
) -> Unwritten:
    """The settlement, its proof, postings, and invoice or credit note, if the sum is worth one: all or none of it."""
    before, after = bill.before, replace(bill.after, version=bill.before.version + 1)
    due = chargeable(Money(after.carried_out, after.currency))

    def written(after: Settlement, document: Invoice | CreditNote | None, writes: Sequence[Write]) -> Made:
        entry = settlement_entry(before, after, _source(document), bill.proofs.heads, now)
        posting = ledger.posting(entry) if entry is not None else ()
        note = document if isinstance(document, CreditNote) else None
        settled = Settled(after, document if isinstance(document, Invoice) else None, note=note)
        return [billed.saving_settlement(after), *bill.proofs.writes, *rows, *writes, *posting], settled

    if abs(due.minor) < minimum_charge(due.currency).minor:
        return Unwritten(after.account_id, lambda _paper: written(after, None, ()))
    taking = Taking(after, _lines(bill.stated, before, after, due), bill.known, due)

    def invoiced(paper: Paper | None) -> Made:
        after, invoice = taking.invoice(_known(paper), now)
        invoice, paid = issuing.ahead.pay(invoice, before, after, now)
        return written(after, invoice, [*paid, *billed.adding_invoice(invoice, now)])

    def credited(paper: Paper | None) -> Made:
        after, note = taking.credit_note(_known(paper), now)
        return written(after, note, adding_note(note, issuing.notes, now))

    made, series = (invoiced, Series.INVOICE) if due.minor > 0 else (credited, Series.CREDIT_NOTE)
    return Unwritten(after.account_id, made, series)


def _known(paper: Paper | None) -> Paper:
    if paper is None:
        raise ValueError("a document has a number")
    return paper


def _source(document: Invoice | CreditNote | None) -> str | None:
    """What the account owes more, or less, by."""
    if isinstance(document, CreditNote):
        return note_source(document.note_id)
    return invoice_source(document.invoice_id) if document is not None else None


def _about(use: Use) -> str:
    return str(class_of(kind_of(use.tariff.tariff_id))) if is_stated(use) else "session"


def _lines(stated: Statement, before: Settlement, after: Settlement, due: Money) -> tuple[InvoiceLine, ...]:
    """The first document of a month lists its sessions; a later one, the difference by product.

    What comes to nothing has no line. Where there are too many lines, the smallest are one.
    """
    if before.version == 0 and len(stated.by_use) <= MOST_LINES:
        rows = [(_about(use), use.use_id, stated.by_use[use.use_id]) for use in stated.uses]
    else:
        rows = [
            ("product", name, minor) for name, minor in differences.difference(after.charges, before.charges).items()
        ]
    for month, change in after.adjusted.items():
        rows.append(("adjustment", month, sum(change.values()) - sum(before.adjusted.get(month, {}).values())))
    left = after.carried_out - sum(minor for _, _, minor in rows)
    rows.append(("carried", str(after.month.previous), left))
    rows.append(("carried_on", str(after.month.next), due.minor - after.carried_out))
    kept = _at_most([row for row in rows if row[2]])
    return tuple(InvoiceLine(about, reference, Money(minor, due.currency)) for about, reference, minor in kept)


def _at_most(rows: list[tuple[str, str, int]]) -> list[tuple[str, str, int]]:
    """As many lines as there may be; in place of the smallest, one that says how many they were."""
    if len(rows) <= MOST_LINES:
        return rows
    by_size = sorted(range(len(rows)), key=lambda place: abs(rows[place][2]), reverse=True)
    first = set(by_size[: MOST_LINES - 1])
    others = [row for place, row in enumerate(rows) if place not in first]
    last = ("others", str(len(others)), sum(minor for _, _, minor in others))
    return [*(row for place, row in enumerate(rows) if place in first), *([last] if last[2] else [])]
