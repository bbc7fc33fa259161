"""Who waits for what, in DynamoDB."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.access.errors import WaitingChanged
from chalicelib.access.model import AccessSession
from chalicelib.access.records import AssetStateRecord, WaitingRecord
from chalicelib.access.waiting import Waiting
from chalicelib.access.waiting_ports import Taken
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import format_instant
from chalicelib.kernel.writes import Write
from chalicelib.storage.outbox import message
from chalicelib.storage.timers import Timer, setting
from chalicelib.storage.writes import Change, Put, Remove

OVER = "access.waited"


class WaitingStore:
    """Satisfies `waiting_ports.Lines`."""

    def find(self, account_id: str, waiting_id: str) -> Waiting | None:
        """One consistent read."""
        record = WaitingRecord.find(f"account#{account_id}", f"waiting#{waiting_id}")
        return _waiting_of(record) if record else None

    def of_account(self, account_id: str) -> Sequence[Waiting]:
        """One query."""
        rows = WaitingRecord.listed(f"account#{account_id}", WaitingRecord.sk.startswith("waiting#"))
        return sorted((_waiting_of(each) for each in rows), key=lambda each: (each.joined_at, each.waiting_id))

    def first(self, asset_key: str) -> Waiting | None:
        """One query."""
        rows = WaitingRecord.listed(f"asset#{asset_key}", WaitingRecord.sk.startswith("waiting#"), limit=1)
        return next((_waiting_of(each) for each in rows), None)

    def taken(self, asset_keys: Sequence[str]) -> Mapping[str, Taken]:
        """One consistent batch read."""
        keys = [(f"asset#{each}", "state") for each in asset_keys]
        rows = {each.pk: each for each in AssetStateRecord.batch_get(keys, consistent_read=True)}
        found = ((each, rows.get(f"asset#{each}")) for each in asset_keys)
        return {key: Taken(int(row.taken), int(row.waiting or 0)) if row else Taken(0, 0) for key, row in found}

    def joining(self, waiting: Waiting, capacities: Mapping[str, int]) -> Sequence[Write]:
        """That each asset is taken is a condition on the item that giving it free changes."""
        changed = WaitingChanged(waiting_id=waiting.waiting_id)
        timer = Timer(waiting.until, OVER, {"account_id": waiting.account_id, "waiting_id": waiting.waiting_id})
        return [
            Put(_under_account(waiting), changed, WaitingRecord.pk.does_not_exist()),
            *(Put(_in_line(waiting, key), changed) for key in waiting.asset_keys),
            *(
                Change(_state(key), [AssetStateRecord.waiting.add(1)], changed, AssetStateRecord.taken >= most)
                for key, most in capacities.items()
            ),
            setting(timer, waiting.joined_at),
        ]

    def leaving(self, waiting: Waiting, *, held: str | None = None) -> Sequence[Write]:
        """Where it was joined anew meanwhile, another instant stands there and it stays."""
        changed = WaitingChanged(waiting_id=waiting.waiting_id)
        joined_at = WaitingRecord.joined_at == waiting.joined_at
        return [
            Remove(_under_account(waiting), changed, joined_at),
            *(Remove(_in_line(waiting, key), changed) for key in waiting.asset_keys),
            *(
                Change(_state(key), [AssetStateRecord.waiting.add(-1)], changed)
                for key in waiting.asset_keys
                if key != held
            ),
        ]

    def holding(self, reserving: Sequence[Write]) -> Sequence[Write]:
        """One item is written once in a transaction: the asset's place is taken and its line shortened together."""
        return [_one_fewer(each) for each in reserving]

    def calling(self, session: AccessSession, worst_case: Money, now: datetime) -> Write:
        """A message to the worker."""
        told = {
            "account_id": session.account_id,
            "about": session.session_id,
            "code": "waiting_turn",
            "asset": session.asset_id,
            "until": format_instant(session.reserved_until or now),
            "worst_case": f"{worst_case.amount} {worst_case.currency}",
            "told_at": format_instant(now),
        }
        return message("dialogue.tell", f"{session.session_id}#waiting_turn", told, now)

    def dropping(self, waiting: Waiting, code: str, now: datetime) -> Write:
        """A message to the worker."""
        about = {"account_id": waiting.account_id, "about": waiting.waiting_id, "code": code}
        told = {**about, "product": waiting.product_id, "told_at": format_instant(now)}
        return message("dialogue.tell", f"{waiting.waiting_id}#{code}#{format_instant(now)}", told, now)


def _state(asset_key: str) -> AssetStateRecord:
    return AssetStateRecord(pk=f"asset#{asset_key}", sk="state")


def _one_fewer(write: Write) -> Write:
    if isinstance(write, Change) and isinstance(write.record, AssetStateRecord):
        return replace(write, actions=[*write.actions, AssetStateRecord.waiting.add(-1)])
    return write


def _under_account(waiting: Waiting) -> WaitingRecord:
    return _record(waiting, f"account#{waiting.account_id}", f"waiting#{waiting.waiting_id}")


def _in_line(waiting: Waiting, asset_key: str) -> WaitingRecord:
    place = f"waiting#{format_instant(waiting.joined_at)}#{waiting.waiting_id}"
    return _record(waiting, f"asset#{asset_key}", place)


def _record(waiting: Waiting, pk: str, sk: str) -> WaitingRecord:
    return WaitingRecord(
        pk=pk,
        sk=sk,
        waiting_id=waiting.waiting_id,
        account_id=waiting.account_id,
        partner_id=waiting.partner_id,
        product_id=waiting.product_id,
        assets=list(waiting.assets),
        place_id=waiting.place_id,
        joined_at=waiting.joined_at,
        until=waiting.until,
        customer_id=waiting.customer_id,
    )


def _waiting_of(record: WaitingRecord) -> Waiting:
    return Waiting(
        waiting_id=record.waiting_id,
        account_id=record.account_id,
        partner_id=record.partner_id,
        product_id=record.product_id,
        assets=tuple(record.assets),
        place_id=record.place_id,
        joined_at=record.joined_at,
        until=record.until,
        customer_id=record.customer_id,
    )
