"""What a month's export reads of an account is the same, however its settlements are read."""

from unittest.mock import patch

import pytest

from chalicelib.edge import account_months
from chalicelib.finance.facts import AccountMonth
from chalicelib.kernel.time import Month
from tests.unit.billing.books import APRIL, JUNE, LATER, MAY, ZONE
from tests.unit.finance.months import Office


def read(office: Office, month: Month, few: int) -> list[AccountMonth]:
    with patch.object(account_months, "FEW_MONTHS", few):
        return list(office.reading.accounts(month, LATER))


@pytest.mark.parametrize("month", [APRIL, MAY, JUNE])
def test_settlements_that_are_named_and_all_of_an_account_say_the_same_of_a_month(month: Month) -> None:
    """
    A ride of May was corrected in June, which adjusts May; April was settled before.
    """
    office = Office()
    office.books.rides.ridden(APRIL, 300)
    (ride,) = office.books.rides.ridden(MAY, 1250)
    office.books.rides.ridden(JUNE, 200)
    for each in (APRIL, MAY):
        office.books.settle(each, each.next.interval(ZONE).start)
    office.books.rides.corrected(ride, 1000, seen_in=JUNE)
    office.books.settle(JUNE, LATER)

    (named,) = read(office, month, few=12)
    assert [named] == read(office, month, few=0)
    assert (named.later != 0) == (month == MAY)
    assert named.settlement is not None
    assert named.settlement.month == month
