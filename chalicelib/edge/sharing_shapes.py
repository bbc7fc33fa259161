"""What the routes of shared sessions read and show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from chalicelib.edge.amounts import Amount, show_amount, show_instant
from chalicelib.edge.call import pointing_at
from chalicelib.edge.mobile import Session, Token, show_session
from chalicelib.edge.quote_shapes import AskedShown, show_asked
from chalicelib.edge.refusals import BodyInvalid
from chalicelib.kernel.money import Money

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from chalicelib.access.joining import Offered, SharedCost

Weight = Annotated[int, msgspec.Meta(ge=1, le=1_000)]


class SharingBody(msgspec.Struct, forbid_unknown_fields=True):
    """The share that is offered to one person, beside my own; each is 1 where they are even."""

    weight: Weight = 1
    own_weight: Weight = 1


class InvitationBody(msgspec.Struct, forbid_unknown_fields=True):
    """An invitation as it was given."""

    invitation: Token


class JoinBody(msgspec.Struct, forbid_unknown_fields=True):
    """Accept an invitation; `most` is the most that I pay, as decimal text. What is above it is the holder's."""

    invitation: Token
    most: str | None = None


class InvitationShown(msgspec.Struct):
    """A share of a session, and its price: amounts are of the whole, `my_` amounts of the share that is offered.

    They count from the start of the session, and a day of it costs no more than the worst case.
    """

    product: str
    asset: str
    started_at: str
    weight: int
    weights: int
    so_far: Amount
    my_so_far: Amount
    worst_case: Amount
    my_worst_case: Amount
    worst_case_hours: int
    valid_until: str


class InvitationSeen(InvitationShown):
    """Likewise, with what joining asks of whoever looks at it, and how that stands."""

    asks: list[AskedShown]


class InvitationGiven(msgspec.Struct):
    """The invitation, for one person, and what it is to."""

    invitation: str
    offered: InvitationShown


class ShareShown(msgspec.Struct):
    """A part: whose it is, is told to nobody else. `most` is shown to its owner alone."""

    weight: int
    holder: bool
    mine: bool
    most: Amount | None
    left: bool


class SharedSession(msgspec.Struct):
    """A shared session: the whole by itself, my part of it, and all parts in the order in which people joined."""

    session: Session
    whole: Amount
    mine: Amount
    parts: list[ShareShown]


def read_most(body: JoinBody, currency: str) -> Money | None:
    """The most that is paid, if it is said."""
    if body.most is None:
        return None
    with pointing_at("most"):
        most = Money.of(body.most, currency)
        if most.minor < 0:
            raise BodyInvalid(reason="not below zero")
        return most


def show_offered(offered: Offered) -> InvitationShown:
    """Before it is accepted."""
    session = offered.session
    return InvitationShown(
        product=session.product_id,
        asset=session.asset_id,
        started_at=show_instant(session.started_at),
        weight=offered.invitation.weight,
        weights=sum(offered.weights),
        so_far=show_amount(offered.so_far),
        my_so_far=show_amount(offered.share_of(offered.so_far)),
        worst_case=show_amount(offered.worst_case),
        my_worst_case=show_amount(offered.share_of(offered.worst_case)),
        worst_case_hours=offered.hours,
        valid_until=show_instant(offered.invitation.valid_until),
    )


def show_seen(offered: Offered) -> InvitationSeen:
    """To whom it was handed on."""
    shown = msgspec.structs.asdict(show_offered(offered))
    return InvitationSeen(**shown, asks=[show_asked(each) for each in offered.asked])


def show_given(offered: Offered) -> InvitationGiven:
    """To its holder, who hands it on."""
    return InvitationGiven(offered.token, show_offered(offered))


def show_shared(cost: SharedCost) -> SharedSession:
    """To one of those who take part."""
    session = cost.session
    parts = []
    for number, part in enumerate(session.parts):
        mine = part.account_id == session.account_id
        most = show_amount(part.most) if mine and part.most is not None else None
        parts.append(ShareShown(part.weight, not number, mine, most, part.left_at is not None))
    return SharedSession(show_session(session), show_amount(cost.whole), show_amount(cost.own), parts)
