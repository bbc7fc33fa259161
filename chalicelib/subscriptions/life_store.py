"""Subscriptions in DynamoDB."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from types import MappingProxyType

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.kernel.errors import Conflict, Refusal
from chalicelib.kernel.time import Interval, Month, format_instant
from chalicelib.kernel.writes import Write
from chalicelib.storage.outbox import message
from chalicelib.storage.reads import find_all
from chalicelib.storage.timers import Timer, setting
from chalicelib.storage.writes import Change, Check, Put, Remove
from chalicelib.subscriptions.errors import SubscriptionChanged
from chalicelib.subscriptions.life_items import (
    ENDED,
    HAD,
    LIVED,
    STANDING,
    AcceptedRecord,
    HadRecord,
    LifeRecord,
    MovesRecord,
    acceptance_of,
    accepted_record,
    life_of,
    life_record,
    over_record,
    part_of,
    part_record,
)
from chalicelib.subscriptions.life_ports import Page
from chalicelib.subscriptions.living import Act
from chalicelib.subscriptions.moves import Counted, Moved
from chalicelib.subscriptions.standing_items import StandingRecord, lets, standing_of, standing_record
from chalicelib.subscriptions.subscription import Has, Lived, Pause, Phase, Subscription
from chalicelib.subscriptions.terms import Acceptance

TURN = "subscriptions.turn"
"""Put among what is over what has come to its end by itself."""
CLOSE = "subscriptions.close"
"""Settle what its customer has ended, and make its file."""
_PARTS = 8
"""Of a count: a month's writers are spread over as many items."""
_LAST = "~"
_NOTHING: Mapping[str, str] = MappingProxyType({})


