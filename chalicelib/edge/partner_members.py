"""The partner door's route of who subscribes to plans with fares on the partner's products."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.edge.call import Call
from chalicelib.edge.paging import Page, PageQuery
from chalicelib.edge.routes import get
from chalicelib.edge.subscription_views import MemberShown, members
from chalicelib.kernel.time import Month

if TYPE_CHECKING:
    from chalicelib.edge.wiring import Wiring
    from chalicelib.partners.model import ApiKey


class PartnerMembersDesk:
    """Subscriptions, as far as they concern the partner."""

    def __init__(self, wired: Wiring) -> None:
        self._wired = wired

    @get("/v1/subscriptions", query=PageQuery)
    def subscriptions(self, call: Call[ApiKey, None]) -> Page[MemberShown]:
        """Who has a fare on my products by a plan, under pseudonyms. A page may be short, and not the last."""
        month = Month.of(call.now, self._wired.settings.zone)
        return members(self._wired, call.caller.partner_id, call.query, month, call.now)
