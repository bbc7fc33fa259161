"""Sessions, charge records and the state of assets in DynamoDB."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.access.active_items import charged_in, to_be_billed
from chalicelib.access.booking_steps import full_from, room_by
from chalicelib.access.charge_items import charge_item, charge_of, charged_key, newest_in
from chalicelib.access.entitlement import OVER, until_of
from chalicelib.access.errors import AlreadyEnded, AssetInUse, SessionChanged
from chalicelib.access.faults import BY_FAULT
from chalicelib.access.limit_store import closing, not_reserved
from chalicelib.access.model import AccessSession, AssetUse, ChargeRecord, Room, State
from chalicelib.access.records import (
    SHARDS,
    ActiveRecord,
    AssetStateRecord,
    ChargeItem,
    EntitlementRecord,
    SessionRecord,
    UseRecord,
    active_record,
    as_before,
    asset_use_of,
    entitlement_record,
    month_partition,
    open_record,
    reserved_record,
    session_of,
    session_record,
    shard_of,
    use_key,
    use_record,
)
from chalicelib.access.sharing import views_of
from chalicelib.access.step_items import not_kept, steps_of
from chalicelib.access.trace_records import watching
from chalicelib.kernel.errors import Conflict, Refusal
from chalicelib.kernel.time import Interval, Month, format_instant
from chalicelib.kernel.writes import Write
from chalicelib.storage.outbox import message
from chalicelib.storage.timers import Timer, setting
from chalicelib.storage.writes import Change, Put, Remove

EXPIRE, STOP, FREED, NARROW = "access.expire", "access.stop", "access.freed", "access.narrow"
NOTHING: Mapping[str, str] = {}
RawItem = Mapping[str, Any]
_MOST_SHOWN, _TOLD_OVER = 100, timedelta(days=1)
"""For how long a partner is told that a session is over, rather than that there is none."""


class SessionStore:
    """Satisfies `ports.Sessions`."""

    def find(self, session_id: str) -> AccessSession | None:
        """One consistent read."""
        record = SessionRecord.find(f"session#{session_id}", "session")
        return session_of(record) if record else None

    def many(self, session_ids: Sequence[str]) -> Mapping[str, AccessSession]:
        """One batch read for each hundred."""
        keys = [(f"session#{each}", "session") for each in session_ids]
        return {each.session_id: session_of(each) for each in SessionRecord.batch_get(keys, consistent_read=True)}

    def open_on(self, asset_key: str) -> Sequence[str]:
        """One consistent read; of what any number may have, which keeps no places, a query of the newest hundred."""
        pk = f"asset#{asset_key}"
        record = AssetStateRecord.find(pk, "state")
        if record is not None and record.sessions:
            return sorted(record.sessions)
        newest = UseRecord.listed(pk, UseRecord.sk.startswith("use#"), limit=_MOST_SHOWN, backwards=True)
        return sorted(each.session_id for each in newest if each.ended_at is None)

    def uses_of(self, asset_key: str, since: datetime, until: datetime) -> Sequence[AssetUse]:
        """Two queries."""
        pk, begin = f"asset#{asset_key}", use_key(since)
        before = UseRecord.listed(pk, UseRecord.sk.between("use#", begin), limit=2, backwards=True)
        within = UseRecord.listed(pk, UseRecord.sk.between(begin, use_key(until, "~")))
        return [asset_use_of(each) for each in [*reversed(list(before)), *within]]

    def is_free(self, asset_key: str, capacity: int | None) -> bool:
        """One consistent read, or none where any number may start."""
        if capacity is None:
            return True
        record = AssetStateRecord.find(f"asset#{asset_key}", "state")
        return record is None or record.taken < capacity

    def room(self, asset_key: str, capacity: int | None, now: datetime) -> Room:
        """One consistent read, or none where any number may start."""
        if capacity is None:
            return Room(free=True)
        record = AssetStateRecord.find(f"asset#{asset_key}", "state")
        taken, steps = int(record.taken) if record else 0, steps_of(record)
        room = room_by(steps, capacity, now)
        free = taken < room
        return Room(free, not free and taken < capacity, full_from(steps, taken, now) if free else None)

    def starting(self, session: AccessSession, capacity: int | None) -> Sequence[Write]:
        """The session, that it is open, and one place on the asset taken."""
        return [*self.opening(session), *_taking(session, capacity, session.started_at)]

    def opening(self, session: AccessSession) -> Sequence[Write]:
        """The session, and that it is open."""
        in_use = AssetInUse(asset_id=session.asset_id)
        return [
            Put(session_record(session), in_use, SessionRecord.pk.does_not_exist()),
            Put(open_record(session), in_use, SessionRecord.pk.does_not_exist()),
            Put(use_record(session), in_use, UseRecord.pk.does_not_exist()),
            *_entitling(session, in_use, session.started_at),
            *watching(session),
        ]

    def reserving(self, session: AccessSession, capacity: int | None) -> Sequence[Write]:
        """The session, that it is reserved, one place on the asset taken, and when it expires."""
        in_use = AssetInUse(asset_id=session.asset_id)
        until = session.reserved_until or session.started_at
        timer = Timer(until, EXPIRE, {"session_id": session.session_id})
        return [
            Put(session_record(session), in_use, SessionRecord.pk.does_not_exist()),
            Put(reserved_record(session), in_use, SessionRecord.pk.does_not_exist()),
            *_taking(session, capacity, max(until - timedelta(microseconds=1), session.started_at)),
            setting(timer, session.started_at),
            *_entitling(session, in_use, session.started_at),
        ]

    def handing_out(self, session: AccessSession) -> Sequence[Write]:
        """On the revision before; the place on the asset stays taken."""
        changed = SessionChanged(session_id=session.session_id)
        return [
            Put(session_record(session), changed, as_before(session)),
            Remove(reserved_record(session), changed, SessionRecord.pk.exists()),
            Put(open_record(session), changed, SessionRecord.pk.does_not_exist()),
            Put(use_record(session), changed, UseRecord.pk.does_not_exist()),
            *_entitling(session, changed, session.started_at),
            *watching(session),
        ]

    def giving_up(self, session: AccessSession, at: datetime) -> Sequence[Write]:
        """On the revision before; the place on the asset is free."""
        changed = SessionChanged(session_id=session.session_id)
        return [
            Put(session_record(session), changed, as_before(session)),
            Remove(reserved_record(session), changed, SessionRecord.pk.exists()),
            *_giving_free(session, changed, session.reserved_until or session.started_at),
            *_entitling(session, changed, session.reserved_until or session.started_at),
            *not_reserved(session, at),
        ]

    def changing(self, session: AccessSession) -> Sequence[Write]:
        """On the revision before; and when it is to be ended, if its customer has said so."""
        changed = SessionChanged(session_id=session.session_id)
        return [
            Put(session_record(session), changed, as_before(session)),
            *(Put(open_record(each), changed, SessionRecord.pk.exists()) for each in views_of(session)),
            *_entitling(session, changed, session.started_at),
            *(watching(session) if session.state is State.PAUSED else ()),
        ]

    def moving(
        self, before: AccessSession, after: AccessSession, capacity: int | None, *, faulty: bool = False
    ) -> Sequence[Write]:
        """As any change; the one asset's place is given free, the other's taken, and each knows of its use."""
        changed = SessionChanged(session_id=after.session_id)
        until = replace(before, ended_at=after.on_asset_since)
        return [
            *self.changing(after),
            *_giving_free(before, changed, after.on_asset_since, faulty=faulty),
            Put(use_record(until), changed),
            *_taking(after, capacity, after.on_asset_since),
            Put(use_record(after), changed, UseRecord.pk.does_not_exist()),
        ]

    def stopping(self, session: AccessSession, now: datetime) -> Sequence[Write]:
        """A timer, if the session is to be ended at an instant."""
        if session.stop is None:
            return []
        return [setting(Timer(session.stop.at, STOP, {"session_id": session.session_id}), now)]

    def narrowing(self, account_id: str, at: datetime, now: datetime) -> Write:
        """A timer."""
        return setting(Timer(at, NARROW, {"account_id": account_id}), now)

    def telling(self, session: AccessSession, code: str, at: datetime, more: Mapping[str, str] = NOTHING) -> Write:
        """A message to the worker."""
        facts = {"account_id": session.account_id, "about": session.session_id, "code": code}
        told = {**facts, **more, "asset": session.asset_id, "told_at": format_instant(at)}
        key = f"{session.session_id}#{code}#{format_instant(at)}"
        return message("dialogue.tell", f"{key}#{session.account_id}" if session.parts else key, told, at)

    def reporting_fault(self, session: AccessSession, at: datetime) -> Write:
        """A message to the worker."""
        asset = {"partner_id": session.partner_id, "asset_id": session.asset_id}
        facts = {**asset, "session_id": session.session_id, "at": format_instant(at)}
        return message("catalogue.fault", f"{session.session_id}#{session.asset_id}", facts, at)

    def reserved_of(self, account_id: str) -> Sequence[AccessSession]:
        """One query."""
        rows = SessionRecord.listed(f"account#{account_id}", SessionRecord.sk.startswith("reserved#"))
        return [session_of(each) for each in rows]

    def active_in(self, account_id: str, month: Month, *adjusts: Month | None) -> Write:
        """The marker of the month."""
        return to_be_billed(account_id, month, *adjusts)

    def cutting(
        self, cut: AccessSession, records: Sequence[ChargeRecord], month: Month, adjusts: Month
    ) -> Sequence[Write]:
        """On the revision before; each account is to be looked at again when the next month closes."""
        there = Conflict(session_id=cut.session_id)
        accounts = [each.session.account_id for each in records]
        return [
            *self.changing(cut),
            *(Put(charge_item(each), there, ChargeItem.pk.does_not_exist()) for each in records),
            *(to_be_billed(each, *when) for each in accounts for when in ((month, adjusts), (month.next,))),
        ]

    def ending(self, record: ChargeRecord, month: Month, adjusts: Month | None = None) -> Sequence[Write]:
        """The session ended, its charge sealed, the place on the asset free, the account to be billed."""
        session = record.session
        ended, changed = AlreadyEnded(session_id=session.session_id), SessionChanged(session_id=session.session_id)
        return [
            Put(session_record(session), changed, as_before(session)),
            Remove(open_record(session), ended, SessionRecord.pk.exists()),
            *_giving_free(session, changed, record.sealed_at, faulty=session.ended_by == BY_FAULT),
            Put(use_record(session), ended),
            Put(charge_item(record), ended, ChargeItem.pk.does_not_exist()),
            *charged_in(record, month, adjusts),
            closing(session),
            *_entitling(session, ended, record.sealed_at),
        ]

    def ending_part(self, record: ChargeRecord, month: Month, adjusts: Month | None = None) -> Sequence[Write]:
        """What the session's own writes do not say: its end in a further account."""
        ended = AlreadyEnded(session_id=record.session.session_id)
        return [
            Remove(open_record(record.session), ended, SessionRecord.pk.exists()),
            Put(charge_item(record), ended, ChargeItem.pk.does_not_exist()),
            *charged_in(record, month, adjusts),
            closing(record.session),
            self.telling(record.session, "shared_session_ended", record.ended_at),
        ]

    def joining(self, session: AccessSession) -> Sequence[Write]:
        """As any change; under the account of who came last it is open from now on."""
        changed = SessionChanged(session_id=session.session_id)
        *others, newest = views_of(session)
        return [
            Put(session_record(session), changed, as_before(session)),
            *(Put(open_record(each), changed, SessionRecord.pk.exists()) for each in others),
            Put(open_record(newest), changed, SessionRecord.pk.does_not_exist()),
            *_entitling(session, changed, session.started_at),
        ]

    def leaving(self, session: AccessSession, gone: AccessSession) -> Sequence[Write]:
        """As any change; who is gone counts it among their open ones no more."""
        return [*self.changing(session), closing(gone)]

    def charging(self, record: ChargeRecord, month: Month) -> Sequence[Write]:
        """The charge sealed, the account to be billed."""
        there = Conflict(session_id=record.session.session_id, revision=record.revision)
        return [
            Put(charge_item(record), there, ChargeItem.pk.does_not_exist()),
            *charged_in(record, month),
        ]

    def noting(self, session: AccessSession) -> Write:
        """One item."""
        there = Conflict(session_id=session.session_id)
        return Put(session_record(session), there, SessionRecord.pk.does_not_exist())

    def correcting(self, record: ChargeRecord, month: Month, ended_in: Month) -> Sequence[Write]:
        """The counter-record, unless that revision is there, and the account to be billed."""
        there = Conflict(session_id=record.session.session_id, revision=record.revision)
        return [
            Put(charge_item(record), there, ChargeItem.pk.does_not_exist()),
            *charged_in(record, month, ended_in),
        ]

    def hear_again(self, session_id: str, now: datetime) -> Write:
        """A message to the worker."""
        return message("access.evidence", session_id, {"session_id": session_id}, now)

    def open_of(self, account_id: str) -> Sequence[AccessSession]:
        """One query."""
        rows = SessionRecord.listed(f"account#{account_id}", SessionRecord.sk.startswith("open#"))
        return [session_of(each) for each in rows]

    def charged(self, account_id: str, charged: Interval) -> Sequence[ChargeRecord]:
        """One query; of each session the last revision."""
        between = ChargeItem.sk.between(charged_key(charged.start), charged_key(charged.end))
        return newest_in(map(charge_of, ChargeItem.listed(f"account#{account_id}", between)), charged)

    def charge_of(self, session: AccessSession) -> ChargeRecord | None:
        """One query for the last revision."""
        if session.charged_at is None:
            return None
        rows = ChargeItem.listed(*_charged(session, session.charged_at), limit=1, backwards=True)
        return next((charge_of(each) for each in rows), None)

    def charges_of(self, session: AccessSession) -> Sequence[ChargeRecord]:
        """One query."""
        if session.charged_at is None:
            return []
        return [charge_of(each) for each in ChargeItem.listed(*_charged(session, session.charged_at))]

    def adjusted_months(self, account_id: str, month: Month) -> Sequence[Month]:
        """One read."""
        marker = active_record(account_id, month)
        record = ActiveRecord.find(marker.pk, marker.sk)
        return [Month.parse(each) for each in sorted(record.adjusts or ())] if record else []

    def active_accounts(self, month: Month) -> Sequence[str]:
        """One query a shard; in order of account."""
        shards = [ActiveRecord.listed(month_partition(month, shard)) for shard in range(SHARDS)]
        return sorted(record.account_id for shard in shards for record in shard)

    def active_accounts_after(self, month: Month, *, limit: int, after: str | None) -> Sequence[str]:
        """One query for each shard that the page touches; in order of shard and account."""
        found: list[str] = []
        behind = None if after is None else active_record(after, month).sk
        for shard in range(0 if after is None else shard_of(after), SHARDS):
            rows = ActiveRecord.listed(month_partition(month, shard), limit=limit - len(found), after=behind)
            found += [record.account_id for record in rows]
            behind = None
            if len(found) == limit:
                break
        return found


