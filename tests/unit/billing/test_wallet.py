"""A wallet pays bills first, in a stated order; what it paid comes back to it; each cent once, also in the ledger."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.billing.collecting import take_note
from chalicelib.billing.credit_model import BackAs
from chalicelib.billing.credit_ports import Issuing
from chalicelib.billing.crediting import choose, choose_for
from chalicelib.billing.errors import LotOverdrawn, TopUpAmountInvalid, ValidUntilPast
from chalicelib.billing.goodwill import ask_goodwill
from chalicelib.billing.model import InvoiceState, Parked
from chalicelib.billing.refunding import give_back
from chalicelib.billing.stripe_lines import lines_of
from chalicelib.billing.wallet import grant, look_at_lot, promotion
from chalicelib.billing.wallet_model import Lot, LotKind, MoveKind, Wallet, back_to, coverable, spend
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.ledger.accounts import PROMOTIONS, STRIPE_CLEARING, payable, receivable, revenue
from tests.unit.billing.books import ACCOUNT, JULY, JUNE, LATER, MAY, ZONE
from tests.unit.billing.test_settling_shares import seventy
from tests.unit.billing.wallets import WalletBooks

EUR = "EUR"


@pytest.fixture
def books() -> WalletBooks:
    return WalletBooks()


def granted(books: WalletBooks, cents: int, name: str = "1", partner: str | None = None, days: int = 0) -> Lot:
    until = LATER + timedelta(days=days) if days else None
    lot = promotion(name, Money(cents, EUR), partner, until, LATER)
    return grant(ACCOUNT, lot, "sorry", wallets=books.wallets, now=LATER, commit=books.commit)


def paid_at_provider(books: WalletBooks, month: Month) -> None:
    """The provider collects what the month's invoice asks for, and says so."""
    invoice = replace(books.billed.made[month, 1], provider_invoice=f"in-{month}")
    books.billed.made[month, 1] = invoice
    books.stripe.holds(f"in-{month}", replace(invoice, total=invoice.collected), paid=False)
    stands = books.stripe.pay_rest(f"in-{month}")
    kept = {"billed": books.billed, "ledger": books.journal, "notes": books.notes}
    take_note(stands, zone=ZONE, **kept, now=LATER, commit=books.commit)


def corrected(books: WalletBooks, ride: str, cents: int) -> None:
    books.rides.corrected(ride, cents, seen_in=JUNE)
    books.settle(JUNE)
    for _ in range(2):
        give_back(ACCOUNT, books.with_wallet())


def test_lots_pay_in_order_promotions_by_their_end_first_then_gifts_credit_and_what_was_paid() -> None:
    def lot(name: str, kind: LotKind, days: int = 0) -> Lot:
        until = LATER + timedelta(days=days) if days else None
        return Lot(name, kind, Money(100, EUR), 100, name, LATER, valid_until=until)

    lots = [
        lot("paid", LotKind.PAID),
        lot("credit", LotKind.CREDIT),
        lot("gift", LotKind.GIFT),
        lot("late", LotKind.PROMOTION, 9),
        lot("soon", LotKind.PROMOTION, 2),
        lot("over", LotKind.PROMOTION, -1),
        lot("ever", LotKind.PROMOTION),
    ]
    wallet = Wallet(ACCOUNT, {each.lot_id: each for each in lots})
    used = spend(wallet, Money(600, EUR), {}, LATER)

    assert [name for name, _ in used] == ["soon", "late", "ever", "gift", "credit", "paid"]
    assert back_to(used, 0, 250) == {"paid": 100, "credit": 100, "gift": 50}
    assert back_to(used, 250, 100) == {"gift": 50, "ever": 50}


def test_no_more_lots_pay_one_invoice_than_one_transaction_can_write() -> None:
    lots = {f"{number:02d}": Lot(f"{number:02d}", LotKind.PAID, Money(1, EUR), 1, "x", LATER) for number in range(99)}
    used = spend(Wallet(ACCOUNT, lots), Money(1000, EUR), {}, LATER)
    assert [name for name, _ in used] == [f"{number:02d}" for number in range(20)]


@pytest.mark.parametrize(
    ("total", "available", "pays"),
    [(1000, 999, 950), (1000, 950, 950), (1000, 951, 950), (1000, 1000, 1000), (50, 49, 0), (1000, 0, 0)],
)
def test_what_a_wallet_leaves_is_nothing_or_enough_to_be_collected(total: int, available: int, pays: int) -> None:
    assert coverable(Money(total, EUR), available) == pays


def test_what_is_left_can_be_moved_where_money_moves_in_steps() -> None:
    assert coverable(Money(5000, "KWD"), 1234) == 1230


