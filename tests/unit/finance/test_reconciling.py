"""From the use to the bank, two sums at each stage: what differs is listed with its cause, and adds up exactly."""

import heapq
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.billing.dispute_model import Dispute, DisputeState
from chalicelib.billing.model import Invoice, InvoiceState, Parked, Settlement
from chalicelib.billing.statement import Statement
from chalicelib.finance.closes_model import Close, CloseState
from chalicelib.finance.errors import ForeignCurrency, MonthNotEnded, NotClosed, NotReconciled, ReconciliationExists
from chalicelib.finance.facts import AccountMonth
from chalicelib.finance.reconciliation_model import Cause, Difference, Reconciliation, Stage, StageSum
from chalicelib.finance.reconciling import reconcile_account
from chalicelib.finance.reconciling_money import Line, Movements, Payables, reconcile_balances
from chalicelib.finance.reconciling_month import (
    Reconciling,
    ask_after_comparison,
    ask_reconciliation,
    newest_reconciliation,
    reconcile_month,
)
from chalicelib.finance.spooling import DiskSpool
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.ledger.accounts import BANK, STRIPE_CLEARING, STRIPE_FEES, payable, receivable
from chalicelib.ledger.model import JournalEntry, Posting
from tests.unit.finance.closes import MAY, NOW, OVER, ZONE, ClosesInMemory
from tests.unit.memory import Commits, InMemory, write

JUNE = Month(2021, 6)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


@dataclass(frozen=True)
class Stated:
    """What of a statement reconciling asks: whose it is, and what it comes to."""

    account_id: str
    month: Month
    total: Money

    @property
    def currency(self) -> str:
        return self.total.currency


def account(rated: int, invoices: list[Invoice] | None = None, **known: Any) -> AccountMonth:  # noqa: ANN401 -- facts
    stated: Any = Stated("acc-1", MAY, eur(rated))
    return AccountMonth(statement=stated, records={}, invoices=invoices or [], **known)


def settled(rated: int, invoiced: int, **more: Any) -> Settlement:  # noqa: ANN401 -- as above
    return Settlement("acc-1", MAY, "EUR", 1, {"par-1:bike": rated}, invoiced=invoiced, **more)


def invoice(total: int, state: InvoiceState = InvoiceState.DUE, **more: Any) -> Invoice:  # noqa: ANN401 -- as above
    return Invoice("acc-1", MAY, more.pop("number", 1), (), eur(total), NOW, state, **more)


def dispute(held: int, state: DisputeState) -> Dispute:
    return Dispute("dp_1", "acc-1", MAY, 1, "fraudulent", eur(held), NOW, None, state, "ch_1", held=held)


def found(each: AccountMonth, *, stopped: bool = False) -> dict[tuple[str, str], int]:
    """By stage and cause, what differs."""
    rows = reconcile_account(each, stopped=stopped).differences
    return {(str(row.stage), str(row.cause)): row.minor for row in rows}


PAID = InvoiceState.PAID


@pytest.mark.parametrize(
    ("each", "expected"),
    [
        (account(500, [invoice(500, PAID)], settlement=settled(500, 500)), {}),
        (account(30, settlement=settled(30, 0)), {("billed", "carried_below_minimum"): 30}),
        (
            account(500, [invoice(530, PAID)], settlement=settled(500, 530)),
            {("billed", "carried_below_minimum"): -30},
        ),
        (account(500, parked=Parked("acc-1", MAY, "x", {}, NOW)), {("billed", "parked"): 500}),
        (account(500), {("billed", "not_settled"): 500}),
        (
            account(600, [invoice(500, PAID)], settlement=settled(500, 500)),
            {("billed", "corrected_since"): 100},
        ),
        (
            account(600, [invoice(500, PAID)], settlement=settled(500, 500), later=100),
            {("billed", "billed_in_another_month"): 100},
        ),
        (
            account(500, [invoice(600, PAID)], settlement=settled(500, 600, adjusted={"2021-04": {"par-1:bike": 100}})),
            {("billed", "of_another_month"): -100},
        ),
        (account(500, [invoice(500)], settlement=settled(500, 500)), {("collected", "not_yet_paid"): 500}),
        (
            account(500, [invoice(500, InvoiceState.FAILED)], settlement=settled(500, 500)),
            {("collected", "payment_failed"): 500},
        ),
        (
            account(500, [invoice(500, PAID, from_wallet=(("lot", 200),), credited=100)], settlement=settled(500, 500)),
            {("collected", "paid_from_wallet"): 200, ("collected", "credited"): 100},
        ),
        (
            account(500, [invoice(500, part_paid=300)], settlement=settled(500, 500)),
            {("collected", "not_yet_paid"): 200},
        ),
        (
            account(
                500,
                [invoice(500, PAID)],
                settlement=settled(500, 500),
                disputes=[dispute(500, DisputeState.UNDER_REVIEW)],
            ),
            {("collected", "in_dispute"): 500},
        ),
        (
            account(
                500, [invoice(500, PAID)], settlement=settled(500, 500), disputes=[dispute(500, DisputeState.LOST)]
            ),
            {("collected", "written_off"): 500},
        ),
        (
            account(
                500,
                [invoice(500, InvoiceState.WRITTEN_OFF)],
                settlement=settled(500, 500),
                written_off=frozenset({"acc-1:2021-05:1"}),
            ),
            {("collected", "written_off"): 500},
        ),
        (account(500, [invoice(499, PAID)], settlement=settled(500, 500)), {("billed", "unknown"): 1}),
    ],
)
def test_each_difference_of_an_account_has_its_cause(each: AccountMonth, expected: dict[tuple[str, str], int]) -> None:
    assert found(each) == expected


