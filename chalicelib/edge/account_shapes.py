"""How accounts, their members and invitations to them are read and shown."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from chalicelib.edge.amounts import Amount, show_amount, show_instant
from chalicelib.edge.call import pointing_at
from chalicelib.edge.document_shapes import BillingDetailsBody
from chalicelib.edge.me_desk import EndsShown
from chalicelib.edge.mobile import Language, Text, Token
from chalicelib.kernel.money import Money

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from chalicelib.customers.belonging import Opened
    from chalicelib.customers.invitations import Invitation
    from chalicelib.customers.members import Member
    from chalicelib.customers.model import Account
    from chalicelib.customers.roll import Wanted

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
MemberName = Annotated[str, msgspec.Meta(max_length=100)]
_NOTHING: Mapping[str, Money] = MappingProxyType({})
RoleName = Literal["owner", "payer", "member", "guardian", "minor", "viewer"]
AmountText = Annotated[str, msgspec.Meta(min_length=1, max_length=40, description="decimal text", examples=["50.00"])]


class OpenAccountBody(msgspec.Struct, forbid_unknown_fields=True):
    """Open an account for a family or a firm, and accept the terms for it. A firm says who it is on its bills."""

    kind: Literal["family", "firm"]
    name: Name
    terms_version: Text
    billing: BillingDetailsBody | None = None


class AccountBody(msgspec.Struct, forbid_unknown_fields=True):
    """What the account is called by those who choose among theirs."""

    name: Name


class MemberBody(msgspec.Struct, forbid_unknown_fields=True):
    """What somebody is in the account: all of it; what is left out is not limited.

    `day` and `month` are the most that theirs may cost. An owner who `guards` answers for the account's minors.
    """

    role: RoleName
    name: MemberName = ""
    day: AmountText | None = None
    month: AmountText | None = None
    guards: bool = False


class InviteBody(MemberBody, forbid_unknown_fields=True):
    """What one person is invited to be, and for how many days the invitation is good.

    `to` is the id of their own account, if they have one and told it: then it is for nobody else, and they are told.
    """

    days: Annotated[int, msgspec.Meta(ge=1, le=30)] = 7
    to: Text | None = None


class AcceptBody(msgspec.Struct, forbid_unknown_fields=True):
    """An invitation to an account. `language` is for who becomes a customer by it, as a minor does."""

    invitation: Token
    language: Language = "en"


class LookBody(msgspec.Struct, forbid_unknown_fields=True):
    """An invitation to an account."""

    invitation: Token


class OwnerBody(msgspec.Struct, forbid_unknown_fields=True):
    """Who is to be the owner, and what I am from then on."""

    to: Text
    role: RoleName = "member"


class MemberShown(msgspec.Struct):
    """Somebody in the account, since when, and what they may spend; null: as much as the account allows.

    Said where a limit is set: `passed`, of `day` and `month` those that theirs has cost more than already, with what
    runs; and `ends`, what they have running that ends by limits.
    """

    customer_id: str
    name: str
    role: str
    guards: bool
    day: Amount | None
    month: Amount | None
    since: str
    ended_at: str | None
    passed: list[str] = []
    ends: list[EndsShown] = []


class AccountShown(msgspec.Struct):
    """An account in which I am, and as what; `Adgang-Account` takes its id."""

    account_id: str
    kind: str
    name: str
    role: str
    own: bool
    closed: bool


class InvitationToAccount(msgspec.Struct):
    """An invitation to an account; `invitation` is what the invited one sends, shown this once."""

    invitation_id: str
    role: str
    name: str
    guards: bool
    day: Amount | None
    month: Amount | None
    valid_until: str
    taken_by: str | None
    withdrawn_at: str | None
    to: str | None
    invitation: str | None = None


class OfferedPlace(msgspec.Struct):
    """What I am invited to be, in whose account."""

    account_id: str
    kind: str
    account: str
    role: str
    day: Amount | None
    month: Amount | None
    valid_until: str


def read_money(field: str, text: str | None, currency: str) -> Money | None:
    """An amount of a body; a refusal points at it."""
    if text is None:
        return None
    with pointing_at(field):
        return Money.of(text, currency)


def show_member(
    member: Member, spent: Mapping[str, Money] = _NOTHING, ends: list[EndsShown] | None = None
) -> MemberShown:
    """A member, and which of their limits are passed already by what was spent."""
    limits = {"day": member.limit.day, "month": member.limit.month}
    return MemberShown(
        customer_id=member.customer_id,
        name=member.name,
        role=str(member.role),
        guards=member.guards,
        day=_amount(member.limit.day),
        month=_amount(member.limit.month),
        since=show_instant(member.since),
        ended_at=show_instant(member.ended_at) if member.ended_at else None,
        passed=[name for name, most in limits.items() if most is not None and name in spent and spent[name] > most],
        ends=ends or [],
    )


def show_members(members: list[Member]) -> list[MemberShown]:
    """Members."""
    return [show_member(each) for each in members]


def show_account(account: Account, role: str, *, own: bool) -> AccountShown:
    """An account, for somebody in it."""
    return AccountShown(account.account_id, str(account.kind), account.name, role, own, account.closed)


def show_opened(opened: Opened) -> AccountShown:
    """An account in which somebody is a member."""
    return show_account(opened.account, str(opened.member.role), own=False)


def show_invitation(invitation: Invitation, token: str | None = None) -> InvitationToAccount:
    """An invitation, as its account has it."""
    wanted = invitation.wanted
    return InvitationToAccount(
        invitation_id=invitation.invitation_id,
        role=str(wanted.role),
        name=wanted.name,
        guards=wanted.guards,
        day=_amount(wanted.limit.day),
        month=_amount(wanted.limit.month),
        valid_until=show_instant(invitation.valid_until),
        taken_by=invitation.taken_by,
        withdrawn_at=show_instant(invitation.withdrawn_at) if invitation.withdrawn_at else None,
        to=invitation.to,
        invitation=token,
    )


def show_invited(given: tuple[Invitation, str]) -> InvitationToAccount:
    """A new invitation with what is sent to accept it."""
    return show_invitation(*given)


def show_invited_again(invitation: Invitation) -> InvitationToAccount:
    """What a repeat gets: what accepts it is shown once."""
    return show_invitation(invitation)


def show_invitations(found: list[Invitation]) -> list[InvitationToAccount]:
    """Invitations."""
    return [show_invitation(each) for each in found]


def show_offered(account: Account, wanted: Wanted, valid_until: str) -> OfferedPlace:
    """What an invitation is to."""
    return OfferedPlace(
        account_id=account.account_id,
        kind=str(account.kind),
        account=account.name,
        role=str(wanted.role),
        day=_amount(wanted.limit.day),
        month=_amount(wanted.limit.month),
        valid_until=valid_until,
    )


def _amount(money: Money | None) -> Amount | None:
    return None if money is None else show_amount(money)