def _entitling(session: AccessSession, otherwise: Refusal, at: datetime) -> Sequence[Change]:
    """What the session lets its customer have, from this act of it on; what it plays stays. What is over is kept a day.

    The act's own condition on the session guards it.
    """
    entitled = session.entitled
    if entitled is None:
        return []
    stored, until = EntitlementRecord, until_of(session)
    actions: list[Action] = [
        stored.format.set(1),
        stored.session_id.set(session.session_id),
        stored.asset_id.set(session.asset_id),
        stored.state.set(str(session.state)),
        stored.until.set(until) if until else stored.until.remove(),
        stored.entitled.set(entitled.document()),
        stored.revision.set(session.revision),
    ]
    if session.state in OVER:
        actions.append(stored.expires.set(int((at + _TOLD_OVER).timestamp())))
    return [Change(entitlement_record(session.partner_id, entitled.name), actions, otherwise)]


def _charged(session: AccessSession, charged_at: datetime) -> tuple[str, Condition]:
    """Where the charge records of a session are."""
    key = f"{charged_key(charged_at)}#{session.session_id}#"
    return f"account#{session.account_id}", ChargeItem.sk.startswith(key)


def _taking(session: AccessSession, capacity: int | None, at: datetime) -> list[Change]:
    """One place on the asset, if there is one. Of what any number may have, none is kept: they would not fit."""
    if capacity is None:
        return []
    room = (AssetStateRecord.taken.does_not_exist() | (AssetStateRecord.taken < capacity)) & not_kept(at)
    taking: list[Action] = [
        AssetStateRecord.format.set(1),
        AssetStateRecord.taken.add(1),
        AssetStateRecord.sessions.add({session.session_id}),
    ]
    asset = AssetStateRecord(pk=f"asset#{session.asset_key}", sk="state")
    return [Change(asset, taking, AssetInUse(asset_id=session.asset_id), room)]


