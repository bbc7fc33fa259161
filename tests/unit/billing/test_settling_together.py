"""Settlements of several accounts are written together, and each document has the next number of its series."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.billing.credit_ports import Issuing
from chalicelib.billing.errors import SettlementChanged
from chalicelib.billing.paper_model import Paper, Seller, Series
from chalicelib.billing.settling import Settled, Settling, unwritten
from chalicelib.billing.settling_together import MOST_WRITES, write_together
from chalicelib.billing.unwritten import Unwritten
from chalicelib.kernel.writes import Outcome, Write
from tests.unit.billing.books import JUNE, LATER, MAY, Books, SideBySide
from tests.unit.billing.credits import NumbersInMemory
from tests.unit.memory import Commits, InMemory, write


@dataclass
class Page:
    """Accounts of one seller, each with books of its own."""

    accounts: int
    numbers: NumbersInMemory = field(default_factory=NumbersInMemory)
    commit: Commits = field(default_factory=Commits)
    books: dict[str, Books] = field(init=False)

    def __post_init__(self) -> None:
        names = [f"acc-{each}" for each in range(self.accounts)]
        self.books = {name: Books(numbers=self.numbers, account=name) for name in names}

    def unwritten(self, names: Sequence[str], month: object = MAY) -> list[Unwritten]:
        found = [self._unwritten(name, self.books[name], month) for name in names]
        return [each for each in found if isinstance(each, Unwritten)]

    def _unwritten(self, name: str, books: Books, month: object) -> Settled | Unwritten:
        issuing = Issuing(books.notes, self.numbers, taxes=books.taxes)
        ways = {"billed": books.billed, "used": books.rides, "ledger": books.journal, "shared": books.shares}
        how = {"issuing": issuing, "time_zone_data": "2026b", "now": LATER, "commit": self.commit}
        return unwritten(name, month, "EUR", by=Settling(**ways, **how))  # type: ignore[arg-type]

    def written(self, found: Sequence[Unwritten]) -> dict[str, Settled]:
        return write_together(found, numbers=self.numbers, together=list, commit=self.commit)

    @property
    def documents(self) -> list[str]:
        invoices = [each.paper for books in self.books.values() for each in books.billed.made.values()]
        notes = [each.paper for books in self.books.values() for each in books.notes.kept.values()]
        return [f"{paper.number}" for paper in (*invoices, *notes) if paper is not None]


def ridden(accounts: int) -> Page:
    page = Page(accounts)
    for books in page.books.values():
        books.rides.ridden(MAY, 100)
    return page


def numbers_to(most: int) -> list[str]:
    return [f"I-{number:06d}" for number in range(1, most + 1)]


def test_several_accounts_are_one_transaction_that_takes_as_many_numbers_as_it_has_documents() -> None:
    page = ridden(5)
    written = page.written(page.unwritten(list(page.books)))

    assert list(written) == list(page.books)
    assert len(page.commit.sizes) == 1
    assert sorted(page.documents) == numbers_to(5)
    assert page.numbers.last == {("operator", Series.INVOICE): 5}
    assert all(each.settlement.invoiced == 100 for each in written.values())


def test_what_is_settled_together_is_what_each_would_have_been_by_itself() -> None:
    page, alone = ridden(3), ridden(3)
    together = page.written(page.unwritten(list(page.books)))
    by_itself = {
        each.account_id: each.alone(alone.numbers, alone.commit) for each in alone.unwritten(list(alone.books))
    }

    assert together == by_itself


def test_more_than_a_transaction_holds_is_written_in_several() -> None:
    page = ridden(40)
    page.written(page.unwritten(list(page.books)))

    assert len(page.commit.sizes) > 1
    assert max(page.commit.sizes) <= MOST_WRITES + len(Series)
    assert sorted(page.documents) == numbers_to(40)


def test_who_was_settled_meanwhile_keeps_all_of_its_block_from_being_written_and_no_number_is_missing() -> None:
    page = ridden(3)
    found = page.unwritten(list(page.books))
    page.books["acc-1"].settle(MAY)

    assert page.written(found) == {}
    left = [each.alone(page.numbers, page.commit) for each in page.unwritten(["acc-0", "acc-2"])]
    assert len(left) == 2
    assert sorted(page.documents) == numbers_to(3)


def test_a_block_that_cannot_be_written_keeps_none_of_the_others_from_being_written() -> None:
    page = ridden(40)
    names = list(page.books)
    found = page.unwritten(names)
    page.books[names[-1]].settle(MAY)
    written = page.written(found)

    last = names.index(list(written)[-1]) + 1
    assert list(written) == names[:last]
    assert 0 < len(names) - last < len(names)
    page.books[names[0]].rides.ridden(MAY, 100)
    again = page.unwritten(names)
    page.books[names[0]].settle(MAY)
    assert names[0] not in page.written(again)
    left = [each.alone(page.numbers, page.commit) for each in page.unwritten(names)]
    assert len(left) < len(names) - last
    assert sorted(page.documents) == numbers_to(41)


def test_a_block_whose_numbers_others_took_is_numbered_anew() -> None:
    page, other = ridden(2), ridden(1)
    other.books["acc-0"].numbers = page.numbers
    found = page.unwritten(list(page.books))
    page.commit = SideBySide(page.commit, lambda: other.books["acc-0"].settle(MAY))

    assert list(page.written(found)) == ["acc-0", "acc-1"]
    assert sorted([*page.documents, *other.documents]) == numbers_to(3)


def test_invoices_and_credit_notes_of_a_block_are_numbered_each_for_themselves() -> None:
    page = Page(3)
    rides = {name: books.rides.ridden(MAY, 1000)[0] for name, books in page.books.items()}
    page.written(page.unwritten(list(page.books)))
    for name, books in page.books.items():
        if name == "acc-1":
            books.rides.ridden(JUNE, 500)
        else:
            books.rides.corrected(rides[name], 100, seen_in=JUNE)
    page.written(page.unwritten(list(page.books), JUNE))

    assert page.numbers.last == {("operator", Series.INVOICE): 4, ("operator", Series.CREDIT_NOTE): 2}


def test_documents_of_several_sellers_in_a_block_have_the_numbers_of_each() -> None:
    page = ridden(4)
    page.numbers.known["se"] = Seller("se", "Ride AB", (), "SE", "SE1", dict.fromkeys(Series, "S-"))
    found = page.unwritten(list(page.books))
    page.written([replace(each, seller_id="se") if place % 2 else each for place, each in enumerate(found)])

    assert len(page.commit.sizes) == 1
    assert sorted(page.documents) == [*numbers_to(2), "S-000001", "S-000002"]


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["aside", "fail", "together"])), max_size=10))
def test_whoever_settles_beside_a_block_or_breaks_it_numbers_are_one_to_n(story: list[tuple[int, str]]) -> None:
    page = Page(6)
    plain, names = page.commit, list(page.books)

    def refused() -> InMemory:
        return write(SettlementChanged(), holds=lambda: False)

    for account, what in story:
        for books in page.books.values():
            books.rides.ridden(MAY, 100)
        found = page.unwritten(names)
        if what == "aside":
            page.commit = SideBySide(plain, lambda account=account: page.books[names[account]].settle(MAY))
        if what == "fail":
            made = found[account].made
            found[account] = Unwritten(names[account], lambda paper, made=made: ([refused()], made(paper)[1]))
        done = page.written(found)
        page.commit = plain
        for name in names:
            if name not in done:
                with suppress(SettlementChanged):
                    page.books[name].settle(MAY)

    assert sorted(page.documents) == numbers_to(len(page.documents))


@pytest.mark.parametrize("applied", [True, False])
def test_what_nobody_knows_whether_it_was_written_is_tried_once_more_with_the_numbers_it_was_to_have(
    *, applied: bool
) -> None:
    """
    The first transaction times out: if it was applied, the repeat finds that; if not, it is what it would have been.
    """
    page, times = ridden(40), 0
    plain = page.commit

    def timing_out(writes: Sequence[Write], outcome: Outcome) -> Outcome:
        nonlocal times
        times += 1
        if times == 1:
            if applied:
                plain(writes, outcome)
            raise TimeoutError
        return plain(writes, outcome)

    found = page.unwritten(list(page.books))
    written = write_together(found, numbers=page.numbers, together=list, commit=timing_out)

    numbered = [paper.number for each in page.books.values() for paper in papers_of(each)]
    assert numbered == numbers_to(40)
    assert (len(written) == 40) is not applied


def test_what_times_out_again_is_left_to_be_settled_by_itself() -> None:
    page = ridden(2)

    def never(_writes: Sequence[Write], _outcome: Outcome) -> Outcome:
        raise TimeoutError

    assert write_together(page.unwritten(list(page.books)), numbers=page.numbers, together=list, commit=never) == {}
    assert page.documents == []


def papers_of(books: Books) -> list[Paper]:
    return [each.paper for each in books.billed.made.values() if each.paper is not None]
