"""The partner door's routes of what was counted: an event's place, a session's totals, limits, replay and erasure."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from chalicelib.access.ending import is_charged
from chalicelib.edge import usage
from chalicelib.edge.routes import delete, get, put
from chalicelib.kernel.time import Month
from chalicelib.metering import reading
from chalicelib.metering.erasing import erase
from chalicelib.metering.head import Head
from chalicelib.metering.limiting import set_limit
from chalicelib.metering.service import foreseen
from chalicelib.metering.usage import usages_of

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from chalicelib.edge.call import Call
    from chalicelib.edge.wiring import Wiring
    from chalicelib.metering.model import Key
    from chalicelib.partners.model import ApiKey


class UsageDesk:
    """What a partner may know of what it reported."""

    def __init__(self, wired: Wiring) -> None:
        self._wired = wired

    def _month(self, instant: datetime) -> Month:
        return Month.of(instant, self._wired.settings.zone)

    def _head(self, call: Call[ApiKey, None], subject: str) -> Head:
        month = usage.month_in(call.query or usage.MonthQuery(), call.now, self._wired.settings.zone)
        return reading.owned(
            subject, month, call.caller.partner_id, heads=self._wired.heads, subjects=self._wired.metered(call.now)
        )

    def _status(self, call: Call[ApiKey, None], key: Key, subject: str, time: datetime) -> usage.EventStatus:
        reading.owned(
            subject,
            self._month(time),
            call.caller.partner_id,
            heads=self._wired.heads,
            subjects=self._wired.metered(call.now),
        )
        refused = partial(foreseen, taking=self._wired.taking(call.now, call.commit))
        found = reading.located(subject, self._month(time), key, refused, heads=self._wired.heads)
        session = self._wired.sessions.find(subject)
        charge = self._wired.sessions.charge_of(session) if session else None

        def charged() -> bool:
            seen = usages_of(self._wired.heads.all_of(subject), heads=self._wired.heads)
            return is_charged(subject, seen, sessions=self._wired.sessions, now=call.now)

        return usage.status_of_event(found, self._month(time), session, charge, charged)

    @get("/v1/events/{reference}")
    def event_status(self, call: Call[ApiKey, None], reference: str) -> usage.EventStatus:
        """Where an event is, by the reference from its answer, and whether it is charged, or why not."""
        return self._status(call, *usage.reference_parts(reference))

    @get("/v1/events", query=usage.EventQuery, refuses=("not_found",))
    def event_status_by_id(self, call: Call[ApiKey, None]) -> usage.EventStatus:
        """The same by what the event was sent with: its source, id, subject and time."""
        return self._status(call, *usage.queried_parts(call.query))

    @get("/v1/usage/{subject}", query=usage.MonthQuery, shows=usage.show_usage)
    def usage_now(self, call: Call[ApiKey, None], subject: str) -> reading.Standing:
        """A session's totals in a month, as they stand, by meter and billable dimensions."""
        return reading.standing(self._head(call, subject), call.now, self._wired.settings.zone, heads=self._wired.heads)

    @put("/v1/usage/{subject}/limits/{meter}", takes=usage.LimitBody, shows=usage.show_limits)
    def put_limit(self, call: Call[ApiKey, usage.LimitBody], subject: str, meter: str) -> Head:
        """Limit what a session may use of a meter in a month; it is told at 50, 80 and 100 %; a hard one refuses."""
        limit = usage.limit_from(call.body)
        return set_limit(
            subject,
            self._month(call.now),
            call.caller.partner_id,
            meter,
            limit,
            taking=self._wired.taking(call.now, call.commit),
        )

    @delete("/v1/usage/{subject}", shows=usage.show_erased)
    def erase_usage(self, call: Call[ApiKey, None], subject: str) -> list[Head]:
        """Erase the events of a session that has ended; totals, number and digest stay, no more is taken."""
        charged = partial(is_charged, subject, sessions=self._wired.sessions, now=call.now)
        whose, zone = call.caller.partner_id, self._wired.settings.zone
        kept = erase(subject, whose, charged, zone, call.now, heads=self._wired.heads, commit=call.commit)
        self._wired.positions.forget(subject)
        return kept

    @get("/v1/usage/{subject}/chart", query=usage.ChartQuery, shows=usage.show_chart)
    def usage_chart(self, call: Call[ApiKey, None], subject: str) -> list[tuple[datetime, datetime, Decimal]]:
        """A meter by hour or by day."""
        head, zone = self._head(call, subject), self._wired.settings.zone
        meter = reading.metered(head, call.query.meter)
        before = reading.earlier(head, zone, heads=self._wired.heads) if meter.goes_on else []
        found = reading.replayed(head, heads=self._wired.heads)
        return reading.charted(found, before, meter, zone, call.now, by_day=call.query.by == "day")

    @get("/v1/usage/{subject}/events", query=usage.ReplayQuery)
    def usage_replay(self, call: Call[ApiKey, None], subject: str) -> usage.Replay:
        """All events of a session and month in order of time."""
        return usage.show_replay(reading.replayed(self._head(call, subject), heads=self._wired.heads), call.query)
