"""Sessions as items.

session#<id>               session                                    the session
account#<id>               open#<session id>                          that it is open
account#<id>               reserved#<session id>                      that it is reserved
account#<id>               charged#<charged>#<session id>#<revision>    a sealed charge record
asset#<partner>/<asset>    use#<started>#<session id>                 that the session has or had it
asset#<partner>/<asset>    state                                      how many sessions, and which, are open on it
asset#<partner>/<asset>    calendar                                   what of it is booked (booking_items)
booking#<id>               booking                                    a booking (booking_items)
account#<id>               booking#<start>#<booking id>               the same, by when it begins
booked#<partner>           <start>#<booking id>                       the same, for its partner
account#<id>               waiting#<waiting id>                       what the account waits for
asset#<partner>/<asset>    waiting#<joined>#<waiting id>              its place in the asset's line
entitled#<partner>/<name>  entitlement                                what a session lets its customer have
month#<month>#<shard>      account#<id>                               that the account is to be billed for the month
map#<partition>            <geohash>#<partner>/<place>                a place on the map
map#<partition>            <geohash>#<partner>/<place>#<asset>        an asset that stands there
asset#<partner>/<asset>    stand                                      where on the map the asset is
place#<partner>/<place>    stand                                      where on the map the place is
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.expressions.condition import Condition

from chalicelib.access.acts import Act
from chalicelib.access.agreed import Agreed
from chalicelib.access.entitlement import Entitlement
from chalicelib.access.model import (
    AccessSession,
    AssetUse,
    Entitled,
    NeedPolicy,
    State,
)
from chalicelib.access.parts import Move, Part
from chalicelib.access.priced import PricedReservation
from chalicelib.access.stops import Stop
from chalicelib.kernel.quantity import plain
from chalicelib.kernel.time import Month, format_instant, parse_instant
from chalicelib.storage.attributes import DocumentAttribute, InstantAttribute
from chalicelib.storage.record import Record, TableName

_TABLE = TableName("access")
SHARDS = 8


class SessionRecord(Record):
    """A session; also, under its account, that it is open."""

    class Meta:
        """Owned by access."""

        table_name = _TABLE

    session_id = UnicodeAttribute()
    account_id = UnicodeAttribute()
    customer_id = UnicodeAttribute()
    partner_id = UnicodeAttribute()
    product_id = UnicodeAttribute()
    asset_id = UnicodeAttribute()
    tariff_version = NumberAttribute()
    quote_id = UnicodeAttribute()
    started_at = InstantAttribute()
    meters: Any = DocumentAttribute()
    state = UnicodeAttribute()
    ended_at = InstantAttribute(null=True)
    most_per_hour: Any = DocumentAttribute(null=True)
    policy: Any = DocumentAttribute(null=True)
    acts: Any = DocumentAttribute(null=True)
    reserved_until = InstantAttribute(null=True)
    stop: Any = DocumentAttribute(null=True)
    entitled: Any = DocumentAttribute(null=True)
    cuts: Any = DocumentAttribute(null=True)
    parts: Any = DocumentAttribute(null=True)
    moves: Any = DocumentAttribute(null=True)
    agreed: Any = DocumentAttribute(null=True)
    ended_by = UnicodeAttribute(null=True)
    ordered: Any = DocumentAttribute(null=True)
    priced: Any = DocumentAttribute(null=True)
    booking_id = UnicodeAttribute(null=True)
    booked_from = InstantAttribute(null=True)
    earlier: Any = DocumentAttribute(null=True)
    fare = UnicodeAttribute(null=True)
    revision = NumberAttribute(null=True)


class ChargeItem(Record):
    """A sealed charge record."""

    class Meta:
        """Owned by access."""

        table_name = _TABLE

    session: Any = DocumentAttribute()
    need: Any = DocumentAttribute()
    lines: Any = DocumentAttribute()
    currency = UnicodeAttribute()
    sealed_at = InstantAttribute()
    revision = NumberAttribute()


class AssetStateRecord(Record):
    """How many sessions are open on an asset, and which; from when on bookings leave room for only so many.

    `waiting` is how many accounts wait for it.
    """

    class Meta:
        """Owned by access."""

        table_name = _TABLE

    taken = NumberAttribute(default=0)
    sessions: Any = UnicodeSetAttribute(null=True)
    booked_from = InstantAttribute(null=True)
    booked_room = NumberAttribute(null=True)
    booked_from_2 = InstantAttribute(null=True)
    booked_room_2 = NumberAttribute(null=True)
    booked_from_3 = InstantAttribute(null=True)
    booked_room_3 = NumberAttribute(null=True)
    waiting = NumberAttribute(null=True)


class UseRecord(Record):
    """That a session has or had an asset."""

    class Meta:
        """Owned by access."""

        table_name = _TABLE

    session_id = UnicodeAttribute()
    started_at = InstantAttribute()
    ended_at = InstantAttribute(null=True)


class WaitingRecord(Record):
    """An account in line: under the account, and under each of the assets."""

    class Meta:
        """Owned by access."""

        table_name = _TABLE

    waiting_id = UnicodeAttribute()
    account_id = UnicodeAttribute()
    partner_id = UnicodeAttribute()
    product_id = UnicodeAttribute()
    assets: Any = DocumentAttribute()
    place_id = UnicodeAttribute(null=True)
    joined_at = InstantAttribute()
    until = InstantAttribute()
    customer_id = UnicodeAttribute(null=True)


class OnMapRecord(Record):
    """A place or an asset on the map, as a search needs it."""

    class Meta:
        """Owned by access."""

        table_name = _TABLE

    said: Any = DocumentAttribute()


class StandRecord(Record):
    """Where on the map an entry is, by which of its revisions; nowhere: no `where`."""

    class Meta:
        """Owned by access."""

        table_name = _TABLE

    where = UnicodeAttribute(null=True)
    revision = NumberAttribute()


class EntitlementRecord(Record):
    """What a session lets its customer have, under the name that its asset's partner knows. `turn` guards streams."""

    class Meta:
        """Owned by access."""

        table_name = _TABLE

    session_id = UnicodeAttribute()
    asset_id = UnicodeAttribute()
    state = UnicodeAttribute()
    until = InstantAttribute(null=True)
    entitled: Any = DocumentAttribute()
    revision = NumberAttribute()
    streams: Any = DocumentAttribute(null=True)
    turn = NumberAttribute(null=True)
    expires = NumberAttribute(null=True)


