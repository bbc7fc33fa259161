"""The mobile door's routes of shared sessions: invite, look, accept, see, leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.customers.model import Right
from chalicelib.edge import mobile
from chalicelib.edge import sharing_shapes as shapes
from chalicelib.edge.acting_for import acting, in_session
from chalicelib.edge.lazily import lazily
from chalicelib.edge.routes import PAYS, get, post

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from chalicelib.access import joining, sharing
    from chalicelib.access.model import AccessSession
    from chalicelib.customers.model import Customer
    from chalicelib.edge.call import Call
    from chalicelib.edge.oidc import Claims
    from chalicelib.edge.wiring import Wiring
else:
    joining = lazily("chalicelib.access.joining")
    sharing = lazily("chalicelib.access.sharing")


class SharingDesk:
    """Several people in one session, each with an own limit and receipt."""

    def __init__(self, wired: Wiring) -> None:
        self._wired = wired

    @post(
        "/v1/access-sessions/{session_id}/sharing",
        needs=Right.USE,
        takes=shapes.SharingBody,
        shows=shapes.show_given,
        idempotent=False,
    )
    def share_session(self, call: Call[Claims, shapes.SharingBody], session_id: str) -> joining.Offered:
        """Invite one person to take part in a session of mine. Promises, and changes nothing."""
        body, holder = call.body, in_session(call, session_id, self._wired).account_id
        parts = self._sharing(call)
        return joining.invite(session_id, holder, body.weight, body.own_weight, sharing=parts)

    @post(
        "/v1/shared-sessions/invitation",
        needs=Right.USE,
        takes=shapes.InvitationBody,
        shows=shapes.show_seen,
        idempotent=False,
    )
    def look_at_invitation(self, call: Call[Claims, shapes.InvitationBody]) -> joining.Offered:
        """What I am invited to, the price and what is asked of me before I accept. Changes nothing."""
        customer = self._customer(call)
        return joining.look_at(call.body.invitation, customer.customer_id, sharing=self._sharing(call))

    @post(
        "/v1/shared-sessions",
        needs=Right.USE,
        takes=shapes.JoinBody,
        shows=mobile.show_session,
        status=201,
        refuses=PAYS,
    )
    def join_session(self, call: Call[Claims, shapes.JoinBody]) -> AccessSession:
        """Take part, with a limit of my own."""
        customer, most = self._customer(call), shapes.read_most(call.body, self._wired.settings.currency)
        who = sharing.Joiner(customer.account_id, customer.customer_id, most, customer.member_of)
        return joining.accept(call.body.invitation, who, sharing=self._sharing(call))

    @get("/v1/shared-sessions/{session_id}", needs=Right.SEE, shows=shapes.show_shared)
    def shared_session(self, call: Call[Claims, None], session_id: str) -> joining.SharedCost:
        """What the whole costs, and my part of it."""
        parts = self._wired.ending(call.now, call.commit)
        return joining.shared_cost(session_id, in_session(call, session_id, self._wired).account_id, parts=parts)

    @post("/v1/shared-sessions/{session_id}/leave", needs=Right.FINISH, shows=mobile.show_session)
    def leave_session(self, call: Call[Claims, None], session_id: str) -> AccessSession:
        """Pay for what my part has come to by now, and for nothing that comes."""
        parts = self._wired.ending(call.now, call.commit)
        return joining.leave(session_id, in_session(call, session_id, self._wired).account_id, parts=parts)

    def _customer(self, call: Call[Claims, Any]) -> Customer:
        return acting(call, self._wired)

    def _sharing(self, call: Call[Claims, Any]) -> joining.Sharing:
        wired = self._wired
        parts = wired.ending(call.now, call.commit)
        return joining.Sharing(parts, wired.standing, wired.inviter, wired.random_bytes, wired.allowing(call.now))
