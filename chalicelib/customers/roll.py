"""Who is in an account, and what has to hold of all of them together."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.customers.errors import (
    AlreadyAMember,
    GuardianNeeded,
    HasOwnAccount,
    MinorMayNot,
    NoMembersHere,
    OwnerNeeded,
    RoleMayNot,
    RoleNotHere,
    SignUpNeeded,
    TooManyMembers,
    UnknownMember,
)
from chalicelib.customers.members import UNLIMITED, Member, OwnLimit, check_guards
from chalicelib.customers.model import Customer, Kind, Right, Role

ROLES: Mapping[Kind, frozenset[Role]] = {
    Kind.PERSON: frozenset(),
    Kind.FAMILY: frozenset(Role),
    Kind.FIRM: frozenset({Role.OWNER, Role.PAYER, Role.MEMBER, Role.VIEWER}),
}
"""The roles that there are in each kind of account."""
MOST_IN_FAMILY, MOST_IN_FIRM = 20, 500
MOST_MEMBERS: Mapping[Kind, int] = {Kind.PERSON: 0, Kind.FAMILY: MOST_IN_FAMILY, Kind.FIRM: MOST_IN_FIRM}
MOST_ACCOUNTS = 20
"""So many accounts of others one person is in."""
_FOR_WARDS = frozenset({Role.MINOR, Role.MEMBER, Role.VIEWER})


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a member is to be: all of it, as it is to stand."""

    role: Role
    name: str = ""
    limit: OwnLimit = UNLIMITED
    guards: bool = False

    def __post_init__(self) -> None:
        check_guards(self.role, guards=self.guards)


@dataclass(frozen=True, slots=True)
class Roll:
    """Who is and was in an account. Each change counts one revision, and finds that of before."""

    account_id: str
    kind: Kind
    members: tuple[Member, ...]
    revision: int = 1

    @property
    def there(self) -> tuple[Member, ...]:
        """Those who are in it now."""
        return tuple(each for each in self.members if each.is_in)

    def member(self, customer_id: str) -> Member:
        """Somebody who is in it."""
        found = next((each for each in self.there if each.customer_id == customer_id), None)
        if found is None:
            raise UnknownMember(customer_id=customer_id[:64])
        return found

    def admitted(self, who: Customer, wanted: Wanted, now: datetime) -> "Roll":
        """With one more. Whoever was in it before comes back as what they are now invited to be."""
        before = next((each for each in self.members if each.customer_id == who.customer_id), None)
        if before is not None and before.is_in:
            raise AlreadyAMember
        _check_person(wanted.role, ward=who.ward)
        new = Member(self.account_id, who.customer_id, who.subject, wanted.role, now)
        if before is not None:
            new = replace(new, turn=before.turn + 1, revision=before.revision + 1)
        return self._with(_as_wanted(new, wanted))

    def changed(self, by: Customer, customer_id: str, wanted: Wanted, *, ward: bool) -> "Roll":
        """Somebody is something else from now on. Whoever guards may change what a minor may spend, and no more."""
        before = self.member(customer_id)
        after = _as_wanted(before, wanted)
        if not by.may(Right.MANAGE):
            guarded = by.role is Role.GUARDIAN and before.role is Role.MINOR
            if not guarded or after != replace(before, limit=after.limit):
                raise RoleMayNot(role=str(by.role), needs=str(Right.MANAGE))
        if after == before:
            return self
        if after.role is not before.role:
            _check_person(after.role, ward=ward)
        return self._with(_next(after))

    def without(self, by: Customer, customer_id: str, now: datetime) -> "Roll":
        """Somebody is in it no more: they leave, or an owner removes them. A minor does not leave alone."""
        before = self.member(customer_id)
        if by.customer_id == customer_id:
            if before.role is Role.MINOR:
                raise MinorMayNot(needs="leave")
        elif not by.may(Right.MANAGE):
            raise RoleMayNot(role=str(by.role), needs=str(Right.MANAGE))
        return self._with(_next(replace(before, ended_at=max(now, before.since))))

    def dismissed(self, most: int, now: datetime, *, owners: bool) -> "Roll":
        """With so many fewer, because the account is closing: whom an account has to have, this one needs no more."""
        going = self.leaving(owners=owners)[:most]
        ended = {each.customer_id: _next(replace(each, ended_at=max(now, each.since))) for each in going}
        members = tuple(ended.get(each.customer_id, each) for each in self.members)
        return replace(self, members=members, revision=self.revision + 1) if ended else self

    def leaving(self, *, owners: bool) -> tuple[Member, ...]:
        """Those who are in it and are to be in a closing account no more."""
        return tuple(each for each in self.there if owners or each.role is not Role.OWNER)

    def is_alone(self, customer_id: str) -> bool:
        """Whether nobody else is in it."""
        return [each.customer_id for each in self.there] == [customer_id]

    def handed_over(self, by: Customer, customer_id: str, role: Role, *, ward: bool) -> "Roll":
        """Somebody else is the owner, and who was is what they say, in one act."""
        if by.customer_id == customer_id:
            raise AlreadyAMember(pointer="/to")
        _check_person(Role.OWNER, ward=ward)
        own, other = self.member(by.customer_id), self.member(customer_id)
        guards = role is Role.GUARDIAN or (own.guards and role is Role.OWNER)
        new, left = replace(other, role=Role.OWNER), replace(own, role=role, guards=guards)
        return self._with(_next(new), _next(left))

    def changes(self, before: "Roll") -> tuple[Member, ...]:
        """Those who are not as they were."""
        return tuple(each for each in self.members if each not in before.members)

    def _with(self, *new: Member) -> "Roll":
        ids = {each.customer_id for each in new}
        kept = (each for each in self.members if each.customer_id not in ids)
        return _checked(replace(self, members=(*kept, *new), revision=self.revision + 1))


def check_role(role: Role, kind: Kind) -> None:
    """There is such a role in an account of that kind."""
    if kind is Kind.PERSON:
        raise NoMembersHere
    if role not in ROLES[kind]:
        raise RoleNotHere(pointer="/role", role=str(role), kind=str(kind))


def _checked(roll: Roll) -> Roll:
    for each in roll.there:
        check_role(each.role, roll.kind)
    roles = {each.role for each in roll.there}
    if Role.OWNER not in roles:
        raise OwnerNeeded
    if Role.MINOR in roles and not any(each.guards for each in roll.there):
        raise GuardianNeeded
    if len(roll.there) > MOST_MEMBERS[roll.kind]:
        raise TooManyMembers(most=MOST_MEMBERS[roll.kind])
    return roll


def _next(member: Member) -> Member:
    return replace(member, turn=member.turn + 1, revision=member.revision + 1)


def _as_wanted(member: Member, wanted: Wanted) -> Member:
    guards = wanted.guards or wanted.role is Role.GUARDIAN
    return replace(member, role=wanted.role, name=wanted.name, limit=wanted.limit, guards=guards)


def _check_person(role: Role, *, ward: bool) -> None:
    """Whoever came in as a minor has agreed to no terms; whoever has agreed to them is no minor."""
    if role is Role.MINOR and not ward:
        raise HasOwnAccount
    if ward and role not in _FOR_WARDS:
        raise SignUpNeeded(role=str(role))
