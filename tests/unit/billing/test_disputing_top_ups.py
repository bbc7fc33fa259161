"""A bank takes a top-up back: what is in the wallet of it goes, what was spent is lost or comes back with the money."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.billing.dispute_model import Dispute, DisputeState, ProviderDispute, Taken
from chalicelib.billing.disputing import Disputing, bring
from chalicelib.billing.errors import GiftRefused
from chalicelib.billing.gifts import look_at_gift, redeem
from chalicelib.billing.topping_model import GiftState
from chalicelib.billing.topping_up import Asked, Wish, buy_gift, top_up
from chalicelib.billing.topping_up import bring as bring_top_up
from chalicelib.kernel.money import Money
from chalicelib.ledger.accounts import BAD_DEBT, DISPUTED, GIFTS, STRIPE_CLEARING, STRIPE_FEES
from tests.unit.billing.books import ACCOUNT, LATER, MAY
from tests.unit.billing.money import DisputesInMemory, Provider
from tests.unit.billing.wallets import WalletBooks

FEE = 2000


class Disputes:
    """A wallet's books beside a bank."""

    def __init__(self) -> None:
        self.books, self.kept, self.provider = WalletBooks(), DisputesInMemory(), Provider()

    def says(self, status: str, payment: str, cents: int, *, taken: int, back: int = 0) -> None:
        """How the dispute stands, and what was moved for it."""
        moves = [("txn_1", -taken, FEE), ("txn_2", back, 0)]
        movements = tuple(Taken(name, euro(minor), fee, LATER) for name, minor, fee in moves if minor)
        what = ("ch_1", payment, status, "fraudulent", euro(cents), LATER, None, movements)
        self.provider.disputed["dp_1"] = ProviderDispute("dp_1", *what)

    def bring(self, now: datetime = LATER) -> Dispute | None:
        return bring("dp_1", Disputing(self.kept, self.provider, self.books.bringing(now)))

    @property
    def found(self) -> Dispute:
        return self.kept.kept["dp_1"]

    def sums(self) -> dict[str, int]:
        names = (DISPUTED, BAD_DEBT, STRIPE_FEES, STRIPE_CLEARING)
        return {name: self.books.journal.sum_of(name) for name in names}

    def spends(self, cents: int) -> None:
        self.books.rides.ridden(MAY, cents)
        self.books.settle(MAY)


def euro(minor: int) -> Money:
    return Money(minor, "EUR")


def payment_of(asked: Asked) -> str:
    assert asked.top_up.payment is not None
    return asked.top_up.payment


@pytest.fixture
def bank() -> Disputes:
    return Disputes()


def test_what_is_left_of_it_is_gone_at_once_and_what_was_spent_is_a_bad_debt_when_the_bank_keeps_it(
    bank: Disputes,
) -> None:
    payment = payment_of(bank.books.topped_up(1000, "one"))
    bank.spends(300)
    bank.says("needs_response", payment, 1000, taken=1000)
    assert [bank.bring() is None for _ in range(3)] == [False, True, True]

    assert bank.books.lots() == {}
    assert bank.sums() == {DISPUTED: 300, BAD_DEBT: 0, STRIPE_FEES: FEE, STRIPE_CLEARING: -FEE}
    assert bank.books.billed.payers[ACCOUNT].failed == {"dispute:dp_1"}
    assert bank.books.wallets.told[-1] == "payment_disputed acc-1 10.00 EUR"
    bank.says("lost", payment, 1000, taken=1000)
    bank.bring()

    assert (bank.found.lost, bank.found.from_wallet, bank.found.invoice_id) == (300, 700, None)
    assert bank.sums() == {DISPUTED: 0, BAD_DEBT: 300, STRIPE_FEES: FEE, STRIPE_CLEARING: -FEE}
    bank.books.agrees()


def test_what_the_bank_gives_back_is_in_the_wallet_again(bank: Disputes) -> None:
    payment = payment_of(bank.books.topped_up(1000, "one"))
    bank.spends(300)
    bank.books.topped_up(400, "other")
    bank.says("needs_response", payment, 1000, taken=1000)
    bank.bring()
    assert bank.books.lots() == {"paid": 400}
    bank.says("won", payment, 1000, taken=1000, back=1000)
    bank.bring()

    assert bank.books.lots() == {"paid": 1100}
    assert bank.sums() == {DISPUTED: 0, BAD_DEBT: 0, STRIPE_FEES: FEE, STRIPE_CLEARING: 1400 - FEE}
    assert bank.books.billed.payers[ACCOUNT].failed == frozenset()
    assert [str(each.kind) for each in bank.books.wallets.log[-2:]] == ["disputed", "dispute_ended"]
    bank.books.agrees()


