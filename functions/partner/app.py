"""The partner door: what partners call with their API keys."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from chalicelib.access.ending import is_charged
from chalicelib.access.errors import UnknownSession
from chalicelib.access.model import AccessSession
from chalicelib.edge import cloudevents, imports, meters, partner, signals, simulation_shapes, usage
from chalicelib.edge.call import Call
from chalicelib.edge.case_desk import CaseDesk
from chalicelib.edge.catalogue_desk import CatalogueDesk
from chalicelib.edge.door import Door
from chalicelib.edge.entitlements import EntitlementDesk
from chalicelib.edge.key_callers import DEVICE
from chalicelib.edge.key_callers import partner as by_api_key
from chalicelib.edge.lazily import lazily
from chalicelib.edge.partner_audit import record_read
from chalicelib.edge.partner_bookings import PartnerBookingDesk
from chalicelib.edge.partner_charges import PartnerChargeDesk
from chalicelib.edge.partner_members import PartnerMembersDesk
from chalicelib.edge.payout_desk import PayoutDesk
from chalicelib.edge.routes import take
from chalicelib.edge.statement_desk import StatementDesk
from chalicelib.edge.timeline_shapes import TimelineShown
from chalicelib.edge.wiring import Wiring
from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.time import Month
from chalicelib.metering import changing, reading
from chalicelib.metering.changes import Change
from chalicelib.metering.defining import define_meter, meter_of
from chalicelib.metering.erasing import erase
from chalicelib.metering.errors import UnknownChange
from chalicelib.metering.head import Head
from chalicelib.metering.limiting import set_limit
from chalicelib.metering.meters import Meter
from chalicelib.metering.model import Answer, Event, Key
from chalicelib.metering.service import take_in
from chalicelib.metering.usage import usages_of
from chalicelib.partners.model import ApiKey
from chalicelib.partners.service import IssuedKey, issue_key, revoke_key

positions = lazily("chalicelib.edge.positions")
simulations = lazily("chalicelib.edge.simulations")
timelines = lazily("chalicelib.edge.timelines")
wired = Wiring()
app = Door("partner", wired=lambda: wired, authenticate=by_api_key, audits=record_read)
app.api.binary_types += [cloudevents.SINGLE, cloudevents.BATCH, imports.CSV]
take(app, CatalogueDesk(wired))
take(app, EntitlementDesk(wired))
take(app, CaseDesk(wired))
take(app, PartnerChargeDesk(wired))
take(app, PartnerBookingDesk(wired))
take(app, StatementDesk(wired))
take(app, PayoutDesk(wired))
take(app, PartnerMembersDesk(wired))


@app.get("/v1/assets/{asset_id}/sessions", shows=partner.show_partner_sessions)
def sessions_on_asset(call: Call[ApiKey, None], asset_id: str) -> list[AccessSession]:
    """The sessions that are open on one of my assets, which events about it name: of any number the newest hundred."""
    opened = wired.sessions.open_on(f"{call.caller.partner_id}/{asset_id}")
    return list(wired.sessions.many(opened).values())


@app.get("/v1/sessions/{session_id}/timeline")
def session_timeline(call: Call[ApiKey, None], session_id: str) -> TimelineShown:
    """Everything that happened with a session on one of my assets, in order; who paid, and how, is not told."""
    session = wired.sessions.find(session_id)
    if session is None or session.partner_id != call.caller.partner_id:
        raise UnknownSession(session_id=session_id)
    return timelines.timeline(session, wired, call.now, with_payments=False, whole=True)


@app.post(
    "/v1/events",
    takes=list[cloudevents.CloudEvent],
    reads=cloudevents.read_events,
    shows=cloudevents.show_answers,
    media_types=(cloudevents.BATCH, cloudevents.SINGLE),
    takes_as={cloudevents.SINGLE: cloudevents.CloudEvent},
    idempotent=False,
    status_for=cloudevents.answered_with,
)
def report_events(call: Call[ApiKey, cloudevents.Rows]) -> list[tuple[str, Answer | Refusal]]:
    """Report use and signals. Event ids make a repeat harmless, so it takes no Idempotency-Key."""
    rows, partner_id = call.body, call.caller.partner_id
    if rows.assets:
        rows = cloudevents.with_assets(rows, partner_id, wired.metered(call.now))
    if rows.positions:
        rows = positions.fenced(rows, partner_id, wired.locating(call.now))
    taking = wired.taking(call.now, call.commit)
    answers = iter(take_in([event for _, event in rows if isinstance(event, Event)], partner_id, taking))
    told = [(event_id, event if isinstance(event, Refusal) else next(answers)) for event_id, event in rows]
    if rows.positions:
        positions.keep(rows, told, wired.locating(call.now))
    return told


@app.post(
    "/v1/devices/{device_id}/signals",
    takes=signals.SignalsBody,
    reads=signals.read_signals,
    shows=cloudevents.show_answers,
    idempotent=False,
    status_for=cloudevents.answered_with,
    needs=DEVICE,
)
def report_signals(call: Call[ApiKey, cloudevents.Rows], device_id: str) -> signals.Told:
    """What a device has measured, buffered or not; each reading counts for the session at whose time it was made."""
    call.caller.check_may_signal(device_id)
    subjects, locating = wired.metered(call.now), wired.locating(call.now)
    taking = wired.taking(call.now, call.commit)
    return signals.take(call.body, call.caller.partner_id, device_id, subjects, taking, locating=locating)


@app.lambda_function(name="signals")
def signals_by_iot(event: dict[str, Any], _context: object) -> None:
    """The same readings, led here by the rule of IoT Core; the partner and the device are those of the topic."""
    now = wired.now()
    signals.take_message(event, wired.metered(now), wired.taking(now, wired.commit), wired.locating(now))


def _asked(call: Call[ApiKey, Any], subject: str) -> changing.Asked:
    return changing.Asked(call.body.change_id, call.caller.partner_id, subject, call.body.reason)


def _month(instant: datetime) -> Month:
    return Month.of(instant, wired.settings.zone)


def _head(call: Call[ApiKey, None], subject: str) -> Head:
    month = usage.month_in(call.query or usage.MonthQuery(), call.now, wired.settings.zone)
    return reading.owned(subject, month, call.caller.partner_id, heads=wired.heads, subjects=wired.metered(call.now))


@app.get("/v1/events/{reference}")
def event_status(call: Call[ApiKey, None], reference: str) -> usage.EventStatus:
    """Where an event is, by the reference from its answer: counted, voided or queued, and whether it is charged."""
    return _status(call, *usage.reference_parts(reference))


@app.get("/v1/events", query=usage.EventQuery, refuses=("not_found",))
def event_status_by_id(call: Call[ApiKey, None]) -> usage.EventStatus:
    """The same by what the event was sent with: its source, id, subject and time."""
    return _status(call, *usage.queried_parts(call.query))


def _status(call: Call[ApiKey, None], key: Key, subject: str, time: datetime) -> usage.EventStatus:
    reading.owned(subject, _month(time), call.caller.partner_id, heads=wired.heads, subjects=wired.metered(call.now))
    found = reading.located(subject, _month(time), key, heads=wired.heads)
    session = wired.sessions.find(subject)
    charge = wired.sessions.charge_of(session) if session else None

    def charged() -> bool:
        seen = usages_of(wired.heads.all_of(subject), heads=wired.heads)
        return is_charged(subject, seen, sessions=wired.sessions, now=call.now)

    return usage.status_of_event(found, _month(time), session, charge, charged)


@app.post("/v1/events/{reference}/void", takes=usage.VoidBody, shows=usage.show_change)
def void_event(call: Call[ApiKey, usage.VoidBody], reference: str) -> Change:
    """An event does not count any more; asked for again under its `change_id`, it is made once."""
    key, subject, time = usage.reference_parts(reference)
    return changing.void(_asked(call, subject), _month(time), key, wired.taking(call.now, call.commit))


@app.post("/v1/events/{reference}/amend", takes=usage.AmendBody, shows=usage.show_change)
def amend_event(call: Call[ApiKey, usage.AmendBody], reference: str) -> Change:
    """Something else counts in the place of an event; asked for again under its `change_id`, it is made once."""
    key, subject, time = usage.reference_parts(reference)
    instead = usage.amended(call.body, *key, subject, time)
    return changing.amend(_asked(call, subject), _month(time), key, instead, wired.taking(call.now, call.commit))


@app.post("/v1/backfills", takes=usage.BackfillBody, shows=usage.show_change, most_bytes=imports.MOST_BYTES)
def backfill(call: Call[ApiKey, usage.BackfillBody]) -> Change:
    """Fill a stretch of time anew, up to 400 days back, as one change, which is made once under its `change_id`."""
    stretch, events = usage.stretch_of(call.body), usage.events_in(call.body)
    return changing.backfill(_asked(call, call.body.subject), stretch, events, wired.taking(call.now, call.commit))


@app.get("/v1/changes/{change_id}", shows=usage.show_change)
def change(call: Call[ApiKey, None], change_id: str) -> Change:
    """A change that I have made to what was reported."""
    found = wired.heads.change(call.caller.partner_id, change_id)
    if found is None:
        raise UnknownChange(change_id=change_id[:64])
    return found


@app.post("/v1/changes/{change_id}/revert", shows=usage.show_change)
def revert_change(call: Call[ApiKey, None], change_id: str) -> Change:
    """Take a change back, whole; taken back again it stays so."""
    return changing.revert(call.caller.partner_id, change_id, wired.taking(call.now, call.commit))


@app.get("/v1/usage/{subject}", query=usage.MonthQuery, shows=usage.show_usage)
def usage_now(call: Call[ApiKey, None], subject: str) -> reading.Standing:
    """A session's totals in a month, as they stand, by meter and billable dimensions."""
    return reading.standing(_head(call, subject), call.now, wired.settings.zone, heads=wired.heads)


