"""Members as items. Each is there twice, written in one transaction: for the account, and for the sign-in.

account#<id>        member#<customer>    somebody in the account; what a start holds against
subject#<sign-in>   in#<account>         the same, read with the customer
account#<id>        roll                 that several people can be in it, and how often that was changed
account#<id>        invited#<id>         an invitation
"""

from typing import Any

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.customers.invitations import Invitation
from chalicelib.customers.members import Member, OwnLimit
from chalicelib.customers.model import Kind, Role
from chalicelib.customers.roll import Wanted
from chalicelib.kernel.money import Money
from chalicelib.storage.attributes import DocumentAttribute, InstantAttribute
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
    name = UnicodeAttribute(null=True)
    day: Any = DocumentAttribute(null=True)
    month: Any = DocumentAttribute(null=True)
    guards = BooleanAttribute(null=True)
    turn = NumberAttribute(null=True)
    revision = NumberAttribute()


class RollRecord(Record):
    """That several people can be in an account."""

    class Meta:
        """Owned by customers."""

        table_name = TableName("customers")

    kind = UnicodeAttribute()
    revision = NumberAttribute()


class InvitationRecord(Record):
    """An invitation to an account."""

    class Meta:
        """Owned by customers."""

        table_name = TableName("customers")

    role = UnicodeAttribute()
    name = UnicodeAttribute(null=True)
    day: Any = DocumentAttribute(null=True)
    month: Any = DocumentAttribute(null=True)
    guards = BooleanAttribute(null=True)
    by = UnicodeAttribute()
    made_at = InstantAttribute()
    valid_until = InstantAttribute()
    taken_by = UnicodeAttribute(null=True)
    withdrawn_at = InstantAttribute(null=True)
    to = UnicodeAttribute(null=True)


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
        "name": member.name or None,
        **_limit(member.limit),
        "guards": member.guards or None,
        "turn": member.turn,
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
        name=record.name or "",
        limit=_limit_of(record),
        guards=bool(record.guards),
        turn=int(record.turn or 0),
        revision=int(record.revision),
    )


def invitation_record(invitation: Invitation) -> InvitationRecord:
    """The item of an invitation."""
    wanted = invitation.wanted
    return InvitationRecord(
        pk=f"account#{invitation.account_id}",
        sk=f"invited#{invitation.invitation_id}",
        role=str(wanted.role),
        name=wanted.name or None,
        **_limit(wanted.limit),
        guards=wanted.guards or None,
        by=invitation.by,
        made_at=invitation.made_at,
        valid_until=invitation.valid_until,
        taken_by=invitation.taken_by,
        withdrawn_at=invitation.withdrawn_at,
        to=invitation.to,
    )


def invitation_of(record: InvitationRecord) -> Invitation:
    """The invitation of an item."""
    return Invitation(
        invitation_id=record.sk.removeprefix("invited#"),
        account_id=record.pk.removeprefix("account#"),
        wanted=Wanted(Role(record.role), record.name or "", _limit_of(record), bool(record.guards)),
        by=record.by,
        made_at=record.made_at,
        valid_until=record.valid_until,
        taken_by=record.taken_by,
        withdrawn_at=record.withdrawn_at,
        to=record.to,
    )


def roll_record(account_id: str, kind: Kind, revision: int) -> RollRecord:
    """The item that counts the changes."""
    return RollRecord(pk=f"account#{account_id}", sk="roll", kind=str(kind), revision=revision)


def _limit(limit: OwnLimit) -> dict[str, Any]:
    amounts = {"day": limit.day, "month": limit.month}
    return {name: None if each is None else [each.minor, each.currency] for name, each in amounts.items()}


def _limit_of(record: MemberRecord | InvitationRecord) -> OwnLimit:
    day, month = (None if each is None else Money(int(each[0]), each[1]) for each in (record.day, record.month))
    return OwnLimit(day, month)