def _giving_free(session: AccessSession, otherwise: Refusal, at: datetime, *, faulty: bool = False) -> list[Write]:
    """Its place on the asset, if it has one, and word to the worker if anybody waits for it; one consistent read.

    Who gets in line does so on the condition that the asset is taken: so they are seen here, or they see it free. What
    is out of order is held for nobody: it is on its way off the offers. A place is taken with the session's first item
    and given free with its last change, which has a condition of its own: so what is read here is still so then.
    """
    asset = AssetStateRecord(pk=f"asset#{session.asset_key}", sk="state")
    giving: list[Action] = [AssetStateRecord.taken.add(-1), AssetStateRecord.sessions.delete({session.session_id})]
    there = AssetStateRecord.sessions.contains(session.session_id)
    stands = AssetStateRecord.find(asset.pk, asset.sk)
    if stands is None or session.session_id not in (stands.sessions or ()):
        return []
    if faulty:
        return [Change(asset, giving, otherwise, there)]
    if not stands.waiting or stands.waiting < 1:
        nobody = AssetStateRecord.waiting.does_not_exist() | (AssetStateRecord.waiting < 1)
        return [Change(asset, giving, otherwise, there & nobody)]
    freed = {"partner_id": session.partner_id, "asset_id": session.asset_id}
    told = message(FREED, f"{session.asset_key}#{session.session_id}#{session.revision}", freed, at)
    return [Change(asset, giving, otherwise, there), told]
