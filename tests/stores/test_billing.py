"""Payers, settlements, invoices, parked months and the provider's events, as DynamoDB keeps them."""

import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from chalicelib.billing.errors import (
    EventKnown,
    NotParked,
    PayerChanged,
    PaymentNotInOrder,
    SettlementChanged,
    UnknownInvoice,
)
from chalicelib.billing.inbox_items import EventRecord, event_in
from chalicelib.billing.model import (
    FareCaps,
    Invoice,
    InvoiceLine,
    InvoiceState,
    Parked,
    Payer,
    ProofHead,
    ProviderEvent,
    Settlement,
)
from chalicelib.billing.records import ProofPartRecord, ProofRecord
from chalicelib.billing.store import BillingStore
from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.money import Money
from chalicelib.kernel.text import canonical
from chalicelib.kernel.time import Month
from chalicelib.storage.outbox import MessageRecord, message
from chalicelib.storage.writes import Transaction

pytestmark = pytest.mark.stores
NOW = datetime(2021, 6, 1, 5, tzinfo=UTC)
APRIL, MAY, JUNE = Month(2021, 4), Month(2021, 5), Month(2021, 6)
LINES = (InvoiceLine("session", "ses-1", Money(1000, "EUR")), InvoiceLine("carried", "2021-04", Money(-50, "EUR")))
INVOICE = Invoice("acc-1", MAY, 1, LINES, Money(950, "EUR"), NOW)
SETTLEMENT = Settlement(
    "acc-1", MAY, "EUR", 1, {"par-1:bike": 1000}, {"2021-04": {"par-1:bike": -50}}, 30, 980, invoices=1
)
billed = BillingStore()


def said(topic: str, key: str) -> dict[str, str] | None:
    found = MessageRecord.find(f"{topic}#{key}", "message")
    return found.body if found else None


@pytest.mark.parametrize(
    "payer",
    [
        Payer("acc-1", "cus-stripe", version=1),
        Payer("acc-1", "cus-stripe", "pm-1", frozenset({"acc-1:2021-05:1", "acc-1:2021-04:1"}), 1, 14, NOW),
    ],
)
def test_a_payer_comes_back_as_it_was(commit: Transaction, payer: Payer) -> None:
    assert billed.payer("acc-1") is None
    commit([billed.saving_payer(payer)], None)

    assert billed.payer("acc-1") == payer


def test_a_payer_is_changed_on_the_version_that_was_read(commit: Transaction) -> None:
    first = Payer("acc-1", "cus-stripe", version=1)
    commit([billed.saving_payer(first)], None)
    commit([billed.saving_payer(first.with_card("pm-1"))], None)
    for stale in (first, first.with_card("pm-2"), replace(first, version=4)):
        with pytest.raises(PayerChanged):
            commit([billed.saving_payer(stale)], None)

    found = billed.payer("acc-1")
    assert found is not None
    assert found.payment_method == "pm-1"


@pytest.mark.parametrize(
    ("payer", "can"),
    [
        (None, False),
        (Payer("acc-1", "cus-stripe", version=1), False),
        (Payer("acc-1", "cus-stripe", "pm-1", version=1), True),
        (Payer("acc-1", "cus-stripe", "pm-1", frozenset({"acc-1:2021-04:1"}), 1), False),
    ],
    ids=["no payer", "no card", "card", "a payment failed"],
)
def test_only_who_has_a_card_and_nothing_failed_may_start(
    commit: Transaction,
    payer: Payer | None,
    can: bool,  # noqa: FBT001 -- a case
) -> None:
    if payer:
        commit([billed.saving_payer(payer)], None)
    try:
        commit([billed.can_pay("acc-1"), message("x", "start", {}, NOW)], None)
    except PaymentNotInOrder:
        assert not can
    assert (said("x", "start") is not None) == can


def test_settlements_come_back_by_month_as_they_were(commit: Transaction) -> None:
    april = Settlement("acc-1", APRIL, "EUR", 1, {"par-1:bike": 30})
    for each in (SETTLEMENT, april):
        commit(billed.saving_settlement(each), None)

    assert billed.settlements("acc-1") == [april, SETTLEMENT]
    assert billed.settlements("acc-9") == []
    assert billed.settlements_named([("acc-9", MAY), ("acc-1", MAY)]) == [SETTLEMENT]


def test_a_settlement_is_stored_on_the_version_that_was_read(commit: Transaction) -> None:
    commit(billed.saving_settlement(SETTLEMENT), None)
    with pytest.raises(SettlementChanged):
        commit(billed.saving_settlement(SETTLEMENT), None)
    commit(billed.saving_settlement(replace(SETTLEMENT, version=2, invoiced=0)), None)
    with pytest.raises(SettlementChanged):
        commit(billed.saving_settlement(replace(SETTLEMENT, version=2)), None)

    assert [each.invoiced for each in billed.settlements("acc-1")] == [0]


