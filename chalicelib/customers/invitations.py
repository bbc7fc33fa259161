"""Invitations to an account: for one person, for a time, to be something in it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.customers.errors import (
    BadMember,
    InvitationExpired,
    InvitationTaken,
    InvitationWithdrawn,
    UnknownInvitation,
)
from chalicelib.customers.roll import Wanted

LONGEST = timedelta(days=30)
USUALLY = timedelta(days=7)
MOST_OPEN = 100
"""So many invitations of an account are open at once."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """What an owner offers one person: to be that in the account. Accepted once, or withdrawn, or too late.

    With `to` it is for whoever has that account of their own; else for whoever is given it.
    """

    invitation_id: str
    account_id: str
    wanted: Wanted
    by: str
    made_at: datetime
    valid_until: datetime
    taken_by: str | None = None
    withdrawn_at: datetime | None = None
    to: str | None = None

    def __post_init__(self) -> None:
        if not self.made_at < self.valid_until <= self.made_at + LONGEST:
            raise BadMember(pointer="/days", reason=f"1 to {LONGEST.days}")

    def is_open(self, now: datetime) -> bool:
        """Whether it can be accepted."""
        return self.taken_by is None and self.withdrawn_at is None and now < self.valid_until

    def check_open(self, now: datetime) -> None:
        """Why it cannot be, if it cannot."""
        if self.taken_by is not None:
            raise InvitationTaken
        if self.withdrawn_at is not None:
            raise InvitationWithdrawn
        if now >= self.valid_until:
            raise InvitationExpired

    def taken(self, customer_id: str) -> "Invitation":
        """Accepted."""
        return replace(self, taken_by=customer_id)

    def withdrawn(self, now: datetime) -> "Invitation":
        """Not to be accepted any more. What was accepted stays so, and what was withdrawn was so before."""
        if self.taken_by is not None:
            raise InvitationTaken
        return self if self.withdrawn_at is not None else replace(self, withdrawn_at=now)

    @property
    def named(self) -> Mapping[str, object]:
        """What is signed of it: which it is. What it offers stays with us."""
        return {"invitation_id": self.invitation_id, "account_id": self.account_id}


def named_in(sealed: Mapping[str, object]) -> tuple[str, str]:
    """Which invitation was signed: its account and its id."""
    try:
        return str(sealed["account_id"]), str(sealed["invitation_id"])
    except KeyError as error:
        raise UnknownInvitation from error
