"""Withdrawals and announcements as DynamoDB keeps them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Interval
from chalicelib.storage.outbox import MessageRecord
from chalicelib.storage.writes import Transaction
from chalicelib.subscriptions.announcement import Announcement, Standing, Told
from chalicelib.subscriptions.difference import Difference
from chalicelib.subscriptions.law_errors import AnnouncementOver, WithdrawalChanged
from chalicelib.subscriptions.law_store import AnnouncementStore, WithdrawalStore
from chalicelib.subscriptions.withdrawal import Owed
from chalicelib.subscriptions.withdrawals import Withdrawal

pytestmark = pytest.mark.stores
AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
STATED = Withdrawal("sub_1", "acc_1", "cus_1", "DK", "da", AT)
OWED = Owed(Money(9_900, "DKK"), Money(3_300, "DKK"), Money(6_600, "DKK"), AT + timedelta(days=14))
ANNOUNCED = Announcement("member", 2, AT + timedelta(days=60), "wages rose", AT, "olga")
PAST = Difference(Interval(AT, AT + timedelta(days=9)), Money(9_900, "DKK"), Money(12_900, "DKK"))
TOLD = Told("sub_1", "acc_1", "member", 2, 1, AT, ANNOUNCED.holds_from, "DK", PAST, silence_accepts=True, moves=True)
withdrawals, announcements = WithdrawalStore(), AnnouncementStore()


def test_a_withdrawal_is_stated_anew_until_it_is_confirmed_and_then_stays(commit: Transaction) -> None:
    again = STATED.again(replace(STATED, name="Olga", contact="olga@example.org"))
    confirmed = again.confirmed(OWED, "a receipt", AT)
    for each in (STATED, again, confirmed):
        commit([withdrawals.saving_withdrawal(each)], None)
        assert withdrawals.withdrawal("acc_1", "sub_1") == each
    for late in (STATED, again, confirmed.again(STATED)):
        with pytest.raises(WithdrawalChanged):
            commit([withdrawals.saving_withdrawal(late)], None)
    assert withdrawals.withdrawal("acc_1", "sub_1") == confirmed
    assert withdrawals.withdrawal("acc_2", "sub_1") is None


def test_who_leaves_is_forgotten_and_that_they_withdrew_is_not(commit: Transaction) -> None:
    stated = replace(STATED, name="Olga", contact="olga@example.org")
    confirmed = stated.confirmed(OWED, "a receipt", AT)
    for each in (stated, confirmed, replace(STATED, subscription_id="sub_2"), replace(stated, account_id="acc_2")):
        commit([withdrawals.saving_withdrawal(each)], None)

    commit(withdrawals.forgetting("acc_1"), None)

    kept = withdrawals.withdrawal("acc_1", "sub_1")
    assert kept == replace(confirmed, name="", contact="", receipt="")
    assert withdrawals.withdrawal("acc_2", "sub_1") == replace(stated, account_id="acc_2")


def test_announcements_come_back_the_newest_version_first_and_change_on_their_revision(commit: Transaction) -> None:
    third = replace(ANNOUNCED, version=3)
    off = ANNOUNCED.called_off(AT)
    for each in (ANNOUNCED, third, off):
        commit([announcements.saving_announcement(each)], None)
    assert announcements.announcements("member") == [third, off]
    assert announcements.announcement("member", 2) == off
    assert off.standing is Standing.CALLED_OFF
    for late in (announcements.saving_announcement(off), announcements.still(ANNOUNCED)):
        with pytest.raises(AnnouncementOver):
            commit([late, announcements.going_on(ANNOUNCED, None, AT)], None)
    assert announcements.announcements("other") == []


def test_each_is_told_once_accepts_once_and_is_listed_page_by_page(commit: Transaction) -> None:
    names = ["sub_1", "sub_2", "sub_3"]
    for each in names:
        commit([announcements.telling(replace(TOLD, subscription_id=each), None)], None)
    accepted = replace(TOLD, moves=False, accepted_at=AT)
    commit([announcements.telling(accepted, TOLD)], None)
    for late in (announcements.telling(TOLD, None), announcements.telling(TOLD, TOLD)):
        with pytest.raises(AnnouncementOver):
            commit([late, announcements.going_on(ANNOUNCED, "sub_1", AT)], None)
    assert announcements.told("member", 2, "sub_1") == accepted
    assert announcements.told("member", 3, "sub_1") is None
    pages = [announcements.told_page("member", 2, limit=2, after=after) for after in (None, "sub_2")]
    assert [[each.subscription_id for each in page] for page in pages] == [names[:2], names[2:]]


def test_each_page_of_telling_is_a_message_of_its_own(commit: Transaction) -> None:
    for announcement in (ANNOUNCED, ANNOUNCED.called_off(AT)):
        for after in (None, "sub_2"):
            commit([announcements.going_on(announcement, after, AT)], None)
    said = MessageRecord.find("subscriptions.announce#member#2#called_off#sub_2", "message")
    assert said is not None
    assert said.body == {"plan_id": "member", "version": "2", "after": "sub_2"}
    assert MessageRecord.find("subscriptions.announce#member#2#announced#", "message") is not None
