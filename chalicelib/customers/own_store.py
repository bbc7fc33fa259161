"""A customer's own data in DynamoDB: who has read it, its file, its erasure.

accessed#<account>   <at>#<name>   a read
account#<id>         file          the data file that was asked for last
account#<id>         erasure       the receipt of the account's erasure
erasure#<receipt>    erasure       the erasure
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pynamodb.attributes import NumberAttribute, TTLAttribute, UnicodeAttribute

from chalicelib.customers.accesses import KEPT, Access
from chalicelib.customers.data_file import DataFile
from chalicelib.customers.erasure import KEPT as RECEIPT_KEPT
from chalicelib.customers.erasure import Erasure, Step, Waits
from chalicelib.customers.errors import (
    AccessRecorded,
    AccountClosed,
    AlreadyErased,
    DataFileChanged,
    ErasureChanged,
    NotSignedUp,
)
from chalicelib.customers.records import AccountRecord, CustomerRecord
from chalicelib.kernel.time import parse_instant
from chalicelib.kernel.writes import Write
from chalicelib.storage.attributes import DocumentAttribute, InstantAttribute
from chalicelib.storage.outbox import message
from chalicelib.storage.record import Record, TableName
from chalicelib.storage.timers import Timer, setting
from chalicelib.storage.writes import Change, Put, Remove

ERASE, LOOK_AGAIN, MAKE_FILE = "customers.erase", "customers.look_again", "customers.data_file"
_ERASURE, _FILE = "erasure", "file"


class AccessedRecord(Record):
    """A read."""

    class Meta:
        """Owned by customers."""

        table_name = TableName("customers")

    by = UnicodeAttribute()
    kind = UnicodeAttribute()
    about = UnicodeAttribute(null=True)
    route = UnicodeAttribute()
    expires = TTLAttribute()


class DataFileRecord(Record):
    """A data file, asked for or there."""

    class Meta:
        """Owned by customers."""

        table_name = TableName("customers")

    customer_id = UnicodeAttribute()
    subject = UnicodeAttribute()
    name = UnicodeAttribute()
    asked_at = InstantAttribute()
    ready_at = InstantAttribute(null=True)
    size = NumberAttribute(default=0)
    sha256 = UnicodeAttribute(default="")
    after = UnicodeAttribute(null=True)
    worked_at = InstantAttribute(null=True)


class ErasureRecord(Record):
    """An erasure; under its account its receipt alone. `customer_id` and `subject` are gone once it is done."""

    class Meta:
        """Owned by customers."""

        table_name = TableName("customers")

    receipt = UnicodeAttribute()
    account_id = UnicodeAttribute(null=True)
    customer_id = UnicodeAttribute(null=True)
    subject = UnicodeAttribute(null=True)
    asked_at = InstantAttribute(null=True)
    step = UnicodeAttribute(null=True)
    after = UnicodeAttribute(null=True)
    erased: Any = DocumentAttribute(null=True)
    waits: Any = DocumentAttribute(null=True)
    looked = NumberAttribute(null=True)
    done_at = InstantAttribute(null=True)
    revision = NumberAttribute(null=True)
    expires = TTLAttribute(null=True)


class AccessStore:
    """Satisfies `own_ports.Accesses`."""

    def recording(self, access: Access) -> Write:
        """Once."""
        record = AccessedRecord(
            pk=_accessed(access.account_id),
            sk=access.place,
            by=access.by,
            kind=access.kind,
            about=access.about or None,
            route=access.route,
            expires=access.at + KEPT,
        )
        return Put(record, AccessRecorded(), AccessedRecord.pk.does_not_exist())

    def of_account(self, account_id: str, *, limit: int, after: str | None) -> Sequence[Access]:
        """One query, backwards."""
        rows = AccessedRecord.listed(_accessed(account_id), limit=limit, after=after, backwards=True)
        return [_access(account_id, each) for each in rows]


class DataFileStore:
    """Satisfies `own_ports.DataFiles`."""

    def file(self, account_id: str) -> DataFile | None:
        """One consistent read."""
        record = DataFileRecord.find(_account(account_id), _FILE)
        return None if record is None else _file_of(account_id, record)

    def asking(self, file: DataFile) -> Sequence[Write]:
        """Whoever asks last has theirs made; and a message."""
        return [Put(_file_record(file), DataFileChanged()), _making(file, file.asked_at)]

    def going_on(self, file: DataFile, before: DataFile) -> Sequence[Write]:
        """On its name, and where it was; and a message for the next piece."""
        stored = DataFileRecord
        as_before = stored.after == before.after if before.after else stored.after.does_not_exist()
        unchanged = (stored.name == file.name) & stored.ready_at.does_not_exist() & as_before
        return [Put(_file_record(file), DataFileChanged(), unchanged), _making(file, file.worked_at or file.asked_at)]

    def ready(self, file: DataFile) -> Write:
        """On its name."""
        return Put(_file_record(file), DataFileChanged(), DataFileRecord.name == file.name)


class LanguageStore:
    """Satisfies `own_ports.Languages`."""

    def speaking(self, subject: str, language: str) -> Write:
        """The item of the sign-in, put anew: the mobile door changes none."""
        record = CustomerRecord.find(f"subject#{subject}", "customer")
        if record is None:
            raise NotSignedUp
        record.language = language
        return Put(record, NotSignedUp(), CustomerRecord.pk.exists())


class ErasureStore:
    """Satisfies `own_ports.Erasures`."""

    def find(self, erasure_id: str) -> Erasure | None:
        """One consistent read."""
        record = ErasureRecord.find(_erasure(erasure_id), _ERASURE)
        return None if record is None else _erasure_of(record)

    def of_account(self, account_id: str) -> Erasure | None:
        """Two consistent reads."""
        record = ErasureRecord.find(_account(account_id), _ERASURE)
        return None if record is None else self.find(record.receipt)

    def asking(self, erasure: Erasure) -> Sequence[Write]:
        """The erasure, its receipt under the account, that closed, if it is there, and a message: all or none."""
        receipt = ErasureRecord(pk=_account(erasure.account_id), sk=_ERASURE, receipt=erasure.erasure_id)
        account = AccountRecord.find(_account(erasure.account_id), "account")
        writes: list[Write] = [
            Put(_record(erasure), AlreadyErased(), ErasureRecord.pk.does_not_exist()),
            Put(receipt, AlreadyErased(), ErasureRecord.pk.does_not_exist()),
            self.going_on(erasure, erasure.asked_at),
        ]
        if account is not None:
            account.closed = True
            is_open = AccountRecord.closed == False  # noqa: E712 -- builds a DynamoDB condition
            writes.append(Put(account, AccountClosed(), is_open))
        return writes

    def saving(self, erasure: Erasure) -> Write:
        """On the revision before."""
        as_before = ErasureRecord.revision == erasure.revision - 1
        return Put(_record(erasure), ErasureChanged(), as_before)

    def going_on(self, erasure: Erasure, now: datetime) -> Write:
        """A message for each piece."""
        return message(ERASE, f"{erasure.erasure_id}#{erasure.revision}", _facts(erasure), now)

    def looking_again(self, erasure: Erasure, at: datetime, now: datetime) -> Write:
        """A timer."""
        return setting(Timer(at, LOOK_AGAIN, _facts(erasure)), now)

    def forgetting(self, erasure: Erasure) -> Sequence[Write]:
        """The sign-in's item; the account's stays, closed, and nameless."""
        if not erasure.is_persons:
            account = AccountRecord(_account(erasure.account_id), "account")
            return [Change(account, [AccountRecord.name.remove()], ErasureChanged(), AccountRecord.pk.exists())]
        sign_in = CustomerRecord(pk=f"subject#{erasure.subject}", sk="customer")
        return [Remove(sign_in, ErasureChanged())]


def _facts(erasure: Erasure) -> dict[str, str]:
    return {"erasure_id": erasure.erasure_id, "revision": str(erasure.revision)}


def _record(erasure: Erasure) -> ErasureRecord:
    return ErasureRecord(
        pk=_erasure(erasure.erasure_id),
        sk=_ERASURE,
        receipt=erasure.erasure_id,
        account_id=erasure.account_id,
        customer_id=erasure.customer_id or None,
        subject=erasure.subject or None,
        asked_at=erasure.asked_at,
        step=str(erasure.step),
        after=erasure.after or None,
        erased=dict(erasure.erased),
        waits=[[each.code, each.about] for each in erasure.waits],
        looked=erasure.looked,
        done_at=erasure.done_at,
        revision=erasure.revision,
        expires=erasure.done_at + RECEIPT_KEPT if erasure.done_at else None,
    )


def _erasure_of(record: ErasureRecord) -> Erasure:
    return Erasure(
        erasure_id=record.receipt,
        account_id=record.account_id or "",
        customer_id=record.customer_id or "",
        subject=record.subject or "",
        asked_at=record.asked_at or record.done_at,
        step=Step(record.step),
        after=record.after or "",
        erased=record.erased or {},
        waits=tuple(Waits(*each) for each in record.waits or ()),
        looked=int(record.looked or 0),
        done_at=record.done_at,
        revision=int(record.revision or 1),
    )


def _making(file: DataFile, now: datetime) -> Write:
    facts = {"account_id": file.account_id, "name": file.name, "after": file.after}
    return message(MAKE_FILE, f"{file.name}#{file.after}", facts, now)


def _file_record(file: DataFile) -> DataFileRecord:
    return DataFileRecord(
        pk=_account(file.account_id),
        sk=_FILE,
        customer_id=file.customer_id,
        subject=file.subject,
        name=file.name,
        asked_at=file.asked_at,
        ready_at=file.ready_at,
        size=file.size,
        sha256=file.sha256,
        after=file.after or None,
        worked_at=file.worked_at,
    )


def _file_of(account_id: str, record: DataFileRecord) -> DataFile:
    what = (account_id, record.customer_id, record.subject, record.name, record.asked_at, record.ready_at)
    return DataFile(*what, int(record.size), record.sha256, record.after or "", record.worked_at)


def _access(account_id: str, record: AccessedRecord) -> Access:
    at, name = record.sk.rsplit("#", 1)
    return Access(account_id, parse_instant(at), name, record.by, record.kind, record.about or "", record.route)


def _account(account_id: str) -> str:
    return f"account#{account_id}"


def _erasure(erasure_id: str) -> str:
    return f"erasure#{erasure_id}"


def _accessed(account_id: str) -> str:
    return f"accessed#{account_id}"
