"""Who sells what, what was decided about payment terms, and what settlements, documents and payers keep of both."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.billing.errors import PaymentNotInOrder, SellingChanged, TermSet
from chalicelib.billing.model import Invoice, InvoiceLine, Payer, Settlement, Sold
from chalicelib.billing.paper_model import Paper, sold_by
from chalicelib.billing.payment_terms import PaymentTerm
from chalicelib.billing.selling import NamedSeller
from chalicelib.billing.selling_store import SellingStore
from chalicelib.billing.store import BillingStore
from chalicelib.billing.term_store import TermStore
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.storage.outbox import MessageRecord, message
from chalicelib.storage.writes import Transaction

pytestmark = pytest.mark.stores
NOW = datetime(2021, 6, 30, 22, tzinfo=UTC)
JUNE, JULY = Month(2021, 6), Month(2021, 7)
billed, sells, terms = BillingStore(), SellingStore(), TermStore()


def test_all_that_was_said_of_who_sells_what_comes_back_and_nothing_takes_its_place(commit: Transaction) -> None:
    first = NamedSeller("par-1", JULY, "dk", "tove", NOW)
    later = NamedSeller("par-1:bike", JULY, "", "tove", NOW + timedelta(seconds=1))
    for each in (first, later):
        commit([sells.naming(each)], None)

    assert set(sells.selling().said) == {first, later}
    assert [sells.selling().of(name, JULY) for name in ("par-1:bike", "par-1:boat")] == ["", "dk"]
    with pytest.raises(SellingChanged):
        commit([sells.naming(replace(first, seller_id="se"))], None)


def test_settlements_and_documents_keep_whose_they_are(commit: Transaction) -> None:
    sold = {"dk": Sold(500, 1, {"par-1": 300}, {"gross|0.25": 500, "tax|0.25": 100})}
    settlement = Settlement("acc-1", JUNE, "EUR", 1, {"par-1:bike": 800}, invoiced=800, invoices=2, sold=sold)
    commit(billed.saving_settlement(settlement), None)
    assert billed.settlements("acc-1") == [settlement]

    lines = (InvoiceLine("session", "ses-1", Money(500, "EUR")),)
    paper = Paper("D-000001", "dk", 1, 0, apart=True)
    due = {"days_net": 14, "due_at": NOW + timedelta(days=14)}
    invoice = Invoice("acc-1", JUNE, 2, lines, Money(500, "EUR"), NOW, paper=paper, **due)  # type: ignore[arg-type]
    commit([*billed.adding_invoice(invoice, NOW)], None)
    (found,) = billed.invoices("acc-1")
    assert (found, sold_by(found.paper)) == (invoice, "dk")


def test_decisions_come_back_newest_first_and_each_is_carried_out(commit: Transaction) -> None:
    granted = PaymentTerm("acc-1", 14, "ap@firm.example", "tove", NOW, "as agreed")
    back = PaymentTerm("acc-1", None, None, "tove", NOW, "over", version=2)
    for each in (granted, back):
        commit(terms.setting(each), None)
    with pytest.raises(TermSet):
        commit(terms.setting(replace(back, days=30)), None)

    assert terms.terms("acc-1") == [back, granted]
    assert all(MessageRecord.find(f"billing.term#acc-1:{version}", "message") for version in (1, 2))
    commit(terms.forgetting("acc-1"), None)
    assert [(each.days, each.email) for each in terms.terms("acc-1")] == [(back.days, None), (granted.days, None)]


def test_a_payer_keeps_its_term_and_may_start_with_it_until_a_payment_failed(commit: Transaction) -> None:
    payer = Payer("acc-1", "cus-1", days_net=14, version=1)
    commit([billed.saving_payer(payer)], None)
    assert billed.payer("acc-1") == payer
    commit([billed.can_pay("acc-1"), message("x", "start", {}, NOW)], None)
    assert MessageRecord.find("x#start", "message")
    commit([billed.saving_payer(replace(payer, failed=frozenset({"acc-1:2021-05:1"}), version=2))], None)
    with pytest.raises(PaymentNotInOrder):
        commit([billed.can_pay("acc-1"), message("x", "again", {}, NOW)], None)
