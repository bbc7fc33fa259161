"""The partner door's routes that change what was reported: void, amend, backfill, revert."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from chalicelib.edge import imports, usage
from chalicelib.edge.routes import get, post
from chalicelib.kernel.time import Month
from chalicelib.metering import changing
from chalicelib.metering.changes import Change
from chalicelib.metering.errors import UnknownChange

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from chalicelib.edge.call import Call
    from chalicelib.edge.wiring import Wiring
    from chalicelib.partners.model import ApiKey


class ChangeDesk:
    """Changes, each made once under its id."""

    def __init__(self, wired: Wiring) -> None:
        self._wired = wired

    def _asked(self, call: Call[ApiKey, Any], subject: str) -> changing.Asked:
        return changing.Asked(call.body.change_id, call.caller.partner_id, subject, call.body.reason)

    def _month(self, instant: datetime) -> Month:
        return Month.of(instant, self._wired.settings.zone)

    @post("/v1/events/{reference}/void", takes=usage.VoidBody, shows=usage.show_change)
    def void_event(self, call: Call[ApiKey, usage.VoidBody], reference: str) -> Change:
        """An event does not count any more; asked for again under its `change_id`, it is made once."""
        key, subject, time = usage.reference_parts(reference)
        return changing.void(
            self._asked(call, subject), self._month(time), key, self._wired.taking(call.now, call.commit)
        )

    @post("/v1/events/{reference}/amend", takes=usage.AmendBody, shows=usage.show_change)
    def amend_event(self, call: Call[ApiKey, usage.AmendBody], reference: str) -> Change:
        """Something else counts in the place of an event; asked for again under its `change_id`, it is made once."""
        key, subject, time = usage.reference_parts(reference)
        instead = usage.amended(call.body, *key, subject, time)
        return changing.amend(
            self._asked(call, subject), self._month(time), key, instead, self._wired.taking(call.now, call.commit)
        )

    @post("/v1/backfills", takes=usage.BackfillBody, shows=usage.show_change, most_bytes=imports.MOST_BYTES)
    def backfill(self, call: Call[ApiKey, usage.BackfillBody]) -> Change:
        """Fill a stretch of time anew, up to 400 days back, as one change, which is made once under its `change_id`."""
        stretch, events = usage.stretch_of(call.body), usage.events_in(call.body)
        return changing.backfill(
            self._asked(call, call.body.subject), stretch, events, self._wired.taking(call.now, call.commit)
        )

    @get("/v1/changes/{change_id}", shows=usage.show_change)
    def change(self, call: Call[ApiKey, None], change_id: str) -> Change:
        """A change that I have made to what was reported."""
        found = self._wired.heads.change(call.caller.partner_id, change_id)
        if found is None:
            raise UnknownChange(change_id=change_id[:64])
        return found

    @post("/v1/changes/{change_id}/revert", shows=usage.show_change)
    def revert_change(self, call: Call[ApiKey, None], change_id: str) -> Change:
        """Take a change back, whole; taken back again it stays so."""
        return changing.revert(call.caller.partner_id, change_id, self._wired.taking(call.now, call.commit))
