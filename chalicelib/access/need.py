"""From evidence to need: what was used, and for how long a thing was merely kept."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal

from chalicelib.access.model import AccessSession, Need, NeedInterval, NeedState
from chalicelib.kernel.ids import digest
from chalicelib.kernel.quantity import plain
from chalicelib.kernel.time import SECONDS_IN, Interval, format_instant
from chalicelib.metering.model import Event
from chalicelib.metering.usage import Usage, total_of
from chalicelib.rating import START

_FINEST = Decimal("0.000001")
HAND_OUT = "unlocked"
MOST_LISTED, MOST_LISTED_LETTERS, FEW_LISTED = 2_000, 80_000, 20


def need_of(session: AccessSession, usages: Sequence[Usage], as_of: datetime) -> Need:
    """What the evidence shows until `as_of`, in whatever order it came.

    In use is what the thing measured, not what the clock shows. Until it has reported, and for things without any
    device, the time from hand-out to return stands for it; while the session is open that is never less than what the
    bill will say, so the running cost is never below the bill.
    """
    until = session.ended_at or max(as_of, session.started_at)
    events = sorted((event for usage in usages for event in usage.events), key=lambda each: (each.time, each.key))
    quantities: dict[str, Decimal] = {}
    for meter, unit in session.meters.items():
        elapsed = _elapsed(until - session.started_at, unit)
        quantities[meter] = _shown(total_of(meter, usages, until), elapsed, is_open=session.ended_at is None)
    shown_by = {START: _ids(events, HAND_OUT), **{meter: _ids(events, meter) for meter in session.meters}}
    return Need(
        intervals=_intervals(session, events, quantities, until),
        quantities=quantities,
        evidence=shown_by,
        digest=_digest(session, events, until),
    )


def _elapsed(length: timedelta, unit: str) -> Decimal | None:
    """The started seconds, as so many of the unit; None if it is not one of time."""
    if unit not in SECONDS_IN:
        return None
    seconds = Decimal(-(-length // timedelta(seconds=1)))
    return (seconds / SECONDS_IN[unit]).quantize(_FINEST, ROUND_CEILING)


def _shown(reported: Decimal | None, elapsed: Decimal | None, *, is_open: bool) -> Decimal:
    if elapsed is None:
        return reported or Decimal(0)
    if is_open:
        return max(reported or Decimal(0), elapsed)
    return elapsed if reported is None else reported


def _ids(events: Sequence[Event], name: str) -> tuple[str, ...]:
    return _listed([event for event in events if event.name == name])


def _listed(events: Sequence[Event]) -> tuple[str, ...]:
    """Their ids; of very many the first, and a digest of all, since a charge record has to fit into an item."""
    ids = tuple(event.event_id for event in events)
    if len(ids) <= MOST_LISTED and sum(map(len, ids)) <= MOST_LISTED_LETTERS:
        return ids
    return (*ids[:FEW_LISTED], f"{len(ids)} events, sha256:{digest(list(ids))}")


def _intervals(
    session: AccessSession, events: Sequence[Event], quantities: dict[str, Decimal], until: datetime
) -> tuple[NeedInterval, ...]:
    """In use from the hand-out for as long as was measured; what is left until the return was keeping."""
    handed_out = min((event.time for event in events if event.name == HAND_OUT), default=session.started_at)
    begin = min(max(handed_out, session.started_at), until)
    clocks = (quantities[name] * SECONDS_IN[unit] for name, unit in session.meters.items() if unit in SECONDS_IN)
    seconds = next(clocks, None)
    used = until - begin if seconds is None else timedelta(seconds=int(seconds))
    change = min(begin + used, until)
    found = [NeedInterval(NeedState.IN_USE, Interval(begin, change), _listed(events))]
    if change < until:
        found.append(NeedInterval(NeedState.KEPT, Interval(change, until)))
    return tuple(found)


def _digest(session: AccessSession, events: Sequence[Event], until: datetime) -> str:
    """Over what the need was made from, so that a bill can be recomputed and compared."""
    rows = [
        [
            each.source,
            each.event_id,
            format_instant(each.time),
            each.name,
            None if each.value is None else plain(each.value),
            *([dict(each.dimensions)] if each.dimensions else []),
        ]
        for each in events
    ]
    return digest([session.session_id, format_instant(session.started_at), format_instant(until), rows])
