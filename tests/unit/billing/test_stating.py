"""A partner's month is stated: what its bills made of the share is brought to what the month as a whole makes of it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.time import Month
from chalicelib.ledger.accounts import payable, payable_pending, share_cost
from chalicelib.rating.errors import InvalidProof
from chalicelib.rating.proof import verify_chain
from chalicelib.rating.share import ShareRule, ShareTier, by_product
from chalicelib.rating.share_proof import verify_share
from tests.unit.billing.books import JUNE, LATER, MAY, Books, SideBySide
from tests.unit.billing.test_settling import MONTHS, _apply, steps
from tests.unit.billing.test_settling_shares import BIKE, TOOL, held, pay, seventy, sharing

TIERS = ShareRule("EUR", (ShareTier(Decimal(70), 500), ShareTier(Decimal(90))))


def test_a_month_stated_first_has_its_bills_its_share_and_a_proof(books: Books) -> None:
    books.rides.ridden(MAY, 1250)
    books.rides.ridden(MAY, 570, product="tool")
    books.settle(MAY)
    stated = books.stated(MAY)

    assert stated is not None
    assert (stated.total, stated.bills, stated.version, stated.proof) == (1050, 1, 1, 1)
    assert by_product(stated.lines) == {BIKE: 700, TOOL: 350}
    assert {product: (each.gross, each.net) for product, each in stated.figures.items()} == {
        BIKE: (1250, 1000),
        TOOL: (570, 500),
    }
    assert verify_share(books.shares.chain.chain[0]) == []


def test_stating_again_without_a_change_writes_nothing(books: Books) -> None:
    books.rides.ridden(MAY, 1250)
    books.settle(MAY)
    first, commits = books.stated(MAY), len(books.commit.sizes)

    assert books.stated(MAY, LATER + timedelta(days=1)) == first
    assert len(books.commit.sizes) == commits


def test_tiers_and_minimum_come_with_the_months_statement_and_are_payable_then() -> None:
    """
    10.00 without tax: settled at 70 % of all of it; 90 % of what is above 5.00 makes 8.00; the minimum makes 20.00.
    """
    books = sharing(TIERS)
    books.rides.ridden(MAY, 1250)
    books.settle(MAY)
    assert held(books, payable_pending("par-1"), payable("par-1")) == [-700, 0]
    books.stated(MAY)
    assert held(books, payable_pending("par-1"), payable("par-1"), share_cost(BIKE)) == [-700, -100, 800]
    pay(books, MAY)
    assert held(books, payable_pending("par-1"), payable("par-1")) == [0, -800]

    books = sharing(seventy(minimum=2000))
    books.rides.ridden(MAY, 1250)
    books.settle(MAY)
    books.stated(MAY)
    assert held(books, payable("par-1"), share_cost(BIKE), share_cost("par-1:")) == [-1300, 700, 1300]


def test_a_minimum_is_owed_for_a_month_in_which_nothing_was_used() -> None:
    books = sharing(seventy(minimum=2000))
    stated = books.stated(MAY)

    assert stated is not None
    assert (stated.total, held(books, payable("par-1"))) == (2000, [-2000])


@pytest.mark.parametrize("rule", [None, seventy()], ids=["no rule", "nothing used"])
def test_a_month_without_a_share_is_not_stated(rule: ShareRule | None) -> None:
    books = sharing()
    books.shares.rules = {} if rule is None else {"par-1": rule}

    assert books.stated(MAY) is None
    assert books.shares.chain.chain == []


def test_a_correction_restates_the_month_that_it_is_about_as_the_next_link_of_the_chain(books: Books) -> None:
    (ride,) = books.rides.ridden(MAY, 1250)
    books.settle(MAY)
    books.stated(MAY)
    books.rides.ridden(JUNE, 1250)
    books.rides.corrected(ride, 2500, seen_in=JUNE)
    books.settle(JUNE)
    stated = [books.stated(month) for month in (JUNE, MAY)]

    assert [(each.total, each.version, each.proof) for each in stated if each] == [(700, 1, 2), (1400, 2, 3)]
    assert verify_chain(books.shares.chain.chain) == []
    assert [finding for proof in books.shares.chain.chain for finding in verify_share(proof)] == []


def test_two_statings_side_by_side_are_one_and_the_later_is_told_to_do_it_again(books: Books) -> None:
    books.rides.ridden(MAY, 1250)
    books.settle(MAY)
    books.commit = SideBySide(books.commit, lambda: other.stated(MAY))
    other = Books(books.rides, books.billed, books.journal, books.shares)

    with pytest.raises(Refusal):
        books.stated(MAY)
    assert [head.number for head in books.shares.chain.heads] == [1]


def test_a_proof_that_was_tampered_with_is_found_out_and_names_nobody() -> None:
    books = sharing(TIERS)
    books.rides.ridden(MAY, 1250)
    books.settle(MAY)
    books.stated(MAY)
    (proof,) = books.shares.chain.chain
    more = {**proof, "totals": {"EUR": 900}}

    assert "acc-1" not in str(proof)
    assert [finding.pointer for finding in verify_share(more)] == ["/digest", "/totals"]
    assert verify_share({**proof, "lines": []})
    for broken in ({**proof, "rule": {}}, {**proof, "kind": "bill"}, {**proof, "bills": [1]}, {**proof, "bills": None}):
        with pytest.raises(InvalidProof):
            verify_share(broken)


rules = st.sampled_from([seventy(), TIERS, seventy(minimum=300), seventy(per_session=15), seventy(per_fault=9)])


@settings(max_examples=150)
@given(st.lists(st.one_of(steps.map(lambda each: each[:1]), st.just("state")), max_size=16), rules, st.randoms())
def test_whatever_was_settled_corrected_paid_and_stated_in_between_the_books_owe_what_the_last_statements_say(
    story: list[list[tuple[str, Month, int]] | str],
    rule: ShareRule,
    random,  # noqa: ANN001 -- hypothesis' own
) -> None:
    books = sharing(rule)
    for each in story:
        if each == "state":
            books.stated(random.choice(MONTHS))
        elif each:
            _apply(books, *each[0])
        for (month, number), invoice in list(books.billed.made.items()):
            if random.random() < 0.3 and invoice.paid_at is None:
                pay(books, month, number)
    for month in MONTHS:
        books.settle(month)
    stated = [books.stated(month) for month in MONTHS]

    owed = -sum(held(books, payable_pending("par-1"), payable("par-1")))
    assert owed == sum(each.total for each in stated if each is not None)
    assert owed == sum(held(books, share_cost(BIKE), share_cost(TOOL), share_cost("par-1:")))
    assert verify_chain(books.shares.chain.chain) == []
    assert [finding for proof in books.shares.chain.chain for finding in verify_share(proof)] == []


@pytest.fixture
def books() -> Books:
    return sharing()
