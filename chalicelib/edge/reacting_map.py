"""What the workers do about where things stand."""

from collections.abc import Callable, Mapping

from chalicelib.access.booking_restating import restate
from chalicelib.access.mapping import MapKeeping, follow, stand_asset, stand_place
from chalicelib.edge.wiring_finance import BackOffice

Facts = Mapping[str, str]


def stand(facts: Facts, wired: BackOffice) -> None:
    """Have the map show where an asset or a place is by now, and walk-ups go by how many may have an asset."""
    partner_id, keeping = facts["partner_id"], _map_keeping(wired)
    if "asset_id" in facts:
        stand_asset(partner_id, facts["asset_id"], keeping=keeping)
        restate(partner_id, facts["asset_id"], booker=wired.keeper(wired.now(), wired.commit))
    else:
        stand_place(partner_id, facts["place_id"], keeping)


def follow_place(facts: Facts, wired: BackOffice) -> None:
    """Have assets follow their place."""
    where = facts["partner_id"], facts["place_id"], facts["left"]
    follow(*where, int(facts["turn"]), keeping=_map_keeping(wired))


def _map_keeping(wired: BackOffice) -> MapKeeping:
    return MapKeeping(wired.catalogue, wired.map, wired.now(), wired.commit)


TOPICS: Mapping[str, Callable[[Facts, BackOffice], None]] = {
    "access.follow": follow_place,
    "access.stand": stand,
}