def test_what_is_not_paid_while_collection_is_stopped_says_so() -> None:
    each = account(500, [invoice(500)], settlement=settled(500, 500))

    assert found(each, stopped=True) == {("collected", "collection_stopped"): 500}


amounts = st.integers(-1000, 1000)
positive = st.integers(0, 1000)


@st.composite
def accounts(draw: st.DrawFn) -> AccountMonth:
    """Whatever may be stored, right or not."""
    states = st.sampled_from(list(InvoiceState))
    invoices = [
        invoice(draw(positive), draw(states), number=number, credited=draw(positive), part_paid=draw(positive))
        for number in range(draw(st.integers(0, 3)))
    ]
    settlement = draw(st.none() | st.builds(settled, amounts, amounts, adjusted=st.just({"2021-04": {"x": 7}})))
    disputes = [dispute(draw(positive), draw(st.sampled_from(list(DisputeState))))] if draw(st.booleans()) else []
    return account(draw(amounts), invoices, settlement=settlement, later=draw(amounts), disputes=disputes)


@given(accounts())
def test_an_accounts_differences_add_up_to_all_of_the_difference_whatever_is_stored(each: AccountMonth) -> None:
    reconciled = reconcile_account(each, stopped=False)

    for summed in reconciled.sums:
        listed = sum(row.minor for row in reconciled.differences if row.stage is summed.stage)
        assert listed == summed.difference


def line(name: str, minor: int, flags: str, currency: str = "EUR") -> Line:
    """Flags: h for here, i for inside the month, n for newer than the last comparison."""
    return Line(name, currency, minor, "h" in flags, "i" in flags, "n" in flags)


def matched(*lines: Line) -> tuple[Movements, list[Difference]]:
    movements = Movements()
    return movements, list(movements.match(sorted(lines, key=lambda each: (each.name, each.currency))))


@pytest.mark.parametrize(
    ("lines", "cause", "minor"),
    [
        ([line("invoice:a", 500, "hi"), line("invoice:a", 500, "i")], None, 0),
        ([line("invoice:a", 300, "hi"), line("invoice:a", 200, "hi"), line("invoice:a", 500, "i")], None, 0),
        ([line("invoice:a", 500, "h"), line("invoice:a", 500, "i")], "timing_over_month_end", -500),
        ([line("invoice:a", 500, "hi"), line("invoice:a", 500, "")], "timing_over_month_end", 500),
        ([line("fee:t", -40, "in")], "not_yet_posted", 40),
        ([line("moved:x", 500, "i")], "unknown", -500),
        ([line("invoice:a", 500, "hi")], "unknown", 500),
        ([line("invoice:a", 500, "hi"), line("invoice:a", 499, "i")], "unknown", 1),
    ],
)
def test_each_movement_of_the_month_is_matched_by_name_or_listed_with_its_cause(
    lines: list[Line], cause: str | None, minor: int
) -> None:
    movements, differences = matched(*lines)

    assert [(str(each.cause), each.minor) for each in differences] == ([(cause, minor)] if cause else [])
    assert movements.sums["EUR"].difference == minor


lines = st.builds(
    line,
    st.sampled_from(["invoice:a", "invoice:b", "fee:t", "moved:x"]),
    amounts,
    st.sampled_from(["", "h", "i", "hi", "n", "in"]),
    st.sampled_from(["EUR", "DKK"]),
)
balances = st.dictionaries(st.sampled_from(["EUR", "DKK", "SEK"]), amounts)


@given(st.lists(lines), balances, balances)
def test_differences_of_movements_and_balances_add_up_to_all_of_the_difference(
    given_lines: list[Line], ledger: dict[str, int], provider: dict[str, int]
) -> None:
    movements, differences = matched(*given_lines)
    sums, more = reconcile_balances(ledger, provider, movements)

    for summed in [*movements.sums.values(), *sums]:
        rows = (row for row in [*differences, *more] if (row.stage, row.currency) == (summed.stage, summed.currency))
        assert sum(row.minor for row in rows) == summed.difference


