"""The mobile door's routes of a use: from a reservation or a start to its end."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chalicelib.customers.model import Right
from chalicelib.edge import mobile
from chalicelib.edge.acting_for import acting as acting_in
from chalicelib.edge.acting_for import in_session, signed_in
from chalicelib.edge.hold_shapes import show_hold
from chalicelib.edge.languages import WordsQuery, words_wished
from chalicelib.edge.lazily import lazily
from chalicelib.edge.receipts import show_receipt
from chalicelib.edge.routes import PAYS, delete, get, post, put
from chalicelib.edge.timeline_shapes import TimelineShown

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from chalicelib.access import acting, model, quoting, reading, reserving, starting
    from chalicelib.edge import timelines
    from chalicelib.edge.call import Call
    from chalicelib.edge.oidc import Claims
    from chalicelib.edge.wiring import Wiring
else:
    acting = lazily("chalicelib.access.acting")
    model = lazily("chalicelib.access.model")
    quoting = lazily("chalicelib.access.quoting")
    reading = lazily("chalicelib.access.reading")
    reserving = lazily("chalicelib.access.reserving")
    starting = lazily("chalicelib.access.starting")
    timelines = lazily("chalicelib.edge.timelines")


class SessionDesk:
    """The sessions of a customer, and of those in whose account they act."""

    def __init__(self, wired: Wiring) -> None:
        self._wired = wired

    def _command(self, call: Call[Claims, mobile.StartBody]) -> starting.StartSession:
        promise = quoting.read_quote(call.body.quote, sealer=self._wired.sealer)
        accepted = starting.accepted(
            promise,
            call.body.code,
            signed_in(call, self._wired),
            catalogue=self._wired.catalogue,
            fetch=self._wired.fetch,
        )
        return replace(accepted, confirmed=call.body.confirm)

    def _asked(self, call: Call[Claims, Any], session_id: str) -> acting.Asked:
        customer = in_session(call, session_id, self._wired)
        return acting.Asked(session_id, customer.account_id, customer.customer_id)

    def _session(self, call: Call[Claims, Any], session_id: str) -> model.AccessSession:
        customer = in_session(call, session_id, self._wired)
        return reading.session_of(session_id, customer.account_id, sessions=self._wired.sessions)

    @post(
        "/v1/access-sessions",
        needs=Right.USE,
        takes=mobile.StartBody,
        shows=mobile.show_session,
        status=201,
        refuses=PAYS,
    )
    def start_session(self, call: Call[Claims, mobile.StartBody]) -> model.AccessSession:
        """Scan and go: start at the quoted price."""
        return starting.start_session(self._command(call), starting=self._wired.starting(call.now, call.commit))

    @post(
        "/v1/reservations", needs=Right.USE, takes=mobile.StartBody, shows=mobile.show_session, status=201, refuses=PAYS
    )
    def reserve(self, call: Call[Claims, mobile.StartBody]) -> model.AccessSession:
        """Have an asset held for me at the quoted price, free of charge for a while, and not for long."""
        return reserving.reserve(self._command(call), starting=self._wired.starting(call.now, call.commit))

    @get("/v1/reservations", needs=Right.SEE, shows=mobile.show_sessions)
    def my_reservations(self, call: Call[Claims, None]) -> list[model.AccessSession]:
        """What is held for me."""
        customer = acting_in(call, self._wired)
        return [
            each for each in self._wired.sessions.reserved_of(customer.account_id) if customer.sees(each.customer_id)
        ]

    @post(
        "/v1/reservations/{session_id}/start",
        needs=Right.USE,
        takes=mobile.HandOutBody,
        shows=mobile.show_session,
        refuses=PAYS,
    )
    def start_reserved(self, call: Call[Claims, mobile.HandOutBody], session_id: str) -> model.AccessSession:
        """Start what is reserved, by the code of the asset at hand."""
        parts = self._wired.starting(call.now, call.commit)
        return reserving.hand_out(self._session(call, session_id), call.body.code, starting=parts)

    @post("/v1/reservations/{session_id}/cancel", needs=Right.FINISH, shows=mobile.show_session)
    def cancel_reservation(self, call: Call[Claims, None], session_id: str) -> model.AccessSession:
        """Give a reservation up."""
        return reserving.give_up(self._session(call, session_id), ending=self._wired.ending(call.now, call.commit))

    @get("/v1/access-sessions", needs=Right.SEE, shows=mobile.show_sessions)
    def open_sessions(self, call: Call[Claims, None]) -> list[model.AccessSession]:
        """My open sessions. Ended ones are on the statements."""
        customer = acting_in(call, self._wired)
        return [each for each in self._wired.sessions.open_of(customer.account_id) if customer.sees(each.customer_id)]

    @get("/v1/sessions/{session_id}/timeline", needs=Right.SEE)
    def session_timeline(self, call: Call[Claims, None], session_id: str) -> TimelineShown:
        """Everything that happened with a session that I take part in: acts, reports, need, charges, payments."""
        customer = in_session(call, session_id, self._wired)
        session = reading.seen_of(session_id, customer.account_id, sessions=self._wired.sessions)
        return timelines.timeline(session, self._wired, call.now)

    @post("/v1/access-sessions/{session_id}/pause", needs=Right.USE, shows=mobile.show_session)
    def pause_session(self, call: Call[Claims, None], session_id: str) -> model.AccessSession:
        """Not in use until it is resumed; it stays with me."""
        parts = self._wired.ending(call.now, call.commit)
        return acting.pause(self._asked(call, session_id), acting=parts, random_bytes=self._wired.random_bytes)

    @post("/v1/access-sessions/{session_id}/resume", needs=Right.USE, shows=mobile.show_session, refuses=PAYS)
    def resume_session(self, call: Call[Claims, None], session_id: str) -> model.AccessSession:
        """In use again."""
        parts = self._wired.ending(call.now, call.commit)
        whose = self._asked(call, session_id)
        return acting.resume(whose, acting=parts, standing=self._wired.standing, random_bytes=self._wired.random_bytes)

    @put("/v1/access-sessions/{session_id}/stop", needs=Right.FINISH, takes=mobile.StopBody, shows=mobile.show_session)
    def stop_session(self, call: Call[Claims, mobile.StopBody], session_id: str) -> model.AccessSession:
        """Have the session end by itself: at an instant, after a time, or before it costs more."""
        wish = mobile.read_stop(call.body, call.now, self._wired.settings.currency)
        return acting.stop(self._asked(call, session_id), wish, acting=self._wired.ending(call.now, call.commit))

    @delete("/v1/access-sessions/{session_id}/stop", needs=Right.USE, shows=mobile.show_session)
    def do_not_stop(self, call: Call[Claims, None], session_id: str) -> model.AccessSession:
        """Let the session go on until I end it."""
        return acting.stop(self._asked(call, session_id), None, acting=self._wired.ending(call.now, call.commit))

    @get("/v1/access-sessions/{session_id}", needs=Right.SEE, query=WordsQuery)
    def session_cost(self, call: Call[Claims, None], session_id: str) -> mobile.CostOfSession:
        """A session and what it costs so far."""
        customer = in_session(call, session_id, self._wired)
        parts = self._wired.ending(call.now, call.commit)
        cost = acting.running_cost(session_id, customer.account_id, acting=parts)
        shown = mobile.show_cost(cost, words_wished(call, customer.language))
        if cost.session.agreed is not None and cost.session.agreed.hold is not None:
            shown.hold = show_hold(self._wired.holds.of_session(customer.account_id, session_id))
        return shown

    @post("/v1/access-sessions/{session_id}/end", needs=Right.FINISH, shows=show_receipt)
    def end_session(self, call: Call[Claims, None], session_id: str) -> reading.Receipt:
        """Give back, and get the receipt: codes and facts alone, for the answer is kept. Reading it gives the words."""
        customer = in_session(call, session_id, self._wired)
        return acting.end_session(session_id, customer.account_id, ending=self._wired.ending(call.now, call.commit))
