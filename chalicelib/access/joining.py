"""Invite, accept, leave: how a session comes to be several people's."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.access.acting import check_goes_on, over_at, stopping_anew
from chalicelib.access.agreed import NOTHING_ASKED, Agreed
from chalicelib.access.allowing import Allowing, Asked, allowance, commit_start
from chalicelib.access.ending import Ending
from chalicelib.access.errors import BudgetPassed, InvitationForged, QuoteForged, SessionChanged, UnknownSession
from chalicelib.access.limits import Allowance
from chalicelib.access.model import AccessSession, Need
from chalicelib.access.need import need_of
from chalicelib.access.ports import Sealer, Standing
from chalicelib.access.sharing import (
    Invitation,
    Joiner,
    bounded_by,
    check_can_be_shared,
    check_holder,
    joined,
    left,
    part_of,
    view_for,
    views_of,
)
from chalicelib.access.uses import tariff_for, use_of
from chalicelib.kernel.ids import RandomBytes, new_id
from chalicelib.kernel.money import Money, total
from chalicelib.kernel.time import Month
from chalicelib.metering.model import AHEAD
from chalicelib.metering.usage import usage_between
from chalicelib.rating import Tariff, quote, rate
from chalicelib.rating.sharing import split

VALID = timedelta(minutes=15)
_TRIES = 6


@dataclass(frozen=True, slots=True)
class Sharing:
    """What sharing needs from outside."""

    parts: Ending
    standing: Standing
    sealer: Sealer
    random_bytes: RandomBytes
    allowing: Allowing


@dataclass(frozen=True, slots=True)
class Offered:
    """An invitation with what it is to: what the whole has cost so far, and the most that a day of it can.

    The whole is priced by itself, so that is not what the holder was quoted alone with what is left of caps and tiers.
    `asked` is what joining asks of who looks at it, and how that stands with them.
    """

    invitation: Invitation
    session: AccessSession
    tariff: Tariff
    so_far: Money
    worst_case: Money
    hours: int
    token: str = ""
    asked: tuple[Asked, ...] = ()

    @property
    def weights(self) -> list[int]:
        """The holder's, those who joined, and the invited one's."""
        others = [each.weight for each in self.session.parts] or [self.invitation.own_weight]
        return [*others, self.invitation.weight]

    def share_of(self, whole: Money) -> Money:
        """What the invited one's part of an amount would be."""
        return Money(split(whole.minor, self.weights)[-1], whole.currency)


@dataclass(frozen=True, slots=True)
class SharedCost:
    """A shared session as one account has it: what the whole costs so far, and the account's own part of that."""

    session: AccessSession
    whole: Money
    own: Money


def invite(session_id: str, holder: str, weight: int, own_weight: int, *, sharing: Sharing) -> Offered:
    """Offer a share of an open session to one person, who has a quarter of an hour to accept."""
    parts = sharing.parts
    session = check_holder(parts.sessions.find(session_id), session_id, holder)
    check_can_be_shared(session, own_weight)
    invitation = Invitation(
        invitation_id=new_id("inv", sharing.random_bytes),
        session_id=session_id,
        holder=holder,
        weight=weight,
        own_weight=own_weight,
        valid_until=parts.now + VALID,
    )
    return _offered(invitation, session, parts, sharing.sealer.seal(invitation.document()))


def look_at(token: str, customer_id: str, *, sharing: Sharing) -> Offered:
    """What an invitation is to, for whoever holds it: price and what is asked of them, before anything is accepted."""
    invitation, session = _invited(token, sharing)
    who = (customer_id, session.partner_id, session.agreed or NOTHING_ASKED, sharing.parts.now)
    return replace(_offered(invitation, session, sharing.parts), asked=tuple(sharing.allowing.personal.asked(*who)))


