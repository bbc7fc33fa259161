"""The mobile door's routes of things that will not do: going on with another one, and saying what is out of order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from chalicelib.customers.model import Right
from chalicelib.edge import mobile
from chalicelib.edge.acting_for import in_session
from chalicelib.edge.lazily import lazily
from chalicelib.edge.routes import post

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from chalicelib.access import acting, moving, reporting
    from chalicelib.access.model import AccessSession
    from chalicelib.edge.call import Call
    from chalicelib.edge.oidc import Claims
    from chalicelib.edge.wiring import Wiring
else:
    acting = lazily("chalicelib.access.acting")
    moving = lazily("chalicelib.access.moving")
    reporting = lazily("chalicelib.access.reporting")


class TransferBody(msgspec.Struct, forbid_unknown_fields=True):
    """The code of the asset to go on with; `reason` is *faulty* where the one that is left is out of order."""

    code: mobile.Text
    reason: Literal["faulty"] | None = None


class MovingDesk:
    """The flat tyre: the session goes on with another asset of the same product."""

    def __init__(self, wired: Wiring) -> None:
        self._wired = wired

    @post("/v1/access-sessions/{session_id}/transfer", needs=Right.USE, takes=TransferBody, shows=mobile.show_session)
    def transfer_session(self, call: Call[Claims, TransferBody], session_id: str) -> AccessSession:
        """Go on with another asset of the same product, at the same price and without a second start."""
        wired = self._wired
        customer = in_session(call, session_id, wired)
        asked = acting.Asked(session_id, customer.account_id, customer.customer_id)
        command = moving.Transfer(asked, call.body.code, faulty=call.body.reason == "faulty")
        parts = wired.ending(call.now, call.commit)
        taking = wired.taking(call.now, call.commit)
        return moving.transfer(command, acting=parts, taking=taking, random_bytes=wired.random_bytes)

    @post("/v1/access-sessions/{session_id}/fault", needs=Right.USE, shows=mobile.show_session, status=202)
    def report_fault(self, call: Call[Claims, None], session_id: str) -> AccessSession:
        """Say that what is at hand is out of order, and go on with nothing.

        The session ends as of now, in a moment: nothing after it is charged, and what its product says of faults is
        given back. The thing is taken off the offers.
        """
        wired = self._wired
        customer = in_session(call, session_id, wired)
        asked = acting.Asked(session_id, customer.account_id, customer.customer_id)
        parts = wired.ending(call.now, call.commit)
        taking = wired.taking(call.now, call.commit)
        return reporting.report_fault(asked, acting=parts, taking=taking, random_bytes=wired.random_bytes)
