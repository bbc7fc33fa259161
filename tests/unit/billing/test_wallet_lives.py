"""A wallet's whole life, in any order: lots and ledger agree, and what nobody paid never becomes money."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.billing.collecting import take_note
from chalicelib.billing.credit_model import BackAs
from chalicelib.billing.crediting import choose
from chalicelib.billing.currencies import minimum_charge
from chalicelib.billing.errors import NothingToPayOut, PayoutWithUnpaidInvoice
from chalicelib.billing.model import InvoiceState
from chalicelib.billing.refunding import give_back
from chalicelib.billing.topping_up import bring, buy_gift
from chalicelib.billing.wallet import grant, look_at_lot, promotion
from chalicelib.kernel.money import Money
from chalicelib.ledger.accounts import STRIPE_CLEARING, receivable
from tests.unit.billing.books import ACCOUNT, JULY, JUNE, LATER, MAY, ZONE
from tests.unit.billing.test_topping_up import EUR, OTHER, bytes_of, left, redeemed, wish
from tests.unit.billing.wallets import WalletBooks

SMALL = minimum_charge(EUR).minor
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["top up", "grant", "gift", "ride", "pay", "correct", "keep", "refund", "expire", "leave"]),
        st.integers(1, 900),
    ),
    min_size=1,
    max_size=14,
)


class Story:
    """Steps of a wallet's life, each as it would go, or refused."""

    def __init__(self) -> None:
        self.books, self.number, self.rides, self.promised = WalletBooks(), 0, list[str](), 0

    def step(self, what: str, cents: int) -> None:
        books, self.number = self.books, self.number + 1
        key = str(self.number)
        if what == "top up":
            books.topped_up(max(SMALL, cents), key)
        elif what in ("grant", "expire"):
            lot = promotion(key, Money(cents, EUR), None, LATER + timedelta(days=1), LATER)
            grant(ACCOUNT, lot, "x", wallets=books.wallets, now=LATER, commit=books.commit)
            if what == "expire":
                end = LATER + timedelta(days=2)
                look_at_lot(ACCOUNT, lot.lot_id, wallets=books.wallets, now=end, commit=books.commit)
        elif what == "gift":
            given = buy_gift(wish(max(SMALL, cents), key, account_id=OTHER), bytes_of, books.asking())
            bring(books.cards.charged[given.top_up.payment or ""], books.bringing())
            redeemed(books, given.code, ACCOUNT)
        elif what == "ride":
            self.rides += books.rides.ridden(MAY, cents)
            books.settle(MAY)
        elif what == "pay":
            self.pay()
        elif what == "correct" and self.rides:
            books.rides.corrected(self.rides.pop(), cents // 10, seen_in=JUNE)
            books.settle(JUNE)
            give_back(ACCOUNT, books.with_wallet())
        elif what in ("keep", "refund"):
            choice = BackAs.CREDIT if what == "keep" else BackAs.REFUND
            choose(books.notes.money_back(ACCOUNT), choice, notes=books.notes, now=LATER, commit=books.commit)
            give_back(ACCOUNT, books.with_wallet())
        elif what == "leave":
            books.settle(JULY, leaves=True)
            give_back(ACCOUNT, books.with_wallet())
            with suppress(NothingToPayOut, PayoutWithUnpaidInvoice):
                left(books)

    def pay(self) -> None:
        books = self.books
        for (month, number), invoice in list(books.billed.made.items()):
            if invoice.state is InvoiceState.DUE:
                name = f"in-{month}-{number}"
                there = replace(invoice, provider_invoice=name)
                books.billed.made[month, number] = there
                what = replace(there, total=Money(there.asks.minor, EUR), credited=0)
                books.stripe.holds(name, what, paid=False)
                stands = replace(books.stripe.pay_rest(name), credited=there.credited)
                kept = {"billed": books.billed, "ledger": books.journal, "notes": books.notes}
                take_note(stands, zone=ZONE, **kept, now=LATER, commit=books.commit)

    def at_provider(self) -> int:
        stripe = self.books.stripe
        paid = sum(each.paid.minor for each in stripe.invoices.values() if each.status == "paid")
        return paid - sum(sum(each.values()) for each in stripe.given.values()) + self.books.cards.clearing()


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_whatever_happens_lots_and_ledger_agree_and_promotions_never_become_money(steps: list[tuple[str, int]]) -> None:
    """
    The provider's sum is the ledger's, no payment gives back more than it was, and nothing is used twice. Who has paid
    and leaves is owed nothing then, and owes no more than what is too small to be collected.
    """
    story = Story()
    for what, cents in steps:
        story.step(what, cents)
        story.books.agrees()
        assert story.books.journal.sum_of(STRIPE_CLEARING) == story.at_provider()
    story.pay()
    story.step("leave", 50)
    story.books.agrees()
    used = sum(invoice.paid_ahead.minor - invoice.back_to_wallet for invoice in story.books.billed.made.values())
    real = sum(each.received for each in story.books.cards.charged.values())
    assert 0 <= story.books.journal.sum_of(receivable(ACCOUNT)) < SMALL
    assert story.books.lots() == {}
    assert story.at_provider() >= 0
    assert used >= 0
    assert sum(each.amount.minor for each in story.books.wallets.backs.values()) <= real
