"""Entitlements in DynamoDB, as whoever asks for them reads them; sessions' own acts write them."""

from collections.abc import Sequence

from pynamodb.exceptions import GetError
from pynamodb.expressions.update import Action

from chalicelib.access.entitlement import Entitlement
from chalicelib.access.errors import StreamsChanged
from chalicelib.access.records import EntitlementRecord, entitlement_of, entitlement_record
from chalicelib.kernel.time import format_instant
from chalicelib.kernel.writes import Write
from chalicelib.storage.writes import Busy, Change, unanswered


class EntitlementStore:
    """Satisfies `ports.Entitlements`."""

    def find(self, partner_id: str, name: str) -> Entitlement | None:
        """One consistent read. A thing that waits for the answer is told when there is none just now."""
        key = entitlement_record(partner_id, name)
        try:
            record = EntitlementRecord.find(key.pk, key.sk)
        except GetError as error:
            if unanswered(error):
                raise Busy from error
            raise
        return entitlement_of(record, partner_id) if record else None

    def counting(self, entitlement: Entitlement) -> Sequence[Write]:
        """On the turn before, and on the session as it was read."""
        before, stored = entitlement.turn - 1, EntitlementRecord
        streams = {name: format_instant(until) for name, until in entitlement.streams.items()}
        actions: list[Action] = [stored.streams.set(streams), stored.turn.set(entitlement.turn)]
        turn = stored.turn == before if before else stored.turn.does_not_exist()
        item = entitlement_record(entitlement.partner_id, entitlement.entitled.name)
        return [Change(item, actions, StreamsChanged(), turn & (stored.revision == entitlement.revision))]
