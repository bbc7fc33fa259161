"""Our books against the provider's: each difference has its cause and its cure, a crash anywhere changes nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.billing.comparing import ask_by_timer
from chalicelib.billing.comparison_model import TheirInvoice
from chalicelib.billing.dispute_model import DisputeState, ProviderDispute, Taken
from chalicelib.billing.model import InvoiceState, Payer, SavedCard
from chalicelib.billing.payout_model import Movement, MovementKind, MovementState
from chalicelib.ledger.accounts import BANK, DISPUTED, STRIPE_CLEARING, STRIPE_FEES
from chalicelib.ledger.model import JournalEntry, Posting
from tests.unit.billing.books import ACCOUNT, MAY
from tests.unit.billing.money import (
    NOW,
    Account,
    BilledWithPayments,
    Dies,
    ProcessGoneError,
    euro,
    invoice,
)
from tests.unit.memory import Commits

PAID, FAILED, DUE, WRITTEN_OFF = InvoiceState.PAID, InvoiceState.FAILED, InvoiceState.DUE, InvoiceState.WRITTEN_OFF
ONE = invoice().invoice_id


def lost_webhooks() -> Account:
    """Of three invoices one was paid, one failed, one was paid and disputed, and nobody has told us."""
    account = Account(BilledWithPayments(invoice(1), invoice(2), invoice(3)))
    account.provider.has(1, "paid")
    account.provider.has(2, "open")
    account.provider.has(3, "paid")
    taken = Taken("txn_3", euro(-1000), 2000, NOW - timedelta(hours=1))
    account.provider.moves_money("adjustment", -1000, "dp_1", fee=2000)
    account.provider.disputed["dp_1"] = ProviderDispute(
        "dp_1", "ch_3", "pi_3", "needs_response", "fraudulent", euro(1000), NOW, None, (taken,)
    )
    return account


def test_what_no_webhook_told_is_noted_once_and_the_second_comparison_finds_nothing() -> None:
    account = lost_webhooks()

    assert account.compare() == {
        ONE: ("payment_not_noted", "noted"),
        invoice(2).invoice_id: ("failure_not_noted", "noted"),
        invoice(3).invoice_id: ("payment_not_noted", "noted"),
        "dp_1": ("dispute_not_noted", "noted"),
    }
    assert account.compare(NOW + timedelta(minutes=1)) == {}
    done = account.comparisons.kept[NOW + timedelta(minutes=1)]
    assert (done.clearing, done.balance) == ({"EUR": -1000 + 2000 - 2080}, {"EUR": -1080})
    assert account.journal.sum_of(STRIPE_FEES) == 2080
    assert account.journal.sum_of(DISPUTED) == 1000


def test_a_card_that_no_webhook_told_of_is_charged_unless_something_later_was_said() -> None:
    """
    Saved at ten: before that nothing, or another of nine, was charged; another of ten or later stays.
    """
    ten = NOW - timedelta(hours=3)
    ours = SavedCard(ACCOUNT, "cus_1", "pm_new", saved_at=ten)
    others = [SavedCard("acc-gone", "cus_9", "pm_9", saved_at=ten), replace(ours, provider_customer="cus_0")]
    hour = timedelta(hours=1)
    charged = {
        Payer(ACCOUNT, "cus_1", version=1): "pm_new",
        Payer(ACCOUNT, "cus_1", "pm_1", version=1, method_since=ten - hour): "pm_new",
        Payer(ACCOUNT, "cus_1", "pm_1", version=1, method_since=ten): "pm_1",
        Payer(ACCOUNT, "cus_1", "pm_1", version=1): "pm_1",
        Payer(ACCOUNT, "cus_1", None, version=1, method_since=ten + hour): None,
    }
    for payer, method in charged.items():
        account = Account(BilledWithPayments(invoice(1, state=InvoiceState.PAID)))
        account.billed.payers[ACCOUNT] = payer
        account.provider.has(1, "paid")
        account.provider.saved = [*others, ours, ours]
        news = {"pm_new": ("card_not_noted", "noted")} if method == "pm_new" else {}

        assert account.compare() == news
        assert account.billed.payers[ACCOUNT].payment_method == method
        assert account.compare(NOW + timedelta(minutes=1)) == {}


def test_a_debit_that_is_under_way_for_days_is_no_difference() -> None:
    account = Account(BilledWithPayments(invoice(1)))
    account.provider.has(1, "open")
    invoice_there = account.provider.invoice
    account.provider.invoice = lambda name: replace(invoice_there(name), under_way=True)  # type: ignore[method-assign, type-var]

    assert account.compare() == {}


def test_a_dispute_that_was_decided_without_a_word_is_noted_though_no_money_moved() -> None:
    account = lost_webhooks()
    account.compare()
    account.provider.disputed["dp_1"] = replace(account.provider.disputed["dp_1"], status="lost")

    assert account.compare(NOW + timedelta(minutes=1)) == {"dp_1": ("dispute_not_noted", "noted")}
    assert account.disputes.kept["dp_1"].state is DisputeState.LOST
    assert account.journal.sum_of(DISPUTED) == 0
    assert account.compare(NOW + timedelta(minutes=2)) == {}


def test_a_worker_that_dies_anywhere_leaves_what_the_next_one_finishes_to_the_same_books_and_report() -> None:
    whole = lost_webhooks()
    report = whole.compare()
    for after in range(len(whole.commit.sizes)):
        account = lost_webhooks()
        account.commit = Dies(after)
        with pytest.raises(ProcessGoneError):
            account.compare()
        account.commit = Commits()

        assert account.compare() == report, after
        assert account.books() == whole.books(), after


def test_a_full_page_is_followed_by_a_message_and_the_rest_by_another_worker() -> None:
    account = lost_webhooks()
    account.compare()

    done = account.comparisons.kept[NOW]
    assert (done.movements, done.invoices, done.fees) == (3, 3, 3)
    assert account.comparisons.messages == 1 + 2  # asked for; after the first page of movements, and of invoices


@pytest.mark.parametrize(
    ("there", "here", "found"),
    [
        ("paid", PAID, None),
        ("open", FAILED, None),
        ("open", DUE, ("failure_not_noted", "noted")),
        ("open untried", DUE, ("not_collected", "collected_again")),
        ("draft", DUE, ("not_collected", "collected_again")),
        ("open", PAID, ("paid_here_alone", "reported")),
        ("void", FAILED, ("given_up_there", "reported")),
        ("uncollectible", WRITTEN_OFF, None),
        ("open", WRITTEN_OFF, ("open_there", "given_up_again")),
    ],
)
def test_how_an_invoice_stands_there_and_here_decides(
    there: str, here: InvoiceState, found: tuple[str, str] | None
) -> None:
    decline = "lost_card" if here is FAILED else None
    account = Account(BilledWithPayments(invoice(state=here, decline_code=decline)))
    status, _, untried = there.partition(" ")
    account.provider.has(1, status, attempted=status != "draft" and not untried)
    account.billed.charges["ch_1"] = (MAY, 1)

    assert account.compare().get(ONE) == found


def test_what_is_younger_than_a_day_waits_for_a_card_or_is_parked_is_left_alone() -> None:
    young = Account(BilledWithPayments(invoice(provider_invoice=None, issued_at=NOW - timedelta(hours=3))))
    no_card = Account(BilledWithPayments(invoice(provider_invoice=None)))
    no_card.billed.payers[ACCOUNT] = replace(no_card.billed.payers[ACCOUNT], payment_method=None)
    forgotten = Account(BilledWithPayments(invoice(provider_invoice=None)))

    assert (young.compare(), no_card.compare()) == ({}, {})
    assert forgotten.compare() == {ONE: ("not_collected", "collected_again")}
    assert forgotten.billed.told == [f"collect {ONE}"]


def test_while_collection_is_stopped_what_waits_is_no_difference() -> None:
    waiting = Account(BilledWithPayments(invoice(provider_invoice=None)), stopped=True)

    assert (waiting.compare(), waiting.billed.told) == ({}, [])


def test_a_draft_that_nobody_has_is_discarded_after_a_day_and_an_open_invoice_of_nobody_reported() -> None:
    account = Account(BilledWithPayments(invoice(state=PAID)))
    account.provider.has(1, "paid")
    account.billed.charges["ch_1"] = (MAY, 1)
    old = TheirInvoice("in_old", "draft", euro(1), False, NOW - timedelta(days=2), ACCOUNT, MAY, 1)
    new = replace(old, provider_invoice="in_new", created=NOW - timedelta(hours=2))
    other = replace(old, provider_invoice="in_open", status="open")
    account.provider.listed += [old, new, other, replace(other, provider_invoice="in_theirs", account_id="")]

    assert account.compare() == {
        "in_old": ("forgotten_draft", "discarded"),
        "in_open": ("unknown_invoice", "reported"),
    }
    assert account.provider.discarded == ["in_old"]


def test_an_invoice_that_the_provider_has_not_is_reported() -> None:
    account = Account(BilledWithPayments(invoice(state=FAILED)))

    assert account.compare() == {ONE: ("missing_there", "reported")}


@pytest.mark.parametrize(
    ("kind", "source", "found"),
    [
        ("charge", "ch_hand", ("unknown_payment", "reported")),
        ("refund", "re_hand", ("unknown_refund", "reported")),
        ("refund", "re_known", None),
        ("refund", "re_news", ("refund_not_noted", "noted")),
        ("transfer", "tr_hand", ("unknown_transfer", "reported")),
        ("adjustment", "dp_hand", ("unknown_dispute", "reported")),
        ("topup", "tu_hand", ("unknown_movement", "reported")),
        ("payout", "po_1", None),
    ],
)
def test_money_that_we_do_not_know_is_reported_with_its_amount(
    kind: str, source: str, found: tuple[str, str] | None
) -> None:
    account = Account(BilledWithPayments(invoice(state=PAID)))
    account.provider.has(1, "paid")
    account.billed.charges["ch_1"] = (MAY, 1)
    account.provider.moves_money(kind, -700, source)

    assert account.compare().get(source) == found


def test_what_is_paid_out_and_what_the_provider_charges_by_itself_is_posted_once() -> None:
    account = Account(BilledWithPayments(invoice()))
    account.provider.has(1, "paid")
    account.provider.moves_money("payout", -700, "po_1")
    account.provider.moves_money("stripe_fee", -15, "fee_1")
    for minutes in range(2):
        account.compare(NOW + timedelta(minutes=minutes))

    sums = [account.journal.sum_of(name) for name in (BANK, STRIPE_FEES, STRIPE_CLEARING)]
    assert sums == [700, 55, 1000 - 700 - 55]


def test_who_has_had_no_business_yet_asks_the_provider_nothing() -> None:
    account = Account()

    assert account.compare() == {}
    assert account.provider.calls == 0


def test_the_timer_asks_only_once_something_was_billed_or_money_has_moved() -> None:
    """
    What is paid ahead moves before anything is billed, and its fee is booked by then; what is owed alone moves nothing.
    """
    quiet, billed, owed, ahead = Account(), Account(BilledWithPayments(invoice())), Account(), Account()
    for account, name in ((owed, "revenue:par-1:bike"), (ahead, STRIPE_CLEARING)):
        rows = Posting(name, euro(2000), "top-up:aino:1"), Posting("wallet:aino", -euro(2000), "top-up:aino:1")
        account.commit(account.journal.posting(JournalEntry("x", "wallet", "aino", MAY, NOW, rows)), None)
    accounts = (quiet, billed, owed, ahead)
    for account in accounts:
        ask_by_timer(NOW, comparisons=account.comparisons, ledger=account.journal, now=NOW, commit=account.commit)

    assert [each.comparisons.messages for each in accounts] == [0, 1, 0, 1]


def test_a_transfer_that_is_still_planned_here_is_carried_out_again_and_one_that_is_done_is_known() -> None:
    account = Account(BilledWithPayments(invoice(state=PAID)))
    account.provider.has(1, "paid")
    account.billed.charges["ch_1"] = (MAY, 1)
    for number, state in ((1, MovementState.DONE), (2, MovementState.PLANNED)):
        made = Movement("par-1", number, MovementKind.TRANSFER, euro(300), (), NOW, state=state)
        account.payouts.all["par-1", number] = made
        account.provider.moves_money("transfer", -300, f"tr_{number}", named={"movement": f"par-1:{number}"})

    assert account.compare() == {"par-1:2": ("transfer_not_noted", "sent_again")}