@app.put("/v1/usage/{subject}/limits/{meter}", takes=usage.LimitBody, shows=usage.show_limits)
def put_limit(call: Call[ApiKey, usage.LimitBody], subject: str, meter: str) -> Head:
    """Limit what a session may use of a meter in a month; it is told at 50, 80 and 100 %, and a hard one refuses."""
    limit = usage.limit_from(call.body)
    return set_limit(
        subject, _month(call.now), call.caller.partner_id, meter, limit, taking=wired.taking(call.now, call.commit)
    )


@app.delete("/v1/usage/{subject}", shows=usage.show_erased)
def erase_usage(call: Call[ApiKey, None], subject: str) -> list[Head]:
    """Erase the events of a session that has ended; totals, number and digest stay, and none is taken for it again."""
    charged = partial(is_charged, subject, sessions=wired.sessions, now=call.now)
    whose, zone = call.caller.partner_id, wired.settings.zone
    kept = erase(subject, whose, charged, zone, call.now, heads=wired.heads, commit=call.commit)
    wired.positions.forget(subject)
    return kept


@app.get("/v1/usage/{subject}/chart", query=usage.ChartQuery, shows=usage.show_chart)
def usage_chart(call: Call[ApiKey, None], subject: str) -> list[tuple[datetime, datetime, Decimal]]:
    """A meter by hour or by day."""
    head, zone = _head(call, subject), wired.settings.zone
    meter = reading.metered(head, call.query.meter)
    before = reading.earlier(head, zone, heads=wired.heads) if meter.goes_on else []
    found = reading.replayed(head, heads=wired.heads)
    return reading.charted(found, before, meter, zone, call.now, by_day=call.query.by == "day")


