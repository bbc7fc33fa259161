"""How a session goes from one state to the next. What was asked for twice is as it was after the first time."""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.access.acts import Act, ActKind
from chalicelib.access.errors import AlreadyEnded, NotReserved, NotStarted, ReservationOver, StopInThePast, TooManyActs
from chalicelib.access.model import OPEN, AccessSession, State
from chalicelib.access.ordering import closed, ordered_by
from chalicelib.access.priced import PricedReservation
from chalicelib.access.stops import Stop

MOST_ACTS = 200
_LEAST = timedelta(microseconds=1)


def reserved(session: AccessSession, until: datetime, priced: PricedReservation | None = None) -> AccessSession:
    """The session as one that is held for its customer and has not started; for how much of it a price is counted."""
    return replace(session, state=State.RESERVED, reserved_until=until, priced=priced)


def handed_out(session: AccessSession, at: datetime) -> AccessSession:
    """The reservation becomes a session in use, if it has not expired by then."""
    if session.state in OPEN:
        return session
    _check_reserved(session)
    if session.reserved_until is not None and at >= session.reserved_until:
        raise ReservationOver(session_id=session.session_id)
    return replace(
        session,
        state=State.ACTIVE,
        started_at=at,
        reserved_until=None,
        ordered=ordered_by(session, at),
        priced=None,
        earlier=(*session.earlier, ("reserved", session.started_at)),
        revision=session.revision + 1,
    )


def cancelled(session: AccessSession, at: datetime, had_until: datetime | None = None) -> AccessSession:
    """The reservation is given up; what it costs by then is charged, or until it could not be had any more."""
    if session.state is State.CANCELLED:
        return session
    _check_reserved(session)
    ordered = ordered_by(session, had_until or at)
    return replace(closed(session, at, ordered), state=State.CANCELLED, revision=session.revision + 1)


def expired(session: AccessSession, at: datetime, had_until: datetime | None = None) -> AccessSession:
    """The reservation is over, if it has lasted that long; anything else is as it was."""
    if session.state is not State.RESERVED or session.reserved_until is None or at < session.reserved_until:
        return session
    over = closed(session, session.reserved_until, ordered_by(session, had_until or session.reserved_until))
    return replace(over, state=State.EXPIRED, revision=session.revision + 1)


def paused(session: AccessSession, at: datetime, by: str, act_id: str) -> AccessSession:
    """Out, and not in use by the customer's own word."""
    _check_open(session)
    act = Act(ActKind.PAUSE, at, by, act_id)
    return session if session.state is State.PAUSED else _after(session, State.PAUSED, act)


def barred(session: AccessSession, act: Act) -> AccessSession:
    """At rest until its account has paid, even if it was at rest before."""
    _check_open(session)
    return _after(session, State.PAUSED, act)


def resumed(session: AccessSession, at: datetime, by: str, act_id: str) -> AccessSession:
    """In use again."""
    _check_open(session)
    act = Act(ActKind.RESUME, at, by, act_id)
    return session if session.state is State.ACTIVE else _after(session, State.ACTIVE, act)


def transferred(session: AccessSession, at: datetime, by: str, act_id: str) -> AccessSession:
    """With another thing from then on: what the one before said of use, fault or return holds no more."""
    _check_open(session)
    return _after(session, session.state, Act(ActKind.TRANSFER, at, by, act_id))


def stopping(session: AccessSession, stop: Stop | None, now: datetime) -> AccessSession:
    """To be ended at an instant to come, or not to be any more."""
    _check_open(session)
    if session.stop == stop:
        return session
    if stop is not None and stop.at < now:
        raise StopInThePast(pointer="/at")
    return replace(session, stop=stop, revision=session.revision + 1)


def _after(session: AccessSession, state: State, act: Act) -> AccessSession:
    """Each act is after the one before, whatever a clock says: of words of one instant the least dear would hold.

    What is paused can be resumed: the last act leaves nothing paused.
    """
    most = MOST_ACTS - 1 if state is State.PAUSED else MOST_ACTS
    if len(session.acts) >= most:
        raise TooManyActs(session_id=session.session_id, most=MOST_ACTS)
    instant = max([act.at, session.started_at, *(each.at + _LEAST for each in session.acts[-1:])])
    acts = (*session.acts, replace(act, at=instant))
    return replace(session, state=state, acts=acts, revision=session.revision + 1)


def _check_reserved(session: AccessSession) -> None:
    if session.state is State.EXPIRED:
        raise ReservationOver(session_id=session.session_id)
    if session.state is not State.RESERVED:
        raise NotReserved(session_id=session.session_id, state=str(session.state))


def _check_open(session: AccessSession) -> None:
    if session.state is State.ENDED:
        raise AlreadyEnded(session_id=session.session_id)
    if session.state not in OPEN:
        raise NotStarted(session_id=session.session_id, state=str(session.state))