def test_a_lot_is_never_below_nothing_nor_above_what_it_began_with() -> None:
    lot = Lot("a", LotKind.PAID, Money(100, EUR), 40, "x", LATER)
    for change in (-41, 61):
        with pytest.raises(LotOverdrawn):
            lot.changed(change)


def test_an_invoice_that_the_wallet_pays_wholly_is_paid_at_once_and_its_shares_are_payable(books: WalletBooks) -> None:
    """
    Nothing is said to the provider; tax and revenue are as without.
    """
    books.shares.rules["par-1"] = seventy()
    books.topped_up(2000, "k")
    books.rides.ridden(MAY, 1000)
    invoice = books.settle(MAY).invoice

    assert invoice is not None
    assert (invoice.state, invoice.asks.minor, invoice.paid_ahead.minor) == (InvoiceState.PAID, 0, 1000)
    assert books.journal.sum_of(receivable(ACCOUNT)) == 0
    assert books.journal.sum_of(revenue("par-1:bike")) == -1000
    assert books.journal.sum_of(payable("par-1")) == -700
    assert books.billed.told == [f"share {invoice.invoice_id}"]
    assert books.lots() == {"paid": 1000}
    books.agrees()


def test_the_provider_collects_the_rest_alone_and_its_invoice_says_what_was_paid_ahead(books: WalletBooks) -> None:
    books.topped_up(600, "k")
    books.rides.ridden(MAY, 1000)
    invoice = books.settle(MAY).invoice

    assert invoice is not None
    assert invoice.state is InvoiceState.DUE
    assert lines_of(invoice)[-1] == {"amount": -600, "description": "Paid from your wallet"}
    assert sum(line["amount"] for line in lines_of(invoice)) == invoice.collected.minor == 400
    paid_at_provider(books, MAY)
    assert books.billed.made[MAY, 1].state is InvoiceState.PAID
    assert books.journal.sum_of(STRIPE_CLEARING) == 1000
    assert books.journal.sum_of(receivable(ACCOUNT)) == 0


def test_a_promotion_is_booked_when_it_pays_and_lowers_no_partners_share(books: WalletBooks) -> None:
    books.shares.rules["par-1"] = seventy()
    granted(books, 1000)
    assert books.journal.entries == {}
    books.rides.ridden(MAY, 1000)
    books.settle(MAY)

    assert books.journal.sum_of(PROMOTIONS) == 1000
    assert books.journal.sum_of(payable("par-1")) == -700
    assert books.journal.sum_of(revenue("par-1:bike")) == -1000
    books.agrees()


def test_a_lot_of_one_partner_pays_for_its_products_and_nothing_else(books: WalletBooks) -> None:
    books.topped_up(900, "k", partner="par-2")
    granted(books, 400, partner="par-1")
    books.rides.ridden(MAY, 1000)
    invoice = books.settle(MAY).invoice

    assert invoice is not None
    assert invoice.from_wallet == (("promotion:1", 400),)


def test_settling_again_uses_nothing_twice(books: WalletBooks) -> None:
    books.topped_up(2000, "k")
    books.rides.ridden(MAY, 1000)
    books.settle(MAY)
    before = books.state()
    books.settle(MAY)

    assert books.state() == before
    assert books.lots() == {"paid": 1000}


def test_what_is_credited_goes_back_to_the_lots_that_paid_first_the_last_used_first(books: WalletBooks) -> None:
    """
    Ten were used: two of them a promotion, five paid ahead, three by card. Nine come back: what was paid is there
    again, the promotion is a promotion, and the card has the rest.
    """
    granted(books, 200)
    books.topped_up(500, "k")
    (ride,) = books.rides.ridden(MAY, 1000)
    books.settle(MAY)
    paid_at_provider(books, MAY)
    corrected(books, ride, 400)
    assert (books.lots(), books.stripe.given) == ({"paid": 500, "promotion": 100}, {})

    corrected(books, ride, 100)
    assert (books.lots(), books.stripe.given) == ({"paid": 500, "promotion": 200}, {"in-2021-05": {1: 200}})
    assert books.journal.sum_of(PROMOTIONS) == books.journal.sum_of(receivable(ACCOUNT)) == 0
    books.agrees()


