"""Members as items. Each is there twice, written in one transaction: for the account, and for the sign-in.

account#<id>        member#<customer>    somebody in the account; what a start holds against
subject#<sign-in>   in#<account>         the same, read with the customer
"""

from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.customers.members import Member
from chalicelib.customers.model import Role
from chalicelib.storage.attributes import InstantAttribute
from chalicelib.storage.record import Record, TableName


class MemberRecord(Record):
    """Somebody in an account."""

    class Meta:
        """Owned by customers."""

        table_name = TableName("customers")

    account_id = UnicodeAttribute()
    customer_id = UnicodeAttribute()
    subject = UnicodeAttribute()
    role = UnicodeAttribute()
    since = InstantAttribute()
    ended_at = InstantAttribute(null=True)
    revision = NumberAttribute()


def in_account(subject: str, account_id: str) -> tuple[str, str]:
    """Where a sign-in's own item of an account is."""
    return f"subject#{subject}", f"in#{account_id}"


def among(account_id: str, customer_id: str) -> tuple[str, str]:
    """Where the account's item of a member is."""
    return f"account#{account_id}", f"member#{customer_id}"


def member_records(member: Member) -> tuple[MemberRecord, MemberRecord]:
    """The account's item and the sign-in's."""
    said: dict[str, Any] = {
        "account_id": member.account_id,
        "customer_id": member.customer_id,
        "subject": member.subject,
        "role": str(member.role),
        "since": member.since,
        "ended_at": member.ended_at,
        "revision": member.revision,
    }
    keys = (among(member.account_id, member.customer_id), in_account(member.subject, member.account_id))
    theirs, own = (MemberRecord(pk=pk, sk=sk, **said) for pk, sk in keys)
    return theirs, own


def member_of(record: MemberRecord) -> Member:
    """The member of an item."""
    return Member(
        account_id=record.account_id,
        customer_id=record.customer_id,
        subject=record.subject,
        role=Role(record.role),
        since=record.since,
        ended_at=record.ended_at,
        revision=int(record.revision),
    )