@given(st.lists(lines))
def test_a_line_is_the_same_after_it_was_put_aside(given_lines: list[Line]) -> None:
    assert [Line.of(each.text()) for each in given_lines] == given_lines


def entry(reference: str, account_id: str, at: datetime, *postings: tuple[str, int]) -> JournalEntry:
    kind = reference.partition(":")[0]
    rows = tuple(Posting(name, eur(minor)) for name, minor in postings)
    return JournalEntry(reference, kind, account_id, Month.of(at, ZONE), at, rows)


def test_what_became_payable_and_was_not_sent_is_later_and_what_was_sent_beyond_that_is_of_before() -> None:
    payables = Payables()
    for each in (
        entry("payment:acc-1:2021-05:1", "acc-1", OVER, ("payable-pending:par-1", 300), (payable("par-1"), -300)),
        entry("transfer:par-1:1", "par-1", OVER, (payable("par-1"), 200), (STRIPE_CLEARING, -200)),
        entry("transfer:par-2:1", "par-2", OVER, (payable("par-2"), 50), (STRIPE_CLEARING, -50)),
    ):
        payables.add(each)
    (summed,), rows = payables.reconcile()

    assert (summed.left, summed.right) == (300, 250)
    assert [(row.about, str(row.cause), row.minor) for row in rows] == [
        ("payable:par-1", "paid_out_later", 100),
        ("payable:par-2", "of_another_month", -50),
    ]


@dataclass
class Kept:
    """Satisfies `reconciliation_ports.Reconciliations`."""

    runs: dict[datetime, Reconciliation] = field(default_factory=dict)
    rows: dict[tuple[datetime | None, str, str, str], Difference] = field(default_factory=dict)

    def find(self, _month: Month, asked_at: datetime | None = None) -> Reconciliation | None:
        return self.runs.get(asked_at or max(self.runs, default=NOW))

    def asking(self, run: Reconciliation, _now: datetime) -> list[InMemory]:
        key = run.asked_at
        new = write(ReconciliationExists(), lambda: self.runs.update({key: run}), holds=lambda: key not in self.runs)
        return [new]

    def noting(self, run: Reconciliation, each: Difference) -> InMemory:
        key = run.done_at, str(each.stage), str(each.cause), each.about
        return write(ReconciliationExists(), lambda: self.rows.update({key: each}))

    def finishing(self, run: Reconciliation) -> InMemory:
        key = run.asked_at
        not_done = {"holds": lambda: self.runs[key].done_at is None}
        return write(ReconciliationExists(), lambda: self.runs.update({key: run}), **not_done)

    def of(self, run: Reconciliation) -> list[Difference]:
        return [row for key, row in self.rows.items() if key[0] == run.done_at]


