"""What is in the ledger is balanced: an entry that is not cannot be made."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.ledger.accounts import receivable, revenue
from chalicelib.ledger.errors import Misplaced, Unbalanced, Unsourced
from chalicelib.ledger.model import JournalEntry, Posting, settled_place, settlement_reference, sourced
from chalicelib.ledger.store import LedgerStore

NOW = datetime(2021, 6, 1, tzinfo=UTC)
postings = st.lists(
    st.builds(
        Posting,
        st.sampled_from([receivable("acc-1"), revenue("par-1:bike"), revenue("par-2:tool")]),
        st.builds(Money, st.integers(-(10**9), 10**9), st.sampled_from(["EUR", "DKK"])),
    ),
    max_size=8,
)


def entry(*made_of: Posting) -> JournalEntry:
    return JournalEntry("settlement:acc-1:2021-05:1", "settlement", "acc-1", Month(2021, 5), NOW, made_of)


@given(postings)
def test_an_entry_exists_only_if_its_postings_sum_to_zero_in_each_currency(made_of: list[Posting]) -> None:
    sums = [
        sum(each.amount.minor for each in made_of if each.amount.currency == currency) for currency in ("EUR", "DKK")
    ]
    try:
        made = entry(*made_of)
    except Unbalanced:
        assert any(sums) or not made_of
    else:
        assert not any(sums)
        assert made.postings == tuple(made_of)


def test_an_entry_that_is_off_says_by_how_much() -> None:
    """
    The customer owes 9.00, the bike earned 8.99; crowns do not make good for cents.
    """
    with pytest.raises(Unbalanced) as refused:
        entry(
            Posting(receivable("acc-1"), Money(900, "EUR")),
            Posting(revenue("par-1:bike"), Money(-899, "EUR")),
            Posting(revenue("par-1:bike"), Money(-1, "DKK")),
        )

    assert refused.value.facts["off_by"] == {"EUR": 1, "DKK": -1}


@pytest.mark.parametrize("sources", [("", ""), ("invoice:1", ""), ("", "proof:acc-1:1")])
def test_nothing_is_posted_of_which_a_posting_does_not_say_what_it_was_made_of(sources: tuple[str, str]) -> None:
    names = (receivable("acc-1"), revenue("par-1:bike"))
    minors = (900, -900)
    rows = [Posting(*each) for each in zip(names, (Money(m, "EUR") for m in minors), sources, strict=True)]
    made = entry(*rows)

    with pytest.raises(Unsourced):
        LedgerStore().posting(made)
    named = [replace(each, source="proof:acc-1:1") for each in rows]
    assert sourced(entry(*named)).postings == tuple(named)


@given(st.text(min_size=1), st.integers(2000, 2999), st.integers(1, 12), st.integers(1, 10**6))
def test_the_reference_of_a_settlement_says_whose_and_of_which_month_it_is(
    account_id: str, year: int, month: int, version: int
) -> None:
    period = Month(year, month)
    assert settled_place(settlement_reference(account_id, period, version)) == (account_id, period)


@pytest.mark.parametrize(
    "reference",
    [
        "settlement:acc-1",
        "settlement:acc-1:2021-13:1",
        "settlement:acc-1:0001-01:1",
        "settlement:acc-1:2021-05:x",
        "fee:acc-1:2021-05:1",
    ],
)
def test_another_reference_says_nothing_of_the_kind(reference: str) -> None:
    assert settled_place(reference) is None


@pytest.mark.parametrize(("account_id", "month"), [("acc-2", 5), ("acc-1", 6)])
def test_no_settlement_is_posted_elsewhere_than_its_reference_says(account_id: str, month: int) -> None:
    """
    It has no item that says where it is: so it could not be found, and could be posted again.
    """
    good = entry(Posting(receivable("acc-1"), Money(0, "EUR")))
    with pytest.raises(Misplaced):
        replace(good, account_id=account_id, period=Month(2021, month))
