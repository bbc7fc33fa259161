"""May this customer use this now? What a session entitles to, decided from one stored item and the time."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.access.model import AccessSession, Entitled, State

LEASE = timedelta(seconds=90)
"""For how long a stream counts without a word of it."""
MOST_STREAMS = 100
"""Of one session at once, whatever its product allows: they are in one item."""
OVER = frozenset({State.ENDED, State.EXPIRED, State.CANCELLED})
"""Not to be used any more."""


class Reason(StrEnum):
    """Why a customer may use a thing, or may not."""

    ENTITLED = "entitled"
    NO_SESSION = "no_session"
    OTHER_ASSET = "other_asset"
    RESERVED = "reserved"
    PAUSED = "paused"
    ENDED = "ended"
    STREAMS_IN_USE = "streams_in_use"


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What is stored of a session for the one question. `until` is when it stops by itself, if it does.

    `streams` are its plays, by name, with the instant until which each counts. `turn` counts their changes and guards
    each of them; `revision` is that of the session.
    """

    partner_id: str
    asset_id: str
    session_id: str
    state: State
    until: datetime | None
    entitled: Entitled
    streams: Mapping[str, datetime] = field(default_factory=dict)
    turn: int = 0
    revision: int = 0

    @property
    def most_streams(self) -> int:
        """How many plays at once."""
        return MOST_STREAMS if self.entitled.streams is None else min(self.entitled.streams, MOST_STREAMS)

    def live(self, now: datetime) -> Mapping[str, datetime]:
        """The streams that still count."""
        return {name: until for name, until in self.streams.items() if now < until}


def until_of(session: AccessSession) -> datetime | None:
    """When the session stops by itself: its customer's wish, or the end of a reservation."""
    if session.state is State.RESERVED:
        return session.reserved_until
    return session.stop.at if session.stop else None


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer. `entitlement` is whose; None where nothing may be told of any."""

    reason: Reason
    streams_in_use: int = 0
    entitlement: Entitlement | None = None

    @property
    def allow(self) -> bool:
        """Whether the customer may."""
        return self.reason is Reason.ENTITLED


def decide(found: Entitlement | None, asset_id: str, now: datetime) -> Decision:
    """What holds for this asset now. An asset of somebody else, or none at all, is another asset too."""
    if found is None:
        return Decision(Reason.NO_SESSION)
    if found.asset_id != asset_id:
        return Decision(Reason.OTHER_ASSET)
    return Decision(_reason(found, now), len(found.live(now)), found)


def _reason(found: Entitlement, now: datetime) -> Reason:
    """A stop that is due holds, also before the timer has ended the session as of its instant."""
    if found.state in OVER or (found.until is not None and now >= found.until):
        return Reason.ENDED
    if found.state is State.ACTIVE:
        return Reason.ENTITLED
    return Reason.PAUSED if found.state is State.PAUSED else Reason.RESERVED


def with_stream(found: Entitlement, stream: str, now: datetime) -> Entitlement | None:
    """The stream opened, or kept for longer; None where as many as may are open. What went silent makes room."""
    live = found.live(now)
    if stream not in live and len(live) >= found.most_streams:
        return None
    return replace(found, streams={**live, stream: now + LEASE}, turn=found.turn + 1)


def without_stream(found: Entitlement, stream: str, now: datetime) -> Entitlement:
    """The stream closed; one that is not open changes nothing."""
    if stream not in found.streams:
        return found
    left = {name: until for name, until in found.live(now).items() if name != stream}
    return replace(found, streams=left, turn=found.turn + 1)
