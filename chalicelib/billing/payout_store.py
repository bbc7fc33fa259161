"""Paying partners in DynamoDB."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.billing.errors import DueKnown, PayingChanged, PayoutAccountChanged
from chalicelib.billing.payout_items import (
    PAYING,
    PAYOUT,
    DueRecord,
    KnownRecord,
    MovementRecord,
    PayingRecord,
    PayoutAccountRecord,
    SentRecord,
    account_of,
    account_record,
    due_of,
    due_record,
    known_record,
    moved_key,
    moved_record,
    movement_key,
    movement_of,
    movement_record,
    paying_of,
    paying_record,
    sent_record,
)
from chalicelib.billing.payout_model import Due, Movement, MovementKind, Paying, PayoutAccount
from chalicelib.billing.share_items import partner_partition
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write
from chalicelib.storage.outbox import message
from chalicelib.storage.writes import Put, Remove


class PayoutStore:
    """Satisfies `payout_ports.Payouts`."""

    def account(self, partner_id: str) -> PayoutAccount | None:
        """One consistent read."""
        record = PayoutAccountRecord.find(partner_partition(partner_id), PAYOUT)
        return account_of(record) if record else None

    def saving_account(self, account: PayoutAccount) -> Write:
        """On the version before."""
        before = PayoutAccountRecord.version == account.version - 1
        condition = PayoutAccountRecord.pk.does_not_exist() if account.version == 1 else before
        return Put(account_record(account), PayoutAccountChanged(), condition)

    def dues(self, partner_id: str, *, limit: int | None) -> Sequence[Due]:
        """One query."""
        start = DueRecord.sk.startswith("due#")
        return [due_of(each) for each in DueRecord.listed(partner_partition(partner_id), start, limit=limit)]

    def adding_due(self, due: Due) -> Sequence[Write]:
        """With what says that it was added, if that is new."""
        known = DueKnown(due_id=due.due_id)
        return [Put(known_record(due), known, KnownRecord.pk.does_not_exist()), Put(due_record(due), known)]

    def putting_back(self, due: Due) -> Write:
        """As it is now."""
        return Put(due_record(due), PayingChanged())

    def taking(self, due: Due) -> Write:
        """If it is there."""
        return Remove(due_record(due), PayingChanged(), DueRecord.pk.exists())

    def paying(self, partner_id: str) -> Paying:
        """One consistent read."""
        record = PayingRecord.find(partner_partition(partner_id), PAYING)
        return paying_of(record) if record else Paying(partner_id)

    def saving_paying(self, paying: Paying) -> Write:
        """On the version before."""
        before = PayingRecord.version == paying.version - 1
        condition = PayingRecord.pk.does_not_exist() if paying.version == 1 else before
        return Put(paying_record(paying), PayingChanged(), condition)

    def movement(self, partner_id: str, number: int) -> Movement | None:
        """One consistent read."""
        record = MovementRecord.find(partner_partition(partner_id), movement_key(number))
        return movement_of(record) if record else None

    def moved(self, partner_id: str, month: Month) -> Sequence[Movement]:
        """One query, more for many."""
        start = MovementRecord.sk.startswith(moved_key(month))
        return [movement_of(each) for each in MovementRecord.listed(partner_partition(partner_id), start)]

    def saving_movement(self, movement: Movement) -> Write:
        """In place of what it was."""
        return Put(movement_record(movement), PayingChanged())

    def transfer_of(self, partner_id: str, due_id: str) -> int | None:
        """One consistent read."""
        record = SentRecord.find(partner_partition(partner_id), f"sent#{due_id}")
        return int(record.number) if record else None

    def sending(self, movement: Movement, zone: str) -> Sequence[Write]:
        """One item for the month and, of a transfer, one for each due that it sent."""
        done_at = movement.done_at or movement.planned_at
        rows = [moved_record(movement, Month.of(done_at, zone))]
        sent = [due for due in movement.dues if due.amount.minor > 0 and movement.kind is MovementKind.TRANSFER]
        return [Put(each, PayingChanged()) for each in [*rows, *(sent_record(movement, due) for due in sent)]]

    def pay_out(self, partner_id: str, about: str, now: datetime) -> Write:
        """A message to the worker, under a key of its own, so that many who pay at once do not meet."""
        return message("billing.pay_out", f"{partner_id}:{about}", {"partner_id": partner_id}, now)
