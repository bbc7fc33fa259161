"""The journal is held against what was billed and paid: each entry that is not what its document says is listed."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.billing.credit_model import CreditNote
from chalicelib.billing.dispute_model import Dispute, DisputeState
from chalicelib.billing.model import InvoiceLine, InvoiceState
from chalicelib.billing.paper_model import Paper, TaxRow
from chalicelib.finance.facts import AccountMonth
from chalicelib.finance.reconciliation_model import Difference
from chalicelib.finance.reconciling_documents import lines_of_papers
from chalicelib.ledger.accounts import (
    BAD_DEBT,
    DISPUTED,
    PROMOTIONS,
    STRIPE_CLEARING,
    receivable,
    revenue,
    share_cost,
    tax,
    wallet,
)
from chalicelib.ledger.model import JournalEntry, Posting
from tests.unit.finance.closes import MAY, NOW
from tests.unit.finance.two_books import (
    IN_JUNE,
    LATE_IN_MAY,
    Kept,
    TwoBooks,
    account,
    asked,
    entry,
    eur,
    invoice,
    paid,
    run,
    settled,
)
from tests.unit.memory import Commits

INVOICE = f"acc-1:{MAY}:1"
OWED, LOST, HELD = InvoiceState.DUE, InvoiceState.WRITTEN_OFF, InvoiceState.PAID
PARTS = {"tax|0.25|par-1:bike": 100, "share|par-1:bike": 300}
SETTLED = entry(
    f"settlement:acc-1:{MAY}:1",
    "acc-1",
    LATE_IN_MAY,
    (receivable("acc-1"), 500),
    (revenue("par-1:bike"), -400),
    (tax("0.25"), -100),
    (share_cost("par-1:bike"), 300),
    ("payable-pending:par-1", -300),
)
USED = entry(
    "wallet:acc-1:2", "acc-1", LATE_IN_MAY, (wallet("acc-1"), 90), (PROMOTIONS, 10), (receivable("acc-1"), -100)
)
GIVEN = entry("goodwill:acc-1:2021-05:g1", "acc-1", LATE_IN_MAY, (receivable("acc-1"), -80), (PROMOTIONS, 80))
OF_NOBODY_ACTIVE = entry("wallet:acc-9:2", "acc-9", LATE_IN_MAY, (wallet("acc-9"), 70), (receivable("acc-9"), -70))
GIVEN_UP = entry(f"bad-debt:{INVOICE}", "acc-1", IN_JUNE, (BAD_DEBT, 500), (receivable("acc-1"), -500))
TAKEN = entry("dispute:txn_7", "acc-1", IN_JUNE, (DISPUTED, 500), (STRIPE_CLEARING, -500))
LOSS = entry("dispute-loss:dp_1:2", "acc-1", IN_JUNE, (BAD_DEBT, 500), (DISPUTED, -500))


def about_the_invoice(one: JournalEntry) -> JournalEntry:
    """Postings of disputes name what was paid."""
    return replace(one, postings=tuple(replace(each, source=f"invoice:{INVOICE}") for each in one.postings))


def month(state: InvoiceState, **more: object) -> AccountMonth:
    return account(500, [invoice(500, state)], settlement=settled(500, 500, parts=PARTS), **more)


def differences(books: TwoBooks) -> set[tuple[str, str, str, int]]:
    """By stage and cause; those of stages that hold movements at the provider are none of these."""
    kept, commit = Kept(), Commits()
    asked(kept, commit)
    done = run(books, kept, commit)
    assert done is not None
    rows: list[Difference] = [row for row in kept.of(done) if row.stage in ("booked", "collected")]
    for summed in done.sums:
        if summed.stage in ("booked", "collected"):
            assert sum(row.minor for row in rows if row.stage is summed.stage) == summed.difference
    return {(str(row.stage), str(row.cause), row.about, row.minor) for row in rows}


def one_more(one: JournalEntry, first: int = 0, last: int = -1) -> JournalEntry:
    """Still balanced: a euro more on one account, and less on another."""
    rows = list(one.postings)
    for place, minor in ((first, 100), (last, -100)):
        rows[place] = Posting(rows[place].ledger_account, rows[place].amount + eur(minor), rows[place].source)
    return replace(one, postings=tuple(rows))


def test_books_that_are_what_was_billed_and_paid_differ_in_nothing() -> None:
    """
    An account that was not active in May had its wallet changed all the same: it is read with its entry.
    """
    books = TwoBooks([month(HELD)], journal=[SETTLED, USED, GIVEN, OF_NOBODY_ACTIVE, paid(1, 500, IN_JUNE)])
    books.beside = [USED, GIVEN, OF_NOBODY_ACTIVE]

    assert differences(books) == set()


@pytest.mark.parametrize(
    ("tampered", "expected"),
    [
        (one_more(SETTLED), {("settlement:acc-1:2021-05:payable-pending:par-1", -100)}),
        (
            one_more(SETTLED, 1, 2),
            {("settlement:acc-1:2021-05:revenue:par-1:bike", 100), ("settlement:acc-1:2021-05:tax:0.25", -100)},
        ),
        (one_more(USED), {("wallet:acc-1:2:wallet:acc-1", 100)}),
        (one_more(USED, 1), {("wallet:acc-1:2:promotions", 100)}),
        (one_more(GIVEN), {("goodwill:acc-1:2021-05:g1:promotions", -100)}),
        (one_more(OF_NOBODY_ACTIVE), {("wallet:acc-9:2:wallet:acc-9", 100)}),
    ],
)
def test_an_entry_that_is_not_what_was_billed_is_listed_by_what_it_books_and_where(
    tampered: JournalEntry, expected: set[tuple[str, int]]
) -> None:
    right = {each.reference: each for each in (SETTLED, USED, GIVEN, OF_NOBODY_ACTIVE)}
    journal = [*{**right, tampered.reference: tampered}.values(), paid(1, 500, IN_JUNE)]
    books = TwoBooks([month(HELD)], journal=journal, beside=[USED, GIVEN, OF_NOBODY_ACTIVE])

    assert differences(books) == {("booked", "unknown", about, minor) for about, minor in expected}


def test_a_document_without_its_entry_is_listed_and_so_is_an_entry_without_its_document() -> None:
    gone = TwoBooks([month(HELD)], journal=[SETTLED, paid(1, 500, IN_JUNE)], beside=[GIVEN])
    made_up = TwoBooks([month(HELD)], journal=[SETTLED, GIVEN, paid(1, 500, IN_JUNE)])

    about = "goodwill:acc-1:2021-05:g1:promotions"
    assert differences(gone) == {("booked", "unknown", about, -80)}
    assert differences(made_up) == {("booked", "unknown", about, 80)}


def papers(**settled_as: object) -> AccountMonth:
    """An invoice of 10 euros with a fifth of tax, and a note of 2.50; 3.00 of the first are a partner's."""
    of_it: dict[str, Any] = {
        "shares": {"par-1": 300},
        "paper": Paper("I-1", "operator", 1, 1, (TaxRow("0.25", 1000, 200),)),
    }
    made = replace(invoice(1000, OWED), lines=(InvoiceLine("session", "ses-1", eur(1000)),), **of_it)
    paper = Paper("C-1", "operator", 1, 1, (TaxRow("0.25", 250, 50),))
    back = CreditNote(
        "acc-1", MAY, "c1", (InvoiceLine("adjusted", "x", eur(250)),), eur(250), NOW, paper, {"par-1": -75}
    )
    taken = {"taxes_invoiced": {"gross|0.25": 750, "tax|0.25": 150}, "shares_invoiced": {"par-1": 225}, **settled_as}
    return account(750, [made], notes=[back], settlement=settled(750, 750, **taken))