@app.get("/v1/usage/{subject}/events", query=usage.ReplayQuery)
def usage_replay(call: Call[ApiKey, None], subject: str) -> usage.Replay:
    """All events of a session and month in order of time."""
    return usage.show_replay(reading.replayed(_head(call, subject), heads=wired.heads), call.query)


@app.put("/v1/meters/{name}", takes=meters.MeterBody, shows=meters.show_meter)
def put_meter(call: Call[ApiKey, meters.MeterBody], name: str) -> Meter:
    """Define a meter; another definition is its next version, for what begins to be counted from now on."""
    meter = meters.meter_from(name, call.body)
    return define_meter(call.caller.partner_id, meter, heads=wired.heads, commit=call.commit)


@app.get("/v1/meters", shows=meters.show_meters)
def my_meters(call: Call[ApiKey, None]) -> Mapping[str, Meter]:
    """My meters, in their newest version."""
    return wired.heads.meters(call.caller.partner_id)


@app.get("/v1/meters/{name}", query=meters.MeterQuery, shows=meters.show_meter)
def my_meter(call: Call[ApiKey, None], name: str) -> Meter:
    """One of my meters."""
    return meter_of(call.caller.partner_id, name, heads=wired.heads, version=call.query.version)


@app.get("/v1/keys", shows=partner.show_keys)
def keys(call: Call[ApiKey, None]) -> list[ApiKey]:
    """My API keys, without their secrets."""
    return list(wired.partners.keys_of(call.caller.partner_id))


@app.post("/v1/keys", takes=partner.KeyBody, shows=partner.show_new_key, saves=partner.show_new_key_again, status=201)
def add_key(call: Call[ApiKey, partner.KeyBody]) -> IssuedKey:
    """One more API key, for me or for one of my devices; its text is shown this once."""
    return issue_key(
        call.caller.partner_id,
        call.body.label,
        device_id=call.body.device_id,
        partners=wired.partners,
        maker=wired.key_maker,
        now=call.now,
        commit=call.commit,
    )


@app.delete("/v1/keys/{key_id}", shows=partner.show_key)
def drop_key(call: Call[ApiKey, None], key_id: str) -> ApiKey:
    """Revoke one of my keys; it is refused from the next call on."""
    return revoke_key(call.caller.partner_id, key_id, partners=wired.partners, now=call.now, commit=call.commit)


@app.post(
    "/v1/simulations",
    takes=simulation_shapes.SimulationBody,
    reads=simulation_shapes.read_simulation,
    shows=simulation_shapes.show_simulation,
    idempotent=False,
)
def simulate(call: Call[ApiKey, dict[str, object]]) -> "simulations.Tried":
    """Try a tariff on given usage or on a past month of one of my products. It writes nothing."""
    return simulations.Desk(call.caller.partner_id, wired, call.now).simulate(call.body)