class LifeStore:
    """Satisfies `life_ports.Subscriptions`."""

    def lived(self, account_id: str, within: Interval) -> Sequence[Lived]:
        """One query: what was over by the interval's beginning is not even read."""
        first = f"{LIVED}{format_instant(within.start)}"
        rows = LifeRecord.listed(f"account#{account_id}", LifeRecord.sk.between(first, f"{STANDING}{_LAST}"))
        whole: list[Subscription] = []
        parts: dict[str, list[Phase | Pause]] = {}
        for row in rows:
            if row.account_id is None:
                parts.setdefault(row.subscription_id, []).append(part_of(row))
            else:
                whole.append(life_of(row))
        found = [_lived(each, parts.get(each.subscription_id, []), within) for each in whole]
        return [each for each in found if each.phases]

    def find(self, account_id: str, subscription_id: str) -> Subscription | None:
        """One consistent read; of one that has ended two."""
        record = LifeRecord.find(f"account#{account_id}", f"{STANDING}{subscription_id}")
        record = record or LifeRecord.find(f"{STANDING}{subscription_id}", ENDED)
        return life_of(record) if record is not None and record.account_id == account_id else None

    def of_account(self, account_id: str) -> Sequence[Subscription]:
        """One query."""
        rows = LifeRecord.listed(f"account#{account_id}", LifeRecord.sk.startswith(STANDING))
        return [life_of(each) for each in rows]

    def had(self, account_id: str) -> int:
        """One consistent read."""
        record = HadRecord.find(f"account#{account_id}", HAD)
        return 0 if record is None else int(record.many)

    def having(self, account_id: str, had: int) -> Write:
        """One count, as it was read."""
        as_read = HadRecord.many == had if had else HadRecord.pk.does_not_exist()
        return Put(HadRecord(pk=f"account#{account_id}", sk=HAD, many=had + 1), SubscriptionChanged(), as_read)

    def began(self, account_id: str) -> Write:
        """One count, whatever it is."""
        record = HadRecord(pk=f"account#{account_id}", sk=HAD)
        return Change(record, [HadRecord.format.set(1), HadRecord.many.add(1)], SubscriptionChanged())

    def never_among(self, accounts: Sequence[str]) -> Sequence[str]:
        """One consistent batch read: the count is stored with the first subscription as a whole."""
        counts = find_all([(HadRecord, f"account#{each}", HAD) for each in accounts])
        return [each for each, count in zip(accounts, counts, strict=True) if count is None]

    def ended_of(self, account_id: str, *, limit: int, after: str | None) -> Page:
        """Queries until there is a page: parts of what goes on lie between them."""
        rows = LifeRecord.listed(
            f"account#{account_id}", LifeRecord.sk.startswith(LIVED), after=after and f"{LIVED}{after}", backwards=True
        )
        found = list(islice((each for each in rows if each.account_id is not None), limit))
        return _page(found, limit, lambda row: row.sk.removeprefix(LIVED))

    def of_plan(self, plan_id: str, *, ended: bool, limit: int, after: str | None) -> Page:
        """One query."""
        rows = list(islice(LifeRecord.listed(_of_plan(plan_id, ended=ended), limit=limit, after=after), limit))
        return _page(rows, limit, lambda row: row.sk)

    def acting(self, act: Act, counts: Mapping[Counted, int]) -> Sequence[Write]:
        """As it stands now, and under its plan, on the revision before; what is over; what is counted; a timer."""
        after = act.after
        over = [Put(part_record(after, each), _changed(after)) for each in act.over]
        counted = [_counting(after, each, many) for each, many in counts.items()]
        return [*(_stored(act) if after.ended_at is None else _ended(act)), *over, *counted, *_timers(act)]

    def accepting(self, acceptance: Acceptance) -> Write:
        """One item for an act."""
        otherwise = Conflict(subscription_id=acceptance.subscription_id)
        return Put(accepted_record(acceptance), otherwise, AcceptedRecord.pk.does_not_exist())

    def acceptances(self, account_id: str, subscription_id: str) -> Sequence[Acceptance]:
        """One query."""
        keys = AcceptedRecord.sk.startswith(f"accepted#{subscription_id}#")
        return [acceptance_of(each) for each in AcceptedRecord.listed(f"account#{account_id}", keys)]

    def telling(self, subscription: Subscription, code: str, at: datetime, more: Mapping[str, str] = _NOTHING) -> Write:
        """A message to the worker."""
        about = {"account_id": subscription.account_id, "about": subscription.subscription_id, "code": code}
        said = {**about, **more, "told_at": format_instant(at)}
        return message("dialogue.tell", f"{subscription.subscription_id}#{code}#{subscription.revision}", said, at)

    def closing(self, subscription: Subscription, now: datetime) -> Write:
        """A message to the worker."""
        return message(CLOSE, subscription.subscription_id, _whose(subscription), now)

    def counted(self, month: Month) -> Mapping[Counted, int]:
        """One query; the parts of each count are added up."""
        found: dict[Counted, int] = {}
        for row in MovesRecord.listed(f"moves#{month}"):
            plan_id, move, _ = row.sk.split("#")
            counted = Counted(month, plan_id, Moved(move))
            found[counted] = found.get(counted, 0) + int(row.many)
        return {each: many for each, many in found.items() if many}

    def in_force(self, has: Has) -> Write:
        """A condition check on its item, which is gone once it has ended."""
        changed = SubscriptionChanged(subscription_id=has.subscription_id)
        return Check(StandingRecord, standing_of(has.account_id, has.subscription_id), lets(has), changed)

    def looking_at(self, has: Has) -> Write:
        """A message to the worker, who puts away what is used up."""
        facts = {"account_id": has.account_id, "subscription_id": has.subscription_id}
        return message(TURN, f"{has.subscription_id}#{has.person}#{format_instant(has.at)}", facts, has.at)

    def using(self, has: Has) -> Write:
        """One change of its item, on the same condition."""
        changed = SubscriptionChanged(subscription_id=has.subscription_id)
        pk, sk = standing_of(has.account_id, has.subscription_id)
        record = StandingRecord(pk=pk, sk=sk, subscription_id=has.subscription_id)
        actions: list[Action] = [StandingRecord.uses_left.add(-1)]
        return Change(record, actions, changed, lets(has) & StandingRecord.uses_left.exists())


