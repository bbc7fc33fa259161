"""Do a run of reconciling turn by turn: read each side once, hold them against each other, write down all that differs.

A turn is one transaction: what it has found, with how far the run is by then. So a run that breaks off goes on with the
turn that broke off, and of two workers that are at it one is refused in the end and has done no harm.
"""

import heapq
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice

from chalicelib.finance.errors import ReconciliationChanged
from chalicelib.finance.facts import AccountMonth
from chalicelib.finance.ports import Spool
from chalicelib.finance.reconciliation_model import Difference, Found, Going, Reconciliation, Step
from chalicelib.finance.reconciliation_ports import Books, Reconciliations
from chalicelib.finance.reconciling import reconcile_account
from chalicelib.finance.reconciling_books import (
    BY_ACCOUNT,
    documented,
    lines_of_documents,
    lines_of_entry,
    lines_of_losses,
    lines_of_sums,
)
from chalicelib.finance.reconciling_documents import lines_of_papers
from chalicelib.finance.reconciling_invoices import lines_of_ours
from chalicelib.finance.reconciling_money import (
    BUCKETS,
    Line,
    Matched,
    Payables,
    bucket_of,
    moved_by,
    moves,
    name_of_entry,
    needs_name,
    order_of,
    reconcile_balances,
)
from chalicelib.finance.reconciling_partners import documented_of, lines_of_partner, lines_of_shares
from chalicelib.finance.reconciling_together import reconcile_together
from chalicelib.finance.reconciling_use import reconcile_use
from chalicelib.kernel.errors import Contended, Refusal, Unavailable
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Commit, Write
from chalicelib.ledger.model import JournalEntry

MARGIN = timedelta(days=5)
"""So much before the month the provider's movements are read too: some are booked in the month after."""
TURNS_AT_ONCE = 24
"""So many turns a worker takes before it leaves the rest to another: some minutes, of the fifteen that it has."""
ACCOUNTS_A_TURN, ENTRIES_A_TURN, MOVEMENTS_A_TURN = 500, 5_000, 1_000
PARTNERS_A_TURN = 50
POSTINGS_A_TURN = 25_000
"""So many postings end a turn too, of entries that have many."""
_TOGETHER_READ = 50
"""Accounts of which the usage is read together, or fewer with as many sessions."""
TOGETHER = 50
"""Differences that are written in one transaction; so many also end a turn."""
_NAMES = 100
_SPILLED = 20_000
_RUNS = "lines"


@dataclass(frozen=True, slots=True)
class Reconciling:
    """What reconciling goes by. `spool` takes the lines of a bucket, which may be more than memory holds."""

    kept: Reconciliations
    books: Books
    spool: Callable[[], Spool]
    zone: str
    now: datetime
    commit: Commit


@dataclass(slots=True)
class Turn:
    """What a turn has found: `lines` are put aside for matching; `after` is where the next one goes on, if it does."""

    found: Found = field(default_factory=Found)
    lines: list[Line] = field(default_factory=list)
    after: str | None = None


def go_on(month: Month, asked_at: datetime, by: Reconciling) -> Reconciliation | None:
    """Begin a run, or go on from where it is; what is behind some turns is left to the next worker.

    What cannot be reconciled, as a currency that nobody expected, ends the run with its reason; no try would help.
    """
    run = by.kept.find(month, asked_at)
    if run is None or run.done_at is not None:
        return run
    try:
        return _gone_on(replace(run, going=run.going or _begun(by)), by)
    except ReconciliationChanged:
        return by.kept.find(month, asked_at)
    except (Unavailable, Contended):
        raise
    except Refusal as refusal:
        facts = {name: str(value)[:200] for name, value in refusal.facts.items()}
        return _refused(month, asked_at, {"code": refusal.code, **facts}, by)


