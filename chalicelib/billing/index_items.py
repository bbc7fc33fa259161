"""By what invoices are found: the payment that paid one, and the month in which it was issued.

charge#<charge>     charge                      which invoice a payment paid
issued#<utc month>  <issued at>#<invoice id>    an invoice, in order of issue
writtenoff#<id>     <invoice id>                who gave it up, when and why
"""

from datetime import datetime

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.billing.model import Invoice
from chalicelib.kernel.time import Month, format_instant
from chalicelib.storage.attributes import InstantAttribute
from chalicelib.storage.record import Record, TableName

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


class WrittenOffRecord(Record):
    """That an invoice was given up."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    by = UnicodeAttribute()
    note = UnicodeAttribute()
    at = InstantAttribute()


def charge_record(invoice: Invoice, charge: str) -> NamedRecord:
    """The item of a payment."""
    return _named(invoice, charge_partition(charge), "charge")


def charge_partition(charge: str) -> str:
    """Where a payment is."""
    return f"charge#{charge}"


def issued_record(invoice: Invoice) -> NamedRecord:
    """The item of an invoice among those of a month."""
    key = f"{format_instant(invoice.issued_at)}#{invoice.invoice_id}"
    return _named(invoice, issued_partition(Month.of(invoice.issued_at, "UTC")), key)


def issued_partition(month: Month) -> str:
    """Where what was issued in a month of UTC is."""
    return f"issued#{month}"


def written_off_record(invoice: Invoice, by: str, note: str, at: datetime) -> WrittenOffRecord:
    """The item of a decision."""
    return WrittenOffRecord(f"writtenoff#{invoice.account_id}", invoice.invoice_id, by=by, note=note, at=at)


def _named(invoice: Invoice, pk: str, sk: str) -> NamedRecord:
    return NamedRecord(pk=pk, sk=sk, account_id=invoice.account_id, month=str(invoice.month), number=invoice.number)
