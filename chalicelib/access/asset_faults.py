"""A thing that says it is out of order while it is nobody's in particular: at rest, or used by several at once."""

from datetime import datetime

from chalicelib.access.case import Case, CaseKind
from chalicelib.access.case_ports import Cases
from chalicelib.access.ending import Ending
from chalicelib.access.metered import asset_named, subject_of_asset
from chalicelib.catalogue.changes import Author
from chalicelib.catalogue.maintaining import AskTakeOut, taken_out_once
from chalicelib.catalogue.model import Asset
from chalicelib.metering.model import AHEAD, BEHIND, FAULT, Event
from chalicelib.metering.usage import usage_between

REASON = "fault_reported_by_asset"


def look_at_asset(subject: str, *, cases: Cases, parts: Ending) -> Case | None:
    """Take it off the offers and open a case, both at once, unless it is out already until somebody puts it back."""
    asset = parts.catalogue.asset(*asset_named(subject))
    if asset is None or any(each.until is None and each.holds(parts.now) for each in asset.take_outs):
        return None
    fault = standing_fault(asset, parts)
    if fault is None:
        return None
    asked = AskTakeOut(asset.partner_id, asset.asset_id, f"fault reported by {asset.asset_id}")
    about, author = f"{subject} {fault.source} {fault.event_id}", Author("asset", parts.now)
    out, taking_out = taken_out_once(asked, about, author=author, catalogue=parts.catalogue)
    case = Case(
        kind=CaseKind.FAULT,
        partner_id=asset.partner_id,
        asset_id=asset.asset_id,
        session_id=None,
        reason=REASON,
        opened_at=parts.now,
        credit=None,
        take_out_id=out.take_out_id,
    )
    return parts.commit([*taking_out, *cases.opening(case)], case)


def standing_fault(asset: Asset, parts: Ending) -> Event | None:
    """The last that it told of these weeks, if nobody has used it and given it back since."""
    now, subject = parts.now, subject_of_asset(asset)
    seen = usage_between(subject, now - BEHIND, now + AHEAD, parts.zone, heads=parts.heads)
    faults = [event for usage in seen for event in usage.events if event.name == FAULT and event.is_signal]
    last = max(faults, key=lambda each: (each.time, each.key), default=None)
    return None if last is None or _used_since(asset, last.time, parts) else last


def _used_since(asset: Asset, at: datetime, parts: Ending) -> bool:
    uses = parts.sessions.uses_of(asset.asset_key, at, parts.now)
    return any(each.started_at >= at and each.ended_at is not None for each in uses)
