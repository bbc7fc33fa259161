"""Who leaves is billed to the cent as far as the wallet pays it, and has back to the cent what was paid too much."""

import pytest

from chalicelib.billing.currencies import minimum_charge
from chalicelib.billing.model import InvoiceState
from chalicelib.billing.paper_model import OPERATORS, sold_by
from chalicelib.billing.refunding import give_back
from chalicelib.ledger.accounts import STRIPE_CLEARING, receivable
from tests.unit.billing.books import ACCOUNT, APRIL, JULY, JUNE, MAY
from tests.unit.billing.sellers import of_several
from tests.unit.billing.test_topping_up import by_card, left
from tests.unit.billing.test_wallet import granted
from tests.unit.billing.wallets import WalletBooks

SMALL = minimum_charge("EUR").minor


@pytest.fixture
def books() -> WalletBooks:
    return WalletBooks()


def gone(books: WalletBooks) -> None:
    """What the worker does: the open month is settled up, credit goes where it belongs, the wallet is paid out."""
    books.settle(JULY, leaves=True)
    give_back(ACCOUNT, books.with_wallet())
    left(books)


def test_what_is_too_small_to_be_collected_is_paid_by_the_wallet_of_who_leaves(books: WalletBooks) -> None:
    """
    0.20 of April and 0.10 of May were carried, and nothing is used since.
    """
    for month, cents in ((APRIL, 20), (MAY, 10)):
        books.rides.ridden(month, cents)
        books.settle(month)
    books.topped_up(500, "k")
    gone(books)

    (paid,) = books.billed.made.values()
    assert (paid.month, paid.total.minor, paid.asks.minor, paid.state) == (JULY, 30, 0, InvoiceState.PAID)
    assert [(each.about, each.reference, each.amount.minor) for each in paid.lines] == [("carried", "2021-06", 30)]
    assert (books.lots(), books.journal.sum_of(receivable(ACCOUNT))) == ({}, 0)
    assert books.cards.clearing() == books.journal.sum_of(STRIPE_CLEARING) == 30
    books.agrees()


def test_what_was_paid_too_much_by_less_than_can_be_collected_goes_back_to_who_leaves(books: WalletBooks) -> None:
    """
    Ten were paid from the wallet, and 9.70 turn out to be right; ten more are in it.
    """
    books.topped_up(1000, "one")
    (ride,) = books.rides.ridden(MAY, 1000)
    books.settle(MAY)
    books.topped_up(1000, "two")
    books.rides.corrected(ride, 970, seen_in=JUNE)
    assert books.settle(JUNE).note is None
    gone(books)

    assert (books.lots(), books.journal.sum_of(receivable(ACCOUNT))) == ({}, 0)
    assert books.cards.clearing() == books.journal.sum_of(STRIPE_CLEARING) == 970
    books.agrees()


def test_what_a_card_paid_too_much_goes_back_to_it_to_the_cent(books: WalletBooks) -> None:
    (ride,) = books.rides.ridden(MAY, 1000)
    books.settle(MAY)
    by_card(books)
    books.rides.corrected(ride, 999, seen_in=JUNE)
    books.settle(JUNE)
    books.settle(JULY, leaves=True)
    give_back(ACCOUNT, books.with_wallet())

    assert (books.stripe.given, books.journal.sum_of(receivable(ACCOUNT))) == ({"in-2021-05": {1: 1}}, 0)


@pytest.mark.parametrize("there", [0, 1, SMALL - 2], ids=["nothing", "a cent", "a cent less"])
def test_of_what_the_wallet_does_not_pay_wholly_nothing_is_billed_and_nothing_changes(
    books: WalletBooks, there: int
) -> None:
    if there:
        granted(books, there)
    books.rides.ridden(MAY, SMALL - 1)
    books.settle(MAY)
    before = books.state()
    settled = books.settle(JULY, leaves=True)

    assert (settled.invoice, settled.note, books.state()) == (None, None, before)


def test_settled_up_again_nothing_changes(books: WalletBooks) -> None:
    books.topped_up(500, "k")
    books.rides.ridden(JULY, 30)
    assert books.settle(JULY, leaves=True).invoice is not None
    before = books.state()
    books.settle(JULY, leaves=True)
    books.settle(JULY)

    assert books.state() == before


def test_what_each_seller_is_owed_is_paid_however_small(books: WalletBooks) -> None:
    of_several(books)
    books.topped_up(500, "k")
    books.rides.ridden(MAY, 30)
    books.rides.ridden(MAY, 20, product="tool")
    books.settle(MAY)
    assert books.billed.made == {}
    books.settle(JULY, leaves=True)

    assert [(sold_by(each.paper), each.total.minor) for each in books.billed.made.values()] == [
        (OPERATORS, 30),
        ("dk", 20),
    ]
    assert (books.lots(), books.journal.sum_of(receivable(ACCOUNT))) == ({"paid": 450}, 0)
    books.agrees()
