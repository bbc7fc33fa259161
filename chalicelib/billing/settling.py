"""Settle a month: recompute, subtract what is billed, bill the difference."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.billing import differences
from chalicelib.billing.credit_model import CreditNote
from chalicelib.billing.credit_ports import Issuing
from chalicelib.billing.credit_postings import note_source
from chalicelib.billing.crediting import adding_note
from chalicelib.billing.currencies import chargeable, minimum_charge
from chalicelib.billing.differences import Taken
from chalicelib.billing.document_lines import lines_of
from chalicelib.billing.errors import SettlementChanged
from chalicelib.billing.issuing import Taking
from chalicelib.billing.model import Invoice, Link, Parked, Settlement
from chalicelib.billing.paper_model import Paper, Series
from chalicelib.billing.parking import reason_to_park
from chalicelib.billing.ports import Billed, Used
from chalicelib.billing.postings import SETTLEMENT, invoice_source, settlement_entry
from chalicelib.billing.proving import Proven, proving
from chalicelib.billing.selling import ONE_SELLER, Part, Sellers, Selling
from chalicelib.billing.share_ports import Shared
from chalicelib.billing.share_rows import rows_of
from chalicelib.billing.sources import Stood
from chalicelib.billing.statement import Statement, statement
from chalicelib.billing.tax_ports import Split, ToSplit
from chalicelib.billing.unwritten import Made, Unwritten
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Commit, Write
from chalicelib.ledger.accounts import receivable
from chalicelib.ledger.ports import Ledger
from chalicelib.rating.figures import Figures


@dataclass(frozen=True, slots=True)
class Settled:
    """What settling came to: an invoice, a credit note, nothing to do, or parked; of several sellers, the first's.

    `sessions` are those whose charges it took along; None where nobody else sells anything, and it took all.
    """

    settlement: Settlement
    invoice: Invoice | None = None
    parked: Parked | None = None
    note: CreditNote | None = None
    sessions: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class _Stated:
    """A month as it comes out by now: its statement, its figures by product, and the parts of those."""

    statement: Statement
    figures: Mapping[str, Figures]
    parts: Mapping[str, int]

    @classmethod
    def of(cls, stated: Statement, shared: Shared, split: Split) -> "_Stated":
        return cls(stated, *split.stated(stated, shared))


@dataclass(frozen=True, slots=True)
class Settling:
    """What settling goes by. Of an account that `leaves`, what is too small to be collected is settled too.

    That is what its wallet pays wholly, and what it is owed, which goes back as any credit does.
    """

    billed: Billed
    used: Used
    ledger: Ledger
    shared: Shared
    issuing: Issuing
    time_zone_data: str
    now: datetime
    commit: Commit
    leaves: bool = False

    def not_before(self, settled: Sequence[Settlement]) -> "Settling":
        """By no earlier an instant than what was settled: where a clock is behind, all that was billed is there yet."""
        return replace(self, now=max([self.now, *(each.stood.at for each in settled if each.stood is not None)]))

    def selling(self) -> Selling:
        """Who sells what."""
        return self.issuing.sells.selling() if self.issuing.sells is not None else ONE_SELLER


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
    leaves: bool = False,
) -> Settled:
    """Bring an account's month to what it has to be. Settling again changes nothing unless the evidence did.

    What each seller sells is brought there in a transaction of its own, the operator's first: what breaks off between
    two goes on where it was.
    """
    by = Settling(billed, used, ledger, shared, issuing, time_zone_data, now, commit, leaves)
    found: Settled | None = None
    while True:
        next_one, others = _settle_next(Settlement(account_id, month, currency), by)
        done = next_one.alone(issuing.numbers, commit) if isinstance(next_one, Unwritten) else next_one
        found = done if found is None else _with(found, done)
        if not (others or (leaves and (done.invoice or done.note))):
            return found


def unwritten(account_id: str, month: Month, currency: str, *, by: Settling) -> Settled | Unwritten | None:
    """What an account's month has to be brought to, not written yet; None where one transaction does not hold it.

    It is settled at once where nothing is billed, or it is parked.
    """
    found, others = _settle_next(Settlement(account_id, month, currency), by)
    return None if others else found


def _with(first: Settled, later: Settled) -> Settled:
    invoice, note = first.invoice or later.invoice, first.note or later.note
    return Settled(later.settlement, invoice, later.parked, note)


def _settle_next(fresh: Settlement, by: Settling) -> tuple[Settled | Unwritten, bool]:
    """What one seller sells, brought to what it has to be; whether that of others may be left to be settled.

    The last proof is read first: whatever is settled meanwhile takes its number, and refuses what we computed.
    """
    account_id, month, billed = fresh.account_id, fresh.month, by.billed
    last, every = _chain(account_id, billed)
    by = by.not_before(every)
    known = {each.month: each for each in every if each.currency == fresh.currency}
    before = known.get(month, fresh)
    held = billed.parked(account_id, month)
    if held is not None and held.released_at is None:
        return Settled(before, parked=held), False
    statements = _restated(before, _corrected(before, known, by.used, billed), known, by.used, by.now)
    charged = _charged(statements, before, known)
    sellers = Sellers(by.selling(), statements, before, charged)
    for part in sellers.changed_first(everybody=by.leaves):
        split = by.issuing.taxes.split(ToSplit(before, statements, known, by.now, part.seller_id, part.has))
        found = {each.month: _Stated.of(each, by.shared, split) for each in statements}
        whole = _recomputed(found, charged, before, known)
        earlier = [each for each in every if each.version]
        comes_to = found[month].statement.total.minor
        parked = reason_to_park(whole, comes_to, earlier, _posted(by.ledger, fresh), by.now)
        parked = split.refused or (None if held is not None and parked is not None and held.knows(parked) else parked)
        if parked is not None:
            parked = parked if held is None else held.followed_by(parked)
            _check_read_together(account_id, month, every, billed)
            return by.commit(billed.parking(parked), Settled(before, parked=parked)), False
        after = part.brought(before, whole)
        others = _taken(after) != _taken(whole)
        marks = [] if others else [write for each in statements for write in each.rated_from.marking(by.now)]
        is_same = _taken(after) == _taken(before) and not marks
        if is_same and not by.leaves:
            continue
        changed = [found[month].statement, *(each for each in statements if _differs(each.month, before, after))]
        proofs = proving(changed, last, billed=billed, time_zone_data=by.time_zone_data, now=by.now)
        stood = Stood.of(found[month].statement.rated_from.sources, by.now)
        bill = _Bill(part, statements, before, after, proofs, known, stood)
        if is_same and not _is_worth_one(bill.taking, bill.was, by):
            continue
        rows = [write for each in changed for write in _share_rows(found[each.month], bill, by.shared)]
        later = by.used.correcting_later(account_id, month, [each for each in known if each > month], by.now)
        return _bill(bill, [*rows, *marks, *split.writes, *later], by), others
    return Settled(before), False


def _chain(account_id: str, billed: Billed) -> tuple[Link | None, Sequence[Settlement]]:
    """The end of the account's chain of proofs, and its settlements, which say it; those of before do not."""
    every = billed.settlements(account_id)
    if all(each.proof for each in every):
        return max((each.link for each in every), key=lambda link: link.number, default=None), every
    head = billed.last_proof(account_id)
    return head.link if head is not None else None, billed.settlements(account_id)


