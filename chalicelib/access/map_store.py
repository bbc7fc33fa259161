"""The map of what stands where, in DynamoDB."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from chalicelib.access.booking_items import CALENDAR, CalendarRecord, calendar_of
from chalicelib.access.errors import StandChanged
from chalicelib.access.geohash import Cell
from chalicelib.access.map_items import (
    STAND,
    asset_item,
    asset_of_item,
    asset_stand_key,
    asset_where,
    is_asset,
    keys_of,
    place_item,
    place_of_item,
    place_stand_key,
    place_where,
    stand_record,
)
from chalicelib.access.map_ports import OnMap, Stand, Taken
from chalicelib.access.offers import AssetOnMap, PlaceOnMap
from chalicelib.access.records import AssetStateRecord, OnMapRecord, StandRecord
from chalicelib.access.step_items import steps_of
from chalicelib.catalogue.model import Asset, Place
from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.writes import Write
from chalicelib.storage.outbox import message
from chalicelib.storage.writes import Check, Put, Remove

FOLLOW = "access.follow"


class MapStore:
    """Satisfies `map_ports.Map`. A search reads what was written a moment ago or before, at half the price."""

    def read(self, cells: Sequence[Cell], most: int) -> OnMap:
        """One query a cell, and none once so many items are read."""
        rows: list[OnMapRecord] = []
        complete = True
        for cell in cells:
            if len(rows) >= most:
                return OnMap(*_on_map(rows), complete=False)
            within = OnMapRecord.sk.between(cell.first, cell.last)
            page = next(OnMapRecord.query(f"map#{cell.partition}", within, page_size=most - len(rows)).page_iter)
            rows += [OnMapRecord.from_raw_data(each) for each in page["Items"]]
            complete = complete and "LastEvaluatedKey" not in page
        return OnMap(*_on_map(rows), complete=complete)

    def taken(self, asset_keys: Sequence[str]) -> Mapping[str, Taken]:
        """One batch read of at most a hundred."""
        keys = [(f"asset#{each}", "state") for each in asset_keys]
        states = AssetStateRecord.batch_get(keys, consistent_read=True) if keys else ()
        return {each.pk.removeprefix("asset#"): Taken(int(each.taken), steps_of(each)) for each in states}

    def kept(self, asset_keys: Sequence[str], at: datetime) -> Mapping[str, int]:
        """One batch read of at most a hundred."""
        keys = [(f"asset#{each}", CALENDAR) for each in asset_keys]
        records = CalendarRecord.batch_get(keys, consistent_read=True) if keys else ()
        calendars = (calendar_of(each, each.pk.removeprefix("asset#")) for each in records)
        return {each.asset_key: each.kept_at(at) for each in calendars}

    def stand_of_asset(self, partner_id: str, asset_id: str) -> Stand | None:
        """One consistent read."""
        return _stand(asset_stand_key(partner_id, asset_id))

    def stand_of_place(self, partner_id: str, place_id: str) -> Stand | None:
        """One consistent read."""
        return _stand(place_stand_key(partner_id, place_id))

    def left_at(self, left: str, most: int) -> Sequence[str]:
        """One query."""
        pk, sk = keys_of(left)
        rows = OnMapRecord.listed(pk, OnMapRecord.sk.startswith(f"{sk}#"), limit=most)
        return [asset_of_item(each).asset_id for each in rows]

    def standing(self, asset: AssetOnMap, revision: int, place: Place, before: Stand | None) -> Sequence[Write]:
        """The asset's item and where it is; the place is still there."""
        pk = place_stand_key(place.partner_id, place.place_id)
        at_place = _stand(pk)
        changed = StandChanged(asset_id=asset.asset_id)
        if at_place is None or at_place.revision != place.revision:
            raise changed
        where = asset_where(at_place.where, asset.asset_id)
        still = StandRecord.revision == place.revision
        stand = stand_record(asset_stand_key(asset.partner_id, asset.asset_id), where, revision)
        return [
            Put(asset_item(asset, where), changed),
            Check(StandRecord, (pk, STAND), still, changed),
            *_moving(stand, before, changed),
        ]

    def leaving(self, asset: Asset, before: Stand) -> Sequence[Write]:
        """Where it is, and its item gone."""
        stand = stand_record(asset_stand_key(asset.partner_id, asset.asset_id), "", asset.revision)
        return _moving(stand, before, StandChanged(asset_id=asset.asset_id))

    def placing(self, place: PlaceOnMap, revision: int, before: Stand | None, now: datetime) -> Sequence[Write]:
        """The place's item and where it is; a message, if it was elsewhere."""
        where = place_where(place)
        changed = StandChanged(place_id=place.place_id)
        stand = stand_record(place_stand_key(place.partner_id, place.place_id), where, revision)
        writes: list[Write] = [Put(place_item(place), changed), *_moving(stand, before, changed)]
        if before is not None and before.where != where:
            writes.append(self.following(place.partner_id, place.place_id, before.where, revision * 1_000_000, now))
        return writes

    def following(self, partner_id: str, place_id: str, left: str, turn: int, now: datetime) -> Write:
        """A message to the worker."""
        facts = {"partner_id": partner_id, "place_id": place_id, "left": left, "turn": str(turn)}
        return message(FOLLOW, f"{partner_id}/{place_id}#{turn}", facts, now)


def _on_map(rows: Sequence[OnMapRecord]) -> tuple[list[PlaceOnMap], list[AssetOnMap]]:
    places = [place_of_item(each) for each in rows if not is_asset(each)]
    return places, [asset_of_item(each) for each in rows if is_asset(each)]


def _stand(pk: str) -> Stand | None:
    record = StandRecord.find(pk, STAND)
    return Stand(record.where or "", int(record.revision)) if record else None


def _moving(stand: StandRecord, before: Stand | None, changed: Refusal) -> list[Write]:
    """Where an entry is, if it was as it was read; what it leaves behind goes."""
    as_read = StandRecord.pk.does_not_exist()
    if before is not None:
        where = StandRecord.where == before.where if before.where else StandRecord.where.does_not_exist()
        as_read = (StandRecord.revision == before.revision) & where
    writes: list[Write] = [Put(stand, changed, as_read)]
    if before is not None and before.where and before.where != stand.where:
        pk, sk = keys_of(before.where)
        writes.append(Remove(OnMapRecord(pk=pk, sk=sk), changed))
    return writes