@dataclass
class TwoBooks:
    """Satisfies `reconciliation_ports.Books`: three paid invoices, one of them after the month; a fee that is new."""

    found: list[AccountMonth] = field(default_factory=list)
    there: list[tuple[datetime, Line]] = field(default_factory=list)
    journal: list[JournalEntry] = field(default_factory=list)
    balance: int = 0
    breaks: bool = False

    def accounts(self, _month: Month, _as_of: datetime) -> Any:  # noqa: ANN401 -- an iterator
        return iter(self.found)

    def entries(self, month: Month) -> list[JournalEntry]:
        return sorted((each for each in self.journal if each.period == month), key=lambda each: each.reference)

    def names_there(self, entries: list[JournalEntry]) -> list[str | None]:
        return ["tr_1" if each.kind == "transfer" else None for each in entries]

    def movements(self, since: datetime, until: datetime) -> Any:  # noqa: ANN401 -- as above
        return (each for each in self.there if since <= each[0] <= until)

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
    books = TwoBooks([account(30, settlement=settled(30, 0))])
    books.journal = [
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
    books.balance = 500 + 700 - 100 - 50 - 10 - 15
    return books


def run(books: TwoBooks, kept: Kept, commit: Commits, now: datetime = NOW) -> Reconciliation | None:
    return reconcile_month(MAY, NOW, Reconciling(kept, books, DiskSpool(), ZONE, now, commit))  # type: ignore[arg-type]


def closed() -> ClosesInMemory:
    closes = ClosesInMemory()
    closes.kept[MAY, 1] = Close(MAY, OVER, CloseState.CLOSED, 0, OVER)
    return closes


def asked(kept: Kept, commit: Commits, closes: ClosesInMemory | None = None, now: datetime = NOW) -> Reconciliation:
    where: Any = {"kept": kept, "closes": closes or closed(), "now": now, "commit": commit}
    return ask_reconciliation(MAY, "fred", ZONE, **where)


def test_a_month_is_reconciled_to_the_cent_with_every_difference_and_its_cause() -> None:
    kept, commit, books = Kept(), Commits(), two_books()
    asked(kept, commit)
    done = run(books, kept, commit)
    assert done is not None

    assert {(str(each.stage), each.left, each.right) for each in done.sums} == {
        ("billed", 30, 0),
        ("collected", 0, 0),
        ("paid_out", 0, 100),
        ("stripe", 340, 1040),
        ("balance", 1040, 1025),
    }
    assert {(str(row.stage), str(row.cause), row.about, row.minor) for row in kept.of(done)} == {
        ("billed", "carried_below_minimum", "acc-1:2021-05", 30),
        ("paid_out", "of_another_month", "payable:par-1", -100),
        ("stripe", "timing_over_month_end", "invoice:acc-1:2021-05:2", -700),
        ("balance", "not_yet_posted", "fee:txn_2", 15),
    }
    assert (done.movements, done.entries) == (6, 5)


def test_a_balance_that_disagrees_is_shown_as_that() -> None:
    kept, commit, books = Kept(), Commits(), two_books()
    books.balance += 4200
    asked(kept, commit)
    done = run(books, kept, commit)
    assert done is not None

    (row,) = [each for each in kept.of(done) if each.cause is Cause.UNKNOWN]
    assert (row.stage, row.about, row.minor) == (Stage.BALANCE, "balance:EUR", -4200)


def test_a_run_that_broke_off_is_done_again_and_what_it_wrote_down_belongs_to_no_run() -> None:
    kept, commit, books = Kept(), Commits(), two_books()
    asked(kept, commit)
    books.breaks = True
    with pytest.raises(OSError):  # noqa: PT011 -- the provider's
        run(books, kept, commit)
    books.breaks, books.found = False, []
    done = run(books, kept, commit, NOW + timedelta(minutes=1))
    assert done is not None
    assert sum(done.causes.values()) == len(kept.of(done)) == 3
    assert run(books, kept, commit, NOW + timedelta(hours=1)) == done


def test_a_currency_that_nobody_expected_ends_the_run_with_its_reason() -> None:
    kept, commit, books = Kept(), Commits(), two_books()
    asked(kept, commit)

    def accounts(_month: Month, _as_of: datetime) -> list[AccountMonth]:
        raise ForeignCurrency(account_id="acc-1", one="EUR", other="XTS")

    books.accounts = accounts  # type: ignore[method-assign]
    refused = run(books, kept, commit)
    assert refused is not None
    assert (refused.state, refused.refused["code"], refused.refused["other"]) == ("refused", "foreign_currency", "XTS")
    assert run(books, kept, commit, NOW + timedelta(hours=1)) == refused


def test_lines_beyond_memory_are_merged_from_disk_in_order() -> None:
    spool = DiskSpool()
    for part in (["b", "d"], ["a", "c", "e"]):
        spool.spill("lines", [line(each, 1, "hi").text() for each in part])
    merged = heapq.merge(*(map(Line.of, each) for each in spool.runs("lines")), key=lambda each: each.name)

    assert [each.name for each in merged] == list("abcde")
    spool.close()


def test_only_a_closed_month_is_reconciled_and_one_of_which_nobody_asked_is_none() -> None:
    kept, commit = Kept(), Commits()
    with pytest.raises(NotClosed):
        asked(kept, commit, ClosesInMemory())
    with pytest.raises(MonthNotEnded):
        asked(kept, commit, now=OVER - timedelta(seconds=1))
    with pytest.raises(NotReconciled):
        newest_reconciliation(MAY, kept=kept)  # type: ignore[arg-type]
    first = asked(kept, commit)
    assert asked(kept, commit) == first


def test_after_a_close_the_next_comparison_has_the_month_reconciled_once() -> None:
    kept, commit, closes = Kept(), Commits(), closed()

    def compared(now: datetime) -> None:
        ask_after_comparison(MAY, kept=kept, closes=closes, now=now, commit=commit)  # type: ignore[arg-type]

    compared(NOW)
    compared(NOW + timedelta(days=1))
    assert list(kept.runs) == [NOW]
    closes.kept[MAY, 2] = replace(closes.kept[MAY, 1], version=2, closed_at=NOW + timedelta(days=2))
    compared(NOW + timedelta(days=3))
    assert len(kept.runs) == 2
    closes.kept[MAY, 3] = Close(MAY, NOW, version=3)
    compared(NOW + timedelta(days=4))
    assert len(kept.runs) == 2


def test_statements_have_what_the_tests_fake_of_them() -> None:
    for name in ("account_id", "month", "total", "currency"):
        assert name in dir(Statement) or name in Statement.__dataclass_fields__
    assert StageSum(Stage.BILLED, "EUR", 5, 3).difference == 2
