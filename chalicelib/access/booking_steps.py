"""What of an asset's calendar a start goes by: from which instants on bookings leave room for how many sessions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

STEPS = 3
"""So many are kept on an asset's state."""


@dataclass(frozen=True, slots=True)
class Step:
    """From an instant on a walk-up may start only where fewer sessions are open than there is `room` for."""

    since: datetime
    room: int


def room_by(steps: Sequence[Step], capacity: int, at: datetime) -> int:
    """For how many sessions there is room then."""
    return min([capacity, *(each.room for each in steps if each.since <= at)])


def full_from(steps: Sequence[Step], taken: int, at: datetime) -> datetime | None:
    """When bookings leave no room for one more than are open, if they do."""
    return next((each.since for each in steps if each.since > at and taken >= each.room), None)
