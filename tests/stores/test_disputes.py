"""Disputes, evidence, comparisons, and what invoices are found by, as DynamoDB keeps them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.billing.comparison_model import Comparison, Difference, Step
from chalicelib.billing.comparison_store import ComparisonStore
from chalicelib.billing.dispute_items import DisputeRecord
from chalicelib.billing.dispute_model import Dispute, DisputeState, Evidence
from chalicelib.billing.dispute_store import DisputeStore
from chalicelib.billing.disputing import place_of
from chalicelib.billing.errors import ComparisonChanged, DisputeChanged
from chalicelib.billing.loss_model import decided, given_up
from chalicelib.billing.model import Invoice, InvoiceLine
from chalicelib.billing.store import BillingStore
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.ledger.accounts import STRIPE_CLEARING, STRIPE_FEES
from chalicelib.ledger.model import JournalEntry, Posting
from chalicelib.ledger.store import LedgerStore
from chalicelib.storage.outbox import MessageRecord
from chalicelib.storage.writes import Transaction

pytestmark = pytest.mark.stores
NOW = datetime(2021, 6, 30, 22, tzinfo=UTC)
MAY = Month(2021, 5)
disputes, comparisons, billed, ledger = DisputeStore(), ComparisonStore(), BillingStore(), LedgerStore()
FULL = Dispute(
    dispute_id="dp_1",
    account_id="acc-1",
    paid="top-up:acc-1:one",
    reason="fraudulent",
    amount=Money(950, "EUR"),
    opened_at=NOW,
    due_by=NOW + timedelta(days=9),
    state=DisputeState.MADE_GOOD,
    charge="ch_1",
    posted=("txn_1", "txn_2"),
    held=950,
    from_lots=(("top-up:one", 300),),
    made_good_by="fred",
    made_good_at=NOW + timedelta(days=10),
    note="paid in cash",
    version=1,
)


def invoice(number: int, issued_at: datetime = NOW) -> Invoice:
    lines = (InvoiceLine("session", "ses-1", Money(950, "EUR")),)
    return Invoice("acc-1", MAY, number, lines, Money(950, "EUR"), issued_at)


def test_one_that_was_stored_before_top_ups_were_disputed_names_its_invoice(commit: Transaction) -> None:
    commit(disputes.saving(FULL, None), None)
    record = DisputeRecord.find("dispute#dp_1", "dispute")
    assert record is not None
    record.paid, record.month, record.number, record.from_lots = None, "2021-05", 2, None
    record.save()

    found = disputes.dispute("dp_1")
    assert found == replace(FULL, paid="invoice:acc-1:2021-05:2", from_lots=())
    assert (found.invoice_id, found.top_up_id, found.lost) == ("acc-1:2021-05:2", None, 950)


def test_a_dispute_comes_back_as_it_was_and_is_changed_on_the_version_that_was_read(commit: Transaction) -> None:
    commit(disputes.saving(FULL, None), None)

    assert disputes.dispute("dp_1") == FULL
    assert disputes.dispute("dp_2") is None
    assert (disputes.of_account("acc-1"), disputes.of_account("acc-2")) == ([FULL], [])
    with pytest.raises(DisputeChanged):
        commit(disputes.saving(FULL, None), None)
    with pytest.raises(DisputeChanged):
        commit(disputes.saving(replace(FULL, version=5), replace(FULL, version=4)), None)


def test_a_dispute_is_listed_among_all_and_in_the_state_in_which_it_is_now(commit: Transaction) -> None:
    first = replace(FULL, state=DisputeState.NEEDS_RESPONSE)
    second = replace(first, dispute_id="dp_2", opened_at=NOW - timedelta(days=1))
    for each in (first, second):
        commit(disputes.saving(each, None), None)
    lost = replace(first, state=DisputeState.LOST, version=2)
    commit(disputes.saving(lost, first), None)

    assert disputes.listed(None, limit=9, after=None) == [second, lost]
    assert disputes.listed(None, limit=9, after=place_of(second)) == [lost]
    assert disputes.listed(DisputeState.NEEDS_RESPONSE, limit=9, after=None) == [second]
    assert disputes.listed(DisputeState.LOST, limit=1, after=None) == [lost]
    assert disputes.listed(DisputeState.WON, limit=9, after=None) == []


def test_evidence_is_asked_for_once_under_its_number_and_the_newest_is_read(commit: Transaction) -> None:
    first = Evidence("dp_1", 1, NOW, "fred")
    commit(disputes.asking(first, NOW), None)
    assert disputes.evidence("dp_1") == first
    with pytest.raises(DisputeChanged):
        commit(disputes.asking(first, NOW), None)
    ready = replace(first, ready_at=NOW, sha256="ab", size=7)
    commit([disputes.evidence_ready(ready)], None)
    assert disputes.evidence("dp_1") == ready

    commit(disputes.asking(Evidence("dp_1", 2, NOW, "fred"), NOW), None)
    with pytest.raises(DisputeChanged):
        commit([disputes.evidence_ready(ready)], None)
    assert MessageRecord.find("billing.evidence#dp_1:2", "message") is not None


def test_a_comparison_comes_back_as_it_was_and_goes_on_on_the_version_that_was_read(commit: Transaction) -> None:
    full = Comparison(
        asked_at=NOW,
        asked_by="fred",
        since=NOW - timedelta(days=2),
        step=Step.THEIRS,
        after="in_1",
        movements=1,
        fees=2,
        invoices=3,
        done_at=NOW,
        clearing={"EUR": 4},
        balance={"EUR": 5},
        version=1,
    )
    later = replace(full, asked_at=NOW + timedelta(days=1), since=None, after=None, done_at=None)
    for each in (full, later):
        commit([comparisons.saving(each)], None)

    assert comparisons.comparison(NOW) == full
    assert comparisons.comparison(NOW + timedelta(days=9)) is None
    assert comparisons.of_day("2021-06-30") == [full]
    assert comparisons.all(limit=9, after=None) == [later, full]
    for stale in (full, replace(full, version=3)):
        with pytest.raises(ComparisonChanged):
            commit([comparisons.saving(stale)], None)


def test_differences_belong_to_their_comparison_and_are_kept_once(commit: Transaction) -> None:
    found = Difference("acc-1:2021-05:2", "payment_not_noted", "noted", {"there": "paid"})
    other = Difference("ch_1", "unknown_payment", "reported")
    for each in (found, found, other):
        commit([comparisons.noting(NOW, each)], None)
    commit([comparisons.reading_until(NOW)], None)

    assert comparisons.differences(NOW, limit=9) == [found, other]
    assert comparisons.differences(NOW + timedelta(days=1), limit=9) == []
    assert comparisons.read_until() == NOW


def test_what_is_lost_is_kept_in_the_month_of_its_booking_which_is_the_operators_and_found_in_pages(
    commit: Transaction,
) -> None:
    """
    At 22 o'clock of UTC on 30 June July has begun in Helsinki.
    """
    one, two = given_up(invoice(1), NOW), given_up(invoice(2), NOW)
    bank = decided(None, FULL, NOW)
    assert bank is not None
    commit([billed.losing(each, "Europe/Helsinki") for each in (two, bank, one)], None)

    assert billed.losses(Month(2021, 6), limit=10, after=None) == []
    july = Month(2021, 7)
    assert billed.losses(july, limit=10, after=None) == [one, two, bank]
    assert billed.losses(july, limit=1, after=one.reference) == [two]
    assert (bank.invoice_id, one.invoice_id) == (None, invoice(1).invoice_id)


def test_invoices_are_found_by_when_they_were_issued_across_months_in_pages(commit: Transaction) -> None:
    issued = [NOW + timedelta(hours=number) for number in range(5)]
    for number, at in enumerate(issued):
        commit(billed.adding_invoice(invoice(number + 1, at), NOW), None)

    first = comparisons.issued(issued[1], issued[4], limit=3, after=None)
    assert [number for _, _, number in first.rows] == [2, 3, 4]
    rest = comparisons.issued(issued[1], issued[4], limit=3, after=first.after)
    assert (rest.rows, rest.after) == ([("acc-1", MAY, 5)], None)
    assert comparisons.issued(issued[0], issued[0], limit=3, after=None).rows == [("acc-1", MAY, 1)]
    found = billed.invoices_named([*first.rows, ("acc-1", MAY, 9)])
    assert found == [*(invoice(number, issued[number - 1]) for number in (2, 3, 4)), None]


def test_an_invoice_is_found_by_the_payment_that_paid_it_and_given_up_with_a_message(commit: Transaction) -> None:
    one = invoice(1)
    commit(billed.adding_invoice(one, NOW), None)
    assert billed.paid_with("ch_1") is None
    commit([billed.paid_by(one, "ch_1"), *billed.writing_off(one, "fred", "moved away", NOW)], None)

    assert billed.paid_with("ch_1") == one
    assert MessageRecord.find(f"billing.give_up#{one.invoice_id}", "message") is not None


def test_an_entry_is_found_by_its_reference(commit: Transaction) -> None:
    postings = (
        Posting(STRIPE_FEES, Money(40, "EUR"), "stripe:txn_1"),
        Posting(STRIPE_CLEARING, Money(-40, "EUR"), "stripe:txn_1"),
    )
    entry = JournalEntry("fee:txn_1", "fee", "acc-1", MAY, NOW, postings)
    commit(ledger.posting(entry), None)

    assert ledger.find("fee:txn_1") == entry
    assert ledger.find("fee:txn_2") is None
