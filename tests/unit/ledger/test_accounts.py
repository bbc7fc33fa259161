"""Every account of the ledger is of a known class, and nothing is posted to any other."""

import pytest

from chalicelib.kernel.money import Money
from chalicelib.ledger import accounts
from chalicelib.ledger.accounts import AccountClass, class_of, class_of_row, summed_as
from chalicelib.ledger.errors import UnknownLedgerAccount
from chalicelib.ledger.model import Posting

ALL = {
    accounts.receivable("acc-1"): AccountClass.ASSET,
    accounts.STRIPE_CLEARING: AccountClass.ASSET,
    accounts.wallet("acc-1"): AccountClass.LIABILITY,
    accounts.tax("0.255"): AccountClass.LIABILITY,
    accounts.payable_pending("par-1"): AccountClass.LIABILITY,
    accounts.payable("par-1"): AccountClass.LIABILITY,
    accounts.revenue("par-1:bike"): AccountClass.INCOME,
    accounts.share_cost("par-1:bike"): AccountClass.EXPENSE,
    accounts.share_cost("par-1:"): AccountClass.EXPENSE,
    accounts.STRIPE_FEES: AccountClass.EXPENSE,
    accounts.PROMOTIONS: AccountClass.EXPENSE,
    accounts.BAD_DEBT: AccountClass.EXPENSE,
}


@pytest.mark.parametrize("name", ALL)
def test_each_account_has_a_class(name: str) -> None:
    assert class_of(name) is ALL[name]
    assert class_of_row(summed_as(name)) is ALL[name]


@pytest.mark.parametrize(
    "name", ["", "cash", "receivable", "receivable:", "stripe-clearing:x", "revenues:par-1:bike", ":"]
)
def test_nothing_is_posted_to_an_account_that_is_none(name: str) -> None:
    with pytest.raises(UnknownLedgerAccount):
        Posting(name, Money(1, "EUR"))


def test_a_balance_has_one_row_for_all_customers_and_one_for_each_other_account() -> None:
    assert {summed_as(name) for name in ALL} == {
        "receivable" if name.startswith("receivable") else "wallet" if name.startswith("wallet") else name
        for name in ALL
    }