def _begun(by: Reconciling) -> Going:
    """What may change while the run goes on is read before all else."""
    ledger, provider = by.books.ledger_balance(by.now), by.books.provider_balance()
    balances = {each: (ledger.get(each, 0), provider.get(each, 0)) for each in sorted({*ledger, *provider})}
    return Going(by.now, by.books.stopped(), balances, by.books.compared_until())


def _refused(month: Month, asked_at: datetime, refused: Mapping[str, str], by: Reconciling) -> Reconciliation | None:
    run = by.kept.find(month, asked_at)
    if run is None:
        return None
    ended = replace(run, done_at=by.now, refused=refused, sums=(), causes={})
    return by.commit([by.kept.saving(ended, run)], ended)


def _gone_on(run: Reconciliation, by: Reconciling) -> Reconciliation:
    taken = 0
    while run.done_at is None and taken < TURNS_AT_ONCE:
        going = _going(run)
        for turn in islice(_STEPS[going.step](run, going, by), TURNS_AT_ONCE - taken):
            taken += 1
            run = _said(run, turn, by, last=taken == TURNS_AT_ONCE)
    return run


def _going(run: Reconciliation) -> Going:
    if run.going is None:
        raise ReconciliationChanged(month=str(run.month))
    return run.going


def _said(run: Reconciliation, turn: Turn, by: Reconciling, *, last: bool) -> Reconciliation:
    """Write down what a turn has found, with how far the run is; an account with very many differences goes before."""
    before, going = run, _going(run)
    run = run.with_more(turn.found, going.behind(turn.after))
    if turn.after is None and going.step.next is None:
        run = replace(run, done_at=by.now)
    differences = turn.found.differences
    while len(differences) > TOGETHER:
        by.commit([by.kept.noting(run, each) for each in differences[:TOGETHER]], None)
        differences = differences[TOGETHER:]
    writes: list[Write] = [by.kept.saving(run, before), *(by.kept.noting(run, each) for each in differences)]
    writes += [by.kept.keeping(run, bucket, content, by.now) for bucket, content in _packed(turn.lines)]
    if last and run.done_at is None:
        writes.append(by.kept.going_on(run, by.now))
    return by.commit(writes, run)


def _packed(lines: Sequence[Line]) -> Iterator[tuple[int, bytes]]:
    """By bucket, its lines in their order, compressed."""
    buckets: dict[int, list[Line]] = {}
    for line in sorted(lines, key=order_of):
        buckets.setdefault(bucket_of(line.name), []).append(line)
    for bucket, those in sorted(buckets.items()):
        yield bucket, zlib.compress("\n".join(each.text() for each in those).encode())


def _unpacked(content: bytes) -> list[str]:
    return zlib.decompress(content).decode().split("\n")


def _accounts(run: Reconciliation, going: Going, by: Reconciling) -> Iterator[Turn]:
    """From the use to what was collected, account by account."""
    turn, read = Turn(), 0
    for page in _together(by.books.accounts(run.month, going.as_of, going.after)):
        used = reconcile_use(by.books.rerated([record for each in page for record in each.records.values()]))
        shared = (reconcile_together(each) for each in page)
        for reconciled in (used, *shared, *(reconcile_account(each, stopped=going.stopped) for each in page)):
            turn.found.sums += reconciled.sums
            turn.found.differences += turn.found.count(reconciled.differences)
            turn.lines += reconciled.lines
        turn.lines += [*_documents(page, going.as_of, by), *lines_of_shares(page)]
        read += len(page)
        if read >= ACCOUNTS_A_TURN or len(turn.found.differences) >= TOGETHER:
            turn.after = page[-1].account_id
            yield turn
            turn, read = Turn(), 0
    yield turn


def _documents(page: Sequence[AccountMonth], as_of: datetime, by: Reconciling) -> Iterator[Line]:
    """What the accounts' documents have to be in the journal, and their invoices at the provider."""
    month = page[0].month
    for each in page:
        yield from lines_of_ours(each)
        yield from lines_of_papers(each)
        yield from lines_of_documents(documented(each, by.zone, as_of), month, as_of)
    beside = by.books.documented([each.account_id for each in page], month, as_of)
    yield from lines_of_documents(beside, month, as_of)


