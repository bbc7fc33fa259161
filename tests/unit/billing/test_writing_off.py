"""A debt is given up by a decision, without its tax, and recovered to the cent when it is paid after all."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from chalicelib.billing.collecting import collect
from chalicelib.billing.errors import NotFailedForGood, UnknownInvoice
from chalicelib.billing.model import Invoice, InvoiceState
from chalicelib.billing.paper_model import TaxRow
from chalicelib.billing.writing_off import ask_write_off, write_off
from chalicelib.edge.reacting_disputes import TOPICS
from chalicelib.ledger.accounts import BAD_DEBT, STRIPE_CLEARING, bad_debt_tax, receivable
from tests.unit.billing.books import ACCOUNT, MAY, ZONE
from tests.unit.billing.money import NOW, Account, BilledWithPayments, euro, invoice, paper

if TYPE_CHECKING:
    from chalicelib.edge.wiring_finance import BackOffice

NAMES = (receivable(ACCOUNT), BAD_DEBT, bad_debt_tax("0.25"), STRIPE_CLEARING)


def owing(**but: object) -> Account:
    """10 euros are owed, a fifth of it tax; what was posted with the bill is not in this journal."""
    document = paper(TaxRow("0.25", 1000, 200))
    failed = invoice(state=InvoiceState.FAILED, decline_code="lost_card", failures=1, paper=document)
    account = Account(BilledWithPayments(replace(failed, **but)))
    account.provider.has(1, "open")
    return account


def decided(account: Account, number: int = 1) -> Invoice:
    kept = {"billed": account.billed, "now": NOW, "commit": account.commit}
    return ask_write_off(ACCOUNT, MAY, number, who="fred", note="moved away", **kept)


def booked(account: Account) -> Invoice | None:
    parts = {"billed": account.billed, "ledger": account.journal, "now": NOW, "commit": account.commit}
    return write_off(ACCOUNT, MAY, 1, zone=ZONE, **parts)


def sums(account: Account) -> list[int]:
    return [account.journal.sum_of(name) for name in NAMES]


def test_it_is_decided_booked_once_and_not_collected_any_more() -> None:
    account = owing()
    assert decided(account).state is InvoiceState.FAILED
    assert account.billed.told == ["fred: moved away", f"give up {invoice().invoice_id}"]
    for _ in range(2):
        after = booked(account)
        assert after is not None
        assert after.state is InvoiceState.WRITTEN_OFF

    assert sums(account) == [-1000, 800, 200, 0]
    parts = {"billed": account.billed, "collector": None, "credit": None, "now": NOW, "commit": account.commit}
    assert collect(ACCOUNT, MAY, 1, 1, **parts) is None
    assert decided(account).state is InvoiceState.WRITTEN_OFF


def test_paid_after_all_it_is_recovered_once() -> None:
    account = owing()
    booked(account)
    account.provider.has(1, "uncollectible")
    uncollectible = account.provider.invoice("in_1")
    assert uncollectible is not None
    assert account.take_note(uncollectible) is None
    account.provider.has(1, "paid")
    paid = account.provider.invoice("in_1")
    assert paid is not None
    for _ in range(2):
        account.take_note(paid)

    assert account.billed.made[MAY, 1].state is InvoiceState.PAID
    assert sums(account) == [-1000, 0, 0, 1000]
    assert [(each.reference, each.before, each.lost) for each in account.billed.lost] == [
        (f"bad-debt:{invoice().invoice_id}", 0, 1000),
        (f"recovery:{invoice().invoice_id}", 1000, 0),
    ]
    assert all(each.reference in account.journal.entries for each in account.billed.lost)


def test_what_is_tried_again_by_itself_paid_meanwhile_or_unknown_is_not_given_up() -> None:
    with pytest.raises(NotFailedForGood):
        decided(owing(retry_at=NOW + timedelta(days=1)))
    with pytest.raises(UnknownInvoice):
        decided(owing(), 7)
    account = owing()
    decided(account)
    account.provider.has(1, "paid")
    paid = account.provider.invoice("in_1")
    assert paid is not None
    account.take_note(paid)

    assert booked(account) is None
    assert sums(account) == [-1000, 0, 0, 1000]
    assert euro(1000) == account.billed.made[MAY, 1].total


def test_of_what_a_credit_note_lowered_only_the_rest_is_given_up_and_recovered() -> None:
    account = owing(credited=400)
    booked(account)
    assert sums(account) == [-600, 480, 120, 0]

    account.provider.has(1, "paid")
    paid = account.provider.invoice("in_1")
    assert paid is not None
    account.take_note(replace(paid, paid=euro(600), credited=400))
    assert sums(account) == [-600, 0, 0, 600]


def test_what_was_paid_before_it_could_be_given_up_there_is_taken_note_of_at_once() -> None:
    """The provider refuses to give up what is paid; the webhook of that has not come yet."""
    account = owing()
    account.provider.has(1, "paid")
    books = SimpleNamespace(give_up=lambda _name: None, invoice=account.provider.invoice)
    wired = SimpleNamespace(
        billed=account.billed,
        ledger=account.journal,
        issuing=SimpleNamespace(notes=account.notes),
        settings=SimpleNamespace(zone=ZONE),
        stripe_books=books,
        now=lambda: NOW,
        commit=account.commit,
    )
    TOPICS["billing.give_up"]({"account_id": ACCOUNT, "month": str(MAY), "number": "1"}, cast("BackOffice", wired))

    assert account.billed.made[MAY, 1].state is InvoiceState.PAID
    assert sums(account) == [-1000, 0, 0, 1000]
