"""Money is in a wallet once the provider says so; gifts are had once; what is real is paid back on leaving."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.billing.collecting import take_note
from chalicelib.billing.credit_model import BackAs, ProviderRefund
from chalicelib.billing.crediting import choose
from chalicelib.billing.errors import (
    CollectorUnavailable,
    GiftRefused,
    MethodNeeded,
    NothingToPayOut,
    PayoutWithOpenSession,
    PayoutWithUnpaidInvoice,
    TopUpAmountInvalid,
    TopUpDeclined,
    WalletPerPartner,
)
from chalicelib.billing.gifts import give, give_back_gift, look_at_gift, redeem
from chalicelib.billing.model import InvoiceState
from chalicelib.billing.paying_back import ask_payout, note_paid_back, pay_out
from chalicelib.billing.refunding import give_back
from chalicelib.billing.topping_model import GIFT_LASTS, GiftState, TopUpState
from chalicelib.billing.topping_up import Asked, Wish, bring, buy_gift, look_at_top_up, payment_changed, top_up
from chalicelib.billing.wallet import grant, promotion
from chalicelib.billing.wallet_model import Wallet
from chalicelib.kernel.money import Money
from chalicelib.ledger.accounts import GIFTS, STRIPE_CLEARING, receivable
from tests.unit.billing.books import ACCOUNT, JUNE, LATER, MAY, ZONE
from tests.unit.billing.wallets import Openings, WalletBooks

OTHER = "acc-2"
EUR = "EUR"


def wish(cents: int = 1000, key: str = "k", partner: str | None = None, account_id: str = ACCOUNT) -> Wish:
    return Wish(account_id, Money(cents, EUR), partner, key)


def bytes_of(number: int) -> bytes:
    return bytes(range(number))


def bought(books: WalletBooks, cents: int = 1000, key: str = "g", *, paid: bool = True) -> Asked:
    asked = buy_gift(wish(cents, key), bytes_of, books.asking())
    if paid:
        bring(books.cards.charged[asked.top_up.payment or ""], books.bringing())
    return asked


def redeemed(books: WalletBooks, code: str | None, account_id: str = OTHER) -> None:
    kept = {"top_ups": books.top_ups, "wallets": books.wallets}
    gift = redeem(account_id, code or "", **kept, now=LATER, commit=books.commit)
    look_at_gift(gift.gift_id, books.bringing())


def asked_out(books: WalletBooks, openings: Openings | None = None, account_id: str = ACCOUNT) -> Wallet:
    kept = {"wallets": books.wallets, "billed": books.billed, "openings": openings or Openings()}
    return ask_payout(account_id, **kept, now=LATER, commit=books.commit)


def left(books: WalletBooks, account_id: str = ACCOUNT) -> None:
    """Paid out, with all that follows."""
    pay_out(account_id, asked_out(books, account_id=account_id).payouts, books.paying_out())
    give_back(ACCOUNT, books.with_wallet())
    for facts in books.gifts_to_give_back():
        give_back_gift(facts["gift_id"], int(facts["minor"]), facts["turn"], books.bringing())


@pytest.fixture
def books() -> WalletBooks:
    return WalletBooks()


def test_a_top_up_is_in_the_wallet_once_the_provider_says_so_however_often_that_is(
    books: WalletBooks,
) -> None:
    asked = top_up(wish(), books.asking())
    payment = asked.top_up.payment or ""
    assert (books.lots(), asked.top_up.state) == ({}, TopUpState.ASKED)
    for _ in range(3):
        payment_changed(payment, books.bringing())
        look_at_top_up(ACCOUNT, asked.top_up.top_up_id, books.bringing())

    assert books.lots() == {"paid": 1000}
    assert books.journal.sum_of(STRIPE_CLEARING) == 1000
    assert books.wallets.told == ["wallet_topped_up acc-1 10.00 EUR"]
    assert top_up(wish(), books.asking()).top_up.state is TopUpState.PAID
    assert len(books.cards.charged) == 1
    books.agrees()


def test_a_payment_that_is_no_top_up_is_not_asked_about(books: WalletBooks) -> None:
    books.cards.charged = {}
    payment_changed("pi-of-an-invoice", books.bringing())
    assert books.wallets.kept == {}


def test_one_whose_answer_was_lost_is_found_and_one_that_never_got_there_is_given_up(books: WalletBooks) -> None:
    books.cards.trouble = lambda: "answer lost"
    with pytest.raises(CollectorUnavailable):
        top_up(wish(), books.asking())
    (found,) = books.top_ups.kept.values()
    look_at_top_up(ACCOUNT, found.top_up_id, books.bringing(LATER + timedelta(minutes=20)))
    assert books.lots() == {"paid": 1000}

    with pytest.raises(CollectorUnavailable):
        top_up(wish(key="other"), books.asking())
    *_, lost = books.top_ups.kept.values()
    books.cards.charged.pop(f"pi-{lost.top_up_id}")
    look_at_top_up(ACCOUNT, lost.top_up_id, books.bringing(LATER + timedelta(minutes=20)))
    assert books.top_ups.kept[lost.top_up_id].state is TopUpState.FAILED
    assert books.lots() == {"paid": 1000}


def test_a_card_that_declines_puts_nothing_in_and_a_bank_that_asks_leads_its_customer_there(books: WalletBooks) -> None:
    books.cards.status = lambda: "insufficient_funds"
    for _ in range(2):
        with pytest.raises(TopUpDeclined):
            top_up(wish(), books.asking())
    books.cards.status = lambda: "authentication_required"
    asked = top_up(wish(key="asks"), books.asking())
    assert (asked.secret, books.lots()) == ("secret", {})

    payment = asked.top_up.payment or ""
    answered = replace(books.cards.charged[payment], status="succeeded", received=1000, decline_code=None)
    books.cards.charged[payment] = answered
    payment_changed(payment, books.bringing())
    assert books.lots() == {"paid": 1000}


@pytest.mark.parametrize("cents", [49, 50001, 0, -100])
def test_a_top_up_is_within_bounds(books: WalletBooks, cents: int) -> None:
    with pytest.raises(TopUpAmountInvalid):
        top_up(wish(cents), books.asking())


def test_a_top_up_needs_a_method_and_where_nothing_goes_across_partners_a_partner(books: WalletBooks) -> None:
    with pytest.raises(MethodNeeded):
        top_up(wish(account_id="acc-3"), books.asking())
    books.across = False
    with pytest.raises(WalletPerPartner):
        top_up(wish(), books.asking())
    assert top_up(wish(partner="par-1"), books.asking()).top_up.partner == "par-1"


def test_a_gift_is_good_once_paid_and_is_had_once_by_whoever_has_its_code(books: WalletBooks) -> None:
    asked = bought(books, paid=False)
    with pytest.raises(GiftRefused):
        redeemed(books, asked.code)
    bring(books.cards.charged[asked.top_up.payment or ""], books.bringing())
    assert books.journal.sum_of(GIFTS) == -1000
    for _ in range(2):
        redeemed(books, asked.code)
    for wrong in ((asked.code or "")[:-1], f"{asked.code}A", "", "x-y"):
        with pytest.raises(GiftRefused):
            redeemed(books, wrong)
    with pytest.raises(GiftRefused):
        redeemed(books, asked.code, ACCOUNT)

    assert (books.lots(OTHER), books.lots(), books.journal.sum_of(GIFTS)) == ({"gift": 1000}, {}, 0)
    shown = [str(each) for each in (*books.wallets.wallet(OTHER).lots.values(), *books.wallets.log)]
    assert not any(ACCOUNT in each for each in shown if OTHER in each or "gift" in each)
    assert (asked.code or "-").partition("-")[2] not in str(books.top_ups.gifts)
    books.agrees()


def test_of_two_who_redeem_at_once_one_has_it(books: WalletBooks) -> None:
    asked = bought(books)
    seen = books.top_ups.gifts[asked.gift.gift_id if asked.gift else ""]
    first, second = seen.redeemed(OTHER), seen.redeemed(ACCOUNT)
    books.commit([books.top_ups.saving_gift(first)], None)
    with pytest.raises(GiftRefused):
        books.commit([books.top_ups.saving_gift(second)], None)


def test_a_gift_that_nobody_redeems_in_time_is_its_buyers_money_again(books: WalletBooks) -> None:
    asked = bought(books)
    gift_id = asked.gift.gift_id if asked.gift else ""
    for _ in range(2):
        look_at_gift(gift_id, books.bringing(LATER + GIFT_LASTS))

    assert (books.lots(), books.top_ups.gifts[gift_id].state) == ({"paid": 1000}, GiftState.ENDED)
    left(books)
    assert (books.cards.clearing(), books.journal.sum_of(STRIPE_CLEARING)) == (0, 0)
    books.agrees()


def test_a_gift_whose_time_has_passed_is_had_by_nobody_though_no_worker_has_ended_it_yet(books: WalletBooks) -> None:
    asked = bought(books)
    assert asked.gift is not None
    what = {"top_ups": books.top_ups, "wallets": books.wallets, "commit": books.commit}
    with pytest.raises(GiftRefused):
        redeem(OTHER, asked.code or "", **what, now=asked.gift.valid_until)
    taken = redeem(OTHER, asked.code or "", **what, now=asked.gift.valid_until - timedelta(microseconds=1))
    look_at_gift(taken.gift_id, books.bringing(taken.valid_until + timedelta(days=1)))

    assert (books.lots(OTHER), books.lots(), books.journal.sum_of(GIFTS)) == ({"gift": 1000}, {}, 0)
    books.agrees()


def test_an_operators_gift_is_a_promotion_for_whoever_redeems_it(books: WalletBooks) -> None:
    until = LATER + timedelta(days=30)
    what = {"top_ups": books.top_ups, "random_bytes": bytes_of, "now": LATER, "commit": books.commit}
    _, code = give(Money(500, EUR), "olga", None, until, **what)
    redeemed(books, code)

    (lot,) = books.wallets.wallet(OTHER).lots.values()
    assert (str(lot.kind), lot.valid_until, books.journal.entries) == ("promotion", until, {})


def test_on_leaving_money_goes_to_its_payments_and_what_nobody_paid_lapses(books: WalletBooks) -> None:
    """
    A gift that was bought is its buyer's again, as far as it was not used.
    """
    books.topped_up(1000, "one", now=LATER - timedelta(days=1))
    books.topped_up(500, "two")
    lot = promotion("1", Money(300, EUR), None, None, LATER)
    grant(ACCOUNT, lot, "sorry", wallets=books.wallets, now=LATER, commit=books.commit)
    given = buy_gift(wish(700, "g", account_id=OTHER), bytes_of, books.asking())
    bring(books.cards.charged[given.top_up.payment or ""], books.bringing())
    redeemed(books, given.code, ACCOUNT)
    books.rides.ridden(MAY, 1100)
    books.settle(MAY)
    assert books.lots() == {"paid": 1400}
    left(books)

    backs = [(each.payment, each.amount.minor, str(each.state)) for each in books.wallets.paid_back(ACCOUNT)]
    one, two = (each for each in books.cards.charged if each != given.top_up.payment)
    assert sorted(backs) == sorted([(two, 500, "sent"), (one, 900, "sent")])
    assert books.lots() == {}
    assert books.cards.clearing() == books.journal.sum_of(STRIPE_CLEARING) == 800
    assert books.journal.sum_of(receivable(ACCOUNT)) == 0
    books.agrees()


def test_a_gift_lapses_on_leaving_and_its_buyer_has_what_is_left_of_it(books: WalletBooks) -> None:
    given = buy_gift(wish(700, "g", account_id=OTHER), bytes_of, books.asking())
    bring(books.cards.charged[given.top_up.payment or ""], books.bringing())
    redeemed(books, given.code, ACCOUNT)
    books.rides.ridden(MAY, 200)
    books.settle(MAY)
    left(books)
    left_before = books.wallets.told.count("wallet_gift_came_back acc-2 5.00 EUR")

    assert (books.lots(), books.lots(OTHER), left_before) == ({}, {"paid": 500}, 1)
    assert (books.journal.sum_of(GIFTS), books.wallets.paid_back(ACCOUNT)) == (0, [])
    books.agrees()


def test_credit_that_was_kept_goes_to_the_payments_of_its_bills_on_leaving(books: WalletBooks) -> None:
    choose(books.notes.money_back(ACCOUNT), BackAs.CREDIT, notes=books.notes, now=LATER, commit=books.commit)
    (ride,) = books.rides.ridden(MAY, 1000)
    books.settle(MAY)
    by_card(books)
    books.rides.corrected(ride, 400, seen_in=JUNE)
    books.settle(JUNE)
    give_back(ACCOUNT, books.with_wallet())
    assert books.lots() == {"credit": 600}
    left(books)

    assert (books.lots(), books.stripe.given) == ({}, {"in-2021-05": {1: 600}})
    assert books.journal.sum_of(receivable(ACCOUNT)) == 0
    books.agrees()


def by_card(books: WalletBooks) -> None:
    """The provider collects what May asks for."""
    invoice = replace(books.billed.made[MAY, 1], provider_invoice="in-2021-05")
    books.billed.made[MAY, 1] = invoice
    books.stripe.holds("in-2021-05", replace(invoice, total=invoice.collected), paid=False)
    stands = books.stripe.pay_rest("in-2021-05")
    kept = {"billed": books.billed, "ledger": books.journal, "notes": books.notes}
    take_note(stands, zone=ZONE, **kept, now=LATER, commit=books.commit)


def test_nobody_is_paid_out_with_a_session_open_or_an_invoice_unpaid_or_nothing_there(books: WalletBooks) -> None:
    with pytest.raises(NothingToPayOut):
        asked_out(books)
    books.topped_up(500, "k")
    openings = Openings()
    openings.open = True
    with pytest.raises(PayoutWithOpenSession):
        asked_out(books, openings)
    books.rides.ridden(MAY, 5000)
    books.settle(MAY)
    books.topped_up(500, "l")
    with pytest.raises(PayoutWithUnpaidInvoice):
        asked_out(books)
    assert books.billed.made[MAY, 1].state is InvoiceState.DUE


def test_lots_of_two_currencies_are_paid_out_each_in_its_own(books: WalletBooks) -> None:
    """
    The stage was moved from crowns to euros while they were in it.
    """
    for amount, key in ((Money(1000, EUR), "e"), (Money(5000, "SEK"), "s")):
        asked = top_up(replace(wish(key=key), amount=amount), books.asking())
        bring(books.cards.charged[asked.top_up.payment or ""], books.bringing())
    left(books)

    assert sorted(str(each.amount) for each in books.wallets.paid_back(ACCOUNT)) == ["10.00 EUR", "50.00 SEK"]
    moved = [(str(each.kind), str(each.amount)) for each in books.wallets.log]
    assert sorted(moved[2:]) == [("paid_out", "-10.00 EUR"), ("paid_out", "-50.00 SEK")]


@pytest.mark.parametrize("breaks", [False, True], ids=["once", "with the answer lost"])
def test_a_payout_is_sent_once_though_its_message_comes_again(books: WalletBooks, breaks: bool) -> None:  # noqa: FBT001 -- a case
    books.topped_up(1000, "k")
    turn = asked_out(books).payouts
    books.cards.trouble = lambda: "answer lost" if breaks else ""
    with suppress(CollectorUnavailable):
        pay_out(ACCOUNT, turn, books.paying_out())
    books.cards.trouble = str
    pay_out(ACCOUNT, turn, books.paying_out())
    books.topped_up(700, "later")
    pay_out(ACCOUNT, turn, books.paying_out())

    assert (books.lots(), books.cards.clearing()) == ({"paid": 700}, 700)
    assert books.journal.sum_of(STRIPE_CLEARING) == 700
    books.agrees()


@pytest.mark.parametrize("late", [False, True], ids=["refused at once", "returned days later"])
def test_what_a_bank_does_not_take_is_in_the_wallet_again(books: WalletBooks, late: bool) -> None:  # noqa: FBT001 -- a case
    books.topped_up(1000, "k")
    books.cards.trouble = lambda: "" if late else "refused"
    pay_out(ACCOUNT, asked_out(books).payouts, books.paying_out())
    if late:
        returned = ProviderRefund("re-1", ACCOUNT, 1, "failed", "lost_or_stolen_card")
        books.cards.given = {}
        assert [note_paid_back(returned, books.paying_out()) for _ in range(2)] == [True, False]

    assert books.lots() == {"paid": 1000}
    assert (books.journal.sum_of(STRIPE_CLEARING), books.journal.sum_of(receivable(ACCOUNT))) == (1000, 0)
    assert books.wallets.told[-1] == "wallet_payout_failed acc-1 10.00 EUR"
    books.agrees()
