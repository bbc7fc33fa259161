"""Who is in an account beside the person who opened it, and in whose name a sign-in acts."""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.customers.errors import NotAMember, NotSignedUp, RoleMayNot
from chalicelib.customers.model import RIGHTS, Customer, Right, Role

_LEFT = frozenset({Right.FINISH, Right.SEE})


@dataclass(frozen=True, slots=True)
class Member:
    """A customer in an account. Whoever was removed or has left may see and end what they have open, nothing more."""

    account_id: str
    customer_id: str
    subject: str
    role: Role
    since: datetime
    ended_at: datetime | None = None
    revision: int = 1

    @property
    def rights(self) -> frozenset[Right]:
        """What they may do in the account's name."""
        return RIGHTS[self.role] if self.ended_at is None else _LEFT


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who has signed in, if anybody signed up with it, and what they are in the account that they chose."""

    customer: Customer | None
    chosen: str | None = None
    member: Member | None = None

    @property
    def person(self) -> Customer:
        """Who they are, in their own account."""
        if self.customer is None:
            raise NotSignedUp
        return self.customer

    def acting(self, right: Right) -> Customer:
        """Who they are in the chosen account, if their role gives that right; without a choice in their own."""
        person = self.person
        if self.chosen is None or self.chosen == person.account_id:
            return person
        member = self.member
        if member is None or member.customer_id != person.customer_id:
            raise NotAMember
        if right not in member.rights:
            raise RoleMayNot(role=str(member.role), needs=str(right), ended=member.ended_at is not None)
        return replace(person, account_id=member.account_id, role=member.role, member_of=member.account_id)