def _together(accounts: Iterable[AccountMonth]) -> Iterator[list[AccountMonth]]:
    """Some of them with few sessions, or one with many."""
    page, sessions = list[AccountMonth](), 0
    for each in accounts:
        page.append(each)
        sessions += len(each.records)
        if sessions >= _TOGETHER_READ or len(page) >= min(_TOGETHER_READ, ACCOUNTS_A_TURN):
            yield page
            page, sessions = [], 0
    if page:
        yield page


def _partners(run: Reconciliation, going: Going, by: Reconciling) -> Iterator[Turn]:
    """Partners' statements and what waits for them; and what the sums by account are off."""
    turn, read = Turn(), 0
    if going.after is None:
        turn.lines += lines_of_sums(by.books.unbalanced())
    for each in by.books.partners(run.month, going.after):
        turn.lines += lines_of_partner(each, going.as_of)
        turn.lines += lines_of_documents(documented_of(each), run.month, going.as_of)
        read += 1
        if read == PARTNERS_A_TURN:
            turn.after = each.partner_id
            yield turn
            turn, read = Turn(), 0
    yield turn


def _losses(run: Reconciliation, going: Going, by: Reconciling) -> Iterator[Turn]:
    """What has to be in the journal of what is lost since the month's begin, whenever it was billed."""
    read = _periods(run.month, by.books.losses, going, by)
    while page := list(islice(read, ENTRIES_A_TURN)):
        after = f"{page[-1].period}#{page[-1].reference}" if len(page) == ENTRIES_A_TURN else None
        yield Turn(lines=list(lines_of_losses(page, run.month, going.as_of)), after=after)
        if after is None:
            return
    yield Turn()


def _ledger(run: Reconciliation, going: Going, by: Reconciling) -> Iterator[Turn]:
    """The ledger's movements, from the month before to this one: what is booked beside the month may be of it."""
    page, postings = list[JournalEntry](), 0
    for entry in _periods(run.month.previous, by.books.entries, going, by):
        page.append(entry)
        postings += len(entry.postings)
        if len(page) == ENTRIES_A_TURN or postings >= POSTINGS_A_TURN:
            yield _of_entries(page, run, by, f"{entry.period}#{entry.reference}")
            page, postings = [], 0
    yield _of_entries(page, run, by, None)


def _periods(
    first: Month, read: Callable[[Month, str | None], Iterable[JournalEntry]], going: Going, by: Reconciling
) -> Iterator[JournalEntry]:
    """All until the month in which the run began: those that were posted since say why something differs."""
    named, _, after = (going.after or f"{first}#").partition("#")
    period, last = Month.parse(named), Month.of(going.as_of, by.zone)
    while period <= last:
        yield from read(period, after or None)
        period, after = period.next, ""


def _of_entries(read: Sequence[JournalEntry], run: Reconciliation, by: Reconciling, after: str | None) -> Turn:
    as_of = _going(run).as_of
    entries, payables = [each for each in read if each.posted_at <= as_of], Payables()
    for entry in entries:
        if entry.period == run.month:
            payables.add(entry)
    moving = [each for each in entries if moves(each)]
    unnamed = [each for each in moving if needs_name(each)]
    names: dict[str, str | None] = {}
    for first in range(0, len(unnamed), _NAMES):
        page = unnamed[first : first + _NAMES]
        names |= zip((each.reference for each in page), by.books.names_there(page), strict=True)
    lines = [
        Line(name, currency, minor, here=True, inside=each.period == run.month)
        for each in moving
        for (name, currency), minor in moved_by(each, name_of_entry(each, names.get(each.reference))).items()
    ]
    return Turn(Found(entries=len(entries)), [*payables.lines(), *lines, *_booked(read, run.month, as_of, by)], after)


