"""Credit notes, refunds, sellers, buyers and numbers, as DynamoDB keeps them."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.billing.credit_model import BackAs, CreditNote, Goodwill, MoneyBack, Refund, RefundState
from chalicelib.billing.credit_store import CreditStore
from chalicelib.billing.errors import (
    BuyerChanged,
    CreditNoteChanged,
    NumberTaken,
    PrefixTaken,
    SellerChanged,
    SettlementChanged,
    UnknownCreditNote,
)
from chalicelib.billing.model import Invoice, InvoiceLine
from chalicelib.billing.paper_model import Buyer, Paper, Seller, Series, TaxRow
from chalicelib.billing.paper_store import PaperStore
from chalicelib.billing.store import BillingStore
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.storage.outbox import MessageRecord
from chalicelib.storage.writes import Transaction

pytestmark = pytest.mark.stores
NOW = datetime(2021, 6, 30, 22, tzinfo=UTC)
MAY, JUNE = Month(2021, 5), Month(2021, 6)
notes, papers = CreditStore(), PaperStore()
PAPER = Paper("C-000007", "fi", 2, 1, (TaxRow("0.255", 200, 41), TaxRow("0", 100, 0)))
LINES = (InvoiceLine("adjustment", "2021-05", Money(300, "EUR")),)
NOTE = CreditNote("acc-1", JUNE, "c1", LINES, Money(300, "EUR"), NOW, PAPER, shares={"par-1": -70})
REFUND = Refund("acc-1", 1, NOTE.note_id, "acc-1:2021-05:1", "pi_1", Money(300, "EUR"), NOW)
PREFIXES = {Series.INVOICE: "A-", Series.CREDIT_NOTE: "AC-"}
OURS = Seller("fi", "Adgang Oy", ("Kaivokatu 1",), "FI", "FI12345678", PREFIXES, 1, "tove", NOW)
THEIRS = Buyer("acc-1", "Firm Oy", ("Aleksanterinkatu 2",), "FI", "FI87654321", "PO-1", "cost 7", version=1)


def test_a_note_comes_back_as_it_was_and_is_changed_on_the_version_that_was_read(commit: Transaction) -> None:
    commit([notes.adding_note(NOTE)], None)
    assert notes.note("acc-1", JUNE, "c1") == NOTE
    with pytest.raises(CreditNoteChanged):
        commit([notes.adding_note(NOTE)], None)
    lower = replace(NOTE.lowering("acc-1:2021-05:1", 100), choice=BackAs.CREDIT, against="acc-1:2021-05:1", reason="x")
    commit([notes.changing_note(lower)], None)
    assert notes.notes("acc-1") == [lower]
    with pytest.raises(CreditNoteChanged):
        commit([notes.changing_note(lower)], None)
    assert notes.note("acc-1", JUNE, "c2") is None


def test_who_was_given_something_out_of_goodwill_is_found_among_many(commit: Transaction) -> None:
    asked = Goodwill("acc-1", JUNE, "g1", "acc-1:2021-05:1", Money(80, "EUR"), "a wet saddle", NOW)
    commit([notes.saving_money_back(MoneyBack("acc-1").asking(asked))], None)
    commit([notes.saving_money_back(MoneyBack("acc-2", BackAs.CREDIT, version=1))], None)

    assert notes.given_goodwill(["acc-1", "acc-2", "acc-3"]) == ["acc-1"]
    assert (replace(NOTE, name="g1").of_goodwill, NOTE.of_goodwill) == (True, False)


def test_notes_are_paged_by_month_and_number_and_go_on_behind_an_id(commit: Transaction) -> None:
    names = [(MAY, "c2"), (MAY, "c10"), (JUNE, "c1"), (JUNE, "g1")]
    for month, name in reversed(names):
        commit([notes.adding_note(replace(NOTE, month=month, name=name))], None)

    first = notes.notes("acc-1", limit=2)
    rest = notes.notes("acc-1", limit=9, after=first[-1].note_id)
    assert [(each.month, each.name) for each in (*first, *rest)] == names
    with pytest.raises(UnknownCreditNote):
        notes.notes("acc-1", after="nothing")


def test_a_choice_is_a_refund_before_the_first_and_each_change_takes_a_version(commit: Transaction) -> None:
    assert notes.money_back("acc-1") == MoneyBack("acc-1")
    asked = Goodwill("acc-1", JUNE, "g2", "acc-1:2021-05:1", Money(50, "EUR"), "a wet saddle", NOW)
    chosen = MoneyBack("acc-1", BackAs.CREDIT, refunds=3, goodwill=2, asked=(asked,), version=1)
    commit([notes.saving_money_back(chosen)], None)
    assert notes.money_back("acc-1") == chosen
    with pytest.raises(CreditNoteChanged):
        commit([notes.saving_money_back(chosen)], None)


def test_a_refund_is_planned_once_and_changed_from_the_state_that_was_read(commit: Transaction) -> None:
    commit([notes.saving_refund(REFUND, None)], None)
    assert notes.refund("acc-1", 1) == REFUND
    with pytest.raises(CreditNoteChanged):
        commit([notes.saving_refund(REFUND, None)], None)
    failed = replace(REFUND, state=RefundState.FAILED, provider_refund="re_1", settled_at=NOW, reason="lost")
    commit([notes.saving_refund(failed, REFUND)], None)
    with pytest.raises(CreditNoteChanged):
        commit([notes.saving_refund(failed, REFUND)], None)
    assert notes.refunds("acc-1") == [failed]


def test_what_is_to_be_given_back_and_told_is_said_to_the_workers(commit: Transaction) -> None:
    told = notes.telling(NOTE, "refunded", {"amount": "3.00 EUR", "refund": "acc-1:r1"}, NOW)
    asked = Goodwill("acc-1", JUNE, "g1", "acc-1:2021-05:1", Money(50, "EUR"), "a wet saddle", NOW)
    commit([notes.give_back("acc-1", NOTE.note_id, NOW), notes.give_goodwill(asked, NOW), told], None)

    said = {each.topic: each.body for each in MessageRecord.scan()}
    assert said["billing.give_back"] == {"account_id": "acc-1"}
    assert said["billing.goodwill"] == {"account_id": "acc-1", "name": "g1"}
    assert said["dialogue.tell"]["about"] == "acc-1:2021-06:c1"
    assert said["dialogue.tell"]["amount"] == "3.00 EUR"


def test_a_seller_is_known_in_each_version_and_one_is_the_default(commit: Transaction) -> None:
    assert papers.default_seller() is None
    commit(papers.saving_seller(OURS, default=True), None)
    moved = replace(OURS, address=("Elsewhere 2",), version=2)
    commit(papers.saving_seller(moved, default=True), None)
    prefixes = {series: f"D{series}-" for series in Series}
    commit(papers.saving_seller(replace(OURS, seller_id="dk", vat_number=None, prefixes=prefixes), default=False), None)

    assert (papers.default_seller(), papers.seller("fi"), papers.seller("fi", 1)) == (moved, moved, OURS)
    assert [each.seller_id for each in papers.sellers()] == ["dk", "fi"]
    with pytest.raises(SellerChanged):
        commit(papers.saving_seller(moved, default=False), None)


def test_a_prefix_stays_with_its_series_for_good(commit: Transaction) -> None:
    """
    Not with another seller's, who asks at the same time or years later; nor with the same seller's other series.
    """
    first = replace(OURS, seller_id="no", prefixes={Series.INVOICE: "N-", Series.CREDIT_NOTE: "NC-"})
    later = replace(first, version=2, prefixes={Series.INVOICE: "M-", Series.CREDIT_NOTE: "MC-"})
    turned = replace(first, version=3, prefixes={Series.INVOICE: "NC-", Series.CREDIT_NOTE: "N-"})
    others = replace(first, seller_id="is", prefixes={Series.INVOICE: "N-", Series.CREDIT_NOTE: "SC-"})
    commit(papers.saving_seller(first, default=False), None)
    commit(papers.saving_seller(later, default=False), None)
    for each in (turned, others):
        with pytest.raises(PrefixTaken):
            commit(papers.saving_seller(each, default=False), None)

    assert papers.seller("no") == later
    assert papers.seller("is") is None
    commit(papers.saving_seller(replace(first, version=3), default=False), None)


def test_an_accounts_details_are_known_in_each_version(commit: Transaction) -> None:
    assert papers.buyer("acc-1") is None
    commit(papers.saving_buyer(THEIRS), None)
    moved = replace(THEIRS, name="Firm Abp", version=2)
    commit(papers.saving_buyer(moved), None)

    assert (papers.buyer("acc-1"), papers.buyer("acc-1", 1)) == (moved, THEIRS)
    with pytest.raises(BuyerChanged):
        commit(papers.saving_buyer(moved), None)


def test_a_number_is_taken_after_the_one_before_and_only_once(commit: Transaction) -> None:
    for number in (1, 2):
        commit([papers.taking_number("fi", Series.INVOICE, number)], None)
    assert (papers.last_number("fi", Series.INVOICE), papers.last_number("fi", Series.CREDIT_NOTE)) == (2, 0)
    for number in (1, 2, 4):
        with pytest.raises(NumberTaken):
            commit([papers.taking_number("fi", Series.INVOICE, number)], None)


def test_several_numbers_are_taken_at_once_or_none_of_them(commit: Transaction) -> None:
    commit([papers.taking_number("se", Series.INVOICE, 8, 8)], None)
    commit([papers.taking_number("se", Series.INVOICE, 11, 3)], None)
    with pytest.raises(NumberTaken):
        commit([papers.taking_number("se", Series.INVOICE, 12, 3)], None)
    assert papers.last_number("se", Series.INVOICE) == 11


def test_the_details_of_many_accounts_are_read_at_once(commit: Transaction) -> None:
    commit(papers.saving_buyer(THEIRS), None)
    assert papers.buyers(["acc-0", "acc-1"]) == {"acc-1": THEIRS}


def test_an_invoice_keeps_its_paper_and_is_changed_only_with_the_credit_that_was_read(commit: Transaction) -> None:
    billed = BillingStore()
    invoice = Invoice("acc-1", MAY, 1, LINES, Money(300, "EUR"), NOW, paper=PAPER)
    commit(billed.adding_invoice(invoice, NOW), None)
    lower = replace(invoice, credited=100)
    commit([billed.changing_invoice(lower, invoice)], None)

    assert billed.invoice("acc-1", MAY, 1) == lower
    with pytest.raises(SettlementChanged):
        commit([billed.changing_invoice(replace(invoice, provider_invoice="in_1"), invoice)], None)
    commit([billed.changing_invoice(replace(lower, credited=0), lower)], None)


@pytest.mark.parametrize("paid", ["part_paid", "claimed"])
def test_an_invoice_is_not_changed_by_who_does_not_know_what_a_hold_has_paid_of_it_or_is_about_to(
    commit: Transaction, paid: str
) -> None:
    billed = BillingStore()
    invoice = Invoice("acc-1", MAY, 2, LINES, Money(300, "EUR"), NOW)
    commit(billed.adding_invoice(invoice, NOW), None)
    part = replace(invoice, **{paid: 100})  # type: ignore[arg-type]
    commit([billed.changing_invoice(part, invoice)], None)

    assert billed.invoice("acc-1", MAY, 2) == part
    with pytest.raises(SettlementChanged):
        commit([billed.changing_invoice(replace(invoice, decline_code="lost_card"), invoice)], None)
    commit([billed.changing_invoice(replace(part, decline_code="lost_card"), part)], None)
