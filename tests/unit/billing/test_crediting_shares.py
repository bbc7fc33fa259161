"""Whose the money is that goes back: partners' shares go with corrections, and goodwill is the operator's alone."""

import pytest

from chalicelib.billing.credit_model import CreditNote
from chalicelib.billing.errors import NotPaid, RefundTooMuch
from chalicelib.billing.goodwill import ask_goodwill, give_goodwill
from chalicelib.billing.refunding import note_refund
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.ledger.accounts import PROMOTIONS, STRIPE_CLEARING, payable, payable_pending, receivable, tax
from tests.unit.billing.books import ACCOUNT, JULY, JUNE, LATER, MAY, ZONE, Books, Issuing
from tests.unit.billing.test_crediting import again, asked_of, billed, credited, heard
from tests.unit.billing.test_settling_shares import sharing


class TestSharesOfPartners:
    """Seventy percent of what is without tax: 12.50 have a share of 7.00."""

    @pytest.fixture
    def books(self) -> Books:
        return sharing()

    def sums(self, books: Books) -> list[int]:
        return [books.journal.sum_of(each("par-1")) for each in (payable_pending, payable)]

    def test_a_refund_takes_the_corrections_share_back_once_it_is_sent(self, books: Books) -> None:
        ride = billed(books, MAY, 1250, paid=True)
        credited(books, ride, 625, JUNE)
        assert self.sums(books) == [350, -700]
        again(books)
        again(books)

        assert self.sums(books) == [0, -350]
        assert [(due.due_id, due.amount.minor) for due in books.payouts.waiting.values()] == [
            ("credit:acc-1:2021-06:c1:625", -350)
        ]

    def test_a_credit_on_an_open_invoice_takes_its_share_with_it(self, books: Books) -> None:
        ride = billed(books, MAY, 1250, paid=False)
        credited(books, ride, 625, JUNE)
        again(books)
        books.stripe.pay_rest("in-2021-05")
        heard(books, MAY)

        assert dict(asked_of(books, MAY).shares) == {"par-1": 350}
        assert self.sums(books) == [0, -350]

    def test_what_a_failed_refund_gave_back_is_not_shared_a_second_time(self, books: Books) -> None:
        ride = billed(books, MAY, 1250, paid=True)
        credited(books, ride, 625, JUNE)
        again(books)
        note_refund(books.stripe.failed(books.notes.sent[1]), books.crediting())
        billed(books, JULY, 1250, paid=False)
        again(books)
        books.stripe.pay_rest("in-2021-07")
        heard(books, JULY)

        assert asked_of(books, JULY).asks.minor == 625
        assert self.sums(books) == [0, -1050]


class TestGoodwill:
    """12.50 were paid, of which 2.50 are tax; an operator gives some of it back."""

    @pytest.fixture
    def books(self) -> Books:
        found = sharing()
        billed(found, MAY, 1250, paid=True)
        return found

    def give(self, books: Books, cents: int, month: Month = MAY) -> CreditNote:
        """Asked at the door, and written by the worker, which hears of it twice."""
        issuing = Issuing(books.notes, books.numbers)
        how = {"issuing": issuing, "now": LATER, "commit": books.commit}
        asked = ask_goodwill(asked_of(books, month), Money(cents, "EUR"), "a wet saddle", zone=ZONE, **how)
        giving = {"billed": books.billed, "ledger": books.journal, **how}
        written = [give_goodwill(ACCOUNT, asked.name, **giving) for _ in range(2)]
        assert written[1] is None
        return books.notes.kept[asked.note_id]

    def test_the_operator_bears_it_and_no_partners_share_is_less(self, books: Books) -> None:
        note = self.give(books, 500)
        again(books)

        assert (note.note_id, note.paper.number) == ("acc-1:2021-12:g1", "C-000001")
        assert [(row.rate, row.gross, row.tax) for row in note.paper.taxes] == [("0.25", 500, 100)]
        assert [books.journal.sum_of(each) for each in (PROMOTIONS, tax("0.25"), STRIPE_CLEARING)] == [400, -150, 750]
        assert (books.journal.sum_of(receivable(ACCOUNT)), books.journal.sum_of(payable("par-1"))) == (0, -700)
        assert books.stripe.given == {"in-2021-05": {1: 500}}

    def test_a_refund_above_what_is_left_of_the_payment_is_refused_and_says_what_is_left(self, books: Books) -> None:
        with pytest.raises(RefundTooMuch) as refused:
            self.give(books, 1251)
        assert refused.value.facts == {"pointer": "/amount", "left": "12.50 EUR"}
        self.give(books, 1000)
        with pytest.raises(RefundTooMuch) as refused:
            self.give(books, 251)
        assert refused.value.facts["left"] == "2.50 EUR"
        again(books)
        with pytest.raises(RefundTooMuch):
            self.give(books, 251)
        self.give(books, 250)
        again(books)

        assert sum(books.stripe.given["in-2021-05"].values()) == 1250

    @pytest.mark.parametrize("cents", [0, -1])
    def test_nothing_or_less_is_no_refund(self, books: Books, cents: int) -> None:
        with pytest.raises(RefundTooMuch):
            self.give(books, cents)

    def test_only_an_invoice_that_was_paid_is_given_back(self, books: Books) -> None:
        billed(books, JUNE, 1000, paid=False)

        with pytest.raises(NotPaid):
            self.give(books, 100, JUNE)

    def test_what_is_asked_for_and_not_written_yet_counts_as_given(self, books: Books) -> None:
        how = {"issuing": Issuing(books.notes, books.numbers), "now": LATER, "commit": books.commit}
        ask_goodwill(asked_of(books, MAY), Money(1000, "EUR"), "a wet saddle", zone=ZONE, **how)

        with pytest.raises(RefundTooMuch) as refused:
            ask_goodwill(asked_of(books, MAY), Money(251, "EUR"), "a wet saddle", zone=ZONE, **how)
        assert refused.value.facts["left"] == "2.50 EUR"