def test_documents_are_what_the_settlement_says_that_they_took_along() -> None:
    assert list(lines_of_papers(papers())) == []
    wrong = papers(shares_invoiced={"par-1": 226}, taxes_invoiced={"gross|0.25": 750, "tax|0.25": 140})
    assert [(line.name, line.minor) for line in lines_of_papers(wrong)] == [
        ("document:acc-1:2021-05:tax|0.25", 140),
        ("document:acc-1:2021-05:tax|0.25", 150),
        ("document:acc-1:2021-05:share|par-1", 226),
        ("document:acc-1:2021-05:share|par-1", 225),
    ]


def test_a_documents_lines_are_its_total_and_credit_that_took_shares_off_an_invoice_is_no_difference() -> None:
    stands = papers()
    lowered = replace(stands, invoices=[replace(stands.invoices[0], credited=250, shares={"par-1": 225})])
    more = replace(stands, invoices=[replace(stands.invoices[0], lines=())])

    assert list(lines_of_papers(lowered)) == []
    assert {(line.name, line.minor) for line in lines_of_papers(more)} == {
        (f"document:{INVOICE}:lines", 1000),
        (f"document:{INVOICE}:lines", 0),
    }


def test_sums_by_account_that_do_not_balance_are_not_those_of_the_entries() -> None:
    books = TwoBooks([month(HELD)], journal=[SETTLED, paid(1, 500, IN_JUNE)], sums_off={"EUR": 7})

    assert differences(books) == {("booked", "unknown", "sums:EUR", -7)}