def _booked(read: Sequence[JournalEntry], month: Month, as_of: datetime, by: Reconciling) -> Iterator[Line]:
    """What the journal says of documents; and these, of which some are of accounts that were not active."""
    for each in read:
        yield from lines_of_entry(each, month, as_of)
    beside = sorted({each.account_id for each in read if each.kind in BY_ACCOUNT and each.period >= month})
    yield from lines_of_documents(by.books.documented(beside, month, as_of), month, as_of)


def _provider(run: Reconciliation, going: Going, by: Reconciling) -> Iterator[Turn]:
    """Its movements until the run began."""
    interval, turn = run.month.interval(by.zone), Turn()
    for read in by.books.movements(interval.start - MARGIN, going.as_of, going.after, going.compared):
        turn.lines += [
            line if interval.start <= at < interval.end else line._replace(inside=False) for at, line in read.rows
        ]
        turn.found.movements = len(turn.lines)
        if read.after is not None and len(turn.lines) >= MOVEMENTS_A_TURN:
            turn.after = read.after
            yield turn
            turn = Turn()
    yield turn


def _invoices(run: Reconciliation, going: Going, by: Reconciling) -> Iterator[Turn]:
    """Its invoices of the month."""
    turn, count = Turn(), 0
    for read in by.books.invoices(run.month, going.as_of, going.after, going.compared):
        turn.lines += read.lines
        count += read.read
        if read.after is not None and count >= MOVEMENTS_A_TURN:
            turn.after = read.after
            yield turn
            turn, count = Turn(), 0
    yield turn


def _matching(run: Reconciliation, going: Going, by: Reconciling) -> Iterator[Turn]:
    """A bucket a turn. What it reads stays the same, so that what it writes down before the turn's end does."""
    listed = dict(going.explained)
    for bucket in range(int(going.after or -1) + 1, BUCKETS):
        found, matched = Found(), Matched(lambda name: _elsewhere(name, run, going, by))
        with closing(by.spool()) as spool:
            _note(run, found.count(matched.match(_merged(by.kept.lines(run, bucket), spool))), by)
        found.sums, found.explained = matched.sums, matched.explained
        listed = {each: listed.get(each, 0) + found.explained.get(each, 0) for each in {*listed, *found.explained}}
        if bucket == BUCKETS - 1:
            sums, rest = reconcile_balances(going.balances, listed)
            found.sums += sums
            found.differences += found.count(rest)
        yield Turn(found, after=str(bucket) if bucket < BUCKETS - 1 else None)


def _elsewhere(name: str, run: Reconciliation, going: Going, by: Reconciling) -> Iterator[Line]:
    """What the provider moved under a name, whenever that was: what is booked by hand may be booked weeks after."""
    interval = run.month.interval(by.zone)
    for at, line in by.books.moved_as(name, going.as_of):
        yield line if interval.start <= at < interval.end else line._replace(inside=False)


def _note(run: Reconciliation, differences: Iterable[Difference], by: Reconciling) -> None:
    rest = iter(differences)
    while page := list(islice(rest, TOGETHER)):
        by.commit([by.kept.noting(run, each) for each in page], None)


def _merged(pieces: Iterable[bytes], spool: Spool) -> Iterator[Line]:
    """All lines of a bucket in their order."""
    page: list[Line] = []
    for piece in pieces:
        page += map(Line.of, _unpacked(piece))
        if len(page) >= _SPILLED:
            spool.spill(_RUNS, [each.text() for each in sorted(page, key=order_of)])
            page = []
    runs = (map(Line.of, each) for each in spool.runs(_RUNS))
    return heapq.merge(*runs, sorted(page, key=order_of), key=order_of)


_STEPS: Mapping[Step, Callable[[Reconciliation, Going, Reconciling], Iterator[Turn]]] = {
    Step.ACCOUNTS: _accounts,
    Step.PARTNERS: _partners,
    Step.LOSSES: _losses,
    Step.LEDGER: _ledger,
    Step.PROVIDER: _provider,
    Step.INVOICES: _invoices,
    Step.MATCHING: _matching,
}
