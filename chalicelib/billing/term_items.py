"""Decisions about payment terms as items of billing's table.

account#<id>    term#<version>    within how many days it pays by invoice, and who decided that
"""

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.billing.payment_terms import PaymentTerm
from chalicelib.billing.records import partition
from chalicelib.storage.attributes import InstantAttribute
from chalicelib.storage.record import Record, TableName

TERM = "term#"


class TermRecord(Record):
    """A decision."""

    class Meta:
        """Owned by billing."""

        table_name = TableName("billing")

    days = NumberAttribute(null=True)
    email = UnicodeAttribute(null=True)
    set_by = UnicodeAttribute()
    set_at = InstantAttribute()
    note = UnicodeAttribute()


def term_record(term: PaymentTerm) -> TermRecord:
    """The item of a decision."""
    return TermRecord(
        pk=partition(term.account_id),
        sk=f"{TERM}{term.version:04d}",
        days=term.days,
        email=term.email,
        set_by=term.set_by,
        set_at=term.set_at,
        note=term.note,
    )


def term_of(record: TermRecord) -> PaymentTerm:
    """The decision of an item."""
    return PaymentTerm(
        account_id=record.pk.removeprefix("account#"),
        days=None if record.days is None else int(record.days),
        email=record.email,
        set_by=record.set_by,
        set_at=record.set_at,
        note=record.note,
        version=int(record.sk.removeprefix(TERM)),
    )
