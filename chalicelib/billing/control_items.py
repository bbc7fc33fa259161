"""When accounts are settled, and whether anything is collected, as items of billing's table.

policy                 since#<month>#<set at>       when accounts are settled, from a month on
policy#<account>       since#<month>#<set at>       the same for one account
collection             switch                       whether collection is stopped
collection             turned#<turn>                the same as it was turned then
collection             left#<shard>                 how many of a shard wait
waiting#<shard>        <account>#<month>#<number>   an invoice that waits for its release
"""

import zlib
from datetime import datetime

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.billing.collection_switch import Switch, Waiting
from chalicelib.billing.triggers import SettleAt, SettlementPolicy
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month, format_instant
from chalicelib.storage.attributes import InstantAttribute
from chalicelib.storage.record import Record, TableName

_TABLE = TableName("billing")
COLLECTION, SWITCH = "collection", "switch"
SHARDS = 16


class PolicyRecord(Record):
    """When accounts are settled, from a month on; without `at` as all others are."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    at = UnicodeAttribute(null=True)
    threshold = NumberAttribute(null=True)
    currency = UnicodeAttribute(null=True)
    set_by = UnicodeAttribute()
    set_at = InstantAttribute()


class SwitchRecord(Record):
    """Whether collection is stopped, since when, by whom and why."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    stopped = BooleanAttribute()
    by = UnicodeAttribute()
    note = UnicodeAttribute()
    at = InstantAttribute()
    turn = NumberAttribute()
    left = NumberAttribute()


class LeftRecord(Record):
    """How many invoices of a shard wait."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    waiting = NumberAttribute(null=True)


class WaitingRecord(Record):
    """An invoice that waits."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    since = InstantAttribute()


def policy_partition(account_id: str) -> str:
    """Where the policies of all accounts, or of one, are."""
    return f"policy#{account_id}" if account_id else "policy"


def policy_record(policy: SettlementPolicy, set_at: datetime) -> PolicyRecord:
    """The item of a policy."""
    return PolicyRecord(
        pk=policy_partition(policy.account_id),
        sk=f"since#{policy.since}#{format_instant(set_at)}",
        at=str(policy.at) if policy.at is not None else None,
        threshold=policy.threshold.minor if policy.threshold is not None else None,
        currency=policy.threshold.currency if policy.threshold is not None else None,
        set_by=policy.set_by,
        set_at=set_at,
    )


def policy_of(record: PolicyRecord) -> SettlementPolicy:
    """The policy of an item."""
    threshold = None
    if record.threshold is not None and record.currency is not None:
        threshold = Money(int(record.threshold), record.currency)
    return SettlementPolicy(
        since=Month.parse(record.sk.split("#")[1]),
        at=SettleAt(record.at) if record.at is not None else None,
        threshold=threshold,
        account_id=record.pk.removeprefix("policy").removeprefix("#"),
        set_by=record.set_by,
        set_at=record.set_at,
    )


def switch_records(switch: Switch, at: datetime) -> tuple[SwitchRecord, SwitchRecord]:
    """The item of the switch, and that which stays on record."""

    def item(sk: str) -> SwitchRecord:
        stopped, by, note = switch.stopped, switch.by, switch.note
        turn, left = switch.turn, switch.left
        return SwitchRecord(pk=COLLECTION, sk=sk, stopped=stopped, by=by, note=note, at=at, turn=turn, left=left)

    return item(SWITCH), item(f"turned#{switch.turn:06d}")


def switch_of(record: SwitchRecord) -> Switch:
    """What an item says."""
    return Switch(record.stopped, record.by, record.note, record.at, int(record.turn), int(record.left))


def shard_of(account_id: str) -> int:
    """In which shard an account's invoices wait."""
    return zlib.crc32(account_id.encode()) % SHARDS


def waiting_partition(shard: int) -> str:
    """Where a shard's invoices wait."""
    return f"waiting#{shard:02d}"


def waiting_key(waiting: Waiting) -> tuple[str, str]:
    """The key of an invoice that waits."""
    return waiting_partition(shard_of(waiting.account_id)), f"{waiting.account_id}#{waiting.month}#{waiting.number:04d}"


def waiting_of(record: WaitingRecord) -> Waiting:
    """The invoice of an item."""
    account_id, month, number = record.sk.split("#")
    return Waiting(account_id, Month.parse(month), int(number))


def left_record(shard: int) -> LeftRecord:
    """The key of a shard's count."""
    return LeftRecord(pk=COLLECTION, sk=f"left#{shard:02d}")
