"""Every settlement is proven, and an account's proofs are a chain that no two settlements can fork."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.billing.errors import SettlementChanged
from chalicelib.kernel.ids import digest
from chalicelib.kernel.text import canonical
from chalicelib.rating.proof import GENESIS, verify, verify_chain
from tests.unit.billing.books import APRIL, JUNE, LATER, MAY, Books, SideBySide

amounts = st.lists(st.integers(0, 900), max_size=4)


@given(amounts, amounts)
def test_every_settlement_is_proven_and_each_proof_names_the_one_before(may: list[int], june: list[int]) -> None:
    books = Books()
    books.rides.ridden(MAY, *may)
    books.rides.ridden(JUNE, *june)
    for month in (MAY, JUNE, JUNE):
        books.settle(month)

    assert verify_chain(books.billed.chain) == []
    assert [finding for proof in books.billed.chain for finding in verify(proof)] == []
    assert [proof["totals"] for proof in books.billed.chain] == [
        {"EUR": sum(each)} for each in (may, june) if any(each)
    ]


def test_a_proof_says_whose_month_it_is_about(books: Books) -> None:
    books.rides.ridden(MAY, 100)
    books.settle(MAY)
    (proof,) = books.billed.chain
    (head,) = books.billed.heads

    assert proof["about"] == {"account_id": "acc-1", "month": "2021-05"}
    assert (head.number, head.month, head.previous, head.made_at) == (1, MAY, GENESIS, LATER)
    assert head.digest == proof["digest"] == digest({name: proof[name] for name in proof if name != "digest"})


def test_settling_again_without_a_change_proves_nothing_anew(books: Books) -> None:
    books.rides.ridden(MAY, 100)
    for _ in range(3):
        books.settle(MAY)

    assert len(books.billed.chain) == 1


def test_a_chain_whose_settlements_do_not_say_where_it_ends_is_gone_on_with(books: Books) -> None:
    """
    Settlements that were stored before name no proof: then the chain itself says which one was the last.
    """
    books.rides.ridden(MAY, 100)
    books.settle(MAY)
    assert books.billed.settled[MAY].link == books.billed.heads[-1].link
    books.billed.settled[MAY] = replace(books.billed.settled[MAY], proof=0, digest="")
    for month in (JUNE, MAY):
        books.rides.ridden(month, 300)
        books.settle(month)

    assert [each.link for each in books.billed.settled.values()] == [books.billed.heads[each].link for each in (2, 1)]
    assert verify_chain(books.billed.chain) == []


def test_a_correction_proves_the_earlier_month_anew_beside_the_one_that_bills_it(books: Books) -> None:
    (ride,) = books.rides.ridden(MAY, 100)
    books.settle(MAY)
    books.rides.ridden(JUNE, 300)
    books.rides.corrected(ride, 180, seen_in=JUNE)
    books.settle(JUNE)

    assert [(head.number, head.month) for head in books.billed.heads] == [(1, MAY), (2, JUNE), (3, MAY)]
    assert [proof["totals"] for proof in books.billed.chain] == [{"EUR": 100}, {"EUR": 300}, {"EUR": 180}]
    assert verify_chain(books.billed.chain) == []


def test_of_two_months_settled_side_by_side_one_is_refused_so_that_a_carried_sum_is_taken_once(books: Books) -> None:
    """
    April left 30 cents. May and June are both computed with them, before either is written.
    """
    books.rides.ridden(APRIL, 30)
    books.settle(APRIL)
    books.rides.ridden(MAY, 100)
    books.rides.ridden(JUNE, 200)
    books.commit = SideBySide(books.commit, lambda: Books(books.rides, books.billed, books.journal).settle(MAY))
    with pytest.raises(SettlementChanged):
        books.settle(JUNE)
    books.settle(JUNE)

    assert books.invoiced() == 330
    assert verify_chain(books.billed.chain) == []


def test_the_same_settlement_has_the_same_proof_on_any_day() -> None:
    def settled(day: int) -> bytes:
        books = Books()
        books.rides.ridden(MAY, 100, 200)
        books.settle(MAY, LATER.replace(day=day))
        return canonical(dict(books.billed.chain[0]))

    assert settled(1) == settled(28)


@pytest.fixture
def books() -> Books:
    return Books()
