"""Our invoices are held against the provider's: whoever asks for something else, or says that it is paid, is listed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.billing.comparison_model import TheirInvoice
from chalicelib.billing.model import Invoice, InvoiceState
from chalicelib.finance.reconciling_invoices import lines_of_ours
from tests.unit.finance.closes import MAY, NOW, OVER
from tests.unit.finance.two_books import Kept, TwoBooks, account, asked, eur, invoice, run
from tests.unit.memory import Commits

OPEN, PAID = f"invoice-open:acc-1:{MAY}:1", f"invoice-paid:acc-1:{MAY}:1"
HOUR = timedelta(hours=1)
OWED = invoice(500, provider_invoice="in_1")
SETTLED = invoice(500, InvoiceState.PAID, provider_invoice="in_1")
THERE = TheirInvoice("in_1", "open", eur(500), attempted=True, created=OVER, account_id="acc-1", month=MAY, number=1)
PAID_THERE = replace(THERE, status="paid", ended_at=OVER)


def differences(ours: Invoice, *theirs: TheirInvoice) -> set[tuple[str, str, int]]:
    """By cause. All that was told by the day before was compared."""
    kept, commit = Kept(), Commits()
    asked(kept, commit)
    books = TwoBooks([account(500, [ours])], their_invoices=list(theirs), compared=NOW - HOUR)
    done = run(books, kept, commit)
    assert done is not None
    rows = [row for row in kept.of(done) if row.stage == "invoiced"]
    assert sum(row.minor for row in rows) == sum(each.difference for each in done.sums if each.stage == "invoiced")
    return {(str(row.cause), row.about, row.minor) for row in rows}


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (OWED, [THERE]),
        (SETTLED, [PAID_THERE]),
        (replace(SETTLED, credited=100), [PAID_THERE]),
        (invoice(500, InvoiceState.FAILED, provider_invoice="in_1"), [THERE]),
        (invoice(700, from_wallet=(("lot", 200),), provider_invoice="in_1"), [THERE]),
        (invoice(500, from_wallet=(("lot", 500),), provider_invoice="in_1"), []),
        (invoice(500), []),
        (invoice(500), [replace(THERE, status="draft")]),
        (invoice(500, InvoiceState.WRITTEN_OFF, provider_invoice="in_1"), [replace(THERE, status="uncollectible")]),
        (SETTLED, [PAID_THERE, replace(THERE, status="void", provider_invoice="in_0", ended_at=OVER)]),
        (invoice(500), [replace(THERE, created=NOW + HOUR)]),
        (OWED, [replace(PAID_THERE, ended_at=NOW + HOUR)]),
    ],
)
def test_an_invoice_that_is_the_same_on_both_sides_differs_in_nothing(
    ours: Invoice, theirs: list[TheirInvoice]
) -> None:
    """
    What is a draft there, was made or paid there after the run began, or was given up, asks for nothing that differs.
    """
    assert differences(ours, *theirs) == set()


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (OWED, [replace(THERE, total=eur(600))], {(OPEN, -100)}),
        (SETTLED, [replace(PAID_THERE, total=eur(499))], {(PAID, 1)}),
        (SETTLED, [THERE], {(PAID, 500), (OPEN, -500)}),
        (OWED, [PAID_THERE], {(PAID, -500), (OPEN, 500)}),
        (OWED, [], {(OPEN, 500)}),
        (invoice(500), [THERE], {(OPEN, -500)}),
        (SETTLED, [PAID_THERE, replace(PAID_THERE, provider_invoice="in_2")], {(PAID, -500)}),
        (OWED, [replace(THERE, status="void", ended_at=OVER)], {(OPEN, 500)}),
        (invoice(500, InvoiceState.WRITTEN_OFF, provider_invoice="in_1"), [THERE], {(OPEN, -500)}),
    ],
)
def test_an_invoice_that_is_another_there_is_listed_by_its_id_and_how_it_stands(
    ours: Invoice, theirs: list[TheirInvoice], expected: set[tuple[str, int]]
) -> None:
    assert differences(ours, *theirs) == {("unknown", about, minor) for about, minor in expected}


def test_what_nobody_has_told_yet_is_not_yet_posted() -> None:
    """
    It was paid there half an hour before the run, and no comparison has read that; the other one is a draft still.
    """
    untold = replace(PAID_THERE, ended_at=NOW - HOUR / 2)

    assert differences(OWED, untold) == {("not_yet_posted", PAID, -500), ("not_yet_posted", OPEN, 500)}
    assert differences(OWED, replace(THERE, status="draft")) == {("not_yet_posted", OPEN, 500)}


def test_what_is_paid_ahead_wholly_is_asked_for_nowhere() -> None:
    assert not list(lines_of_ours(account(500, [replace(OWED, from_wallet=(("lot", 500),))])))