def _share_rows(of: _Stated, bill: "_Bill", shared: Shared) -> list[Write]:
    whose, month = of.statement.account_id, of.statement.month
    taken = {**bill.known, bill.after.month: bill.after}
    rows = rows_of(whose, month, of.figures, known=bill.known, taken=taken, proofs=bill.proofs.heads, shared=shared)
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
    """The month, and every settled one from the first that was corrected on until it, as they come out by now.

    A month shares caps with those beside it, and what it takes counts under ceilings afterwards: so months are stated
    in their order, each knowing what those before it came to, and what has not changed makes no difference. Later
    ones are not the month's: if it was opened again or released, they are closed, and the open one corrects them.
    """
    first = min([*corrected, before.month])
    found: dict[Month, Statement] = {}
    for month in sorted({*(each for each in known if first <= each <= before.month), *corrected, before.month}):
        paid = {each: stated.by_product for each, stated in found.items()}
        found[month] = statement(before.account_id, month, before.currency, used=used, now=now, paid=paid)
    return list(found.values())


def _charged(statements: Sequence[Statement], before: Settlement, known: Mapping[Month, Settlement]) -> Taken:
    """What the settlement has to take of charges."""
    by_month = {each.month: each.by_product for each in statements}
    own = by_month.pop(before.month)
    return differences.recomputed(own, by_month, before, known, differences.charges)


