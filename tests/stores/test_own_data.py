"""One's own data as DynamoDB keeps it: who has read it, its file, wishes, and everything of a partition as it is."""

import zlib
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from chalicelib.access.errors import LimitsMoved
from chalicelib.access.limit_store import LimitStore
from chalicelib.access.limits import Budget, Limits
from chalicelib.access.wish_store import WishStore
from chalicelib.access.wishes import NO_WISHES, ProductBudget, Quiet, Wishes
from chalicelib.billing.records import ProofPartRecord
from chalicelib.customers.accesses import Access
from chalicelib.customers.data_file import DataFile
from chalicelib.customers.erasure import Erasure, Step, Waits
from chalicelib.customers.errors import AlreadyErased, DataFileChanged, ErasureChanged
from chalicelib.customers.model import Account, Customer
from chalicelib.customers.own_store import AccessStore, DataFileStore, ErasureStore, LanguageStore
from chalicelib.customers.store import CustomerStore
from chalicelib.dialogue.model import Notice
from chalicelib.dialogue.store import NoticeStore
from chalicelib.kernel.money import Money
from chalicelib.storage.partitions import Partitions
from chalicelib.storage.writes import Transaction
from tests.stores.riding import session

pytestmark = pytest.mark.stores
NOW = datetime(2091, 6, 1, 9, tzinfo=UTC)
"""To come: DynamoDB Local removes what has expired by the clock on the wall."""
accesses, files, erasures, wishes, limits = AccessStore(), DataFileStore(), ErasureStore(), WishStore(), LimitStore()
customers, partitions = CustomerStore(), Partitions()
AINO = Customer("cus-1", "acc-1", "sub-1", "fi", NOW)
WISHED = Wishes(
    budgets={"par_1:bike": ProductBudget(Budget(Money(500, "EUR")), Budget(Money(900, "EUR"), hard=False))},
    stop_after=timedelta(minutes=45),
    without_asking=frozenset({"par_1:bike", "par_2:car"}),
    quiet=Quiet(time(22), time(7, 30)),
    languages=("sv", "fi"),
)


def test_reads_come_the_newest_first_a_page_at_a_time_and_by_account(commit: Transaction) -> None:
    made = [
        Access("acc-1", NOW + timedelta(seconds=each), f"n{each}", "par-1", "session", "ses-1", "GET /x")
        for each in range(5)
    ]
    for each in (*made, replace(made[0], account_id="acc-2", about="")):
        commit([accesses.recording(each)], None)

    first = accesses.of_account("acc-1", limit=3, after=None)
    assert [*first, *accesses.of_account("acc-1", limit=3, after=first[-1].place)] == made[::-1]
    assert [each.about for each in accesses.of_account("acc-2", limit=9, after=None)] == [""]


def test_only_the_file_that_was_asked_for_last_becomes_ready(commit: Transaction) -> None:
    one = DataFile("acc-1", "cus-1", "sub-1", "one", NOW)
    two = replace(one, name="two", asked_at=NOW + timedelta(hours=1))
    for each in (one, two):
        commit(files.asking(each), None)
    with pytest.raises(DataFileChanged):
        commit([files.ready(one.made(10, "d" * 64, NOW))], None)
    ready = two.made(20, "e" * 64, NOW)
    commit([files.ready(ready)], None)

    assert files.file("acc-1") == ready
    assert files.file("acc-2") is None


def test_an_account_has_one_erasure_which_closes_it_and_goes_on_by_its_revision(commit: Transaction) -> None:
    commit(customers.adding(AINO, Account("acc-1", "EUR", NOW)), None)
    asked = Erasure("era-1", "acc-1", "cus-1", "sub-1", NOW)
    commit(erasures.asking(asked), None)
    assert customers.account("acc-1") == Account("acc-1", "EUR", NOW, closed=True)
    with pytest.raises(AlreadyErased):
        commit(erasures.asking(replace(asked, erasure_id="era-2")), None)
    waits = asked.waiting([Waits("invoice_unpaid", "acc-1:2021-05:1")])
    commit([erasures.saving(waits)], None)
    with pytest.raises(ErasureChanged):
        commit([erasures.saving(asked.went_on({}, None))], None)
    assert erasures.of_account("acc-1") == erasures.find("era-1") == waits

    gone = replace(waits, step=Step.KEY).went_on({"sessions": 3}, None).done(NOW)
    between = replace(gone, revision=waits.revision + 1)
    commit([erasures.saving(between), *erasures.forgetting(waits)], None)
    assert (erasures.find("era-1"), customers.by_subject("sub-1")) == (between, None)


def test_wishes_come_back_as_they_were_and_move_the_turn_of_starts(commit: Transaction) -> None:
    begun = session()
    commit([limits.setting("acc-1", Limits(most_open=5))], None)
    before = limits.find("acc-1")
    commit(limits.starting(begun, before.turn - 1, NOW), None)  # nothing restricts it yet
    commit(wishes.setting("acc-1", WISHED), None)
    assert (wishes.find("acc-1"), wishes.find("acc-2")) == (WISHED, NO_WISHES)
    now = limits.find("acc-1")
    assert (now.wished, now.limits, now.opened) == (True, Limits(most_open=5), frozenset({"ses-1"}))
    with pytest.raises(LimitsMoved):
        commit(limits.starting(session(2), now.turn - 1, NOW), None)
    commit([limits.setting("acc-1", Limits())], None)
    assert limits.find("acc-1").wished
    commit(limits.starting(session(2), limits.find("acc-1").turn, NOW), None)

    commit(wishes.setting("acc-1", replace(NO_WISHES, languages=("sv",))), None)
    assert not limits.find("acc-1").wished


def test_a_language_is_kept_with_the_sign_in(commit: Transaction) -> None:
    commit(customers.adding(AINO, Account("acc-1", "EUR", NOW)), None)
    commit([LanguageStore().speaking("sub-1", "sv")], None)

    assert customers.by_subject("sub-1") == replace(AINO, language="sv")


def test_a_partition_is_read_as_plain_values_a_page_at_a_time_and_removed_by_key(commit: Transaction) -> None:
    notices = NoticeStore()
    for each in range(5):
        notice = Notice("acc-1", f"ses-{each}", "unused", {"n": str(each)}, NOW + timedelta(seconds=each))
        commit([notices.telling(notice)], None)
    rows, after = partitions.page("dialogue", "account#acc-1", "notice#", limit=3)
    more, end = partitions.page("dialogue", "account#acc-1", "notice#", limit=3, after=after)

    assert [values["facts"] for _, values in (*rows, *more)] == [{"n": str(each)} for each in range(5)]
    assert (rows[0][1]["code"], rows[0][1]["format"], end) == ("unused", 1, None)
    partitions.remove("dialogue", "account#acc-1", [sk for sk, _ in rows] * 2)
    left, _ = partitions.page("dialogue", "account#acc-1", limit=9)
    assert left == more
    ProofPartRecord(pk="account#acc-1", sk="proofpart#1#1", part=zlib.compress(b'{"a": [1, "2"]}')).save()
    ((_, packed),), _ = partitions.page("billing", "account#acc-1", limit=9)
    assert packed["part"] == {"a": [1, "2"]}
