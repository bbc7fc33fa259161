"""The partner door: what partners call with their API keys."""

from typing import Any

from chalicelib.edge.door import Door
from chalicelib.edge.key_callers import partner
from chalicelib.edge.media_types import BATCH, CSV, SINGLE
from chalicelib.edge.partner_audit import record_read
from chalicelib.edge.wiring import Wiring

wired = Wiring()
app = Door(
    "partner",
    wired=lambda: wired,
    authenticate=partner,
    audits=record_read,
    desks=(
        "chalicelib.edge.catalogue_desk.CatalogueDesk",
        "chalicelib.edge.entitlements.EntitlementDesk",
        "chalicelib.edge.case_desk.CaseDesk",
        "chalicelib.edge.partner_charges.PartnerChargeDesk",
        "chalicelib.edge.partner_bookings.PartnerBookingDesk",
        "chalicelib.edge.statement_desk.StatementDesk",
        "chalicelib.edge.payout_desk.PayoutDesk",
        "chalicelib.edge.partner_members.PartnerMembersDesk",
        "chalicelib.edge.timeline_desk.PartnerTimelineDesk",
        "chalicelib.edge.event_desk.EventDesk",
        "chalicelib.edge.usage_desk.UsageDesk",
        "chalicelib.edge.change_desk.ChangeDesk",
        "chalicelib.edge.meter_desk.MeterDesk",
        "chalicelib.edge.key_desk.KeyDesk",
        "chalicelib.edge.simulation_desk.PartnerSimulationDesk",
    ),
)
app.api.binary_types += [SINGLE, BATCH, CSV]


@app.lambda_function(name="signals")
def signals_by_iot(event: dict[str, Any], _context: object) -> None:
    """What devices measure, led here by the rule of IoT Core; the partner and the device are those of the topic."""
    from chalicelib.edge.signals import take_message

    now = wired.now()
    take_message(event, wired.metered(now), wired.taking(now, wired.commit), wired.locating(now))
