"""Steps on the item of an asset's state, and the condition that a start puts on them."""

from collections.abc import Sequence
from datetime import datetime
from functools import reduce
from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.access.booking_steps import STEPS, Step
from chalicelib.access.records import AssetStateRecord


def _attributes() -> list[tuple[Any, Any]]:
    stored = AssetStateRecord
    return [
        (stored.booked_from, stored.booked_room),
        (stored.booked_from_2, stored.booked_room_2),
        (stored.booked_from_3, stored.booked_room_3),
    ][:STEPS]


def steps_of(record: AssetStateRecord | None) -> tuple[Step, ...]:
    """What of an asset's state says when it is kept for bookings."""
    if record is None:
        return ()
    pairs = (
        (record.booked_from, record.booked_room),
        (record.booked_from_2, record.booked_room_2),
        (record.booked_from_3, record.booked_room_3),
    )
    return tuple(Step(since, int(room)) for since, room in pairs if since is not None)


def stating(steps: Sequence[Step]) -> list[Action]:
    """Have an asset's state say so. It says how many are open too, for steps are compared with that."""
    actions: list[Action] = [AssetStateRecord.format.set(1)]
    for number, (since, room) in enumerate(_attributes()):
        if number < len(steps):
            actions += [since.set(steps[number].since), room.set(steps[number].room)]
        else:
            actions += [since.remove(), room.remove()]
    return actions


def not_kept(at: datetime) -> Condition:
    """That no booking keeps the last place then: for each step it is before it, or there is room all the same."""
    taken = AssetStateRecord.taken
    before: list[Condition] = [since.does_not_exist() | (since > at) | (taken < room) for since, room in _attributes()]
    return reduce(lambda one, other: one & other, before)
