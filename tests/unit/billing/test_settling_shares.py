"""Settling splits what it bills: tax by rate, and the partners' shares, pending until the invoice is paid."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.billing.collecting import take_note
from chalicelib.billing.model import Payer, ProviderInvoice
from chalicelib.billing.paper_model import TaxRow
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.ledger.accounts import payable, payable_pending, receivable, revenue, share_cost, tax
from chalicelib.rating.figures import TaxRates
from chalicelib.rating.share import ShareRule, ShareTier, share, total_of
from tests.unit.billing.books import ACCOUNT, APRIL, JULY, JUNE, MAY, ZONE, Books
from tests.unit.billing.test_settling import MONTHS, _apply, steps

BIKE, TOOL = "par-1:bike", "par-1:tool"
NOW = datetime(2021, 12, 1, tzinfo=UTC)


def seventy(**members: int) -> ShareRule:
    return ShareRule("EUR", (ShareTier(Decimal(70)),), **members)


@pytest.fixture
def books() -> Books:
    return sharing()


def sharing(rule: ShareRule | None = None) -> Books:
    found = Books()
    found.shares.rates = TaxRates({TOOL: Decimal("0.14")}, others=Decimal("0.25"))
    found.shares.rules["par-1"] = rule or seventy()
    found.billed.payers[ACCOUNT] = Payer(ACCOUNT, "cus-stripe", "pm-1", version=1)
    return found


def held(books: Books, *ledger_accounts: str) -> list[int]:
    return [books.journal.sum_of(each) for each in ledger_accounts]


def pay(books: Books, month: Month, number: int = 1) -> None:
    """What the provider says once the invoice is paid."""
    invoice = books.billed.made[month, number]
    stands = ProviderInvoice("in-1", ACCOUNT, month, number, "paid", invoice.total, invoice.total, True, NOW, None)
    kept = {"billed": books.billed, "ledger": books.journal, "notes": books.notes}
    take_note(stands, zone=ZONE, **kept, now=NOW, commit=books.commit)


def test_what_is_billed_is_split_into_revenue_and_tax_of_each_rate_and_a_share_that_is_pending(books: Books) -> None:
    """
    12.50 with 25 % in it and 11.40 with 14 %: 10.00 each, of which 7.00 each are the partner's.
    """
    books.rides.ridden(MAY, 1250)
    books.rides.ridden(MAY, 1140, product="tool")
    books.settle(MAY)

    assert held(books, receivable(ACCOUNT), revenue(BIKE), revenue(TOOL)) == [2390, -1000, -1000]
    assert held(books, tax("0.25"), tax("0.14")) == [-250, -140]
    assert held(books, share_cost(BIKE), share_cost(TOOL), payable_pending("par-1")) == [700, 700, -1400]
    assert held(books, payable("par-1")) == [0]


def test_each_posting_names_the_proof_or_the_invoice_that_it_was_made_of(books: Books) -> None:
    (ride,) = books.rides.ridden(MAY, 1250)
    books.settle(MAY)
    books.rides.ridden(JUNE, 500)
    books.rides.corrected(ride, 2500, seen_in=JUNE)
    books.settle(JUNE)
    pay(books, MAY)

    def sources(reference: str) -> set[str]:
        return {each.source for each in books.journal.entries[reference].postings}

    assert [head.month for head in books.billed.heads] == [MAY, JUNE, MAY]
    assert sources("settlement:acc-1:2021-05:1") == {"invoice:acc-1:2021-05:1", "proof:acc-1:1"}
    assert sources("settlement:acc-1:2021-06:1") == {"invoice:acc-1:2021-06:1", "proof:acc-1:2", "proof:acc-1:3"}
    assert sources("payment:acc-1:2021-05:1") == {"invoice:acc-1:2021-05:1"}


def test_a_share_is_payable_once_its_invoice_is_paid_and_once_only(books: Books) -> None:
    books.rides.ridden(MAY, 1250)
    books.settle(MAY)
    for _ in range(2):
        pay(books, MAY)

    assert held(books, payable_pending("par-1"), payable("par-1"), share_cost(BIKE)) == [0, -700, 700]


def test_what_was_too_small_to_collect_becomes_payable_with_the_invoice_that_carries_it(books: Books) -> None:
    books.rides.ridden(MAY, 40)
    assert books.settle(MAY).invoice is None
    books.rides.ridden(JUNE, 1250)
    invoice = books.settle(JUNE).invoice
    pay(books, JUNE)

    assert invoice is not None
    assert (invoice.total, dict(invoice.shares)) == (Money(1290, "EUR"), {"par-1": 722})
    assert held(books, payable_pending("par-1"), payable("par-1")) == [0, -722]


def test_a_correction_posts_the_difference_alone_and_its_share_goes_with_the_credit_note(books: Books) -> None:
    (ride,) = books.rides.ridden(MAY, 1250)
    books.settle(MAY)
    pay(books, MAY)
    books.rides.corrected(ride, 625, seen_in=JUNE)
    note = books.settle(JUNE).note
    entry = books.journal.entries["settlement:acc-1:2021-06:1"]

    assert {each.ledger_account: each.amount.minor for each in entry.postings} == {
        receivable(ACCOUNT): -625,
        revenue(BIKE): 500,
        tax("0.25"): 125,
        share_cost(BIKE): -350,
        payable_pending("par-1"): 350,
    }
    assert note is not None
    assert (note.total, dict(note.shares)) == (Money(625, "EUR"), {"par-1": -350})
    assert note.paper.taxes == (TaxRow("0.25", 625, 125),)
    books.rides.ridden(JULY, 1250)
    invoice = books.settle(JULY).invoice
    assert invoice is not None
    assert (invoice.total, dict(invoice.shares)) == (Money(1250, "EUR"), {"par-1": 700})


def test_a_partner_without_a_rule_has_no_share_and_no_row(books: Books) -> None:
    books.shares.rules.clear()
    books.rides.ridden(MAY, 1250)
    invoice = books.settle(MAY).invoice

    assert invoice is not None
    assert dict(invoice.shares) == {}
    assert books.shares.kept == {}
    assert held(books, revenue(BIKE), payable_pending("par-1")) == [-1000, 0]


def test_a_settlement_from_before_there_were_shares_is_settled_again_without_any(books: Books) -> None:
    """
    A rule holds for months to come alone, so nothing is posted for what was settled without one.
    """
    rules, books.shares.rules = books.shares.rules, {}
    rates, books.shares.rates = books.shares.rates, TaxRates()
    books.rides.ridden(APRIL, 1250)
    books.settle(APRIL)
    before = books.state()
    books.settle(APRIL)

    assert books.state() == before
    assert rules
    assert rates


@settings(max_examples=120)
@given(steps, st.sampled_from(["70", "33.3333", "12.5"]), st.integers(0, 40))
def test_in_whatever_order_months_are_settled_corrected_and_paid_the_books_hold_what_the_last_rows_say(
    story: list[tuple[str, Month, int]], percent: str, per_session: int
) -> None:
    """
    After every step what is pending and payable together is the share of each row, revenue and tax together what was
    used, and nothing is payable beyond what paid invoices took along.
    """
    rule = ShareRule("EUR", (ShareTier(Decimal(percent)),), per_session)
    books = sharing(rule)
    for kind, month, amount in [*story, *(("settle", month, 0) for month in MONTHS)]:
        _apply(books, kind, month, amount)
        for (of, number), invoice in list(books.billed.made.items()):
            if invoice.total.minor % 2:
                pay(books, of, number)
        paid = [each for each in books.billed.made.values() if each.paid_at is not None]
        pending, due = held(books, payable_pending("par-1"), payable("par-1"))
        assert -due == sum(each.shares.get("par-1", 0) for each in paid)
        assert -(pending + due) == sum(sum(row.posted.values()) for row in books.shares.kept.values())
        assert -(pending + due) == sum(held(books, share_cost(BIKE), share_cost(TOOL)))
        assert sum(held(books, revenue(BIKE), tax("0.25"))) == -books.journal.sum_of(receivable(ACCOUNT)) - sum(
            each.total.minor for each in paid
        )
    for row in books.shares.kept.values():
        assert sum(row.posted.values()) == total_of(share(rule, row.figures))
        assert sum(each.gross for each in row.figures.values()) == sum(
            cents for _, (month, _, cents) in books.rides.cents.items() if month == row.month
        )
