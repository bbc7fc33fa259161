"""A month of a million payments, reconciled: memory and CPU of its workers, which are killed again and again.

The journal and the provider's movements are made up as they are asked for; what a run puts aside and finds is kept in
files, as the database keeps it. Every hundredth payment is a cent off, booked in the month after, or not booked at all:
these have to be found, each by its name, and nothing else. Each 47th transaction fails.
"""

import json
import resource
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from chalicelib.billing.model import Invoice, InvoiceLine, InvoiceState, Settlement
from chalicelib.finance.errors import ReconciliationChanged
from chalicelib.finance.facts import AccountMonth
from chalicelib.finance.reconciliation_model import Difference, Reconciliation
from chalicelib.finance.reconciliation_ports import Movements, TheirInvoices
from chalicelib.finance.reconciling_money import INVOICE_PAID, Line
from chalicelib.finance.reconciling_run import Reconciling, go_on
from chalicelib.finance.spooling import DiskSpool
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.ledger.accounts import STRIPE_CLEARING, receivable, revenue
from chalicelib.ledger.model import JournalEntry, Posting
from tests.benchmarks import AtMost, Exactly, Figures, Targets

PAYMENTS, EACH, PAGE = 1_000_000, 100, 100
MAY, ASKED = Month(2021, 5), datetime(2021, 6, 2, 5, tzinfo=UTC)
PAID_AT, PAID_LATER = datetime(2021, 5, 20, tzinfo=UTC), datetime(2021, 6, 1, 1, tzinfo=UTC)
FAILS = 47
TARGETS: Targets = {
    "finance.reconcile_million_rss_mb": AtMost(128),
    "finance.reconcile_million_wrong": Exactly(0),
}


def figures() -> Figures:
    """In a process of its own."""
    done = subprocess.run([sys.executable, "-m", __name__], stdout=subprocess.PIPE, text=True, check=True)
    found: Figures = json.loads(done.stdout)
    return found


def _name(number: int) -> str:
    return f"acc_{number:024d}:{MAY}:1"


