"""What a partner was not sent is sent all the same: from elsewhere, in its own currency, by the next comparison."""

from contextlib import suppress
from datetime import timedelta

import pytest

from chalicelib.billing.errors import CollectorUnavailable
from chalicelib.billing.onboarding import look_again
from chalicelib.billing.paying_out import MOST_DUES
from chalicelib.ledger.accounts import payable
from tests.unit.billing.payouts import NOW
from tests.unit.billing.test_paying_out import PARTNER, Desk
from tests.unit.memory import Commits


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_what_its_payment_does_not_give_is_sent_from_the_balance_and_is_in_nobodys_way(desk: Desk) -> None:
    """
    The payment was given back at the provider by hand; the share is owed all the same, and so is what comes after it.
    """
    desk.wait(1, 700, invoice="in-1")
    desk.wait(2, 300, invoice="in-2")
    desk.bank.trouble = lambda: "of this payment" if desk.payouts.heads[PARTNER].last == 1 else ""
    desk.pay_out()

    assert (desk.held, desk.payouts.waiting) == (1000, {})
    assert list(desk.bank.sources.values()) == ["ch-in-2", None]
    assert desk.journal.sum_of(payable(PARTNER)) == 1000


def test_an_account_that_cannot_receive_is_asked_once_and_each_share_waits_for_its_own_payment(desk: Desk) -> None:
    desk.wait(1, 700, invoice="in-1")
    desk.wait(2, 300, invoice="in-2")
    desk.bank.trouble = lambda: "cannot receive"
    desk.pay_out()
    assert len(desk.payouts.all) == 1

    desk.bank.trouble = lambda: ""
    desk.pay_out()
    assert (desk.held, list(desk.bank.sources.values())) == (1000, ["ch-in-1", "ch-in-2"])


def test_what_waits_in_two_currencies_is_sent_in_each_and_no_debt_comes_off_the_other(desk: Desk) -> None:
    """
    A debt in euros is of before accounts settled in crowns; many of them are put together, and crowns are sent.
    """
    for number in range(MOST_DUES + 5):
        desk.wait(number, -10, invoice=None)
    desk.currency = "SEK"
    desk.wait(100, -100, invoice=None)
    desk.wait(101, 700)
    desk.pay_out()
    assert [str(each.amount) for each in desk.payouts.all.values()] == ["6.00 SEK"]
    assert desk.payouts.owed(PARTNER) == -10 * (MOST_DUES + 5)

    desk.currency = "EUR"
    desk.wait(102, 1000)
    desk.pay_out()
    assert [str(each.amount) for each in desk.payouts.all.values()] == ["6.00 SEK", "5.50 EUR"]
    assert desk.payouts.waiting == {}


@pytest.mark.parametrize("how", ["refused", "lost"])
def test_what_was_not_sent_within_a_day_is_sent_by_the_next_comparison_that_says_so(desk: Desk, how: str) -> None:
    """
    The balance did not have it yet, or a worker died over it: nobody else would come back to it before the next bill.
    """
    desk.wait(1, 700, invoice=None)
    desk.bank.trouble = lambda: how
    with suppress(CollectorUnavailable):
        desk.pay_out()
    desk.bank.trouble = lambda: ""

    assert (looked(desk, hours=23), desk.payouts.said[1:]) == ([], [])
    assert looked(desk, hours=25) == [("acct-par-1", "not_sent", {"partner_id": PARTNER, "amount": "7.00 EUR"})]
    assert desk.payouts.said[1:] == ["pay par-1 compared"]
    desk.pay_out()
    assert (desk.held, looked(desk, hours=49)) == (700, [])


def test_what_cannot_be_sent_is_no_difference(desk: Desk) -> None:
    """
    What was had too much, and what is less than the provider moves.
    """
    desk.wait(1, -700, invoice=None)
    desk.wait(2, 500)
    desk.pay_out()
    desk.currency = "KWD"
    desk.wait(3, 9)
    desk.pay_out()

    assert (len(desk.payouts.waiting), looked(desk, hours=49)) == (2, [])


def looked(desk: Desk, *, hours: int) -> list[tuple[str, str, dict[str, str]]]:
    kept = {"payouts": desk.payouts, "provider": desk.bank, "now": NOW + timedelta(hours=hours)}
    found = look_again([PARTNER], lambda _difference: Commits(), **kept)
    return [(each.about, each.cause, dict(each.facts)) for each in found]
