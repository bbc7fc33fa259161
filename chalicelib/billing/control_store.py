"""Settlement policies and the switch of collection in DynamoDB."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from chalicelib.billing.collection_switch import Switch, Waiting
from chalicelib.billing.control_items import (
    COLLECTION,
    SHARDS,
    SWITCH,
    LeftRecord,
    PolicyRecord,
    SwitchRecord,
    WaitingRecord,
    left_record,
    policy_of,
    policy_partition,
    policy_record,
    shard_of,
    switch_of,
    switch_records,
    waiting_key,
    waiting_of,
    waiting_partition,
)
from chalicelib.billing.errors import AlreadyWaits, PolicySet, SwitchTurned
from chalicelib.billing.triggers import SettlementPolicy
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write
from chalicelib.storage.outbox import message
from chalicelib.storage.writes import Change, Put, Remove

GO_ON = "billing.go_on"
_NEVER = datetime.min.replace(tzinfo=UTC)


class ControlStore:
    """Satisfies `triggers.Policies` and `collection_switch.Switches`."""

    def policy(self, month: Month, account_id: str = "") -> SettlementPolicy | None:
        """One query for the newest that began by then."""
        until = PolicyRecord.sk.between("since#", f"since#{month}#~")
        rows = PolicyRecord.listed(policy_partition(account_id), until, limit=1, backwards=True)
        return next(map(policy_of, rows), None)

    def setting_policy(self, policy: SettlementPolicy) -> Write:
        """Beside what was set before."""
        item = policy_record(policy, policy.set_at or _NEVER)
        return Put(item, PolicySet(), PolicyRecord.pk.does_not_exist())

    def switch(self) -> Switch:
        """One consistent read."""
        record = SwitchRecord.find(COLLECTION, SWITCH)
        return switch_of(record) if record else Switch()

    def turns(self, *, limit: int) -> Sequence[Switch]:
        """One query."""
        turned = SwitchRecord.sk.startswith("turned#")
        return [switch_of(each) for each in SwitchRecord.listed(COLLECTION, turned, limit=limit, backwards=True)]

    def turning(self, switch: Switch) -> Sequence[Write]:
        """On the turn before."""
        now, kept = switch_records(switch, switch.at or _NEVER)
        before = SwitchRecord.turn == switch.turn - 1
        first = SwitchRecord.pk.does_not_exist()
        return [Put(now, SwitchTurned(), first if switch.turn == 1 else before), Put(kept, SwitchTurned(), first)]

    def spreading(self, switch: Switch) -> Sequence[Write]:
        """A message for each shard."""
        return [self.next_page(shard, switch.turn, 0, switch.at or _NEVER) for shard in range(SHARDS)]

    def next_page(self, shard: int, turn: int, page: int, now: datetime) -> Write:
        """A message of its own, so that none is taken for the one before."""
        facts = {"shard": str(shard), "turn": str(turn), "page": str(page)}
        return message(GO_ON, f"{turn}:{shard}:{page}", facts, now)

    def waits(self, waiting: Waiting, now: datetime) -> Sequence[Write]:
        """The item, and one more of its shard."""
        pk, sk = waiting_key(waiting)
        new = WaitingRecord.pk.does_not_exist()
        counted = LeftRecord.waiting.add(1), LeftRecord.format.set(1)
        return [
            Put(WaitingRecord(pk=pk, sk=sk, since=now), AlreadyWaits(), new),
            Change(left_record(shard_of(waiting.account_id)), list(counted), AlreadyWaits()),
        ]

    def waiting(self, shard: int, *, limit: int) -> Sequence[Waiting]:
        """One query."""
        return [waiting_of(each) for each in WaitingRecord.listed(waiting_partition(shard), limit=limit)]

    def sending_on(self, sent: Sequence[Waiting]) -> Sequence[Write]:
        """Each item, if it is there, and so many fewer of their shards."""
        keys = [waiting_key(each) for each in sent]
        gone = AlreadyWaits()
        there = WaitingRecord.pk.exists()
        fewer = Counter(shard_of(each.account_id) for each in sent)
        return [
            *(Remove(WaitingRecord(pk=pk, sk=sk), gone, there) for pk, sk in keys),
            *(Change(left_record(shard), [LeftRecord.waiting.add(-n)], gone) for shard, n in fewer.items()),
        ]

    def left(self) -> int:
        """One query."""
        counts = LeftRecord.listed(COLLECTION, LeftRecord.sk.startswith("left#"))
        return sum(int(each.waiting or 0) for each in counts)