def _recomputed(
    found: dict[Month, _Stated], charged: Taken, before: Settlement, known: Mapping[Month, Settlement]
) -> Settlement:
    by_month = {month: each.parts for month, each in found.items() if month != before.month}
    parts = differences.recomputed(found[before.month].parts, by_month, before, known, differences.parts)
    left = sum(each.left for each in known.values() if each.month != before.month)
    return replace(
        before,
        charges=charged.own,
        adjusted=charged.adjusted,
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


def _posted(ledger: Ledger, of: Settlement) -> int:
    """What the ledger holds of its account's settlements, in its currency."""
    owed, currency = receivable(of.account_id), of.currency
    posted = [each for entry in ledger.of_account(of.account_id) if entry.kind == SETTLEMENT for each in entry.postings]
    return sum(each.amount.minor for each in posted if (each.ledger_account, each.amount.currency) == (owed, currency))


@dataclass(frozen=True, slots=True)
class _Bill:
    """What is to be billed: a seller's part of the settlement as it was and as it has to be, and what proves it."""

    part: Part
    statements: Sequence[Statement]
    before: Settlement
    after: Settlement
    proofs: Proven
    known: Mapping[Month, Settlement]
    stood: Stood

    @property
    def whole(self) -> Settlement:
        """The settlement as it has to be, with the end of the chain of proofs."""
        last, version = self.proofs.last, self.before.version + 1
        return replace(self.after, version=version, proof=last.number, digest=last.digest, stood=self.stood)

    @property
    def taking(self) -> Taking:
        """What a document of the seller takes, if that is worth one. Documents are counted for all sellers together."""
        part, before, after = self.part, self.was, self.whole
        known = {month: part.of(each) for month, each in self.known.items()}
        left = sum(each.left for month, each in known.items() if month != after.month)
        now = replace(part.of(after), carried_in=left, invoices=after.invoices, credits=after.credits)
        due = chargeable(Money(now.carried_out, now.currency))
        stated = next(each for each in self.statements if each.month == after.month)
        return Taking(now, lines_of(part.stated(stated), before, now, due), known, due)

    @property
    def was(self) -> Settlement:
        """The seller's part before."""
        return self.part.of(self.before)

    @property
    def sessions(self) -> frozenset[str] | None:
        """Those whose charges are the seller's."""
        if self.part.is_all:
            return None
        return frozenset(use.use_id for each in self.statements for use in self.part.stated(each).uses)


def _bill(bill: _Bill, rows: list[Write], by: Settling) -> Unwritten:
    """The settlement, its proof, postings, and invoice or credit note, if the sum is worth one: all or none of it."""
    before, part, taking, issuing, now = bill.was, bill.part, bill.taking, by.issuing, by.now
    whole = bill.whole

    def written(after: Settlement, document: Invoice | CreditNote | None, writes: Sequence[Write]) -> Made:
        entry = settlement_entry(before, after, _source(document), bill.proofs.heads, now)
        posting = by.ledger.posting(entry) if entry is not None else ()
        note = document if isinstance(document, CreditNote) else None
        kept = part.taken(whole, taking.settlement, after) if document is not None else whole
        invoice = document if isinstance(document, Invoice) else None
        settled = Settled(kept, invoice, note=note, sessions=bill.sessions)
        saved = by.billed.saving_settlement(kept, bill.before)
        return [*saved, *bill.proofs.writes, *rows, *writes, *posting], settled

    if not _is_worth_one(taking, before, by):
        return Unwritten(whole.account_id, lambda _paper: written(taking.settlement, None, ()))

    def invoiced(paper: Paper | None) -> Made:
        after, invoice = taking.invoice(_known(paper), now)
        invoice, paid = issuing.ahead.pay(invoice, before, after, now)
        return written(after, invoice, [*paid, *by.billed.adding_invoice(invoice, now)])

    def credited(paper: Paper | None) -> Made:
        after, note = taking.credit_note(_known(paper), now)
        return written(after, note, adding_note(note, issuing.notes, now))

    made, series = (invoiced, Series.INVOICE) if taking.due.minor > 0 else (credited, Series.CREDIT_NOTE)
    return Unwritten(whole.account_id, made, series, part.seller_id)


def _is_worth_one(taking: Taking, before: Settlement, by: Settling) -> bool:
    """Whether what is left is worth a document."""
    due = taking.due
    if abs(due.minor) >= minimum_charge(due.currency).minor:
        return True
    if not by.leaves or due.minor <= 0:
        return by.leaves and due.minor < 0
    return by.issuing.ahead.covers(due, before, taking.settlement, by.now)


def _known(paper: Paper | None) -> Paper:
    if paper is None:
        raise ValueError("a document has a number")
    return paper


def _source(document: Invoice | CreditNote | None) -> str | None:
    """What the account owes more, or less, by."""
    if isinstance(document, CreditNote):
        return note_source(document.note_id)
    return invoice_source(document.invoice_id) if document is not None else None
