"""Open an account for several people, invite them, and change who is in it and as what."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.customers.errors import (
    BadAccount,
    HasOwnAccount,
    MembersChanged,
    MinorMayNot,
    NobodyThere,
    NoMembersHere,
    NotSignedUp,
    SignInLinked,
    TooManyAccounts,
    TooManyMembers,
    UnknownInvitation,
)
from chalicelib.customers.invitations import MOST_OPEN, Invitation
from chalicelib.customers.members import LONGEST_NAME, Member, Told
from chalicelib.customers.model import Account, Customer, Kind, Role
from chalicelib.customers.ports import Customers, Invitations, Members
from chalicelib.customers.roll import MOST_ACCOUNTS, Roll, Wanted, check_role
from chalicelib.kernel.ids import RandomBytes, new_id
from chalicelib.kernel.time import format_instant
from chalicelib.kernel.writes import Commit, Write

_TRIES = 6
NOTHING_MORE: Mapping[str, str] = {}
AT_ONCE = 20
"""So many people leave a closing account in one transaction."""


@dataclass(frozen=True, slots=True)
class Belonging:
    """What it takes to change who is in an account."""

    customers: Customers
    members: Members
    invitations: Invitations
    random_bytes: RandomBytes
    now: datetime
    commit: Commit


@dataclass(frozen=True, slots=True)
class Opened:
    """An account of several people, with the member that somebody is in it."""

    account: Account
    member: Member


def opened(account: Account, by: Customer, *, belonging: Belonging) -> tuple[Opened, Sequence[Write]]:
    """A further account, in which whoever opens it is the owner; and what stores it, for the caller to commit."""
    if account.kind is Kind.PERSON:
        raise BadAccount(pointer="/kind", reason="everybody has one of their own already")
    check_name(account.name)
    if by.ward:
        raise MinorMayNot(needs="sign up")
    check_few(by.subject, belonging)
    owner = Member(account.account_id, by.customer_id, by.subject, Role.OWNER, belonging.now)
    roll = Roll(account.account_id, account.kind, (owner,))
    return Opened(account, owner), belonging.members.opening(account, roll)


def check_name(name: str) -> None:
    """What an account of several people is called by those who choose among theirs."""
    if not 0 < len(name) <= LONGEST_NAME:
        raise BadAccount(pointer="/name", reason=f"1 to {LONGEST_NAME} characters")


def check_few(subject: str, belonging: Belonging) -> None:
    """One person is in so many accounts of others, and no more."""
    if sum(each.is_in for each in belonging.members.of_subject(subject)) >= MOST_ACCOUNTS:
        raise TooManyAccounts(most=MOST_ACCOUNTS)


def roll_of(account_id: str, *, members: Members) -> Roll:
    """Who is in an account that several people can be in."""
    roll = members.roll(account_id)
    if roll is None:
        raise NoMembersHere
    return roll


@dataclass(frozen=True, slots=True)
class Offer:
    """What one person is to be in an account, for how long they can accept it, and, if it is for them alone, who.

    `to` is the account of their own; they are told there. `sealed` makes of an invitation what accepts it.
    """

    wanted: Wanted
    lasts: timedelta
    sealed: Callable[[Invitation], str]
    to: str | None = None


def invite(by: Customer, offer: Offer, *, belonging: Belonging) -> Invitation:
    """Offer one person a place in the account."""
    roll = roll_of(by.account_id, members=belonging.members)
    check_role(offer.wanted.role, roll.kind)
    there = belonging.invitations.of_account(by.account_id)
    if sum(each.is_open(belonging.now) for each in there) >= MOST_OPEN:
        raise TooManyMembers(invitations=MOST_OPEN)
    _check_to(offer.to, belonging)
    name, until = new_id("inv", belonging.random_bytes), belonging.now + offer.lasts
    made = Invitation(name, by.account_id, offer.wanted, by.customer_id, belonging.now, until, to=offer.to)
    is_open = belonging.customers.account_is_open(by.account_id)
    return belonging.commit([belonging.invitations.inviting(made), is_open, *_invites(made, offer, belonging)], made)


def _check_to(account_id: str | None, belonging: Belonging) -> None:
    there = belonging.customers.account(account_id) if account_id is not None else None
    if account_id is not None and (there is None or there.closed or there.kind is not Kind.PERSON):
        raise NobodyThere(pointer="/to")


def _invites(made: Invitation, offer: Offer, belonging: Belonging) -> Sequence[Write]:
    """What accepts it is of no use to anybody else, and may so stand in the invited one's own feed."""
    if made.to is None:
        return []
    facts = {
        "role": str(made.wanted.role),
        "invitation": offer.sealed(made),
        "valid_until": format_instant(made.valid_until),
        **_called(made.account_id, belonging),
    }
    return [belonging.members.telling(made.to, made.account_id, Told.INVITED, facts, belonging.now)]


