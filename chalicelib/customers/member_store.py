"""Members and invitations in DynamoDB."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.customers.errors import (
    AlreadySignedUp,
    BadAccount,
    InvitationTaken,
    MembersChanged,
    MembershipMoved,
)
from chalicelib.customers.invitations import Invitation
from chalicelib.customers.member_items import (
    InvitationRecord,
    MemberRecord,
    RollRecord,
    among,
    invitation_of,
    invitation_record,
    member_of,
    member_records,
    roll_record,
)
from chalicelib.customers.members import Member, Told
from chalicelib.customers.model import USING, Account, Customer, Kind
from chalicelib.customers.records import AccountRecord, CustomerRecord, account_of, account_record, customer_record
from chalicelib.customers.roll import Roll
from chalicelib.kernel.ids import digest
from chalicelib.kernel.time import format_instant
from chalicelib.kernel.writes import Write
from chalicelib.storage.outbox import message
from chalicelib.storage.reads import find_all
from chalicelib.storage.writes import Change, Check, Put

LEFT = "customers.left"
"""Have somebody's seats given free, who is in an account no more."""


class MemberStore:
    """Satisfies `ports.Members`."""

    def member(self, account_id: str, customer_id: str) -> Member | None:
        """One consistent read."""
        record = MemberRecord.find(*among(account_id, customer_id))
        return member_of(record) if record else None

    def may_use(self, account_id: str, customer_id: str, turn: int | None) -> Write:
        """A condition on the account's item: checked, or with an own limit written."""
        stored, key, moved = MemberRecord, among(account_id, customer_id), MembershipMoved()
        stands = stored.ended_at.does_not_exist() & stored.role.is_in(*sorted(USING))
        if turn is None:
            free = stands & stored.day.does_not_exist() & stored.month.does_not_exist()
            return Check(stored, key, free, moved)
        return Change(stored(*key), [stored.turn.set(turn + 1)], moved, stands & (stored.turn == turn))

    def roll(self, account_id: str) -> Roll | None:
        """One read and one query, the read first: what changes in between fails on its revision."""
        record = RollRecord.find(f"account#{account_id}", "roll")
        if record is None:
            return None
        rows = MemberRecord.listed(f"account#{account_id}", MemberRecord.sk.startswith("member#"))
        return Roll(account_id, Kind(record.kind), tuple(member_of(each) for each in rows), int(record.revision))

    def of_subject(self, subject: str) -> Sequence[Member]:
        """One query."""
        rows = MemberRecord.listed(f"subject#{subject}", MemberRecord.sk.startswith("in#"))
        return [member_of(each) for each in rows]

    def accounts(self, account_ids: Sequence[str]) -> Mapping[str, Account]:
        """One batch read."""
        rows = find_all([(AccountRecord, f"account#{each}", "account") for each in account_ids])
        found = (account_of(each) for each in rows if isinstance(each, AccountRecord))
        return {each.account_id: each for each in found}

    def opening(self, account: Account, roll: Roll) -> Sequence[Write]:
        """All of it or nothing."""
        changed, fresh = MembersChanged(), RollRecord.pk.does_not_exist()
        return [
            Put(account_record(account), changed, AccountRecord.pk.does_not_exist()),
            Put(roll_record(roll.account_id, roll.kind, roll.revision), changed, fresh),
            *(Put(each, changed) for member in roll.members for each in member_records(member)),
        ]

    def naming(self, account: Account) -> Write:
        """Its name alone."""
        record = AccountRecord(f"account#{account.account_id}", "account")
        return Change(record, [AccountRecord.name.set(account.name)], BadAccount(), AccountRecord.pk.exists())

    def changing(self, before: Roll, after: Roll) -> Sequence[Write]:
        """On the roll's revision before, and on each member's own: a start under a limit moves that too.

        Of who is in it no more the worker is told.
        """
        changed = MembersChanged()
        roll = roll_record(after.account_id, after.kind, after.revision)
        writes: list[Write] = [Put(roll, changed, RollRecord.revision == before.revision)]
        known = {each.customer_id: each for each in before.members}
        for member in after.changes(before):
            was = known.get(member.customer_id)
            theirs, own = member_records(member)
            as_before = MemberRecord.pk.does_not_exist() if was is None else MemberRecord.turn == was.turn
            writes += [Put(theirs, changed, as_before), Put(own, changed)]
            if member.ended_at is not None and (was is None or was.ended_at is None):
                facts = {"account_id": after.account_id, "customer_id": member.customer_id}
                named = f"{after.account_id}#{member.customer_id}#{after.revision}"
                writes.append(message(LEFT, named, facts, member.ended_at))
        return writes

    def linking(self, members: Sequence[Member], subject: str, now: datetime) -> Sequence[Write]:
        """Three writes for each: the account's, the new sign-in's, and the old one's, which is over."""
        writes: list[Write] = []
        for before in members:
            changed, (theirs, own) = MembersChanged(), member_records(replace(before, subject=subject))
            over = member_records(replace(before, ended_at=before.ended_at or now))[1]
            as_before = MemberRecord.revision == before.revision
            writes += [
                Change(MemberRecord(theirs.pk, theirs.sk), [MemberRecord.subject.set(subject)], changed, as_before),
                Put(own, changed, MemberRecord.pk.does_not_exist()),
                Put(over, changed, as_before),
            ]
        return writes

    def telling(self, account_id: str, about: str, code: Told, facts: Mapping[str, str], at: datetime) -> Write:
        """A message to the worker."""
        said = {**facts, "account_id": account_id, "about": about, "code": str(code), "told_at": format_instant(at)}
        return message("dialogue.tell", digest(said), said, at)

    def taking_in(self, ward: Customer) -> Write:
        """Their item alone."""
        return Put(customer_record(ward), AlreadySignedUp(), CustomerRecord.pk.does_not_exist())


class InvitationStore:
    """Satisfies `ports.Invitations`."""

    def find(self, account_id: str, invitation_id: str) -> Invitation | None:
        """One consistent read."""
        record = InvitationRecord.find(f"account#{account_id}", f"invited#{invitation_id}")
        return invitation_of(record) if record else None

    def of_account(self, account_id: str) -> Sequence[Invitation]:
        """One query."""
        rows = InvitationRecord.listed(f"account#{account_id}", InvitationRecord.sk.startswith("invited#"))
        return [invitation_of(each) for each in rows]

    def inviting(self, invitation: Invitation) -> Write:
        """Under an id that nothing has."""
        return Put(invitation_record(invitation), MembersChanged(), InvitationRecord.pk.does_not_exist())

    def closing(self, invitation: Invitation) -> Write:
        """Once."""
        stored = InvitationRecord
        is_open = stored.pk.exists() & stored.taken_by.does_not_exist() & stored.withdrawn_at.does_not_exist()
        return Put(invitation_record(invitation), InvitationTaken(), is_open)
