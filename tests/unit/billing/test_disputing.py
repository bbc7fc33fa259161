"""A dispute's postings, bars and notices follow what the provider says, however late and often one looks."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.billing.dispute_model import DisputeState, ProviderDispute, Taken
from chalicelib.billing.disputing import make_good
from chalicelib.billing.errors import NotLost, UnknownDispute
from chalicelib.billing.model import InvoiceState
from chalicelib.billing.paper_model import TaxRow
from chalicelib.billing.postings_of_money import tax_in
from chalicelib.ledger.accounts import BAD_DEBT, DISPUTED, STRIPE_CLEARING, STRIPE_FEES, bad_debt_tax
from tests.unit.billing.books import ACCOUNT, MAY
from tests.unit.billing.money import NOW, Account, BilledWithPayments, euro, invoice, paper

TAKEN = Taken("txn_1", euro(-1000), 2000, NOW)
BACK = Taken("txn_2", euro(1000), 0, NOW + timedelta(days=20))
ASKS = ProviderDispute("dp_1", "ch_1", "pi_1", "warning_needs_response", "fraudulent", euro(1000), NOW, None, ())
LIVES = (
    ("needs_response", "under_review", "won"),
    ("warning_needs_response", "warning_under_review", "warning_closed"),
    ("warning_needs_response", "needs_response", "lost"),
    ("needs_response", "lost", "won"),
    ("needs_response", "under_review", "lost"),
)


def disputed() -> Account:
    """A payment of 10 euros, a fifth of it tax."""
    account = Account(BilledWithPayments(invoice(state=InvoiceState.PAID, paper=paper(TaxRow("0.25", 1000, 200)))))
    account.billed.charges["ch_1"] = (MAY, 1)
    account.provider.disputed["dp_1"] = ASKS
    return account


def comes_to(account: Account, status: str) -> None:
    """With the movements of money that it brings."""
    movements = account.provider.disputed["dp_1"].movements
    if status in ("needs_response", "lost", "under_review") and not movements:
        movements = (TAKEN,)
    if status == "won" and len(movements) == 1:
        movements = (*movements, BACK)
    account.provider.disputed["dp_1"] = replace(ASKS, status=status, movements=movements)


@given(life=st.sampled_from(LIVES), looks=st.lists(st.booleans(), min_size=3, max_size=3))
def test_whenever_and_however_often_one_looks_the_books_end_the_same(life: tuple[str, ...], looks: list[bool]) -> None:
    account, whole = disputed(), disputed()
    for status, look in zip(life, looks, strict=True):
        for each in (account, whole):
            comes_to(each, status)
        whole.bring("dp_1")
        for _ in range(2 * look):
            account.bring("dp_1")
    account.bring("dp_1")

    names = (STRIPE_CLEARING, STRIPE_FEES, DISPUTED, BAD_DEBT, bad_debt_tax("0.25"))
    assert [account.journal.sum_of(name) for name in names] == [whole.journal.sum_of(name) for name in names]
    assert account.disputes.kept["dp_1"].state is whole.disputes.kept["dp_1"].state
    assert account.billed.payers[ACCOUNT].failed == whole.billed.payers[ACCOUNT].failed
    assert account.bring("dp_1") is None


def test_one_that_is_lost_is_bad_debt_and_tax_and_one_that_is_won_after_all_is_neither() -> None:
    account = disputed()
    comes_to(account, "lost")
    account.bring("dp_1")
    sums = [account.journal.sum_of(name) for name in (BAD_DEBT, bad_debt_tax("0.25"), DISPUTED, STRIPE_FEES)]
    assert sums == [800, 200, 0, 2000]
    assert account.billed.told == [f"narrow {NOW + timedelta(days=3):%m-%d %H:%M}", f"dispute_lost {ONE} fraudulent"]

    comes_to(account, "won")
    account.bring("dp_1")
    sums = [account.journal.sum_of(name) for name in (BAD_DEBT, bad_debt_tax("0.25"), DISPUTED, STRIPE_CLEARING)]
    assert sums == [0, 0, 0, -2000]
    assert account.billed.payers[ACCOUNT].failed == frozenset()


ONE = invoice().invoice_id


def test_what_is_made_good_opens_access_and_stays_so_when_the_provider_says_lost_again() -> None:
    account = disputed()
    comes_to(account, "needs_response")
    account.bring("dp_1")

    def good(dispute_id: str = "dp_1") -> DisputeState:
        parts = {"disputes": account.disputes, "billed": account.billed, "wallets": account.wallets}
        said = {"who": "fred", "note": "paid in cash", "now": NOW, "commit": account.commit}
        return make_good(dispute_id, **said, **parts).state

    with pytest.raises(NotLost):
        good()
    with pytest.raises(UnknownDispute):
        good("dp_2")
    comes_to(account, "lost")
    account.bring("dp_1")
    assert account.billed.payers[ACCOUNT].failed == {"dispute:dp_1"}
    assert (good(), good()) == (DisputeState.MADE_GOOD, DisputeState.MADE_GOOD)
    assert account.billed.payers[ACCOUNT].failed == frozenset()
    assert account.bring("dp_1") is None
    assert account.journal.sum_of(BAD_DEBT) == 800


def test_a_dispute_about_a_payment_of_none_of_our_invoices_is_left_alone() -> None:
    account = disputed()
    account.billed.charges.clear()
    comes_to(account, "needs_response")

    assert (account.bring("dp_1"), account.bring("dp_unknown")) == (None, None)
    assert account.journal.entries == {}


@given(data=st.data(), rows=st.lists(st.tuples(st.integers(1, 10**7), st.integers(0, 30)), min_size=1, max_size=3))
def test_the_tax_in_a_loss_is_never_more_than_the_loss_and_all_of_it_in_a_whole_invoice(
    data: st.DataObject, rows: list[tuple[int, int]]
) -> None:
    found = [TaxRow(f"0.{number + 1}", gross, gross * share // 100) for number, (gross, share) in enumerate(rows)]
    total = sum(each.gross for each in found)
    of = invoice(minor=total, paper=paper(*found))
    minor = data.draw(st.integers(0, total))

    assert 0 <= sum(tax_in(euro(minor), of).values()) <= minor
    assert tax_in(euro(total), of) == {each.rate: each.tax for each in found if each.tax}
