"""A partner, or a thing of its, asks whether a customer may; and counts what one session plays at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.access.entitlement import Decision, Entitlement, Reason, decide, with_stream, without_stream
from chalicelib.access.errors import DeviceElsewhere, NotEntitled, StreamsChanged
from chalicelib.access.ports import Entitlements
from chalicelib.catalogue.ports import Catalogue
from chalicelib.kernel.writes import Commit

_TRIES = 6
GRANTED = timedelta(minutes=15)
"""For how long a thing need not ask again."""
FAILING_OPEN = timedelta(hours=24)
"""For how long a thing that cannot ask goes on letting in, where its product allows that."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Whether the customer of that name may use that asset; `device_id` is the device that asks, if one does."""

    partner_id: str
    asset_id: str
    name: str
    device_id: str | None = None


@dataclass(frozen=True, slots=True)
class Asking:
    """What an answer needs from outside."""

    entitlements: Entitlements
    catalogue: Catalogue
    now: datetime
    commit: Commit


@dataclass(frozen=True, slots=True)
class Grant:
    """What a thing may go by without a network: until `expires_at`; and while it cannot ask, until `offline_until`."""

    entitlement: Entitlement
    granted_at: datetime
    expires_at: datetime
    offline_until: datetime


def ask(asked: Asked, *, asking: Asking) -> Decision:
    """Allow or deny, from one read of one item."""
    found = asking.entitlements.find(asked.partner_id, asked.name)
    _check_device(asked, found, catalogue=asking.catalogue)
    return decide(found, asked.asset_id, asking.now)


def _check_device(asked: Asked, found: Entitlement | None, *, catalogue: Catalogue) -> None:
    """A device asks about its own asset: the one that the session began with, or one that it was put on since."""
    if asked.device_id is None or found is None:
        return
    if (found.asset_id, found.entitled.device_id) == (asked.asset_id, asked.device_id):
        return
    asset = catalogue.asset_by_device(asked.partner_id, asked.device_id)
    if asset is None or asset.asset_id != asked.asset_id:
        raise DeviceElsewhere


def grant(asked: Asked, *, asking: Asking) -> Grant:
    """For a thing that will be without a network; bounded by the instant at which the session stops by itself."""
    decision = ask(asked, asking=asking)
    found, now = decision.entitlement, asking.now
    if found is None or not decision.allow:
        raise NotEntitled(reason=str(decision.reason))
    open_for = FAILING_OPEN if found.entitled.offline else GRANTED
    return Grant(found, now, _bounded(now + GRANTED, found.until), _bounded(now + open_for, found.until))


def _bounded(at: datetime, until: datetime | None) -> datetime:
    return at if until is None else min(at, until)


def open_stream(asked: Asked, stream: str, *, asking: Asking) -> Decision:
    """Open a play, or keep it open for another lease; never more at once than the session allows."""
    for _ in range(_TRIES):
        decision = ask(asked, asking=asking)
        found = decision.entitlement
        if found is None or not decision.allow:
            return decision
        opened = with_stream(found, stream, asking.now)
        if opened is None:
            return Decision(Reason.STREAMS_IN_USE, decision.streams_in_use, found)
        try:
            return asking.commit(asking.entitlements.counting(opened), decide(opened, asked.asset_id, asking.now))
        except StreamsChanged:
            continue
    raise StreamsChanged


def close_stream(asked: Asked, stream: str, *, asking: Asking) -> Decision:
    """A play is over; so it is also once its lease has run out, or when it was closed before."""
    for _ in range(_TRIES):
        decision = ask(asked, asking=asking)
        found = decision.entitlement
        closed = without_stream(found, stream, asking.now) if found else None
        if closed is None or closed is found:
            return decision
        try:
            return asking.commit(asking.entitlements.counting(closed), decide(closed, asked.asset_id, asking.now))
        except StreamsChanged:
            continue
    raise StreamsChanged
