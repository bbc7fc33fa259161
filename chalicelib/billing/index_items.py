"""By what invoices are found: the payment that paid one, the month of its issue, and that in which it was lost.

charge#<charge>     charge                      which invoice a payment paid
issued#<utc month>  <issued at>#<invoice id>    an invoice, in order of issue, with others that were issued with it
writtenoff#<id>     <invoice id>                who gave it up, when and why
lost#<month>        <kind>:<name>               what is lost, or had after all, among what is booked in the month
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.billing.loss_model import Loss
from chalicelib.billing.model import Invoice
from chalicelib.kernel.time import Month, format_instant
from chalicelib.storage.attributes import DocumentAttribute, InstantAttribute
from chalicelib.storage.record import Record, TableName
from chalicelib.storage.together import Joined

_TABLE = TableName("billing")


class NamedRecord(Record):
    """An invoice by its names."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    account_id = UnicodeAttribute()
    month = UnicodeAttribute()
    number = NumberAttribute()

    @property
    def named(self) -> tuple[str, Month, int]:
        """Account, month and number."""
        return self.account_id, Month.parse(self.month), int(self.number)


class IssuedRecord(Joined):
    """An invoice by when it was issued; `others` are the names of those that were issued in one act with it."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    account_id = UnicodeAttribute()
    month = UnicodeAttribute()
    number = NumberAttribute()
    others: Any = DocumentAttribute(null=True)

    @property
    def alike(self) -> str:
        """When they were issued."""
        return self.sk.partition("#")[0]

    @classmethod
    def joined(cls, records: Sequence["IssuedRecord"]) -> "IssuedRecord":
        """All of their names."""
        (account_id, month, number), *others = (name for each in records for name in each.names)
        return cls(
            records[0].pk, records[0].sk, account_id=account_id, month=month, number=number, others=others or None
        )

    @property
    def named(self) -> list[tuple[str, Month, int]]:
        """Account, month and number of each."""
        return [(account_id, Month.parse(month), number) for account_id, month, number in self.names]

    @property
    def names(self) -> list[tuple[str, str, int]]:
        """The same, as they are stored."""
        return [(self.account_id, self.month, int(self.number)), *map(tuple, self.others or ())]


class WrittenOffRecord(Record):
    """That an invoice was given up."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    by = UnicodeAttribute()
    note = UnicodeAttribute()
    at = InstantAttribute()


class LossRecord(Record):
    """A loss."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    account_id = UnicodeAttribute()
    source = UnicodeAttribute()
    currency = UnicodeAttribute()
    before = NumberAttribute()
    lost = NumberAttribute()
    at = InstantAttribute()


def charge_record(invoice: Invoice, charge: str) -> NamedRecord:
    """The item of a payment."""
    return NamedRecord(charge_partition(charge), "charge", **_name(invoice))


def charge_partition(charge: str) -> str:
    """Where a payment is."""
    return f"charge#{charge}"


def issued_record(invoice: Invoice) -> IssuedRecord:
    """The item of an invoice among those of a month."""
    key = f"{format_instant(invoice.issued_at)}#{invoice.invoice_id}"
    return IssuedRecord(issued_partition(Month.of(invoice.issued_at, "UTC")), key, **_name(invoice))


def issued_partition(month: Month) -> str:
    """Where what was issued in a month of UTC is."""
    return f"issued#{month}"


def written_off_record(invoice: Invoice, by: str, note: str, at: datetime) -> WrittenOffRecord:
    """The item of a decision."""
    return WrittenOffRecord(f"writtenoff#{invoice.account_id}", invoice.invoice_id, by=by, note=note, at=at)


def lost_partition(month: Month) -> str:
    """Where what was lost in a month is."""
    return f"lost#{month}"


def loss_record(loss: Loss, month: Month) -> LossRecord:
    """The item of a loss that is booked in the month."""
    return LossRecord(
        lost_partition(month),
        loss.reference,
        account_id=loss.account_id,
        source=loss.source,
        currency=loss.currency,
        before=loss.before,
        lost=loss.lost,
        at=loss.at,
    )


def loss_of(record: LossRecord) -> Loss:
    """The loss of an item."""
    kind, _, name = record.sk.partition(":")
    about = record.account_id, record.source, record.currency
    return Loss(kind, name, *about, int(record.before), int(record.lost), record.at)


def _name(invoice: Invoice) -> dict[str, Any]:
    return {"account_id": invoice.account_id, "month": str(invoice.month), "number": invoice.number}