class ActiveRecord(Record):
    """That an account is to be billed for a month, and which earlier months were corrected in it."""

    class Meta:
        """Owned by access."""

        table_name = _TABLE

    account_id = UnicodeAttribute()
    adjusts: Any = UnicodeSetAttribute(null=True)


def active_record(account_id: str, month: Month) -> ActiveRecord:
    """The marker of an account in a month."""
    pk = month_partition(month, shard_of(account_id))
    return ActiveRecord(pk=pk, sk=f"account#{account_id}", account_id=account_id)


def shard_of(account_id: str) -> int:
    """In which of a month's partitions the account is."""
    return hashlib.sha256(account_id.encode()).digest()[0] % SHARDS


def month_partition(month: Month, shard: int) -> str:
    """One of the partitions over which a month's accounts are spread."""
    return f"month#{month}#{shard}"


def session_record(session: AccessSession) -> SessionRecord:
    """The item of a session."""
    return _session(session, pk=f"session#{session.session_id}", sk="session")


def open_record(session: AccessSession) -> SessionRecord:
    """The item that says, under its account, that the session is open."""
    return _session(session, pk=f"account#{session.account_id}", sk=f"open#{session.session_id}")


def use_key(started_at: datetime, session_id: str = "") -> str:
    """Sorts an asset's uses by start."""
    return f"use#{format_instant(started_at)}#{session_id}" if session_id else f"use#{format_instant(started_at)}"


def use_record(session: AccessSession) -> UseRecord:
    """The item that says, under its asset, that the session has or had it."""
    return UseRecord(
        pk=f"asset#{session.asset_key}",
        sk=use_key(session.on_asset_since, session.session_id),
        session_id=session.session_id,
        started_at=session.on_asset_since,
        ended_at=session.ended_at,
    )


def asset_use_of(record: UseRecord) -> AssetUse:
    """The use of an item."""
    return AssetUse(record.session_id, record.started_at, record.ended_at)


def reserved_record(session: AccessSession) -> SessionRecord:
    """The item that says, under its account, that the session is reserved."""
    return _session(session, pk=f"account#{session.account_id}", sk=f"reserved#{session.session_id}")