def test_a_bank_that_only_asks_takes_nothing_out_of_the_wallet(bank: Disputes) -> None:
    payment = payment_of(bank.books.topped_up(1000, "one"))
    bank.says("warning_needs_response", payment, 1000, taken=0)
    bank.bring()

    assert (bank.books.lots(), bank.found.state) == ({"paid": 1000}, DisputeState.INQUIRY)
    assert bank.books.billed.payers[ACCOUNT].failed == frozenset()


def test_what_was_told_before_the_top_up_itself_comes_off_it_once_it_is_there(bank: Disputes) -> None:
    asked = bank.books.asking()
    wish = Wish(ACCOUNT, euro(1000), None, "late")
    payment = payment_of(top_up(wish, asked))
    bank.says("needs_response", payment, 1000, taken=1000)
    bank.bring()
    assert bank.sums()[DISPUTED] == 1000
    bring_top_up(bank.books.cards.charged[payment], bank.books.bringing())
    bank.bring()

    assert (bank.books.lots(), bank.sums()[DISPUTED], bank.sums()[STRIPE_CLEARING]) == ({}, 0, -FEE)
    bank.books.agrees()


class TestAGift:
    """Ten euros are paid for one, and the bank takes them back."""

    def bought(self, bank: Disputes) -> Asked:
        wish = Wish(ACCOUNT, euro(1000), None, "gift")
        asked = buy_gift(wish, lambda count: b"\1" * count, bank.books.asking())
        bring_top_up(bank.books.cards.charged[payment_of(asked)], bank.books.bringing())
        return asked

    def redeemed(self, bank: Disputes, asked: Asked) -> None:
        kept = {"top_ups": bank.books.top_ups, "wallets": bank.books.wallets}
        redeem("acc-2", asked.code or "", **kept, now=LATER, commit=bank.books.commit)
        look_at_gift(asked.gift.gift_id if asked.gift else "", bank.books.bringing())

    def test_nobody_redeems_it_any_more_and_who_bought_it_has_it_again_when_the_bank_gives_it_back(
        self, bank: Disputes
    ) -> None:
        asked = self.bought(bank)
        bank.says("needs_response", payment_of(asked), 1000, taken=1000)
        bank.bring()

        with pytest.raises(GiftRefused):
            self.redeemed(bank, asked)
        assert [each.state for each in bank.books.top_ups.gifts.values()] == [GiftState.ENDED]
        assert (bank.books.lots(), bank.books.journal.sum_of(GIFTS), bank.sums()[DISPUTED]) == ({}, 0, 0)
        bank.says("won", payment_of(asked), 1000, taken=1000, back=1000)
        bank.bring()
        assert bank.books.lots() == {"paid": 1000}
        bank.books.agrees()

    def test_it_stays_with_whoever_has_redeemed_it_and_is_our_loss(self, bank: Disputes) -> None:
        asked = self.bought(bank)
        self.redeemed(bank, asked)
        bank.says("lost", payment_of(asked), 1000, taken=1000)
        bank.bring()

        assert (bank.books.lots("acc-2"), bank.sums()[BAD_DEBT], bank.sums()[DISPUTED]) == ({"gift": 1000}, 1000, 0)
        bank.books.agrees()


LIVES = (
    ("needs_response", "under_review", "won"),
    ("warning_needs_response", "warning_closed"),
    ("warning_needs_response", "needs_response", "lost"),
    ("needs_response", "lost", "won"),
)


@given(spent=st.integers(0, 1200), life=st.sampled_from(LIVES), back=st.integers(0, 1000))
def test_whatever_was_spent_and_said_wallet_bank_and_books_agree(spent: int, life: tuple[str, ...], back: int) -> None:
    bank = Disputes()
    payment = payment_of(bank.books.topped_up(1000, "one"))
    if spent:
        bank.spends(spent)
    before = bank.books.lots().get("paid", 0)
    for status in life:
        taken = 0 if status.startswith("warning_") else 1000
        bank.says(status, payment, 1000, taken=taken, back=back if status == "won" else 0)
        bank.bring()
        assert bank.bring() is None
        bank.books.agrees()
        held = taken - (back if status == "won" else 0)
        off = min(before, held)
        assert bank.books.lots().get("paid", 0) == before - off
        assert bank.sums()[DISPUTED] + bank.sums()[BAD_DEBT] == held - off
        assert bank.found.held == held
