"""Accounts' months, entries, runs and both books in memory, for reconciling."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from chalicelib.access.model import ChargeRecord
from chalicelib.access.rerated import Basis, Rerated, charged_minor
from chalicelib.billing.comparison_model import TheirInvoice
from chalicelib.billing.model import Invoice, InvoiceLine, InvoiceState, Settlement
from chalicelib.billing.payout_model import Movement, MovementKind
from chalicelib.finance.closes_model import Close, CloseState
from chalicelib.finance.errors import ReconciliationChanged, ReconciliationExists
from chalicelib.finance.facts import AccountMonth
from chalicelib.finance.reconciliation_model import Difference, Reconciliation
from chalicelib.finance.reconciliation_ports import Movements, TheirInvoices
from chalicelib.finance.reconciling_invoices import lines_of_theirs
from chalicelib.finance.reconciling_money import Line
from chalicelib.finance.reconciling_month import ask_reconciliation
from chalicelib.finance.reconciling_partners import PartnerMonth
from chalicelib.finance.reconciling_run import Reconciling, go_on
from chalicelib.finance.spooling import DiskSpool
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.ledger.accounts import BANK, STRIPE_CLEARING, STRIPE_FEES, payable, receivable, revenue
from chalicelib.ledger.model import JournalEntry, Posting
from chalicelib.rating import RatedLine, Use
from tests.unit.finance.closes import MAY, NOW, OVER, ZONE, ClosesInMemory
from tests.unit.memory import Commits, InMemory, write

JUNE = Month(2021, 6)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


@dataclass(frozen=True)
class Stated:
    """What of a statement reconciling asks: whose it is, what it comes to, and of what."""

    account_id: str
    month: Month
    total: Money
    lines: tuple[RatedLine, ...] = ()
    uses: tuple[Use, ...] = ()

    @property
    def currency(self) -> str:
        return self.total.currency


def account(
    rated: int,
    invoices: list[Invoice] | None = None,
    name: str = "acc-1",
    **known: Any,  # noqa: ANN401 -- facts
) -> AccountMonth:
    stated: Any = Stated(name, MAY, eur(rated))
    return AccountMonth(statement=stated, invoices=invoices or [], **{"records": {}, **known})


def settled(rated: int, invoiced: int, **more: Any) -> Settlement:  # noqa: ANN401 -- as above
    return Settlement("acc-1", MAY, "EUR", 1, {"par-1:bike": rated}, invoiced=invoiced, **more)


def invoice(total: int, state: InvoiceState = InvoiceState.DUE, **more: Any) -> Invoice:  # noqa: ANN401 -- as above
    lines = (InvoiceLine("session", "ses-1", eur(total)),)
    return Invoice("acc-1", MAY, more.pop("number", 1), lines, eur(total), NOW, state, **more)


def entry(reference: str, account_id: str, at: datetime, *postings: tuple[str, int]) -> JournalEntry:
    kind = reference.partition(":")[0]
    rows = tuple(Posting(name, eur(minor)) for name, minor in postings)
    return JournalEntry(reference, kind, account_id, Month.of(at, ZONE), at, rows)


@dataclass
class Kept:
    """Satisfies `reconciliation_ports.Reconciliations`."""

    runs: dict[datetime, Reconciliation] = field(default_factory=dict)
    rows: dict[tuple[datetime | None, str, str, str, str], Difference] = field(default_factory=dict)
    pieces: dict[tuple[int, int], bytes] = field(default_factory=dict)
    sent: list[int] = field(default_factory=list)

    def find(self, _month: Month, asked_at: datetime | None = None) -> Reconciliation | None:
        return self.runs.get(asked_at or max(self.runs, default=NOW))

    def asking(self, run: Reconciliation, _now: datetime) -> list[InMemory]:
        key = run.asked_at
        new = write(ReconciliationExists(), lambda: self.runs.update({key: run}), holds=lambda: key not in self.runs)
        return [new]

    def noting(self, run: Reconciliation, each: Difference) -> InMemory:
        key = run.as_of, str(each.stage), str(each.cause), each.about, each.currency
        return write(ReconciliationExists(), lambda: self.rows.update({key: each}))

    def saving(self, run: Reconciliation, before: Reconciliation) -> InMemory:
        def same() -> bool:
            known = self.runs[run.asked_at]
            return known.done_at is None and _turn(known) == _turn(before)

        return write(ReconciliationChanged(), lambda: self.runs.update({run.asked_at: run}), holds=same)

    def going_on(self, run: Reconciliation, _now: datetime) -> InMemory:
        return write(ReconciliationExists(), lambda: self.sent.append(_turn(run)))

    def keeping(self, run: Reconciliation, bucket: int, content: bytes, _now: datetime) -> InMemory:
        return write(ReconciliationExists(), lambda: self.pieces.update({(bucket, _turn(run)): content}))

    def lines(self, _run: Reconciliation, bucket: int) -> list[bytes]:
        return [content for (its, _), content in sorted(self.pieces.items()) if its == bucket]

    def of(self, run: Reconciliation) -> list[Difference]:
        return [row for key, row in self.rows.items() if key[0] == run.as_of]


def _turn(run: Reconciliation) -> int:
    return run.going.turn if run.going is not None else 0


@dataclass
class TwoBooks:
    """Satisfies `reconciliation_ports.Books`: three paid invoices, one of them after the month; a fee that is new."""

    found: list[AccountMonth] = field(default_factory=list)
    there: list[tuple[datetime, Line]] = field(default_factory=list)
    journal: list[JournalEntry] = field(default_factory=list)
    balance: int = 0
    breaks: bool = False
    compared: datetime | None = None
    told: dict[str, Rerated] = field(default_factory=dict)
    beside: list[JournalEntry] = field(default_factory=list)
    lost: list[JournalEntry] = field(default_factory=list)
    sums_off: dict[str, int] = field(default_factory=dict)
    partners_known: list[PartnerMonth] = field(default_factory=list)
    their_invoices: list[TheirInvoice] = field(default_factory=list)
    looked_for: list[str] = field(default_factory=list)

    def accounts(self, _month: Month, _as_of: datetime, after: str | None) -> Iterator[AccountMonth]:
        return (each for each in self.found if after is None or each.account_id > after)

    def rerated(self, records: Sequence[ChargeRecord]) -> Iterator[Rerated]:
        """As they are, or as was `told`."""
        for each in records:
            yield self.told.get(each.session.session_id) or Rerated(each, Basis.SAME, charged_minor(each))

    def documented(self, accounts: Sequence[str], _month: Month, _as_of: datetime) -> Iterator[JournalEntry]:
        return (each for each in self.beside if each.account_id in accounts)

    def partners(self, _month: Month, after: str | None) -> Iterator[PartnerMonth]:
        return (each for each in self.partners_known if after is None or each.partner_id > after)

    def unbalanced(self) -> dict[str, int]:
        return self.sums_off

    def losses(self, month: Month, after: str | None) -> list[JournalEntry]:
        those = (each for each in self.lost if each.period == month and each.reference > (after or ""))
        return sorted(those, key=lambda each: each.reference)

    def entries(self, month: Month, after: str | None) -> list[JournalEntry]:
        those = (each for each in self.journal if each.period == month and each.reference > (after or ""))
        return sorted(those, key=lambda each: each.reference)

    def compared_until(self) -> datetime | None:
        return self.compared

    def names_there(self, entries: list[JournalEntry]) -> list[str | None]:
        return ["tr_1" if each.kind == "transfer" else None for each in entries]

    def movements(
        self, since: datetime, until: datetime, after: str | None, _compared: datetime | None
    ) -> Iterator[Movements]:
        """One at a time."""
        those = [each for each in self.there if since <= each[0] <= until]
        for number in range(int(after or 0), len(those)):
            yield Movements([those[number]], str(number + 1) if number + 1 < len(those) else None)

    def moved_as(self, name: str, until: datetime) -> list[tuple[datetime, Line]]:
        self.looked_for.append(name)
        return [(at, line) for at, line in self.there if line.name == name and at <= until]

    def invoices(
        self, _month: Month, as_of: datetime, after: str | None, compared: datetime | None
    ) -> Iterator[TheirInvoices]:
        """One at a time."""
        those = self.their_invoices
        for number in range(int(after or 0), len(those)):
            lines = list(lines_of_theirs(those[number], as_of, compared))
            yield TheirInvoices(lines, 1, str(number + 1) if number + 1 < len(those) else None)

    def ledger_balance(self, _now: datetime) -> dict[str, int]:
        rows = [row for each in self.journal for row in each.postings if row.ledger_account == STRIPE_CLEARING]
        return {"EUR": sum(row.amount.minor for row in rows)}

    def provider_balance(self) -> dict[str, int]:
        if self.breaks:
            raise OSError
        return {"EUR": self.balance}

    def stopped(self) -> bool:
        return False


LATE_IN_MAY, IN_JUNE = OVER - timedelta(hours=1), OVER + timedelta(hours=1)


def paid(number: int, minor: int, at: datetime) -> JournalEntry:
    reference = f"payment:acc-1:2021-05:{number}"
    return entry(reference, "acc-1", at, (STRIPE_CLEARING, minor), (receivable("acc-1"), -minor))


def two_books() -> TwoBooks:
    flags: Any = {"currency": "EUR", "here": False, "inside": True}
    invoices = [invoice(500, InvoiceState.PAID), invoice(700, InvoiceState.PAID, number=2)]
    books = TwoBooks([account(1230, invoices, settlement=settled(1230, 1200))])
    owed = (receivable("acc-1"), 1230), (revenue("par-1:bike"), -1230)
    books.journal = [
        entry("settlement:acc-1:2021-05:1", "acc-1", LATE_IN_MAY, *owed),
        paid(1, 500, LATE_IN_MAY),
        paid(2, 700, IN_JUNE),
        entry("transfer:par-1:1", "par-1", LATE_IN_MAY, (payable("par-1"), 100), (STRIPE_CLEARING, -100)),
        entry("fee:txn_1", "acc-1", LATE_IN_MAY, (STRIPE_FEES, 10), (STRIPE_CLEARING, -10)),
        entry("paid-out:txn_9", "stripe", LATE_IN_MAY, (BANK, 50), (STRIPE_CLEARING, -50)),
    ]
    books.there = [
        (LATE_IN_MAY, Line("invoice:acc-1:2021-05:1", minor=500, **flags)),
        (LATE_IN_MAY, Line("invoice:acc-1:2021-05:2", minor=700, **flags)),
        (LATE_IN_MAY, Line("moved:tr_1", minor=-100, **flags)),
        (LATE_IN_MAY, Line("moved:txn_9", minor=-50, **flags)),
        (LATE_IN_MAY, Line("fee:txn_1", minor=-10, **flags)),
        (IN_JUNE, Line("fee:txn_2", minor=-15, newer=True, **flags)),
    ]
    sent = Movement("par-1", 1, MovementKind.TRANSFER, eur(100), (), LATE_IN_MAY, done_at=LATE_IN_MAY)
    books.partners_known = [PartnerMonth("par-1", MAY, None, [sent], {}, {})]
    books.balance = 500 + 700 - 100 - 50 - 10 - 15
    return books


def run(books: TwoBooks, kept: Kept, commit: Commits, now: datetime = NOW) -> Reconciliation | None:
    return go_on(MAY, NOW, Reconciling(kept, books, DiskSpool, ZONE, now, commit))  # type: ignore[arg-type]


def run_on(books: TwoBooks, kept: Kept, commit: Commits) -> Reconciliation:
    """Worker after worker, each an hour later, until none is asked for."""
    done = run(books, kept, commit)
    while kept.sent:
        hours = len(kept.sent)
        kept.sent.clear()
        done = run(books, kept, commit, NOW + timedelta(hours=hours))
    assert done is not None
    return done


def closed() -> ClosesInMemory:
    closes = ClosesInMemory()
    closes.kept[MAY, 1] = Close(MAY, OVER, CloseState.CLOSED, 0, OVER)
    return closes


def asked(kept: Kept, commit: Commits, closes: ClosesInMemory | None = None, now: datetime = NOW) -> Reconciliation:
    where: Any = {"kept": kept, "closes": closes or closed(), "now": now, "commit": commit}
    return ask_reconciliation(MAY, "fred", ZONE, **where)