def entitlement_record(partner_id: str, name: str) -> EntitlementRecord:
    """The key of a partner's entitlement of that name."""
    return EntitlementRecord(pk=f"entitled#{partner_id}/{name}", sk="entitlement")


def entitlement_of(record: EntitlementRecord, partner_id: str) -> Entitlement:
    """The entitlement of an item."""
    return Entitlement(
        partner_id=partner_id,
        asset_id=record.asset_id,
        session_id=record.session_id,
        state=State(record.state),
        until=record.until,
        entitled=Entitled.of(record.entitled),
        streams={name: parse_instant(until) for name, until in (record.streams or {}).items()},
        turn=int(record.turn or 0),
        revision=int(record.revision),
    )


def as_before(session: AccessSession) -> Condition:
    """That the stored session is the one before this change."""
    before = session.revision - 1
    return SessionRecord.revision == before if before else SessionRecord.revision.does_not_exist()


def _session(session: AccessSession, *, pk: str, sk: str) -> SessionRecord:
    return SessionRecord(
        pk=pk,
        sk=sk,
        session_id=session.session_id,
        account_id=session.account_id,
        customer_id=session.customer_id,
        partner_id=session.partner_id,
        product_id=session.product_id,
        asset_id=session.asset_id,
        tariff_version=session.tariff_version,
        quote_id=session.quote_id,
        started_at=session.started_at,
        meters=dict(session.meters),
        state=str(session.state),
        ended_at=session.ended_at,
        most_per_hour={name: plain(most) for name, most in session.most_per_hour.items()} or None,
        policy=_policy_document(session),
        acts=[act.row() for act in session.acts] or None,
        reserved_until=session.reserved_until,
        stop=session.stop and session.stop.document(),
        entitled=session.entitled and session.entitled.document(),
        cuts=[format_instant(each) for each in session.cuts] or None,
        parts=[part.document() for part in session.parts] or None,
        moves=[move.row() for move in session.moves] or None,
        agreed=session.agreed and session.agreed.document(),
        ended_by=session.ended_by,
        ordered={name: plain(amount) for name, amount in session.ordered.items()} or None,
        priced=session.priced and session.priced.row(),
        booking_id=session.booking_id,
        booked_from=session.booked_from,
        earlier=[[what, format_instant(at)] for what, at in session.earlier] or None,
        fare=session.fare or None,
        revision=session.revision or None,
    )


def session_of(record: SessionRecord) -> AccessSession:
    """The session of an item."""
    agreed = Agreed.of(record.agreed) if record.agreed else None
    return AccessSession(
        session_id=record.session_id,
        account_id=record.account_id,
        customer_id=record.customer_id,
        partner_id=record.partner_id,
        product_id=record.product_id,
        asset_id=record.asset_id,
        tariff_version=int(record.tariff_version),
        quote_id=record.quote_id,
        started_at=record.started_at,
        meters=record.meters,
        state=State(record.state),
        ended_at=record.ended_at,
        most_per_hour={name: Decimal(most) for name, most in (record.most_per_hour or {}).items()},
        policy=NeedPolicy.of(record.policy) if record.policy else NeedPolicy(),
        acts=tuple(Act.of(row) for row in record.acts or ()),
        reserved_until=record.reserved_until,
        stop=_stop_of(record.stop, agreed),
        entitled=Entitled.of(record.entitled) if record.entitled else None,
        cuts=tuple(parse_instant(each) for each in record.cuts or ()),
        parts=tuple(Part.of(each) for each in record.parts or ()),
        moves=tuple(Move.of(row) for row in record.moves or ()),
        agreed=agreed,
        ended_by=record.ended_by,
        ordered={name: Decimal(amount) for name, amount in (record.ordered or {}).items()},
        priced=PricedReservation.of(record.priced) if record.priced else None,
        booking_id=record.booking_id,
        booked_from=record.booked_from,
        earlier=tuple((what, parse_instant(at)) for what, at in record.earlier or ()),
        fare=record.fare or "",
        revision=int(record.revision or 0),
    )


def _stop_of(document: Mapping[str, Any] | None, agreed: Agreed | None) -> Stop | None:
    return None if document is None else Stop.of(document, agreed.bound if agreed else None)


def _policy_document(session: AccessSession) -> dict[str, object] | None:
    """None for the default, as in items from before there were policies."""
    return None if session.policy == NeedPolicy() else session.policy.document()
