"""Several people in one session: who takes part with which share, and how each account sees it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.access.errors import (
    AlreadyEnded,
    AlreadySharing,
    HolderOnly,
    HolderStays,
    InvitationForged,
    InvitationStale,
    InvitationUsed,
    NotStarted,
    SharesDiffer,
    TooManySharing,
    UnknownSession,
)
from chalicelib.access.model import OPEN, AccessSession, State
from chalicelib.access.parts import Part
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import format_instant, parse_instant
from chalicelib.rating.sharing import MOST_PARTS
from chalicelib.rating.sharing import Part as RatedPart


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a session's holder offers to one person: a share of `weight`, beside the holder's own `own_weight`."""

    invitation_id: str
    session_id: str
    holder: str
    weight: int
    own_weight: int
    valid_until: datetime

    def document(self) -> dict[str, object]:
        """As it is signed."""
        return {
            "invitation_id": self.invitation_id,
            "session_id": self.session_id,
            "holder": self.holder,
            "weight": self.weight,
            "own_weight": self.own_weight,
            "valid_until": format_instant(self.valid_until),
        }

    @classmethod
    def of(cls, sealed: Mapping[str, object]) -> "Invitation":
        """What was signed, or `InvitationForged`."""
        try:
            return cls(
                invitation_id=str(sealed["invitation_id"]),
                session_id=str(sealed["session_id"]),
                holder=str(sealed["holder"]),
                weight=int(str(sealed["weight"])),
                own_weight=int(str(sealed["own_weight"])),
                valid_until=parse_instant(str(sealed["valid_until"])),
            )
        except (KeyError, ValueError) as error:
            raise InvitationForged(pointer="/invitation") from error


@dataclass(frozen=True, slots=True)
class Joiner:
    """Who accepts an invitation, and the most that they will pay; for which account, where it is another's."""

    account_id: str
    customer_id: str
    most: Money | None = None
    member_of: str | None = None


def check_open(session: AccessSession) -> None:
    """Only what is out can be shared, joined or left."""
    if session.state is State.ENDED:
        raise AlreadyEnded(session_id=session.session_id)
    if session.state not in OPEN:
        raise NotStarted(session_id=session.session_id, state=str(session.state))


def check_can_be_shared(session: AccessSession, own_weight: int) -> None:
    """There is room for one more, and who came earlier counted on the holder's share as it is."""
    check_open(session)
    if len(session.parts) >= MOST_PARTS:
        raise TooManySharing(session_id=session.session_id, most=MOST_PARTS)
    if session.parts and session.parts[0].weight != own_weight:
        raise SharesDiffer(session_id=session.session_id, own_weight=session.parts[0].weight, pointer="/own_weight")


def joined(session: AccessSession, invitation: Invitation, who: Joiner, now: datetime) -> AccessSession:
    """With one more part, of the whole from its start. Accepted twice by the same account, it is as after the first."""
    if (session.session_id, session.account_id) != (invitation.session_id, invitation.holder):
        raise InvitationForged(pointer="/invitation")
    mine = next((each for each in session.parts if each.account_id == who.account_id), None)
    if mine is not None and (mine.invitation, mine.most) == (invitation.invitation_id, who.most):
        return session
    if mine is not None or who.account_id == session.account_id:
        raise AlreadySharing(session_id=session.session_id)
    if now >= invitation.valid_until:
        raise InvitationStale(pointer="/invitation")
    check_can_be_shared(session, invitation.own_weight)
    if any(each.invitation == invitation.invitation_id for each in session.parts):
        raise InvitationUsed(pointer="/invitation")
    holder = Part(session.account_id, session.customer_id, invitation.own_weight, None, session.started_at)
    part = Part(who.account_id, who.customer_id, invitation.weight, who.most, now, invitation.invitation_id)
    return replace(session, parts=(*(session.parts or (holder,)), part), revision=session.revision + 1)


def left(session: AccessSession, account_id: str, so_far: Money, now: datetime) -> AccessSession:
    """The account pays for what its part has come to, and for nothing that comes; the rest is the holder's."""
    mine = part_of(session, account_id)
    if account_id == session.account_id:
        raise HolderStays(session_id=session.session_id)
    if mine.left_at is not None:
        return session
    check_open(session)
    most = so_far if mine.limit is None else min(mine.limit, so_far, key=lambda money: money.minor)
    gone = replace(mine, most=most, left_at=now)
    parts = tuple(gone if each is mine else each for each in session.parts)
    return replace(session, parts=parts, revision=session.revision + 1)


def part_of(session: AccessSession, account_id: str) -> Part:
    """The account's part; who has none does not know the session."""
    found = next((each for each in session.parts if each.account_id == account_id), None)
    if found is None:
        raise UnknownSession(session_id=session.session_id)
    return found


def views_of(session: AccessSession) -> tuple[AccessSession, ...]:
    """The session as each account has it that takes part, the holder's first; one that is not shared is its own."""
    return (session, *(_seen_by(session, part) for part in session.parts[1:]))


def bounded_by(session: AccessSession, bound: Money | None) -> AccessSession:
    """Who came last pays no more than their budgets had left."""
    *others, newest = session.parts
    return replace(session, parts=(*others, replace(newest, bound=bound)))


def part_bounded(session: AccessSession, account_id: str, bound: Money | None) -> AccessSession:
    """The account's part comes to no more than that, for as long as it has one; None: to whatever it comes."""
    parts = [replace(each, bound=bound) if _is_of(each, account_id) else each for each in session.parts]
    return replace(session, parts=tuple(parts))


def _is_of(part: Part, account_id: str) -> bool:
    return part.account_id == account_id and part.left_at is None


def limit_of(session: AccessSession) -> Money | None:
    """What the account that has this view may come to, if that is bounded: a member's part, or the holder's session."""
    part = next((each for each in session.parts[1:] if each.account_id == session.account_id), None)
    if part is not None:
        return part.limit
    return session.agreed.bound if session.agreed else None


def view_for(session: AccessSession | None, session_id: str, account_id: str) -> AccessSession:
    """The session as the account has it; who takes no part does not know it."""
    views = () if session is None else views_of(session)
    found = next((each for each in views if each.account_id == account_id), None)
    if found is None:
        raise UnknownSession(session_id=session_id)
    return found


def check_holder(session: AccessSession | None, session_id: str, account_id: str) -> AccessSession:
    """The session, if it is the account's own: who only takes part may see it, not end or change it."""
    seen = view_for(session, session_id, account_id)
    if seen is not session:
        raise HolderOnly(session_id=session_id)
    return seen


def _seen_by(session: AccessSession, part: Part) -> AccessSession:
    """Under the member's account. What the thing knows its user by is the holder's."""
    return replace(session, account_id=part.account_id, customer_id=part.customer_id, entitled=None)


def rated_part(session: AccessSession, until: datetime) -> RatedPart | None:
    """As rating splits it, for the account that has this view of it. Who joined after its end has no part of it."""
    if not session.parts:
        return None
    accounts = [each.account_id for each in session.parts]
    return RatedPart(
        accounts.index(session.account_id),
        tuple(each.weight for each in session.parts),
        tuple(_most(each, until) for each in session.parts),
    )


def _most(part: Part, until: datetime) -> int | None:
    """In minor units. A return may be told hours after it, and who came meanwhile shared nothing."""
    if part.invitation and part.joined_at > until:
        return 0
    return None if part.limit is None else part.limit.minor
