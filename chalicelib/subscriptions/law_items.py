"""Withdrawals and announcements as items of this area's table.

account#<id>               withdrawal#<subscription>   what was stated, or confirmed with its receipt
announced#<plan>           <version>                   that a version was announced
told#<plan>#<version>      <subscription>              what one customer was told of it
"""

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Interval
from chalicelib.storage.attributes import InstantAttribute
from chalicelib.storage.record import Record, TableName
from chalicelib.subscriptions.announcement import Announcement, Standing, Told
from chalicelib.subscriptions.difference import Difference
from chalicelib.subscriptions.withdrawal import Owed
from chalicelib.subscriptions.withdrawals import Withdrawal

_TABLE = TableName("subscriptions")
WITHDRAWAL = "withdrawal#"


class WithdrawalRecord(Record):
    """A withdrawal."""

    class Meta:
        """Owned by subscriptions."""

        table_name = _TABLE

    by = UnicodeAttribute()
    country = UnicodeAttribute()
    language = UnicodeAttribute()
    stated_at = InstantAttribute()
    name = UnicodeAttribute(null=True)
    contact = UnicodeAttribute(null=True)
    confirmed_at = InstantAttribute(null=True)
    charged = NumberAttribute(null=True)
    owed = NumberAttribute(null=True)
    currency = UnicodeAttribute(null=True)
    back_by = InstantAttribute(null=True)
    receipt = UnicodeAttribute(null=True)
    version = NumberAttribute()


class AnnouncementRecord(Record):
    """An announcement."""

    class Meta:
        """Owned by subscriptions."""

        table_name = _TABLE

    version = NumberAttribute()
    holds_from = InstantAttribute()
    reason = UnicodeAttribute()
    announced_at = InstantAttribute()
    by = UnicodeAttribute()
    standing = UnicodeAttribute()
    called_off_at = InstantAttribute(null=True)
    revision = NumberAttribute()


class ToldRecord(Record):
    """What one customer was told."""

    class Meta:
        """Owned by subscriptions."""

        table_name = _TABLE

    account_id = UnicodeAttribute()
    from_version = NumberAttribute()
    told_at = InstantAttribute()
    holds_from = InstantAttribute()
    country = UnicodeAttribute()
    since = InstantAttribute()
    until = InstantAttribute()
    before = NumberAttribute()
    after = NumberAttribute()
    currency = UnicodeAttribute()
    silence_accepts = BooleanAttribute()
    moves = BooleanAttribute()
    accepted_at = InstantAttribute(null=True)
    called_off = BooleanAttribute()


def withdrawal_key(account_id: str, subscription_id: str) -> tuple[str, str]:
    """Where a subscription's withdrawal is."""
    return f"account#{account_id}", f"{WITHDRAWAL}{subscription_id}"


def withdrawal_record(withdrawal: Withdrawal) -> WithdrawalRecord:
    """The item of a withdrawal."""
    owed = withdrawal.owed
    return WithdrawalRecord(
        *withdrawal_key(withdrawal.account_id, withdrawal.subscription_id),
        by=withdrawal.by,
        country=withdrawal.country,
        language=withdrawal.language,
        stated_at=withdrawal.stated_at,
        name=withdrawal.name or None,
        contact=withdrawal.contact or None,
        confirmed_at=withdrawal.confirmed_at,
        charged=owed and owed.charged.minor,
        owed=owed and owed.owed.minor,
        currency=owed and owed.charged.currency,
        back_by=owed and owed.back_by,
        receipt=withdrawal.receipt or None,
        version=withdrawal.version,
    )


def withdrawal_of(record: WithdrawalRecord) -> Withdrawal:
    """The withdrawal of an item."""
    return Withdrawal(
        subscription_id=record.sk.removeprefix(WITHDRAWAL),
        account_id=record.pk.removeprefix("account#"),
        by=record.by,
        country=record.country,
        language=record.language,
        stated_at=record.stated_at,
        name=record.name or "",
        contact=record.contact or "",
        confirmed_at=record.confirmed_at,
        owed=_owed_of(record),
        receipt=record.receipt or "",
        version=int(record.version),
    )


def _owed_of(record: WithdrawalRecord) -> Owed | None:
    if record.charged is None or record.owed is None or record.currency is None or record.back_by is None:
        return None
    charged, owed = Money(int(record.charged), record.currency), Money(int(record.owed), record.currency)
    return Owed(charged, owed, charged - owed, record.back_by)


def announced_partition(plan_id: str) -> str:
    """Where a plan's announcements are."""
    return f"announced#{plan_id}"


def version_key(version: int) -> str:
    """Of fixed width, so that key order is the order of versions."""
    return f"{version:08d}"


def announcement_record(announcement: Announcement) -> AnnouncementRecord:
    """The item of an announcement."""
    return AnnouncementRecord(
        pk=announced_partition(announcement.plan_id),
        sk=version_key(announcement.version),
        version=announcement.version,
        holds_from=announcement.holds_from,
        reason=announcement.reason,
        announced_at=announcement.announced_at,
        by=announcement.by,
        standing=str(announcement.standing),
        called_off_at=announcement.called_off_at,
        revision=announcement.revision,
    )


def announcement_of(record: AnnouncementRecord) -> Announcement:
    """The announcement of an item."""
    return Announcement(
        plan_id=record.pk.removeprefix("announced#"),
        version=int(record.version),
        holds_from=record.holds_from,
        reason=record.reason,
        announced_at=record.announced_at,
        by=record.by,
        standing=Standing(record.standing),
        called_off_at=record.called_off_at,
        revision=int(record.revision),
    )


def told_partition(plan_id: str, version: int) -> str:
    """Where all are who were told of a version."""
    return f"told#{plan_id}#{version_key(version)}"


def told_record(told: Told) -> ToldRecord:
    """The item of what one was told."""
    return ToldRecord(
        pk=told_partition(told.plan_id, told.version),
        sk=told.subscription_id,
        account_id=told.account_id,
        from_version=told.from_version,
        told_at=told.told_at,
        holds_from=told.holds_from,
        country=told.country,
        since=told.past.within.start,
        until=told.past.within.end,
        before=told.past.before.minor,
        after=told.past.after.minor,
        currency=told.past.before.currency,
        silence_accepts=told.silence_accepts,
        moves=told.moves,
        accepted_at=told.accepted_at,
        called_off=told.called_off,
    )


def told_of(record: ToldRecord) -> Told:
    """What one was told."""
    plan_id, _, version = record.pk.removeprefix("told#").rpartition("#")
    before, after = Money(int(record.before), record.currency), Money(int(record.after), record.currency)
    return Told(
        subscription_id=record.sk,
        account_id=record.account_id,
        plan_id=plan_id,
        version=int(version),
        from_version=int(record.from_version),
        told_at=record.told_at,
        holds_from=record.holds_from,
        country=record.country,
        past=Difference(Interval(record.since, record.until), before, after),
        silence_accepts=bool(record.silence_accepts),
        moves=bool(record.moves),
        accepted_at=record.accepted_at,
        called_off=bool(record.called_off),
    )
