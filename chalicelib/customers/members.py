"""Who is in an account beside the person who opened it, and in whose name a sign-in acts."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chalicelib.customers.errors import AccountNotChosen, BadMember, NotAMember, NotSignedUp, RoleMayNot, SignInLinked
from chalicelib.customers.model import RIGHTS, Customer, Right, Role
from chalicelib.kernel.money import Money

_LEFT = frozenset({Right.FINISH, Right.SEE})
LONGEST_NAME = 100


class Told(StrEnum):
    """What people are told of who is in an account."""

    INVITED = "account_invited"
    JOINED = "account_joined"
    LEFT = "account_left"
    REMOVED = "account_removed"
    CLOSED = "account_closed"
    LIMIT_SET = "limit_set"


@dataclass(frozen=True, slots=True)
class OwnLimit:
    """What a member's day and month may cost the account; None: as much as the account allows."""

    day: Money | None = None
    month: Money | None = None

    def __post_init__(self) -> None:
        for name in ("day", "month"):
            most = getattr(self, name)
            if most is not None and most.minor < 0:
                raise BadMember(pointer=f"/{name}", reason="not negative")

    @property
    def is_set(self) -> bool:
        """Whether anything is limited."""
        return self.day is not None or self.month is not None


UNLIMITED = OwnLimit()


@dataclass(frozen=True, slots=True)
class Member:
    """A customer in an account. Whoever was removed or has left may see and end what they have open, nothing more.

    `name` is what the account calls them. Who `guards` answers for the account's minors. `turn` moves with each start
    under an own limit and with each change, so that what was looked at before starts nothing.
    """

    account_id: str
    customer_id: str
    subject: str
    role: Role
    since: datetime
    ended_at: datetime | None = None
    name: str = ""
    limit: OwnLimit = UNLIMITED
    guards: bool = False
    turn: int = 0
    revision: int = 1

    def __post_init__(self) -> None:
        if len(self.name) > LONGEST_NAME:
            raise BadMember(pointer="/name", reason=f"at most {LONGEST_NAME} characters")
        check_guards(self.role, guards=self.guards)

    @property
    def is_in(self) -> bool:
        """Whether they have neither left nor been removed."""
        return self.ended_at is None

    @property
    def rights(self) -> frozenset[Right]:
        """What they may do in the account's name."""
        return RIGHTS[self.role] if self.ended_at is None else _LEFT


def check_guards(role: Role, *, guards: bool) -> None:
    """Who answers for minors is of age, and runs the account or has been given just that."""
    if guards and role not in {Role.OWNER, Role.GUARDIAN}:
        raise BadMember(pointer="/guards", reason="an owner or a guardian does")


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
        if self.customer.linked:
            raise SignInLinked
        return self.customer

    def acting(self, right: Right) -> Customer:
        """Who they are in the chosen account, if their role gives that right; without a choice in their own."""
        person = self.person
        if not person.ward and self.chosen in (None, person.account_id):
            return person
        if self.chosen is None:
            raise AccountNotChosen
        member = self.member
        if member is None or member.customer_id != person.customer_id:
            raise NotAMember
        if right not in member.rights:
            raise RoleMayNot(role=str(member.role), needs=str(right), ended=member.ended_at is not None)
        seen_as = member.role if member.is_in else Role.MEMBER  # whatever they were, they see what is their own alone
        return replace(person, account_id=member.account_id, role=seen_as, member_of=member.account_id)
