"""The books as DynamoDB keeps them: posted once, never changed, and balanced as of any instant."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.ledger.accounts import STRIPE_CLEARING, receivable, revenue, tax
from chalicelib.ledger.errors import BalanceKept, EntryExists
from chalicelib.ledger.model import JournalEntry, Posting, added
from chalicelib.ledger.records import EntryRecord
from chalicelib.ledger.store import LedgerStore
from chalicelib.ledger.trial import keep_balance, trial_balance_at
from chalicelib.storage.together import together
from chalicelib.storage.writes import Transaction

pytestmark = pytest.mark.stores
NOW = datetime(2021, 6, 1, 5, tzinfo=UTC)
ledger = LedgerStore()


def sale(number: int, at: datetime, *, minor: int = 1000, account_id: str = "acc-1") -> JournalEntry:
    """A bike's ride with a tenth of tax in it, in euros, and a krone that was paid."""
    postings = (
        Posting(receivable(account_id), Money(minor, "EUR"), "invoice:acc-1:2021-05:1"),
        Posting(revenue("par-1:bike"), Money(minor // 10 - minor, "EUR"), "proof:acc-1:1"),
        Posting(tax("0.1"), Money(-(minor // 10), "EUR"), "proof:acc-1:1"),
        Posting(STRIPE_CLEARING, Money(1, "DKK"), "payment:1"),
        Posting(receivable(account_id), Money(-1, "DKK"), "payment:1"),
    )
    return JournalEntry(f"sale:{number}", "settlement", account_id, Month.of(at, "UTC").previous, at, postings)


def balances_at(at: datetime) -> dict[tuple[str, str], int]:
    found = trial_balance_at(at, ledger=ledger)
    assert found.off == {}
    return {(row.ledger_account, row.amount.currency): row.amount.minor for row in found.rows}


def test_a_posting_keeps_its_source_and_one_from_before_has_none(commit: Transaction) -> None:
    commit(ledger.posting(sale(1, NOW)), None)
    before = EntryRecord("account#acc-0", "2021-05#old", reference="old", kind="settlement", account_id="acc-0")
    before.period, before.posted_at = "2021-05", NOW
    before.postings = [["receivable:acc-0", 5, "EUR"], ["revenue:par-1:bike", -5, "EUR"]]
    before.save()

    assert ledger.of_account("acc-1") == [sale(1, NOW)]
    (old,) = ledger.of_account("acc-0")
    assert [each.source for each in old.postings] == ["", ""]


@pytest.mark.parametrize(
    "again",
    [
        sale(1, NOW),
        sale(1, NOW, minor=2000),
        sale(1, NOW + timedelta(days=40)),
        sale(1, NOW, account_id="acc-2"),
    ],
    ids=["the same", "another amount", "another month", "another account"],
)
def test_a_reference_is_posted_once_and_never_changed_whatever_comes_under_it_again(
    commit: Transaction, again: JournalEntry
) -> None:
    commit(ledger.posting(sale(1, NOW)), None)
    with pytest.raises(EntryExists):
        commit(ledger.posting(again), None)

    assert [*ledger.of_account("acc-1"), *ledger.of_account("acc-2")] == [sale(1, NOW)]
    assert list(ledger.of_month(Month(2021, 6))) == []
    assert balances_at(NOW + timedelta(days=90))["receivable", "EUR"] == 1000


def test_the_trial_balance_is_as_of_the_instant_that_instant_included(commit: Transaction) -> None:
    moment = timedelta(microseconds=1)
    for number in range(3):
        commit(ledger.posting(sale(number, NOW + number * moment, account_id=f"acc-{number}")), None)

    assert [balances_at(NOW + number * moment).get(("receivable", "EUR")) for number in range(-1, 4)] == [
        None,
        1000,
        2000,
        3000,
        3000,
    ]
    assert balances_at(NOW) == {
        ("receivable", "EUR"): 1000,
        ("receivable", "DKK"): -1,
        ("revenue:par-1:bike", "EUR"): -900,
        ("stripe-clearing", "DKK"): 1,
        ("tax:0.1", "EUR"): -100,
    }


def test_entries_that_are_posted_together_count_as_those_that_are_posted_apart(commit: Transaction) -> None:
    """
    One item sums up what an act posts at one instant; each entry is read, and its reference taken, as ever.
    """
    later = NOW + timedelta(days=1)
    entries = [sale(number, later if number == 3 else NOW, account_id=f"acc-{number}") for number in range(4)]
    first, second = ([write for each in some for write in ledger.posting(each)] for some in (entries[:2], entries[2:]))
    writes = together([*together(first), *second])
    commit(list(writes), None)

    assert len(writes) == len(first) + len(second) - 2
    assert [ledger.of_account(f"acc-{number}") for number in range(4)] == [[each] for each in entries]
    assert list(ledger.of_month(entries[0].period)) == entries
    for at, count in ((NOW, 3), (later, 4)):
        found = trial_balance_at(at, ledger=ledger)
        assert (found.entries, found.read, balances_at(at)["receivable", "EUR"]) == (count, count, count * 1000)
    for each in entries:
        with pytest.raises(EntryExists):
            commit(ledger.posting(each), None)


def test_a_kept_balance_changes_no_trial_balance_and_spares_reading_what_was_before_it(commit: Transaction) -> None:
    """
    Sixty sales at odd instants over three months; a balance is kept now and then, and again after that.
    """
    random, begin = Random(7), datetime(2021, 4, 1, tzinfo=UTC)
    instants = sorted(begin + timedelta(minutes=random.randrange(90 * 24 * 60)) for _ in range(60))
    for number, at in enumerate(instants):
        commit(ledger.posting(sale(number, at, minor=random.randrange(10, 90) * 10)), None)
    asked = [begin + timedelta(days=each, hours=7) for each in (0, 20, 35, 61, 62, 89, 120)]
    before = [balances_at(each) for each in asked]
    for day in (33, 33, 63):
        kept = keep_balance(begin + timedelta(days=day, hours=3), ledger=ledger)
        if kept is not None:
            commit([ledger.keeping(kept)], None)
            with pytest.raises(BalanceKept):
                commit([ledger.keeping(kept)], None)

    assert [balances_at(each) for each in asked] == before
    for at in asked:
        found = trial_balance_at(at, ledger=ledger)
        assert found.entries == sum(each <= at for each in instants)
        since = max(
            (begin + timedelta(days=each) for each in (32, 62) if begin + timedelta(days=each) <= at), default=begin
        )
        assert found.read == sum(since <= each <= at for each in instants)


def test_what_is_posted_at_the_very_instant_of_a_kept_balance_counts_once(commit: Transaction) -> None:
    """
    A balance is kept of all before a midnight; one sale is the instant before, one that instant, one just after it.
    """
    midnight = datetime(2021, 6, 3, tzinfo=UTC)
    moment = timedelta(microseconds=1)
    for number, at in enumerate((midnight - moment, midnight, midnight + moment)):
        commit(ledger.posting(sale(number, at)), None)
    instants = [midnight + each * moment for each in (-2, -1, 0, 1)]
    before = [balances_at(at).get(("receivable", "EUR"), 0) for at in instants]
    kept = keep_balance(midnight + timedelta(days=1, hours=5), ledger=ledger)
    assert kept is not None
    assert (kept.until, kept.entries) == (midnight, 1)
    commit([ledger.keeping(kept)], None)

    assert [balances_at(at).get(("receivable", "EUR"), 0) for at in instants] == before == [0, 1000, 2000, 3000]


def test_classes_sum_up_their_rows_and_balance_to_zero(commit: Transaction) -> None:
    for number in range(5):
        commit(ledger.posting(sale(number, NOW)), None)
    found = trial_balance_at(NOW, ledger=ledger)

    assert {(str(name), currency): minor for (name, currency), minor in found.classes.items()} == {
        ("asset", "DKK"): 0,
        ("asset", "EUR"): 5000,
        ("income", "EUR"): -4500,
        ("liability", "EUR"): -500,
    }
    assert not any(added({}, ((row.amount.currency, row.amount) for row in found.rows)).values())
