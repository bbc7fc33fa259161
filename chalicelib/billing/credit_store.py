"""Credit notes and refunds in DynamoDB."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from chalicelib.billing.credit_items import (
    MONEY_BACK,
    MoneyBackRecord,
    NoteRecord,
    RefundRecord,
    key_of_note,
    money_back_of,
    money_back_record,
    note_key,
    note_of,
    note_record,
    refund_key,
    refund_of,
    refund_record,
)
from chalicelib.billing.credit_model import CreditNote, Goodwill, MoneyBack, Refund
from chalicelib.billing.errors import CreditNoteChanged, UnknownCreditNote
from chalicelib.billing.records import partition
from chalicelib.kernel.time import Month, format_instant
from chalicelib.kernel.writes import Write
from chalicelib.storage.outbox import message
from chalicelib.storage.reads import find_all
from chalicelib.storage.writes import Put


class CreditStore:
    """Satisfies `credit_ports.Notes`."""

    def money_back(self, account_id: str) -> MoneyBack:
        """One consistent read."""
        record = MoneyBackRecord.find(partition(account_id), MONEY_BACK)
        return money_back_of(record) if record else MoneyBack(account_id)

    def saving_money_back(self, money_back: MoneyBack) -> Write:
        """On the version before."""
        before = MoneyBackRecord.version == money_back.version - 1
        condition = MoneyBackRecord.pk.does_not_exist() if money_back.version == 1 else before
        return Put(money_back_record(money_back), CreditNoteChanged(), condition)

    def given_goodwill(self, accounts: Sequence[str]) -> Sequence[str]:
        """One consistent batch read: each of them is counted with the account's choice."""
        found = find_all([(MoneyBackRecord, partition(each), MONEY_BACK) for each in accounts])
        counted = zip(accounts, found, strict=True)
        return [name for name, each in counted if isinstance(each, MoneyBackRecord) and each.goodwill]

    def note(self, account_id: str, month: Month, name: str) -> CreditNote | None:
        """One consistent read."""
        record = NoteRecord.find(partition(account_id), note_key(month, name))
        return note_of(record) if record else None

    def notes(self, account_id: str, *, limit: int | None = None, after: str | None = None) -> Sequence[CreditNote]:
        """One query."""
        named = key_of_note(after) if after is not None else None
        if after is not None and named is None:
            raise UnknownCreditNote(note_id=after[:80])
        behind = note_key(*named) if named else None
        start = NoteRecord.sk.startswith("credit#")
        return [note_of(each) for each in NoteRecord.listed(partition(account_id), start, limit=limit, after=behind)]

    def adding_note(self, note: CreditNote) -> Write:
        """If it is new."""
        changed = CreditNoteChanged(note_id=note.note_id)
        return Put(note_record(note), changed, NoteRecord.pk.does_not_exist())

    def changing_note(self, note: CreditNote) -> Write:
        """On the version before."""
        changed = CreditNoteChanged(note_id=note.note_id)
        return Put(note_record(note), changed, NoteRecord.version == note.version - 1)

    def refunds(self, account_id: str) -> Sequence[Refund]:
        """One query."""
        start = RefundRecord.sk.startswith("refund#")
        return [refund_of(each) for each in RefundRecord.listed(partition(account_id), start)]

    def refund(self, account_id: str, number: int) -> Refund | None:
        """One consistent read."""
        record = RefundRecord.find(partition(account_id), refund_key(number))
        return refund_of(record) if record else None

    def saving_refund(self, refund: Refund, before: Refund | None) -> Write:
        """On the state before."""
        fresh = RefundRecord.pk.does_not_exist()
        condition = fresh if before is None else RefundRecord.state == str(before.state)
        return Put(refund_record(refund), CreditNoteChanged(refund_id=refund.refund_id), condition)

    def give_back(self, account_id: str, about: str, now: datetime) -> Write:
        """A message to the worker."""
        return message("billing.give_back", f"{account_id}:{about}", {"account_id": account_id}, now)

    def give_goodwill(self, asked: Goodwill, now: datetime) -> Write:
        """A message to the worker."""
        facts = {"account_id": asked.account_id, "name": asked.name}
        return message("billing.goodwill", asked.note_id, facts, now)

    def telling(self, note: CreditNote, code: str, facts: Mapping[str, str], now: datetime) -> Write:
        """A message to the worker; of refunds there may be several for a note, each with its own key."""
        about = {"account_id": note.account_id, "about": note.note_id, "code": code, "told_at": format_instant(now)}
        key = f"{note.note_id}:{code}:{facts.get('refund', '')}"
        return message("dialogue.tell", key, {**facts, **about}, now)