def test_each_version_of_a_settlement_is_kept(commit: Transaction) -> None:
    second, third = (replace(SETTLEMENT, version=number, invoiced=number) for number in (2, 3))
    commit(billed.saving_settlement(SETTLEMENT), None)
    for before, after in ((SETTLEMENT, second), (second, third)):
        commit(billed.saving_settlement(after, before), None)

    assert billed.settlements("acc-1") == [third]
    assert [billed.settled_before(each) for each in (third, second, SETTLEMENT)] == [second, SETTLEMENT, None]


@pytest.mark.parametrize(
    "invoice",
    [
        INVOICE,
        replace(INVOICE, state=InvoiceState.PAID, provider_invoice="in-1", attempts=2, paid_at=NOW),
        replace(INVOICE, state=InvoiceState.FAILED, decline_code="insufficient_funds"),
    ],
)
def test_an_invoice_comes_back_as_it_was_and_is_to_be_collected(commit: Transaction, invoice: Invoice) -> None:
    commit(billed.adding_invoice(invoice, NOW), None)

    assert billed.invoice("acc-1", MAY, 1) == invoice
    named = {"account_id": "acc-1", "month": "2021-05", "number": "1"}
    collected = None if invoice.state is InvoiceState.PAID else {**named, "failures": "0"}
    assert said("billing.collect", "acc-1:2021-05:1") == collected
    with pytest.raises(SettlementChanged):
        commit(billed.adding_invoice(replace(invoice, total=Money(1, "EUR")), NOW), None)


def test_an_invoice_is_changed_only_as_it_was_read(commit: Transaction) -> None:
    commit(billed.adding_invoice(INVOICE, NOW), None)
    failed = replace(INVOICE, state=InvoiceState.FAILED)
    again = replace(INVOICE, attempts=1)
    commit([billed.changing_invoice(failed, INVOICE)], None)
    with pytest.raises(SettlementChanged):
        commit([billed.changing_invoice(again, INVOICE)], None)
    commit([billed.changing_invoice(again, failed)], None)
    with pytest.raises(SettlementChanged):
        commit([billed.changing_invoice(failed, INVOICE)], None)

    assert billed.invoice("acc-1", MAY, 1) == again


def test_invoices_are_listed_by_month_and_number_in_pages(commit: Transaction) -> None:
    made = [replace(INVOICE, month=month, number=number) for month in (APRIL, MAY) for number in (1, 2, 10)]
    for each in reversed(made):
        commit(billed.adding_invoice(each, NOW), None)

    assert billed.invoices("acc-1") == made
    assert billed.invoices("acc-1", MAY) == made[3:]
    assert billed.invoices("acc-1", JUNE) == []
    assert billed.invoices("acc-1", limit=2) == made[:2]
    assert billed.invoices("acc-1", limit=3, after=made[1].invoice_id) == made[2:5]


@pytest.mark.parametrize("after", ["", "acc-1", "acc-1:2021-05", "acc-1:2021-05:x", "acc-1:2021-05:99999", "::"])
def test_a_page_behind_what_is_no_invoice_is_refused(after: str) -> None:
    with pytest.raises(Refusal):
        billed.invoices("acc-1", after=after)
    with pytest.raises(UnknownInvoice):
        billed.invoices("acc-1", after="acc-1:2021-05:")


def test_what_an_invoice_has_told_about_it_names_the_account_and_the_instant(commit: Transaction) -> None:
    commit([billed.telling(INVOICE, "payment_failed", {"amount": "9.50 EUR"}, NOW)], None)

    assert said("dialogue.tell", "acc-1:2021-05:1:payment_failed:0") == {
        "account_id": "acc-1",
        "about": "acc-1:2021-05:1",
        "code": "payment_failed",
        "amount": "9.50 EUR",
        "told_at": "2021-06-01T05:00:00.000000Z",
    }


def test_a_month_is_settled_again_on_request(commit: Transaction) -> None:
    commit([billed.settle_again("acc-1", MAY, NOW)], None)

    assert said("billing.settle", "acc-1:2021-05") == {"account_id": "acc-1", "month": "2021-05"}


def test_a_month_that_was_released_is_settled_with_how_many_decisions_there_are(commit: Transaction) -> None:
    first = Parked("acc-1", MAY, "many_times_the_usual", {}, NOW, "olga", NOW, "they forgot it")
    again = first.followed_by(Parked("acc-1", MAY, "differs_from_ledger", {}, NOW))
    assert [each.decisions for each in (replace(first, released_at=None), first, again)] == [0, 1, 1]
    commit([billed.settle_released(replace(again, released_at=NOW), NOW)], None)

    facts = {"account_id": "acc-1", "month": "2021-05", "decisions": "2"}
    assert said("billing.settle", "acc-1:2021-05:released") == facts


PARKED = Parked("acc-1", MAY, "many_times_the_usual", {"total": "500.00 EUR"}, NOW)


