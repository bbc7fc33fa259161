"""Routes on which tariffs are tried, by partners and by finance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.edge import simulation_shapes, simulations
from chalicelib.edge.callers import READ
from chalicelib.edge.routes import post

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from chalicelib.edge.call import Call
    from chalicelib.edge.callers import Staff
    from chalicelib.edge.wiring import Wiring
    from chalicelib.edge.wiring_finance import BackOffice
    from chalicelib.partners.model import ApiKey


class PartnerSimulationDesk:
    """Tariffs on a partner's own products."""

    def __init__(self, wired: Wiring) -> None:
        self._wired = wired

    @post(
        "/v1/simulations",
        takes=simulation_shapes.SimulationBody,
        reads=simulation_shapes.read_simulation,
        shows=simulation_shapes.show_simulation,
        idempotent=False,
    )
    def simulate(self, call: Call[ApiKey, dict[str, object]]) -> simulations.Tried:
        """Try a tariff on given usage or on a past month of one of my products. It writes nothing."""
        return simulations.Desk(call.caller.partner_id, self._wired, call.now).simulate(call.body)


class FinanceSimulationDesk:
    """Tariffs on any product."""

    def __init__(self, wired: BackOffice) -> None:
        self._wired = wired

    @post(
        "/v1/simulations",
        takes=simulation_shapes.AnySimulationBody,
        reads=simulation_shapes.read_simulation,
        shows=simulation_shapes.show_simulation,
        idempotent=False,
        needs=READ,
    )
    def simulate(self, call: Call[Staff, dict[str, object]]) -> simulations.Tried:
        """Try a tariff on given usage or on a past month of any product. It writes only who has read that month."""
        return simulations.Desk(None, self._wired, call.now).simulate(call.body)
