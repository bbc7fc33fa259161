"""The mobile door's route of going on with another asset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from chalicelib.customers.service import customer_of
from chalicelib.edge import mobile
from chalicelib.edge.lazily import lazily
from chalicelib.edge.routes import post

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from chalicelib.access import acting, moving
    from chalicelib.access.model import AccessSession
    from chalicelib.edge.call import Call
    from chalicelib.edge.oidc import Claims
    from chalicelib.edge.wiring import Wiring
else:
    acting = lazily("chalicelib.access.acting")
    moving = lazily("chalicelib.access.moving")


class TransferBody(msgspec.Struct, forbid_unknown_fields=True):
    """The code of the asset to go on with; `reason` is *faulty* where the one that is left is out of order."""

    code: mobile.Text
    reason: Literal["faulty"] | None = None


class MovingDesk:
    """The flat tyre: the session goes on with another asset of the same product."""

    def __init__(self, wired: Wiring) -> None:
        self._wired = wired

    @post("/v1/access-sessions/{session_id}/transfer", takes=TransferBody, shows=mobile.show_session)
    def transfer_session(self, call: Call[Claims, TransferBody], session_id: str) -> AccessSession:
        """Go on with another asset of the same product, at the same price and without a second start."""
        wired = self._wired
        customer = customer_of(call.caller.subject, customers=wired.customers)
        asked = acting.Asked(session_id, customer.account_id, customer.customer_id)
        command = moving.Transfer(asked, call.body.code, faulty=call.body.reason == "faulty")
        parts = wired.ending(call.now, call.commit)
        return moving.transfer(command, acting=parts, random_bytes=wired.random_bytes)