def withdraw(account_id: str, invitation_id: str, *, belonging: Belonging) -> Invitation:
    """Have an invitation accepted no more."""
    before = invited(account_id, invitation_id, belonging=belonging)
    after = before.withdrawn(belonging.now)
    return before if after is before else belonging.commit([belonging.invitations.closing(after)], after)


def invited(account_id: str, invitation_id: str, *, belonging: Belonging) -> Invitation:
    """The invitation of that id."""
    found = belonging.invitations.find(account_id, invitation_id)
    if found is None:
        raise UnknownInvitation(invitation_id=invitation_id[:64])
    return found


def accept(account_id: str, invitation_id: str, subject: str, language: str, *, belonging: Belonging) -> Opened:
    """Be in the account from now on. Who is invited as a minor becomes a customer by it, without an own account."""
    parts = belonging
    for _ in range(_TRIES):
        invitation = invited(account_id, invitation_id, belonging=parts)
        invitation.check_open(parts.now)
        who, taking = _person(invitation, subject, language, parts)
        before = roll_of(account_id, members=parts.members)
        after = before.admitted(who, invitation.wanted, parts.now)
        check_few(subject, parts)
        account = parts.members.accounts([account_id])[account_id]
        writes = [
            *taking,
            parts.invitations.closing(invitation.taken(who.customer_id)),
            parts.customers.account_is_open(account_id),
            *([] if who.ward or who.account_id == account_id else [parts.customers.account_is_open(who.account_id)]),
            *parts.members.changing(before, after),
            _told_of(after.member(who.customer_id), Told.JOINED, parts),
        ]
        try:
            return parts.commit(writes, Opened(account, after.member(who.customer_id)))
        except MembersChanged:
            continue
    raise MembersChanged


def _person(invitation: Invitation, subject: str, language: str, parts: Belonging) -> tuple[Customer, Sequence[Write]]:
    known = parts.customers.by_subject(subject)
    if invitation.to is not None and (known is None or known.account_id != invitation.to):
        raise UnknownInvitation
    as_minor = invitation.wanted.role is Role.MINOR
    if known is not None:
        if known.linked:
            raise SignInLinked
        if as_minor and not known.ward:
            raise HasOwnAccount
        return known, []
    if not as_minor:
        raise NotSignedUp
    new = Customer(new_id("cus", parts.random_bytes), invitation.account_id, subject, language, parts.now, ward=True)
    return new, [parts.members.taking_in(new)]


def change(by: Customer, customer_id: str, wanted: Wanted, *, belonging: Belonging) -> Member:
    """Have somebody in the account be something else."""

    def changed(roll: Roll) -> Roll:
        return roll.changed(by, customer_id, wanted, ward=_is_ward(roll, customer_id, belonging))

    return _change(by, customer_id, changed, belonging)


def remove(by: Customer, customer_id: str, *, belonging: Belonging) -> Member:
    """Have somebody in the account no more. What they have open goes on, until they or an owner end it."""
    return _change(by, customer_id, lambda roll: roll.without(by, customer_id, belonging.now), belonging)


