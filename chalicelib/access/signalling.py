"""What a thing reports by itself: which session each reading is about, however late and in whatever order it comes.

A device knows its asset and the time, and no sessions. A reading belongs to the session that had the asset at its time;
what is reported while nobody uses it, and what the session's tariff does not measure, belongs to the asset itself.

The same reading may come before and after a session begins or ends. So a reading whose place may have changed since it
first came (shortly after a start, as clocks may be ahead; after an end, as a return may be told later than it was) is
looked for where it may have been counted before, and stays there.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from chalicelib.access.errors import UnknownDevice
from chalicelib.access.metered import MeteredSubjects, subject_of_asset
from chalicelib.access.model import AccessSession, AssetUse
from chalicelib.access.ports import Sessions
from chalicelib.catalogue.model import Asset
from chalicelib.kernel.time import Interval, Month
from chalicelib.metering.model import AHEAD, FURTHEST_BACK, Answer, Event
from chalicelib.metering.reading import already_counted
from chalicelib.metering.service import Taking, take_in

_ALONE = 1
MOST_CLUSTERS = 10
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Places:
    """The subject that a reading belongs to, and the others for which it may have been counted already."""

    own: str
    before: tuple[str, ...] = ()


def places_of(event: Event, uses: Sequence[AssetUse], sessions: Mapping[str, AccessSession], elsewhere: str) -> Places:
    """By the time of the reading; `uses` are those of the asset in order of start, `elsewhere` is the asset itself."""
    begun = bisect_right(uses, event.time, key=lambda use: use.started_at)
    if not begun:
        return Places(elsewhere)
    use = uses[begun - 1]
    own = use.session_id if use.ended_at is None or event.time < use.ended_at else elsewhere
    before = [use.session_id, elsewhere]
    if event.time - use.started_at <= AHEAD:
        before += [each.session_id for each in uses[max(0, begun - 2) : begun - 1]]
    elif own != elsewhere:
        before = []
    measured = [name for name in (own, *before) if name == elsewhere or _measures(sessions[name], event)]
    return Places(own if own in measured else elsewhere, tuple(name for name in measured if name != own))


def _measures(session: AccessSession, event: Event) -> bool:
    return event.value is None or event.name in session.meters


def take_signals(
    partner_id: str, device_id: str, events: Sequence[Event], *, subjects: MeteredSubjects, taking: Taking
) -> list[Answer]:
    """Count each reading of a device once, up to 400 days back; events come without a subject of their own."""
    asset = subjects.catalogue.asset_by_device(partner_id, device_id)
    if asset is None:
        raise UnknownDevice(device_id=device_id[:64])
    placed = _placed(events, asset, subjects=subjects, taking=taking)
    return take_in(placed, partner_id, replace(taking, subjects=subjects, behind=FURTHEST_BACK))


def clusters(times: Sequence[datetime]) -> list[Interval]:
    """The times in stretches, apart where nothing came for a day; where there are too many, at the longest silences."""
    found = sorted(times)
    silences = sorted(((later - earlier, later) for earlier, later in pairwise(found)), reverse=True)
    begins = sorted([found[0], *(later for silence, later in silences[: MOST_CLUSTERS - 1] if silence > _DAY)])
    ends = [found[bisect_left(found, begin) - 1] for begin in begins[1:]]
    return [Interval(begin, end) for begin, end in zip(begins, [*ends, found[-1]], strict=True)]


def _uses_around(times: Sequence[datetime], asset: Asset, sessions: Sessions) -> list[AssetUse]:
    """Who may have had it at these times, in order of start; what lies between far ones is not read."""
    uses = (use for each in clusters(times) for use in sessions.uses_of(asset.asset_key, each.start - AHEAD, each.end))
    found = {(use.started_at, use.session_id): use for use in uses}
    return [found[each] for each in sorted(found)]


def _placed(events: Sequence[Event], asset: Asset, *, subjects: MeteredSubjects, taking: Taking) -> list[Event]:
    """Each event under its subject. On what several use at once, a reading is nobody's in particular."""
    elsewhere = subject_of_asset(asset)
    if asset.capacity != _ALONE or not events:
        return [each.but(subject=elsewhere) for each in events]
    uses = _uses_around([each.time for each in events], asset, subjects.sessions)
    sessions = subjects.sessions.many([each.session_id for each in uses])
    known = [each for each in uses if each.session_id in sessions]
    places = [places_of(event, known, sessions, elsewhere) for event in events]
    wanted: dict[tuple[str, Month], list[Event]] = {}
    for event, place in zip(events, places, strict=True):
        for name in place.before:
            wanted.setdefault((name, Month.of(event.time, taking.zone)), []).append(event)
    counted = already_counted(wanted, heads=taking.heads)
    return [
        event.but(subject=next((name for name in place.before if (name, event.key) in counted), place.own))
        for event, place in zip(events, places, strict=True)
    ]
