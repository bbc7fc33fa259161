"""Routes of what happened with sessions, as partners and as finance see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.access.errors import UnknownSession
from chalicelib.access.model import AccessSession
from chalicelib.edge import partner, timelines
from chalicelib.edge.callers import READ
from chalicelib.edge.routes import get
from chalicelib.edge.timeline_shapes import TimelineShown

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from chalicelib.edge.call import Call
    from chalicelib.edge.callers import Staff
    from chalicelib.edge.wiring import Wiring
    from chalicelib.edge.wiring_finance import BackOffice
    from chalicelib.partners.model import ApiKey


class PartnerTimelineDesk:
    """Sessions on a partner's assets."""

    def __init__(self, wired: Wiring) -> None:
        self._wired = wired

    @get("/v1/assets/{asset_id}/sessions", shows=partner.show_partner_sessions)
    def sessions_on_asset(self, call: Call[ApiKey, None], asset_id: str) -> list[AccessSession]:
        """The sessions that are open on one of my assets, which events about it name: at most the newest hundred."""
        opened = self._wired.sessions.open_on(f"{call.caller.partner_id}/{asset_id}")
        return list(self._wired.sessions.many(opened).values())

    @get("/v1/sessions/{session_id}/timeline")
    def session_timeline(self, call: Call[ApiKey, None], session_id: str) -> TimelineShown:
        """Everything that happened with a session on one of my assets, in order; who paid, and how, is not told."""
        session = self._wired.sessions.find(session_id)
        if session is None or session.partner_id != call.caller.partner_id:
            raise UnknownSession(session_id=session_id)
        return timelines.timeline(session, self._wired, call.now, with_payments=False, whole=True)


class FinanceTimelineDesk:
    """Any session, whole."""

    def __init__(self, wired: BackOffice) -> None:
        self._wired = wired

    @get("/v1/sessions/{session_id}/timeline", needs=READ)
    def session_timeline(self, call: Call[Staff, None], session_id: str) -> TimelineShown:
        """Everything that happened with a session, in order: acts, reports, need, charges, payments."""
        session = self._wired.sessions.find(session_id)
        if session is None:
            raise UnknownSession(session_id=session_id)
        return timelines.timeline(session, self._wired, call.now, whole=True)