def test_a_parked_month_is_found_by_its_account_and_in_the_list_of_all(commit: Transaction) -> None:
    other = replace(PARKED, account_id="acc-0")
    for each in (PARKED, other):
        commit(billed.parking(each), None)

    assert billed.parked("acc-1", MAY) == PARKED
    assert billed.parked("acc-1", JUNE) is None
    assert billed.parked_among(["acc-1", "acc-2"], MAY) == {"acc-1": PARKED}
    assert billed.all_parked(limit=9, after=None) == [other, PARKED]
    assert billed.all_parked(limit=9, after="acc-0#2021-05") == [PARKED]


def test_a_release_is_written_once_and_the_first_stays(commit: Transaction) -> None:
    commit(billed.parking(PARKED), None)
    first = replace(PARKED, released_by="anna", released_at=NOW, note="is right")
    commit(billed.parking(first), None)
    for later in (replace(first, released_by="bo"), PARKED):
        with pytest.raises(NotParked):
            commit(billed.parking(later), None)

    assert billed.parked("acc-1", MAY) == first
    assert billed.all_parked(limit=9, after=None) == [first]
    again = first.followed_by(replace(PARKED, reason="negative_total", parked_at=NOW + timedelta(days=1)))
    commit(billed.parking(again), None)
    for late in (again, replace(PARKED, released_by="bo", released_at=NOW)):
        with pytest.raises(NotParked):
            commit(billed.parking(late), None)
    second = replace(again, released_by="bo", released_at=NOW, note="seen")
    commit(billed.parking(second), None)
    assert billed.parked("acc-1", MAY) == second
    assert second.earlier == (first,)


def test_a_providers_event_is_stored_once(commit: Transaction) -> None:
    event = ProviderEvent("evt_1", "invoice.paid", "in_1", NOW)
    commit([billed.add_event_once(event)], None)
    with pytest.raises(EventKnown):
        commit([billed.add_event_once(replace(event, object_id="in_2"))], None)

    (stored,) = EventRecord.listed("event#evt_1")
    assert (
        event_in({"pk": stored.pk, **{name: each["S"] for name, each in stored.serialize().items() if "S" in each}})
        == event
    )
    assert stored.expires == NOW + timedelta(days=35), "so long a repeat is known; a later one is harmless"


def head(number: int, account_id: str = "acc-1") -> ProofHead:
    return ProofHead(account_id, number, MAY, f"{number:064d}", f"{number - 1:064d}", NOW)


def test_proofs_come_back_by_number_and_the_last_one_is_known(commit: Transaction) -> None:
    assert billed.last_proof("acc-1") is None
    for number in (1, 2, 3):
        commit(billed.adding_proof(head(number), {"number": number, "words": ["ü", None]}), None)
    commit(billed.adding_proof(head(1, "acc-2"), {"number": 1}), None)

    assert billed.last_proof("acc-1") == head(3)
    assert billed.proofs("acc-1", limit=2, after=0) == [head(1), head(2)]
    assert billed.proofs("acc-1", limit=2, after=2) == [head(3)]
    assert billed.proof("acc-1", 2) == {"number": 2, "words": ["ü", None]}
    assert billed.proof("acc-2", 2) is None


def test_a_number_of_the_chain_is_taken_once(commit: Transaction) -> None:
    commit(billed.adding_proof(head(1), {"first": True}), None)
    with pytest.raises(SettlementChanged):
        commit(billed.adding_proof(head(1), {"first": False}), None)

    assert billed.proof("acc-1", 1) == {"first": True}


def test_a_short_proof_is_one_item_with_its_link_and_what_was_stored_apart_is_read_as_before(
    commit: Transaction,
) -> None:
    (written,) = billed.adding_proof(head(1), {"number": 1})
    commit([written], None)
    before = ProofRecord(
        pk="account#acc-1", sk="proof#000002", month=str(MAY), digest="2" * 64, previous="1" * 64, made_at=NOW
    )
    part = zlib.compress(canonical({"number": 2}))
    before.save()
    ProofPartRecord(pk="account#acc-1", sk="proofpart#000002#000", part=part).save()

    assert [billed.proof("acc-1", number) for number in (1, 2, 3)] == [{"number": 1}, {"number": 2}, None]


def test_a_proof_larger_than_an_item_is_stored_in_parts(commit: Transaction) -> None:
    """
    A megabyte that cannot be compressed.
    """
    noise = Random(1).randbytes(1_000_000).hex()
    writes = billed.adding_proof(head(1), {"noise": noise})
    commit(writes, None)

    assert len(writes) > 3
    assert billed.proof("acc-1", 1) == {"noise": noise}


def test_caps_over_several_products_hold_from_their_month_until_the_next(commit: Transaction) -> None:
    rows = tuple({"id": f"c{n}", "period": "day"} for n in range(2))
    for caps in (FareCaps(MAY, rows), FareCaps(Month(2021, 7), ())):
        commit([billed.saving_fare_caps(caps)], None)

    assert [billed.fare_caps(month) for month in (APRIL, MAY, JUNE, Month(2022, 1))] == [
        None,
        FareCaps(MAY, rows),
        FareCaps(MAY, rows),
        FareCaps(Month(2021, 7), ()),
    ]
