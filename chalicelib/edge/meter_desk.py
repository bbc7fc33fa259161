"""The partner door's routes of meters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from chalicelib.edge import meters
from chalicelib.edge.routes import get, put
from chalicelib.metering.defining import define_meter, meter_of
from chalicelib.metering.meters import Meter

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from chalicelib.edge.call import Call
    from chalicelib.edge.wiring import Wiring
    from chalicelib.partners.model import ApiKey


class MeterDesk:
    """What a partner measures."""

    def __init__(self, wired: Wiring) -> None:
        self._wired = wired

    @put("/v1/meters/{name}", takes=meters.MeterBody, shows=meters.show_meter)
    def put_meter(self, call: Call[ApiKey, meters.MeterBody], name: str) -> Meter:
        """Define a meter; another definition is its next version, for what begins to be counted from now on."""
        meter = meters.meter_from(name, call.body)
        return define_meter(call.caller.partner_id, meter, heads=self._wired.heads, commit=call.commit)

    @get("/v1/meters", shows=meters.show_meters)
    def my_meters(self, call: Call[ApiKey, None]) -> Mapping[str, Meter]:
        """My meters, in their newest version."""
        return self._wired.heads.meters(call.caller.partner_id)

    @get("/v1/meters/{name}", query=meters.MeterQuery, shows=meters.show_meter)
    def my_meter(self, call: Call[ApiKey, None], name: str) -> Meter:
        """One of my meters."""
        return meter_of(call.caller.partner_id, name, heads=self._wired.heads, version=call.query.version)