def accept(token: str, who: Joiner, *, sharing: Sharing) -> AccessSession:
    """Take part. That who joins may have this session, and one more, holds in the same transaction as at a start.

    They have shown and agreed to what its holder had to. Their part is no more than their hard budgets have left.
    """
    parts = sharing.parts
    for _ in range(_TRIES):
        invitation, session = _invited(token, sharing)
        after = joined(session, invitation, who, parts.now)
        mine = view_for(after, after.session_id, who.account_id)
        if after is session:
            return mine
        check_goes_on(session, acting=parts)
        found = _allowance(mine, who, sharing)
        after = bounded_by(after, found.bound)
        mine = view_for(after, after.session_id, who.account_id)
        agreed = _agreed(session, who, found)
        writes = [
            *parts.sessions.joining(after),
            parts.sessions.active_in(who.account_id, Month.of(parts.now, parts.zone)),
            *sharing.standing.conditions(who.account_id),
            *sharing.allowing.personal.conditions(who.customer_id, session.partner_id, agreed, parts.now),
            *sharing.allowing.limits.starting(replace(mine, agreed=None), found.now.turn, parts.now),
            *(parts.sessions.telling(mine, f"budget_passed_{each}", parts.now) for each in found.warns),
        ]
        try:
            return commit_start(writes, mine, allowing=sharing.allowing, commit=parts.commit)
        except SessionChanged:
            continue
    raise SessionChanged(session_id=session.session_id)


def _agreed(session: AccessSession, who: Joiner, found: Allowance) -> Agreed:
    """What the session asks of whoever uses it, and as whose member this one does."""
    return replace(session.agreed or NOTHING_ASKED, member_of=who.member_of, member_turn=found.own_turn)


def _allowance(mine: AccessSession, who: Joiner, sharing: Sharing) -> Allowance:
    """Where the limits of who joins stand: there has to be room for what their part has come to by now."""
    parts = sharing.parts
    tariff, so_far = tariff_for(mine, catalogue=parts.catalogue), _cost_alone(mine, _need(mine, parts), parts)
    member = who.customer_id if who.member_of is not None else None
    found = allowance(mine.account_id, tariff, so_far, so_far, allowing=sharing.allowing, member=member)
    if found.over is not None:
        raise BudgetPassed(period=found.over, estimate=so_far, left=found.bound)
    return found


def leave(session_id: str, account_id: str, *, parts: Ending) -> AccessSession:
    """Pay for no more than what the own part has come to by now. The holder's comes sooner to a cost from then on."""
    for _ in range(_TRIES):
        session = _known(session_id, parts)
        mine = view_for(session, session_id, account_id)
        gone = left(session, account_id, _cost_alone(mine, _need(session, parts), parts), parts.now)
        if gone is session:
            return mine
        after = stopping_anew(gone, acting=parts)
        try:
            left_by = view_for(after, session_id, account_id)
            writes = [*parts.sessions.leaving(after, left_by), *parts.sessions.stopping(after, parts.now)]
            return parts.commit(writes, left_by)
        except SessionChanged:
            continue
    raise SessionChanged(session_id=session_id)


def shared_cost(session_id: str, account_id: str, *, parts: Ending) -> SharedCost:
    """The whole as it stands now, or as it was charged, and the account's part before its own caps."""
    session = _known(session_id, parts)
    mine = view_for(session, session_id, account_id)
    part_of(session, account_id)
    need = _need(session, parts)
    costs = [_cost_alone(each, need, parts) for each in views_of(session)]
    own = _cost_alone(mine, need, parts)
    return SharedCost(mine, total(costs, own.currency), own)


def _invited(token: str, sharing: Sharing) -> tuple[Invitation, AccessSession]:
    try:
        sealed: Mapping[str, object] = sharing.sealer.unseal(token)
    except QuoteForged as error:
        raise InvitationForged(pointer="/invitation") from error
    invitation = Invitation.of(sealed)
    return invitation, _known(invitation.session_id, sharing.parts)


def _known(session_id: str, parts: Ending) -> AccessSession:
    session = parts.sessions.find(session_id)
    if session is None:
        raise UnknownSession(session_id=session_id)
    return session


def _offered(invitation: Invitation, session: AccessSession, parts: Ending, token: str = "") -> Offered:
    tariff = tariff_for(session, catalogue=parts.catalogue)
    need = _need(session, parts)
    so_far = total((_cost_alone(each, need, parts) for each in views_of(session)), tariff.currency)
    quoted = quote(tariff, session.started_at, {})
    return Offered(invitation, session, tariff, so_far, quoted.worst_case, quoted.hours, token)


def _need(session: AccessSession, parts: Ending) -> Need:
    until: datetime = parts.now + AHEAD
    seen = usage_between(session.session_id, session.started_at, until, parts.zone, heads=parts.heads)
    return need_of(session, seen, over_at(session, parts.now, acting=parts))


def _cost_alone(view: AccessSession, need: Need, parts: Ending) -> Money:
    """The view's part of the session rated by itself."""
    use = use_of(view, need, parts.now, catalogue=parts.catalogue)
    return total((line.amount for line in rate([use])), use.tariff.currency)
