"""Entitlements in DynamoDB, as whoever asks for them reads them; sessions' own acts write them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pynamodb.expressions.update import Action

from chalicelib.access.entitlement import Entitlement
from chalicelib.access.errors import StreamsChanged
from chalicelib.access.records import EntitlementRecord, entitlement_of, entitlement_record
from chalicelib.kernel.time import format_instant
from chalicelib.kernel.writes import Write
from chalicelib.storage.writes import Change

RawItem = Mapping[str, Any]


class EntitlementStore:
    """Satisfies `ports.Entitlements`. `get` reads an item as DynamoDB has it; without one PynamoDB's client does."""

    def __init__(self, get: Callable[[str, str], RawItem | None] | None = None) -> None:
        self._get = get

    def find(self, partner_id: str, name: str) -> Entitlement | None:
        """One consistent read."""
        key = entitlement_record(partner_id, name)
        if self._get is None:
            record = EntitlementRecord.find(key.pk, key.sk)
        else:
            item = self._get(key.pk, key.sk)
            record = EntitlementRecord.from_raw_data(dict(item)) if item else None
        return entitlement_of(record, partner_id) if record else None

    def counting(self, entitlement: Entitlement) -> Sequence[Write]:
        """On the turn before, and on the session as it was read."""
        before, stored = entitlement.turn - 1, EntitlementRecord
        streams = {name: format_instant(until) for name, until in entitlement.streams.items()}
        actions: list[Action] = [stored.streams.set(streams), stored.turn.set(entitlement.turn)]
        turn = stored.turn == before if before else stored.turn.does_not_exist()
        item = entitlement_record(entitlement.partner_id, entitlement.entitled.name)
        return [Change(item, actions, StreamsChanged(), turn & (stored.revision == entitlement.revision))]