def _lived(subscription: Subscription, over: Iterable[Phase | Pause], within: Interval) -> Lived:
    parts = [*over, subscription.phase, subscription.next_phase, subscription.pause]
    touching = sorted(
        (each for each in parts if each is not None and _touches(each, within)), key=lambda each: each.since
    )
    phases = tuple(each for each in touching if isinstance(each, Phase))
    return Lived(subscription, phases, tuple(each for each in touching if isinstance(each, Pause)))


def _touches(part: Phase | Pause, within: Interval) -> bool:
    return part.since < within.end and (part.until is None or part.until > within.start)


def _page(rows: Sequence[LifeRecord], limit: int, key: Callable[[LifeRecord], str]) -> Page:
    return Page([life_of(each) for each in rows], key(rows[-1]) if len(rows) >= limit else None)


def _of_plan(plan_id: str, *, ended: bool) -> str:
    return f"{'ended' if ended else 'of'}#{plan_id}"


def _changed(subscription: Subscription) -> Refusal:
    return SubscriptionChanged(subscription_id=subscription.subscription_id)


def _listed(subscription: Subscription, *, ended: bool = False) -> LifeRecord:
    return life_record(subscription, _of_plan(subscription.phase.plan_id, ended=ended), subscription.subscription_id)


def _stored(act: Act) -> list[Write]:
    before, after = act.before, act.after
    as_before = LifeRecord.pk.does_not_exist() if before is None else _unchanged(before)
    writes: list[Write] = [
        Put(standing_record(after), _changed(after), as_before),
        Put(_listed(after), _changed(after)),
    ]
    if before is not None and before.phase.plan_id != after.phase.plan_id:
        writes.append(Remove(_listed(before), _changed(after)))
    return writes


def _unchanged(before: Subscription) -> Condition:
    """No act since; and of a pass that counts its uses none was taken, which is no act."""
    same: Condition = LifeRecord.revision == before.revision
    return same if before.uses_left is None else same & (LifeRecord.uses_left == before.uses_left)


def _ended(act: Act) -> list[Write]:
    before, after = act.before, act.after
    if before is None or after.ended_at is None:
        raise ValueError("what ends has begun")
    whole = life_record(after, f"{STANDING}{after.subscription_id}", ENDED)
    return [
        Remove(standing_record(before), _changed(after), _unchanged(before)),
        Remove(_listed(before), _changed(after)),
        Put(over_record(after, after.ended_at), _changed(after)),
        Put(whole, _changed(after), LifeRecord.pk.does_not_exist()),
        Put(_listed(after, ended=True), _changed(after)),
    ]


def _counting(subscription: Subscription, counted: Counted, many: int) -> Write:
    part = hashlib.sha256(subscription.subscription_id.encode()).digest()[0] % _PARTS
    record = MovesRecord(pk=f"moves#{counted.month}", sk=f"{counted.plan_id}#{counted.move}#{part}")
    return Change(record, [MovesRecord.format.set(1), MovesRecord.many.add(many)], _changed(subscription))


def _timers(act: Act) -> list[Write]:
    """For the instant at which a pass runs out, or a change comes into force: then it lies where it belongs.

    And for that from which on nobody has what the plan requires: then it is told.
    """
    after, before = act.after, act.before
    known = set() if before is None else {before.phase.until, before.phase.shown_until}
    wished = set() if after.ended_at is not None else {after.phase.until, after.phase.shown_until}
    return [setting(Timer(at, TURN, _whose(after)), act.at) for at in sorted(filter(None, wished - known))]


def _whose(subscription: Subscription) -> dict[str, str]:
    return {"account_id": subscription.account_id, "subscription_id": subscription.subscription_id}
