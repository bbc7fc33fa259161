"""Reconcile a month: read each side once, hold them against each other, write down all that differs."""

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chalicelib.finance.closes_model import CloseState, check_ended
from chalicelib.finance.closes_ports import Closes
from chalicelib.finance.errors import NotClosed, NotReconciled, ReconciliationExists
from chalicelib.finance.ports import Spool
from chalicelib.finance.reconciliation_model import (
    BY_THE_COMPARISON,
    Difference,
    Reconciliation,
    Stage,
    StageSum,
)
from chalicelib.finance.reconciliation_ports import Books, Reconciliations
from chalicelib.finance.reconciling import reconcile_account
from chalicelib.finance.reconciling_money import (
    Line,
    Movements,
    Payables,
    moved_by,
    name_of_entry,
    needs_name,
    reconcile_balances,
)
from chalicelib.kernel.errors import Contended, Refusal, Unavailable
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Commit
from chalicelib.ledger.model import JournalEntry

MARGIN = timedelta(days=5)
"""So much before the month the provider's movements are read too: some are booked in the month after."""
_LINES = 20_000
_NAMES = 100
_TOGETHER = 50
_RUNS = "lines"


@dataclass(frozen=True, slots=True)
class Reconciling:
    """What reconciling goes by. `spool` takes both sides' lines, which may be more than memory holds."""

    kept: Reconciliations
    books: Books
    spool: Spool
    zone: str
    now: datetime
    commit: Commit


def ask_reconciliation(
    month: Month, asked_by: str, zone: str, *, kept: Reconciliations, closes: Closes, now: datetime, commit: Commit
) -> Reconciliation:
    """Have a closed month reconciled as things stand now; the runs before stay."""
    check_ended(month, zone, now)
    if closes.find(month) is None:
        raise NotClosed(month=str(month))
    run = Reconciliation(month, now, asked_by)
    try:
        return commit(kept.asking(run, now), run)
    except ReconciliationExists:
        return kept.find(month, now) or run


def ask_after_comparison(month: Month, *, kept: Reconciliations, closes: Closes, now: datetime, commit: Commit) -> None:
    """Have a month reconciled once the provider's side was read after it was closed, and again after each close."""
    close, newest = closes.find(month), kept.find(month)
    if close is None or close.state is not CloseState.CLOSED or close.closed_at is None:
        return
    if newest is None or newest.asked_at < close.closed_at:
        run = Reconciliation(month, now, BY_THE_COMPARISON)
        commit(kept.asking(run, now), None)


def newest_reconciliation(month: Month, asked_at: datetime | None = None, *, kept: Reconciliations) -> Reconciliation:
    """The newest run, or one of them."""
    found = kept.find(month, asked_at)
    if found is None:
        raise NotReconciled(month=str(month))
    return found


def reconcile_month(month: Month, asked_at: datetime, by: Reconciling) -> Reconciliation | None:
    """Do a run. One that broke off is done again from its beginning; what it wrote down belongs to no run.

    What cannot be reconciled, as a currency that nobody expected, ends the run with its reason; no try would help.
    """
    run = by.kept.find(month, asked_at)
    if run is None or run.done_at is not None:
        return run
    found = _Found(replace(run, done_at=by.now), by)
    try:
        _read(run, found, by)
    except (Unavailable, Contended):
        raise
    except Refusal as refusal:
        facts = {name: str(value)[:200] for name, value in refusal.facts.items()}
        refused = replace(run, done_at=by.now, refused={"code": refusal.code, **facts})
        return _ended(refused, by)
    return found.end()


def _ended(run: Reconciliation, by: Reconciling) -> Reconciliation:
    try:
        return by.commit([by.kept.finishing(run)], run)
    except ReconciliationExists:
        return by.kept.find(run.month, run.asked_at) or run


