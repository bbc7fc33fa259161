"""Events that name the asset they are about, since a session may go on with another one."""

from collections.abc import Mapping

from chalicelib.access.metered import MeteredSubjects, subject_of_asset
from chalicelib.kernel.errors import Refusal
from chalicelib.metering.errors import BadEvent
from chalicelib.metering.model import Event


def of_their_assets(
    named: Mapping[int, tuple[Event, str]], partner_id: str, *, subjects: MeteredSubjects
) -> dict[int, Event | Refusal]:
    """Each event with the asset that it names: under its session if that had the asset at the time, else the asset's.

    An event of nobody's session of this partner stays as it is: it is refused where it is counted.
    """
    sessions = subjects.sessions.many(sorted({event.subject for event, _ in named.values()}))
    found: dict[int, Event | Refusal] = {}
    for number, (event, asset_id) in named.items():
        session = sessions.get(event.subject)
        if session is None or session.partner_id != partner_id or session.asset_at(event.time) == asset_id:
            found[number] = event
            continue
        asset = subjects.catalogue.asset(partner_id, asset_id)
        if asset is None:
            found[number] = BadEvent(pointer="/data/asset", reason="none of your assets")
        else:
            found[number] = event.but(subject=subject_of_asset(asset))
    return found
