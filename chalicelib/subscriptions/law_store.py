"""Withdrawals and announcements in DynamoDB."""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice

from pynamodb.expressions.update import Action

from chalicelib.kernel.writes import Write
from chalicelib.storage.outbox import message
from chalicelib.storage.writes import Change, Check, Put
from chalicelib.subscriptions.announcement import Announcement, Told
from chalicelib.subscriptions.law_errors import AnnouncementOver, WithdrawalChanged
from chalicelib.subscriptions.law_items import (
    WITHDRAWAL,
    AnnouncementRecord,
    ToldRecord,
    WithdrawalRecord,
    announced_partition,
    announcement_of,
    announcement_record,
    told_of,
    told_partition,
    told_record,
    version_key,
    withdrawal_key,
    withdrawal_of,
    withdrawal_record,
)
from chalicelib.subscriptions.withdrawals import Withdrawal

GO_ON = "subscriptions.announce"


class WithdrawalStore:
    """Satisfies `law_ports.Withdrawals`."""

    def withdrawal(self, account_id: str, subscription_id: str) -> Withdrawal | None:
        """One consistent read."""
        record = WithdrawalRecord.find(*withdrawal_key(account_id, subscription_id))
        return withdrawal_of(record) if record else None

    def saving_withdrawal(self, withdrawal: Withdrawal) -> Write:
        """On the version before, which was not confirmed: what is confirmed stays as it is."""
        before = (WithdrawalRecord.version == withdrawal.version - 1) & WithdrawalRecord.confirmed_at.does_not_exist()
        condition = WithdrawalRecord.pk.does_not_exist() if withdrawal.version == 1 else before
        otherwise = WithdrawalChanged(subscription_id=withdrawal.subscription_id)
        return Put(withdrawal_record(withdrawal), otherwise, condition)

    def forgetting(self, account_id: str) -> Sequence[Write]:
        """For who leaves: that they withdrew, when, and what they owed stays; name, contact and receipt do not."""
        rows = WithdrawalRecord.listed(f"account#{account_id}", WithdrawalRecord.sk.startswith(WITHDRAWAL))
        gone: list[Action] = [
            WithdrawalRecord.name.remove(),
            WithdrawalRecord.contact.remove(),
            WithdrawalRecord.receipt.remove(),
        ]
        return [Change(each, gone, WithdrawalChanged(), WithdrawalRecord.pk.exists()) for each in rows]


class AnnouncementStore:
    """Satisfies `law_ports.Announcements`."""

    def announcement(self, plan_id: str, version: int) -> Announcement | None:
        """One consistent read."""
        record = AnnouncementRecord.find(announced_partition(plan_id), version_key(version))
        return announcement_of(record) if record else None

    def announcements(self, plan_id: str) -> Sequence[Announcement]:
        """One query, backwards."""
        return [
            announcement_of(each) for each in AnnouncementRecord.listed(announced_partition(plan_id), backwards=True)
        ]

    def saving_announcement(self, announcement: Announcement) -> Write:
        """On the revision before."""
        before = AnnouncementRecord.revision == announcement.revision - 1
        condition = AnnouncementRecord.pk.does_not_exist() if announcement.revision == 1 else before
        return Put(announcement_record(announcement), _over(announcement), condition)

    def still(self, announcement: Announcement) -> Write:
        """A condition check on its item."""
        key = (announced_partition(announcement.plan_id), version_key(announcement.version))
        same = AnnouncementRecord.revision == announcement.revision
        return Check(AnnouncementRecord, key, same, _over(announcement))

    def told(self, plan_id: str, version: int, subscription_id: str) -> Told | None:
        """One consistent read."""
        record = ToldRecord.find(told_partition(plan_id, version), subscription_id)
        return told_of(record) if record else None

    def told_page(self, plan_id: str, version: int, *, limit: int, after: str | None) -> Sequence[Told]:
        """One query."""
        rows = ToldRecord.listed(told_partition(plan_id, version), limit=limit, after=after)
        return [told_of(each) for each in islice(rows, limit)]

    def telling(self, told: Told, before: Told | None) -> Write:
        """As it was read: once told, once accepted, once called off."""
        if before is None:
            same = ToldRecord.pk.does_not_exist()
        else:
            same = (ToldRecord.moves == before.moves) & (ToldRecord.called_off == before.called_off)
        return Put(told_record(told), AnnouncementOver(plan_id=told.plan_id, version=told.version), same)

    def going_on(self, announcement: Announcement, after: str | None, now: datetime) -> Write:
        """A message of its own for each page of either way."""
        facts = {"plan_id": announcement.plan_id, "version": str(announcement.version)}
        facts |= {} if after is None else {"after": after}
        key = f"{announcement.plan_id}#{announcement.version}#{announcement.standing}#{after or ''}"
        return message(GO_ON, key, facts, now)


def _over(announcement: Announcement) -> AnnouncementOver:
    return AnnouncementOver(plan_id=announcement.plan_id, version=announcement.version)