def _read(run: Reconciliation, found: "_Found", by: Reconciling) -> None:
    """Each side once."""
    with closing(by.spool):
        stopped = by.books.stopped()
        for each in by.books.accounts(run.month, by.now):
            reconciled = reconcile_account(each, stopped=stopped)
            found.take(reconciled.sums, reconciled.differences)
        payables, movements = Payables(), Movements()
        _spill(_lines_here(run, payables, found, by), by.spool)
        _spill(_lines_there(run, found, by), by.spool)
        found.take(*payables.reconcile())
        merged = heapq.merge(*(map(Line.of, each) for each in by.spool.runs(_RUNS)), key=_order)
        found.take((), movements.match(merged))
        found.take(movements.sums.values(), ())
        found.take(*reconcile_balances(by.books.ledger_balance(by.now), by.books.provider_balance(), movements))


def _order(line: Line) -> tuple[str, str]:
    return line.name, line.currency


def _spill(lines: Iterable[Line], spool: Spool) -> None:
    page: list[Line] = []
    for line in lines:
        page.append(line)
        if len(page) == _LINES:
            spool.spill(_RUNS, [each.text() for each in sorted(page, key=_order)])
            page = []
    if page:
        spool.spill(_RUNS, [each.text() for each in sorted(page, key=_order)])


def _lines_here(run: Reconciliation, payables: Payables, found: "_Found", by: Reconciling) -> Iterator[Line]:
    """The ledger's movements, from the month before to this one: what is booked beside the month may be of it."""
    period, last = run.month.previous, Month.of(by.now, by.zone)
    while period <= last:
        inside = period == run.month
        waiting: list[JournalEntry] = []
        for entry in by.books.entries(period):
            found.entries += 1
            if inside:
                payables.add(entry)
            if not moved_by(entry):
                continue
            if needs_name(entry):
                waiting.append(entry)
            else:
                yield from _of_entry(entry, None, inside=inside)
            if len(waiting) == _NAMES:
                yield from _named(waiting, by.books, inside=inside)
                waiting = []
        yield from _named(waiting, by.books, inside=inside)
        period = period.next


def _named(entries: Sequence[JournalEntry], books: Books, *, inside: bool) -> Iterator[Line]:
    names = books.names_there(entries) if entries else ()
    for entry, name in zip(entries, names, strict=True):
        yield from _of_entry(entry, name, inside=inside)


def _of_entry(entry: JournalEntry, name: str | None, *, inside: bool) -> Iterator[Line]:
    for currency, minor in moved_by(entry).items():
        yield Line(name_of_entry(entry, name), currency, minor, here=True, inside=inside)


def _lines_there(run: Reconciliation, found: "_Found", by: Reconciling) -> Iterator[Line]:
    interval = run.month.interval(by.zone)
    for at, line in by.books.movements(interval.start - MARGIN, by.now):
        found.movements += 1
        yield line if interval.start <= at < interval.end else replace(line, inside=False)


@dataclass(slots=True)
class _Found:
    """Sums as they grow, and differences as they are written down."""

    run: Reconciliation
    by: Reconciling
    sums: dict[tuple[Stage, str], StageSum] = field(default_factory=dict)
    causes: Counter[str] = field(default_factory=Counter)
    movements: int = 0
    entries: int = 0
    _page: list[Difference] = field(default_factory=list)

    def take(self, sums: Iterable[StageSum], differences: Iterable[Difference]) -> None:
        for each in differences:
            self.causes[str(each.cause)] += 1
            self._page.append(each)
            if len(self._page) == _TOGETHER:
                self._write()
        for part in sums:
            known = self.sums.get((part.stage, part.currency), StageSum(part.stage, part.currency))
            both = known.left + part.left, known.right + part.right
            self.sums[part.stage, part.currency] = StageSum(part.stage, part.currency, *both)

    def _write(self) -> None:
        if self._page:
            self.by.commit([self.by.kept.noting(self.run, each) for each in self._page], None)
        self._page = []

    def end(self) -> Reconciliation:
        self._write()
        order = list(Stage)
        sums = sorted(self.sums.values(), key=lambda each: (order.index(each.stage), each.currency))
        return _ended(self.run.done(sums, self.causes, (self.movements, self.entries), self.by.now), self.by)