def test_what_is_lost_of_an_invoice_has_to_be_lost_in_the_journal() -> None:
    dispute = Dispute(
        "dp_1", "acc-1", f"invoice:{INVOICE}", "fraudulent", eur(500), NOW, None, DisputeState.LOST, "ch_1"
    )
    disputed = month(HELD, disputes=[replace(dispute, held=500)])
    taken, loss = about_the_invoice(TAKEN), about_the_invoice(LOSS)
    known = {("collected", "written_off", INVOICE, 500)}
    lost = {("collected", "written_off", "dp_1", 500)}
    written_off = month(LOST, written_off=frozenset({INVOICE}))

    assert differences(TwoBooks([written_off], journal=[SETTLED, GIVEN_UP])) == known
    bad_debt = ("booked", "unknown", f"bad-debt:{INVOICE}:bad-debt", -500)
    assert differences(TwoBooks([written_off], journal=[SETTLED])) == {*known, bad_debt}
    journal = [SETTLED, paid(1, 500, IN_JUNE), taken]
    assert differences(TwoBooks([disputed], journal=[*journal, loss])) == lost
    not_lost = ("booked", "unknown", "dispute-loss:dp_1:bad-debt", -500)
    assert differences(TwoBooks([disputed], journal=journal)) == {*lost, not_lost}


def test_what_is_lost_in_a_month_has_to_be_in_its_journal_whichever_month_it_was_billed_in() -> None:
    """
    An invoice of March is given up in May, one of February that was given up before is paid after all, and a bank keeps
    what filled a wallet.
    """
    given_up = entry("bad-debt:acc-3:2021-03:1", "acc-3", LATE_IN_MAY, (BAD_DEBT, 500), (receivable("acc-3"), -500))
    had = entry("recovery:acc-2:2021-02:1", "acc-2", LATE_IN_MAY, (BAD_DEBT, -70), (receivable("acc-2"), 70))
    kept = entry("dispute-loss:dp_9:3", "acc-9", IN_JUNE, (BAD_DEBT, 90), (DISPUTED, -90))
    losses = [given_up, had, kept]

    assert differences(TwoBooks(journal=losses, lost=losses)) == set()
    for each, about, minor in (
        (given_up, "bad-debt:acc-3:2021-03:1", -500),
        (had, "recovery:acc-2:2021-02:1", 70),
        (kept, "dispute-loss:dp_9:3", -90),
    ):
        others = [one for one in losses if one is not each]
        listed = ("booked", "unknown", f"{about}:bad-debt")
        assert differences(TwoBooks(journal=others, lost=losses)) == {(*listed, minor)}
        assert differences(TwoBooks(journal=losses, lost=others)) == {(*listed, -minor)}


def test_what_is_lost_of_the_months_own_invoices_is_held_against_these_as_they_stand_and_counts_once() -> None:
    written_off = month(LOST, written_off=frozenset({INVOICE}))
    books = TwoBooks([written_off], journal=[SETTLED, GIVEN_UP], lost=[GIVEN_UP])

    assert differences(books) == {("collected", "written_off", INVOICE, 500)}


def test_what_is_lost_after_a_run_has_begun_is_not_yet_posted() -> None:
    late = entry("bad-debt:acc-3:2021-03:1", "acc-3", IN_JUNE, (BAD_DEBT, 500), (receivable("acc-3"), -500))
    late = replace(late, posted_at=NOW + timedelta(seconds=1))

    assert differences(TwoBooks(lost=[late], journal=[late])) == {
        ("booked", "not_yet_posted", "bad-debt:acc-3:2021-03:1:bad-debt", -500)
    }


def test_what_is_collected_is_what_the_ledger_has_as_paid_whatever_an_invoice_says() -> None:
    """
    One says that it is paid and nobody has paid it; one was paid in two parts; one was paid a cent less.
    """
    by_hold = entry(
        f"payment:{INVOICE}:ride-1:1", "acc-1", IN_JUNE, (STRIPE_CLEARING, 200), (receivable("acc-1"), -200)
    )
    unpaid = TwoBooks([month(HELD)], journal=[SETTLED])
    in_parts = TwoBooks([month(HELD)], journal=[SETTLED, by_hold, paid(1, 300, IN_JUNE)])
    less = TwoBooks([month(HELD)], journal=[SETTLED, paid(1, 499, IN_JUNE)])

    assert differences(unpaid) == {("collected", "unknown", INVOICE, 500)}
    assert differences(in_parts) == set()
    assert differences(less) == {("collected", "unknown", INVOICE, 1)}


def test_what_a_hold_is_about_to_pay_is_not_yet_paid() -> None:
    owing = replace(invoice(500), claimed=200)
    books = TwoBooks([account(500, [owing], settlement=settled(500, 500, parts=PARTS))], journal=[SETTLED])

    assert differences(books) == {("collected", "not_yet_paid", INVOICE, 500)}


def test_what_is_booked_after_a_run_has_begun_is_not_yet_posted() -> None:
    """
    The invoice is read as paid at the run's instant, and its payment is booked a moment later.
    """
    books = TwoBooks([month(HELD)], journal=[SETTLED, paid(1, 500, IN_JUNE)])
    late = replace(books.journal[1], posted_at=NOW + timedelta(seconds=1))
    books.journal[1] = late

    assert differences(books) == {("collected", "not_yet_posted", INVOICE, 500)}
