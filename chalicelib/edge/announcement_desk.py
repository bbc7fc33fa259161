"""The finance door's routes by which an operator announces a plan's new version to those who have an earlier one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.edge.call import Call, pointing_at
from chalicelib.edge.callers import OPERATE, READ, Staff
from chalicelib.edge.law_shapes import (
    AnnouncementBody,
    AnnouncementsShown,
    show_announcement,
)
from chalicelib.edge.lazily import lazily
from chalicelib.edge.refusals import RouteUnknown
from chalicelib.edge.routes import NOTHING, get, post
from chalicelib.kernel.time import parse_instant

if TYPE_CHECKING:
    from chalicelib.edge import wiring_law
    from chalicelib.edge.wiring_finance import BackOffice
    from chalicelib.subscriptions import announcement, announcing
else:
    announcement = lazily("chalicelib.subscriptions.announcement")
    announcing = lazily("chalicelib.subscriptions.announcing")
    wiring_law = lazily("chalicelib.edge.wiring_law")

_MOST_DIGITS = 8


class AnnouncementDesk:
    """Operators announce, and call off; each customer is told by the worker."""

    def __init__(self, wired: BackOffice) -> None:
        self._wired = wired

    def _parts(self, call: Call[Staff, Any]) -> announcing.Announcing:
        return wiring_law.announcing_of(self._wired, call.now, call.commit)

    @post(
        "/v1/plans/{plan_id}/announcements",
        needs=OPERATE,
        takes=AnnouncementBody,
        shows=show_announcement,
        status=202,
    )
    def announce(self, call: Call[Staff, AnnouncementBody], plan_id: str) -> announcement.Announcement:
        """Have the plan's newest version hold from an instant on, a month off or more, for who has an earlier one."""
        with pointing_at("holds_from"):
            holds_from = parse_instant(call.body.holds_from)
        return announcing.announce(plan_id, holds_from, call.body.reason, call.caller.subject, parts=self._parts(call))

    @get("/v1/plans/{plan_id}/announcements", needs=READ)
    def announcements(self, call: Call[Staff, None], plan_id: str) -> AnnouncementsShown:
        """What was announced of a plan, the newest version first."""
        found = self._parts(call).announcements.announcements(plan_id)
        return AnnouncementsShown([show_announcement(each) for each in found])

    @post(
        "/v1/plans/{plan_id}/announcements/{version}/call-off",
        needs=OPERATE,
        shows=show_announcement,
        status=202,
        refuses=NOTHING,
    )
    def call_off(self, call: Call[Staff, None], plan_id: str, version: str) -> announcement.Announcement:
        """Take an announcement back before it holds: who was told is told so, and keeps what they have."""
        if not (version.isascii() and version.isdecimal() and len(version) <= _MOST_DIGITS):
            raise RouteUnknown
        return announcing.call_off(plan_id, int(version), parts=self._parts(call))