@pytest.mark.parametrize(("standing", "of_note"), [(BackAs.CREDIT, BackAs.REFUND), (BackAs.REFUND, BackAs.CREDIT)])
def test_what_is_chosen_for_one_note_goes_before_what_was_chosen_for_all_and_holds_when_that_changes(
    books: WalletBooks, standing: BackAs, of_note: BackAs
) -> None:
    (ride,) = books.rides.ridden(MAY, 1000)
    books.settle(MAY)
    paid_at_provider(books, MAY)
    ways = {"notes": books.notes, "now": LATER, "commit": books.commit}
    choose(books.notes.money_back(ACCOUNT), standing, **ways)
    books.rides.corrected(ride, 400, seen_in=JUNE)
    note = books.settle(JUNE).note
    choose_for(note, of_note, **ways)
    choose(books.notes.money_back(ACCOUNT), of_note, **ways)
    choose(books.notes.money_back(ACCOUNT), standing, **ways)
    for _ in range(2):
        give_back(ACCOUNT, books.with_wallet())

    lots, given = ({"credit": 600}, {}) if of_note is BackAs.CREDIT else ({}, {"in-2021-05": {1: 600}})
    assert (books.lots(), books.stripe.given, books.journal.sum_of(receivable(ACCOUNT))) == (lots, given, 0)


def test_credit_in_euros_goes_back_to_no_lot_that_paid_crowns(books: WalletBooks) -> None:
    (ride,) = books.rides.ridden(MAY, 1000)
    books.settle(MAY)
    paid_at_provider(books, MAY)
    books.rides.corrected(ride, 400, seen_in=JUNE)
    assert books.settle(JUNE).note is not None
    lot = Lot("crowns", LotKind.PAID, Money(3000, "SEK"), 3000, "top-up:1", LATER)
    books.commit(books.purse.add(books.wallets.wallet(ACCOUNT), MoveKind.TOPPED_UP, lot, STRIPE_CLEARING), None)
    books.rides.currency = "SEK"
    books.billed.held[JULY] = Parked(ACCOUNT, JULY, "currency_changed", {}, LATER, released_at=LATER)
    books.rides.ridden(JULY, 2000)
    invoice = books.settle(JULY).invoice
    assert invoice is not None
    assert invoice.paid_ahead == Money(2000, "SEK")
    give_back(ACCOUNT, books.with_wallet())

    assert (books.wallets.wallet(ACCOUNT).lots["crowns"].left, books.stripe.given) == (1000, {"in-2021-05": {1: 600}})


def test_goodwill_on_what_the_wallet_paid_goes_back_to_the_wallet(books: WalletBooks) -> None:
    books.topped_up(1000, "k")
    books.rides.ridden(MAY, 1000)
    invoice = books.settle(MAY).invoice
    assert invoice is not None
    issuing = Issuing(books.notes, books.numbers)
    what = {"issuing": issuing, "zone": ZONE, "now": LATER, "commit": books.commit}
    asked = ask_goodwill(invoice, Money(1000, EUR), "wet", **what)
    assert asked.amount.minor == 1000


def test_credit_that_a_customer_keeps_is_a_lot_that_pays_the_next_bill(books: WalletBooks) -> None:
    (ride,) = books.rides.ridden(MAY, 1000)
    books.settle(MAY)
    paid_at_provider(books, MAY)
    choose(books.notes.money_back(ACCOUNT), BackAs.CREDIT, notes=books.notes, now=LATER, commit=books.commit)
    corrected(books, ride, 400)
    assert (books.lots(), books.journal.sum_of(receivable(ACCOUNT))) == ({"credit": 600}, 0)

    books.rides.ridden(JUNE, 700)
    invoice = books.settle(JUNE).invoice
    assert invoice is not None
    assert (invoice.paid_ahead.minor, invoice.asks.minor) == (600, 100)
    books.agrees()


def test_a_promotion_is_told_of_before_it_ends_and_ends(books: WalletBooks) -> None:
    lot = granted(books, 300, days=10)
    assert lot.valid_until is not None
    assert [at for at, _, _ in books.wallets.timers] == [lot.valid_until - timedelta(days=7), lot.valid_until]
    for at in (lot.valid_until - timedelta(days=7), lot.valid_until, lot.valid_until):
        look_at_lot(ACCOUNT, lot.lot_id, wallets=books.wallets, now=at, commit=books.commit)

    assert [each.split()[0] for each in books.wallets.told] == ["wallet_credited", "wallet_expiring", "wallet_expired"]
    assert (books.lots(), books.wallets.log[-1].kind) == ({}, MoveKind.EXPIRED)
    assert books.journal.entries == {}


def test_what_an_operator_gives_is_no_more_than_somebody_may_put_in() -> None:
    assert promotion("1", Money(500_00, EUR), None, None, LATER).left == 500_00
    with pytest.raises(TopUpAmountInvalid) as refused:
        promotion("1", Money(500_01, EUR), None, None, LATER)
    assert refused.value.facts["most"] == "500.00 EUR"


def test_what_an_operator_gives_is_something_and_good_for_some_time() -> None:
    with pytest.raises(TopUpAmountInvalid):
        promotion("1", Money(0, EUR), None, None, LATER)
    with pytest.raises(ValidUntilPast):
        promotion("1", Money(1, EUR), None, LATER, LATER)
