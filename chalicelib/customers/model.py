"""A person who uses and an account that pays."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What somebody is in an account."""

    OWNER = "owner"
    PAYER = "payer"
    MEMBER = "member"
    GUARDIAN = "guardian"
    MINOR = "minor"
    VIEWER = "viewer"


class Right(StrEnum):
    """What a call in an account's name needs: to use things, to pay, to read its books, or to run the account.

    `FINISH` is to end what oneself has open, `SEE` to see what oneself has had (and with `READ` what all have had),
    `BELONG` to be in the account at all.
    """

    USE = "use"
    PAY = "pay"
    READ = "read"
    MANAGE = "manage"
    FINISH = "finish"
    SEE = "see"
    BELONG = "belong"


class Kind(StrEnum):
    """Whose account it is: one person's, in which nobody else is; a family's; a firm's."""

    PERSON = "person"
    FAMILY = "family"
    FIRM = "firm"


_IS_IN = frozenset({Right.BELONG, Right.SEE})
_READS, _USES = _IS_IN | {Right.READ}, _IS_IN | {Right.USE, Right.FINISH}
RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.OWNER: frozenset(Right),
    Role.PAYER: _READS | {Right.PAY},
    Role.MEMBER: _USES,
    Role.GUARDIAN: _USES | _READS,
    Role.MINOR: _USES,
    Role.VIEWER: _READS,
}
"""What each role gives. Whoever uses without reading the books sees what is their own."""
USING = frozenset(str(role) for role, rights in RIGHTS.items() if Right.USE in rights)
"""The roles in which a session can be started."""


@dataclass(frozen=True, slots=True)
class Customer:
    """A person, who acts for the account. `subject` is the identity provider's id of the sign-in.

    `language` is for receipts and notices. `member_of` is the account, if it is not the person's own. A `ward` has no
    own: they came in as a minor, and have not signed up since. A `linked` sign-in opens nothing more: another one does.
    `earlier` are the sign-ins by which they were known before.
    """

    customer_id: str
    account_id: str
    subject: str
    language: str
    signed_up_at: datetime
    role: Role = Role.OWNER
    member_of: str | None = None
    ward: bool = False
    linked: bool = False
    earlier: frozenset[str] = frozenset()

    def may(self, right: Right) -> bool:
        """Whether they may do that in the account's name."""
        return right in RIGHTS[self.role]

    def sees(self, customer_id: str) -> bool:
        """Whether what that person of the account has had is theirs to see."""
        return customer_id == self.customer_id or self.may(Right.READ)


@dataclass(frozen=True, slots=True)
class Account:
    """Who pays. Its id is the pseudonym that books and exports hold. A person's own has no name."""

    account_id: str
    currency: str
    opened_at: datetime
    closed: bool = False
    kind: Kind = Kind.PERSON
    name: str = ""
