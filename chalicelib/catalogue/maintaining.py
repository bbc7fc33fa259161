"""Take an asset off the offers for a while, and put it back. Nothing is done to a session that runs."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.catalogue.changes import Author
from chalicelib.catalogue.errors import UnknownAsset, UnknownTakeOut
from chalicelib.catalogue.model import Asset
from chalicelib.catalogue.ports import Catalogue
from chalicelib.catalogue.taking_out import Stretch, TakeOut, not_over, with_one_more, with_one_needed
from chalicelib.kernel.ids import RandomBytes
from chalicelib.kernel.writes import Commit, Write

_RANDOM_BYTES = 6


@dataclass(frozen=True, slots=True)
class AskTakeOut:
    """What a partner says to take an asset out: why, from when (None: now), until when (None: until it is ended)."""

    partner_id: str
    asset_id: str
    reason: str
    start: datetime | None = None
    until: datetime | None = None


def take_out(
    asked: AskTakeOut, *, author: Author, catalogue: Catalogue, random_bytes: RandomBytes, commit: Commit
) -> TakeOut:
    """From now or from then on the asset is not on offer; a beginning that is past is now."""
    made, writes = _taken_out(asked, with_one_more, author=author, catalogue=catalogue, random_bytes=random_bytes)
    return commit(writes, made)


def _taken_out(
    asked: AskTakeOut,
    adding: Callable[[tuple[Stretch, ...], Stretch], tuple[Stretch, ...]],
    *,
    author: Author,
    catalogue: Catalogue,
    random_bytes: RandomBytes,
) -> tuple[TakeOut, Sequence[Write]]:
    asset = _asset(asked.partner_id, asked.asset_id, catalogue)
    start = max(asked.start or author.at, author.at)
    made = TakeOut(
        partner_id=asked.partner_id,
        asset_id=asked.asset_id,
        take_out_id=_id_of(start, random_bytes),
        reason=asked.reason,
        start=start,
        until=asked.until,
        made_at=author.at,
        made_by=author.by,
    )
    out = asset.taken_out(adding(not_over(asset.take_outs, author.at), made.stretch))
    return made, [*catalogue.adding_take_out(made), *catalogue.putting_asset(out, asset, author.at)]


def taken_out_once(
    asked: AskTakeOut, about: str, *, author: Author, catalogue: Catalogue
) -> tuple[TakeOut, Sequence[Write]]:
    """The take-out that is about a thing, however often it is asked for; and its writes, if it is new.

    The same instant gives it the same id. Nobody plans it, so it counts against no bound.
    """

    def named(count: int) -> bytes:
        return hashlib.sha256(about.encode()).digest()[:count]

    take_out_id = _id_of(author.at, named)
    there = catalogue.take_out(asked.partner_id, asked.asset_id, take_out_id)
    if there is not None:
        return there, []
    return _taken_out(asked, with_one_needed, author=author, catalogue=catalogue, random_bytes=named)


def end_take_out(
    partner_id: str, asset_id: str, take_out_id: str, *, author: Author, catalogue: Catalogue, commit: Commit
) -> TakeOut:
    """The asset is on offer again, or never goes off; a take-out that is over stays as it was."""
    asset, found = _asset(partner_id, asset_id, catalogue), catalogue.take_out(partner_id, asset_id, take_out_id)
    if found is None:
        raise UnknownTakeOut(take_out_id=take_out_id[:64])
    ended = found.end(author.at, author.by)
    if ended == found:
        return found
    others = (each for each in asset.take_outs if each.take_out_id != take_out_id)
    back = asset.taken_out(not_over(others, author.at))
    return commit([*catalogue.ending_take_out(ended), *catalogue.putting_asset(back, asset, author.at)], ended)


def _asset(partner_id: str, asset_id: str, catalogue: Catalogue) -> Asset:
    asset = catalogue.asset(partner_id, asset_id)
    if asset is None:
        raise UnknownAsset(asset_id=asset_id[:64])
    return asset


def _id_of(start: datetime, random_bytes: RandomBytes) -> str:
    """Ids in the order of their beginning, so that a list is too."""
    return f"out_{start:%Y%m%d%H%M%S}_{random_bytes(_RANDOM_BYTES).hex()}"
