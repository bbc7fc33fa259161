"""Documents are numbered 1, 2, 3 for each seller and series, with no number missing and none twice."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.billing.credit_model import CreditNote
from chalicelib.billing.errors import NumberTaken, PrefixTaken, SettlementChanged
from chalicelib.billing.model import Invoice, InvoiceLine
from chalicelib.billing.numbering import TRIES, Numbered, numbered
from chalicelib.billing.paper_model import UNNAMED, Buyer, Paper, Seller, Series
from chalicelib.billing.sides import let_buyer_go, set_seller
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import parse_instant
from tests.unit.billing.books import ACCOUNT, JUNE, LATER, MAY, Books, SideBySide
from tests.unit.billing.credits import NumbersInMemory
from tests.unit.memory import Commits

OURS = Seller("fi", "Adgang Oy", ("Kaivokatu 1", "00100 Helsinki"), "FI", "FI12345678", dict.fromkeys(Series, "A-"))


def side_by_side(*, accounts: int) -> list[Books]:
    """Accounts of their own whose documents are of one seller."""
    numbers = NumbersInMemory()
    return [Books(numbers=numbers) for _ in range(accounts)]


def papers(several: list[Books]) -> list[str]:
    invoices = [each.paper for books in several for each in books.billed.made.values()]
    notes = [each.paper for books in several for each in books.notes.kept.values()]
    return [paper.number for paper in (*invoices, *notes) if paper]


def refuse() -> None:
    raise SettlementChanged


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["settle", "fail", "aside"])), max_size=12))
def test_whoever_settles_beside_whom_and_fails_the_numbers_are_one_to_n(story: list[tuple[int, str]]) -> None:
    """
    Four accounts of one seller. Some settle while another does between reading the number and taking it; some fail.
    """
    several = side_by_side(accounts=4)
    for account, what in story:
        books, other = several[account], several[(account + 1) % 4]
        for each in (books, other):
            each.rides.ridden(MAY, 100)
        plain = books.commit
        if what == "fail":
            books.commit = SideBySide(plain, refuse)
        if what == "aside":
            books.commit = SideBySide(plain, lambda other=other: other.settle(MAY))
        with suppress(SettlementChanged):
            books.settle(MAY)
        books.commit = plain

    found = papers(several)
    assert sorted(found) == [f"I-{number:06d}" for number in range(1, len(found) + 1)]


def test_a_number_that_others_take_each_time_is_given_up_and_the_worker_begins_anew() -> None:
    numbers, tried = NumbersInMemory(), list[str]()

    def too_late(given: Numbered) -> None:
        tried.append(given.paper.number)
        numbers.last[UNNAMED.seller_id, Series.INVOICE] = len(tried)
        raise NumberTaken

    with pytest.raises(NumberTaken):
        numbered(ACCOUNT, Series.INVOICE, numbers, too_late)
    assert tried == [f"I-{number:06d}" for number in range(1, TRIES + 1)]


def test_a_prefix_that_a_seller_had_once_is_nobodys_after_it() -> None:
    """
    Its old documents still have their numbers; a second A-000001 would be mistaken for the first.
    """
    numbers, commit = NumbersInMemory(), Commits()
    how = {"default": False, "by": "tove", "numbers": numbers, "now": LATER, "commit": commit}
    ours = replace(OURS, prefixes={Series.INVOICE: "A-", Series.CREDIT_NOTE: "AC-"})
    set_seller(ours, **how)
    moved = replace(ours, prefixes={Series.INVOICE: "B-", Series.CREDIT_NOTE: "BC-"})
    set_seller(moved, **how)
    for prefixes in (("A-", "X-"), ("I-", "X-"), ("X-", "X-"), ("B-", "X-")):
        with pytest.raises(PrefixTaken):
            set_seller(replace(ours, seller_id="dk", prefixes=dict(zip(Series, prefixes, strict=True))), **how)
    with pytest.raises(PrefixTaken):
        set_seller(replace(ours, prefixes={Series.INVOICE: "AC-", Series.CREDIT_NOTE: "A-"}), **how)

    assert [each.seller_id for each in numbers.sellers()] == ["fi"]
    assert set_seller(ours, **how).version == 3


def test_invoices_and_credit_notes_are_numbered_each_for_themselves_and_name_both_sides() -> None:
    (books,) = side_by_side(accounts=1)
    books.numbers.default = replace(OURS, version=3)
    books.numbers.buyers[ACCOUNT] = Buyer(ACCOUNT, "Firm Oy", version=2)
    (ride,) = books.rides.ridden(MAY, 1000)
    invoice = books.settle(MAY).invoice
    books.rides.corrected(ride, 100, seen_in=JUNE)
    note = books.settle(JUNE, LATER).note

    assert invoice is not None
    assert note is not None
    assert invoice.paper is not None
    assert (invoice.paper.number, note.paper.number) == ("A-000001", "A-000001")
    assert (note.paper.seller_id, note.paper.seller_version, note.paper.buyer_version) == ("fi", 3, 2)
    assert books.numbers.last == {("fi", Series.INVOICE): 1, ("fi", Series.CREDIT_NOTE): 1}


def document(version: int, issued_at: str) -> CreditNote:
    """One that names this version of its buyer."""
    total = Money(100, "EUR")
    lines, at = (InvoiceLine("product", "par-1:bike", total),), parse_instant(issued_at)
    return CreditNote(ACCOUNT, MAY, "g1", lines, total, at, Paper("C-000001", "op", 1, version))


def test_who_bought_is_let_go_so_long_after_the_year_of_the_last_document_that_names_them() -> None:
    """
    Years end in the operator's zone: what is issued at 23:30 UTC of 31 December is of the year that follows.
    """
    numbers, commits = NumbersInMemory(), Commits()
    issued: list[CreditNote | Invoice] = [
        document(1, "2021-06-01T10:00:00Z"),
        document(1, "2022-02-01T10:00:00Z"),
        document(2, "2022-12-31T23:30:00Z"),
        Invoice(ACCOUNT, MAY, 1, (), Money(0, "EUR"), parse_instant("2020-06-01T10:00:00Z"), paper=None),
    ]
    how: Any = {"zone": "Europe/Helsinki", "numbers": numbers, "commit": commits}

    assert let_buyer_go(ACCOUNT, reversed(issued), period=None, **how) == {1, 2}
    assert numbers.ends == {}
    assert let_buyer_go(ACCOUNT, reversed(issued), period=timedelta(days=3653), **how) == {1, 2}
    assert numbers.ends == {
        (ACCOUNT, 1): parse_instant("2032-12-31T22:00:00Z"),
        (ACCOUNT, 2): parse_instant("2033-12-31T22:00:00Z"),
    }
