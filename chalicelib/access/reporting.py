"""A customer says that the thing at hand is out of order: as good a sign as the thing's own, and heard as that is."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.access.acting import Asked, check_goes_on
from chalicelib.access.ending import Ending
from chalicelib.access.errors import AlreadyEnded, NotStarted
from chalicelib.access.model import NEVER_STARTED, OPEN, AccessSession
from chalicelib.access.sharing import view_for
from chalicelib.kernel.ids import RandomBytes, new_id
from chalicelib.kernel.writes import Outcome, Write
from chalicelib.metering.model import FAULT, Event
from chalicelib.metering.service import Taking, take_in

SOURCE = "/customers"
"""Of the signals that customers give: a partner who finds the thing in order voids them by it."""


def report_fault(asked: Asked, *, acting: Ending, taking: Taking, random_bytes: RandomBytes) -> AccessSession:
    """Keep the report with the session's evidence; a worker then ends it as of now, as for a fault that a thing tells.

    Whoever takes part may say it. The session is given back as it was when it was said.
    """
    session = acting.sessions.find(asked.session_id)
    seen = view_for(session, asked.session_id, asked.account_id)
    if seen.state in NEVER_STARTED:
        raise NotStarted(session_id=asked.session_id, state=str(seen.state))
    if seen.state not in OPEN:
        raise AlreadyEnded(session_id=asked.session_id)
    check_goes_on(seen, acting=acting)
    return said_faulty(seen, acting.now, seen, taking=taking, random_bytes=random_bytes)


def said_faulty(
    session: AccessSession,
    at: datetime,
    shown: AccessSession,
    beside: Sequence[Write] = (),
    *,
    taking: Taking,
    random_bytes: RandomBytes,
) -> AccessSession:
    """Keep the word with the session's evidence, in one transaction with what is written `beside` it."""
    event = Event(SOURCE, new_id("flt", random_bytes), session.session_id, at, FAULT)

    def commit(writes: Sequence[Write], outcome: Outcome) -> Outcome:
        taking.commit([*writes, *beside], shown)  # what is answered again to a repeat is the session
        return outcome

    (answer,) = take_in([event], session.partner_id, replace(taking, commit=commit))
    if answer.refusal is not None:
        raise answer.refusal
    return shown
