"""The partner door's routes of ingestion: events, and what devices signal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.edge import cloudevents, signals
from chalicelib.edge.key_callers import DEVICE
from chalicelib.edge.lazily import lazily
from chalicelib.edge.media_types import BATCH, SINGLE
from chalicelib.edge.routes import post
from chalicelib.kernel.errors import Refusal
from chalicelib.metering.model import Answer, Event
from chalicelib.metering.service import take_in

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from chalicelib.edge import positions
    from chalicelib.edge.call import Call
    from chalicelib.edge.wiring import Wiring
    from chalicelib.partners.model import ApiKey
else:
    positions = lazily("chalicelib.edge.positions")


class EventDesk:
    """What is reported of use."""

    def __init__(self, wired: Wiring) -> None:
        self._wired = wired

    @post(
        "/v1/events",
        takes=list[cloudevents.CloudEvent],
        reads=cloudevents.read_events,
        shows=cloudevents.show_answers,
        media_types=(BATCH, SINGLE),
        takes_as={SINGLE: cloudevents.CloudEvent},
        idempotent=False,
        status_for=cloudevents.answered_with,
    )
    def report_events(self, call: Call[ApiKey, cloudevents.Rows]) -> list[tuple[str, Answer | Refusal]]:
        """Report use and signals. Event ids make a repeat harmless, so it takes no Idempotency-Key."""
        rows, partner_id = call.body, call.caller.partner_id
        if rows.assets:
            rows = cloudevents.with_assets(rows, partner_id, self._wired.metered(call.now))
        if rows.where:
            rows = positions.fenced(rows, partner_id, self._wired.locating(call.now))
        taking = self._wired.taking(call.now, call.commit)
        answers = iter(take_in([event for _, event in rows if isinstance(event, Event)], partner_id, taking))
        told = [(event_id, event if isinstance(event, Refusal) else next(answers)) for event_id, event in rows]
        if rows.where:
            positions.keep(rows, told, self._wired.locating(call.now))
        return told

    @post(
        "/v1/devices/{device_id}/signals",
        takes=signals.SignalsBody,
        reads=signals.read_signals,
        shows=cloudevents.show_answers,
        idempotent=False,
        status_for=cloudevents.answered_with,
        needs=DEVICE,
    )
    def report_signals(self, call: Call[ApiKey, cloudevents.Rows], device_id: str) -> signals.Told:
        """What a device has measured, buffered or not; each reading counts for the session at its time."""
        call.caller.check_may_signal(device_id)
        subjects, locating = self._wired.metered(call.now), self._wired.locating(call.now)
        taking = self._wired.taking(call.now, call.commit)
        return signals.take(call.body, call.caller.partner_id, device_id, subjects, taking, locating=locating)