def dismiss(account_id: str, *, owners: bool, belonging: Belonging) -> int:
    """Have some of a closing account's people in it no more, each of whom is told: how many are left to go."""
    roll = belonging.members.roll(account_id)
    after = None if roll is None else roll.dismissed(AT_ONCE, belonging.now, owners=owners)
    if roll is None or after is None or after is roll:
        return 0
    told = [_tells(each, Told.CLOSED, belonging) for each in after.changes(roll)]
    return belonging.commit([*belonging.members.changing(roll, after), *told], len(after.leaving(owners=owners)))


def hand_over(by: Customer, customer_id: str, role: Role, *, belonging: Belonging) -> Member:
    """Make somebody else the owner, and be something else oneself."""

    def handed(roll: Roll) -> Roll:
        return roll.handed_over(by, customer_id, role, ward=_is_ward(roll, customer_id, belonging))

    return _change(by, customer_id, handed, belonging)


def rename(account_id: str, name: str, *, belonging: Belonging) -> Account:
    """Call the account something else."""
    check_name(name)
    roll_of(account_id, members=belonging.members)
    account = replace(belonging.members.accounts([account_id])[account_id], name=name)
    return belonging.commit([belonging.members.naming(account)], account)


def _is_ward(roll: Roll, customer_id: str, belonging: Belonging) -> bool:
    known = belonging.customers.by_subject(roll.member(customer_id).subject)
    return known is not None and known.ward


def _change(by: Customer, customer_id: str, changed: Callable[[Roll], Roll], belonging: Belonging) -> Member:
    """On who is in it as things stand; whoever is overtaken looks again."""
    for _ in range(_TRIES):
        before = roll_of(by.account_id, members=belonging.members)
        after = changed(before)
        member = next(each for each in after.members if each.customer_id == customer_id)
        if after is before:
            return member
        try:
            told = _told(before.member(customer_id), member, by, belonging)
            return belonging.commit([*belonging.members.changing(before, after), *told], member)
        except MembersChanged:
            continue
    raise MembersChanged


def _told(before: Member, member: Member, by: Customer, belonging: Belonging) -> Sequence[Write]:
    """Whoever is in it no more: the account is told, and they are, if it was not they who left.

    Whoever may spend something else from now on is told, unless they said so themselves.
    """
    if member.is_in:
        limited = member.limit != before.limit and member.customer_id != by.customer_id
        return [_tells(member, Told.LIMIT_SET, belonging, _spends(member))] if limited else []
    if member.customer_id == by.customer_id:
        return [_told_of(member, Told.LEFT, belonging)]
    return [_told_of(member, Told.REMOVED, belonging), _tells(member, Told.REMOVED, belonging)]


def _told_of(member: Member, code: Told, belonging: Belonging) -> Write:
    """In the account's feed: who it is, and never by name, which would stay when they have gone."""
    facts = {"role": str(member.role)}
    return belonging.members.telling(member.account_id, member.customer_id, code, facts, belonging.now)


def _spends(member: Member) -> Mapping[str, str]:
    """What they may spend; what is not named is as much as the account allows."""
    most = {"day": member.limit.day, "month": member.limit.month}
    return {name: f"{each.amount} {each.currency}" for name, each in most.items() if each is not None}


def _tells(member: Member, code: Told, belonging: Belonging, more: Mapping[str, str] = NOTHING_MORE) -> Write:
    """In the person's own feed; a minor has none but the account's."""
    person = belonging.customers.by_subject(member.subject)
    facts = {"role": str(member.role), **_called(member.account_id, belonging), **more}
    if person is None or person.ward:
        return belonging.members.telling(member.account_id, member.customer_id, code, facts, belonging.now)
    return belonging.members.telling(person.account_id, member.account_id, code, facts, belonging.now)


def _called(account_id: str, belonging: Belonging) -> Mapping[str, str]:
    account = belonging.customers.account(account_id)
    return {"account": account.name, "kind": str(account.kind)} if account else {}