def _fault(number: int) -> str:
    """What is wrong with a payment."""
    return ("cent", "later", "missing")[number // EACH % 3] if number % EACH == 0 else ""


def _entry(number: int) -> JournalEntry:
    account_id, minor = f"acc_{number:024d}", 505 + int(_fault(number) == "cent")
    postings = Posting(STRIPE_CLEARING, Money(minor, "EUR")), Posting(receivable(account_id), Money(-minor, "EUR"))
    later = _fault(number) == "later"
    period, at = (MAY.next, PAID_LATER) if later else (MAY, PAID_AT)
    return JournalEntry(f"payment:{_name(number)}", "payment", account_id, period, at, postings)


def _settled(number: int) -> JournalEntry:
    """What the payment is of."""
    account_id, minor = f"acc_{number:024d}", 505
    postings = Posting(receivable(account_id), Money(minor, "EUR")), Posting(revenue("par:bike"), Money(-minor, "EUR"))
    return JournalEntry(f"settlement:{account_id}:{MAY}:1", "settlement", account_id, MAY, PAID_AT, postings)


@dataclass(frozen=True)
class _Stated:
    account_id: str
    month: Month = MAY
    currency: str = "EUR"
    total: Money = field(default_factory=lambda: Money(505, "EUR"))
    lines: tuple[Any, ...] = ()
    uses: tuple[Any, ...] = ()


def _account(number: int) -> AccountMonth:
    """It has an invoice, which is paid."""
    stated: Any = _Stated(f"acc_{number:024d}")
    settled = Settlement(stated.account_id, MAY, "EUR", 1, {"par:bike": 505}, invoiced=505, invoices=1)
    lines = (InvoiceLine("session", "ses", stated.total),)
    paid = Invoice(stated.account_id, MAY, 1, lines, stated.total, PAID_AT, InvoiceState.PAID, "in", paid_at=PAID_AT)
    return AccountMonth(statement=stated, records={}, invoices=[paid], settlement=settled)


@dataclass(frozen=True)
class MadeUp:
    """Satisfies `finance.reconciliation_ports.Books`: accounts of an invoice each, and their payments."""

    payments: int

    def accounts(self, _month: Month, _as_of: datetime, after: str | None) -> Iterator[AccountMonth]:
        """In order, behind one of them."""
        return map(_account, range(int(after.split("_")[1]) + 1 if after else 0, self.payments))

    def documented(self, _accounts: Sequence[str], _month: Month, _as_of: datetime) -> Iterable[JournalEntry]:
        """Nobody has a wallet."""
        return ()

    def rerated(self, _records: Sequence[Any]) -> Iterable[Any]:
        """Of no sessions."""
        return ()

    def partners(self, _month: Month, _after: str | None) -> Iterator[Any]:
        """Nobody has a share."""
        return iter(())

    def unbalanced(self) -> dict[str, int]:
        """It is balanced."""
        return {}

    def losses(self, _month: Month, _after: str | None) -> Iterable[JournalEntry]:
        """Nothing is lost."""
        return ()

    def entries(self, month: Month, after: str | None) -> Iterator[JournalEntry]:
        """In order of reference, behind one of them."""
        behind = int(after.split("_")[1].partition(":")[0]) + 1 if after else 0
        settled = after is not None and after.startswith("settlement")
        for number in () if settled else range(behind, self.payments):
            if _fault(number) != "missing" and (_fault(number) == "later") == (month == MAY.next) and month >= MAY:
                yield _entry(number)
        for number in range(behind if settled else 0, self.payments) if month == MAY else ():
            yield _settled(number)

    def names_there(self, entries: Sequence[JournalEntry]) -> Sequence[None]:
        """Payments name their invoice."""
        return [None for _ in entries]

    def compared_until(self) -> datetime:
        """All that is asked about."""
        return ASKED

    def movements(
        self, _since: datetime, _until: datetime, after: str | None, _compared: datetime | None
    ) -> Iterator[Movements]:
        """A page of the provider's after the other, the newest first."""
        for first in range(int(after or 0), self.payments, PAGE):
            numbers = range(self.payments - 1 - first, max(-1, self.payments - 1 - first - PAGE), -1)
            lines = [Line(f"invoice:{_name(each)}", "EUR", 505, here=False, inside=True) for each in numbers]
            more = first + PAGE < self.payments
            yield Movements([(PAID_AT, each) for each in lines], str(first + PAGE) if more else None)

    def moved_as(self, _name: str, _until: datetime) -> Iterable[tuple[datetime, Line]]:
        """Nothing was booked long after."""
        return ()

    def invoices(
        self, _month: Month, _as_of: datetime, after: str | None, _compared: datetime | None
    ) -> Iterator[TheirInvoices]:
        """A page after the other too."""
        for first in range(int(after or 0), self.payments, PAGE):
            numbers = range(first, min(first + PAGE, self.payments))
            lines = [Line(f"{INVOICE_PAID}:{_name(each)}", "EUR", 505, here=False, inside=True) for each in numbers]
            yield TheirInvoices(lines, PAGE, str(first + PAGE) if first + PAGE < self.payments else None)

    def ledger_balance(self, _now: datetime) -> dict[str, int]:
        """A cent too much for one in three hundred, and none of another."""
        faults = [_fault(number) for number in range(0, self.payments, EACH)]
        return {"EUR": 505 * (self.payments - faults.count("missing")) + faults.count("cent")}

    def provider_balance(self) -> dict[str, int]:
        """All that was paid."""
        return {"EUR": 505 * self.payments}

    def stopped(self) -> bool:
        """It goes on."""
        return False


@dataclass
class OnDisk:
    """Satisfies what a run asks of `finance.reconciliation_ports.Reconciliations`; writes are things to be done."""

    run: Reconciliation
    wanted: int = 0
    kept: sqlite3.Connection = field(default_factory=lambda: sqlite3.connect("", isolation_level=None))

    def __post_init__(self) -> None:
        self.kept.execute("CREATE TABLE piece (bucket INTEGER, turn INTEGER, content BLOB, PRIMARY KEY (bucket, turn))")
        self.kept.execute("CREATE TABLE difference (name TEXT PRIMARY KEY, minor INTEGER)")

    def find(self, _month: Month, _asked_at: datetime) -> Reconciliation:
        """The one."""
        return self.run

    def saving(self, run: Reconciliation, before: Reconciliation) -> Callable[[], None]:
        """If nobody else was quicker."""

        def do() -> None:
            if self.run.going is not None and self.run.going != before.going:
                raise ReconciliationChanged
            self.run = run

        return do

    def noting(self, _run: Reconciliation, each: Difference) -> Callable[[], None]:
        """Under what it is about."""
        row = f"{each.stage}:{each.cause}:{each.about}", each.minor
        return lambda: self.kept.execute("REPLACE INTO difference VALUES (?, ?)", row) and None

    def keeping(self, run: Reconciliation, bucket: int, content: bytes, _now: datetime) -> Callable[[], None]:
        """Under the turn."""
        row = bucket, run.going.turn if run.going else 0, content
        return lambda: self.kept.execute("REPLACE INTO piece VALUES (?, ?, ?)", row) and None

    def going_on(self, _run: Reconciliation, _now: datetime) -> Callable[[], None]:
        """Another worker is wanted."""

        def do() -> None:
            self.wanted += 1

        return do

    def lines(self, _run: Reconciliation, bucket: int) -> Iterator[bytes]:
        """As they were put aside."""
        rows = self.kept.execute("SELECT content FROM piece WHERE bucket = ? ORDER BY turn", (bucket,))
        return (content for (content,) in rows)

    def found(self) -> dict[str, int]:
        """All that differs."""
        return dict(self.kept.execute("SELECT name, minor FROM difference"))


def expected(payments: int) -> dict[str, int]:
    """What has to be found, and nothing else."""
    found = {}
    for number in range(0, payments, EACH):
        about = f"invoice:{_name(number)}"
        if _fault(number) == "later":
            found[f"stripe:timing_over_month_end:{about}"] = -505
        else:
            minor = 1 if _fault(number) == "cent" else -505
            found |= {f"{stage}:unknown:{about}": minor for stage in ("stripe", "balance")}
            found[f"collected:unknown:{_name(number)}"] = -minor
    return found


def measured(payments: int) -> Figures:
    """Worker after worker, until it is done."""
    kept, commits, workers = OnDisk(Reconciliation(MAY, ASKED, "bench")), 0, 0

    def commit(writes: Sequence[Callable[[], None]], outcome: Any) -> Any:  # noqa: ANN401 -- as it comes
        nonlocal commits
        commits += 1
        if commits % FAILS == 0:
            raise TimeoutError
        for write in writes:
            write()
        return outcome

    began = time.process_time()
    while kept.run.done_at is None:
        workers += 1
        now = ASKED + timedelta(minutes=10 * workers)
        by: Any = Reconciling(kept, MadeUp(payments), DiskSpool, "UTC", now, commit)  # type: ignore[arg-type]
        try:
            go_on(MAY, ASKED, by)
        except TimeoutError:
            continue
    found, wanted = kept.found(), expected(payments)
    wrong = set(found.items()) ^ set(wanted.items())
    if wrong:
        sys.stderr.write("\n".join(map(str, islice(sorted(wrong), 10))))
    return {
        "finance.reconcile_million_cpu_s": time.process_time() - began,
        "finance.reconcile_million_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "finance.reconcile_million_killed": float(commits // FAILS),
        "finance.reconcile_million_wrong": float(len(wrong)),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measured(PAYMENTS)))
