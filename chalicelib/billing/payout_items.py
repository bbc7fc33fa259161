"""Paying partners as items of billing's table, all of a partner in one partition.

partner#<id>   payout                     its account at the provider
partner#<id>   due#<since>#<due id>       an amount that waits to be sent
partner#<id>   known#<due id>             that it was, or is, one: so that none is added twice
partner#<id>   paying                     where its movements stand
partner#<id>   movement#<number>          a movement
partner#<id>   moved#<month>#<number>     the same once it is done, by month
partner#<id>   sent#<due id>              which transfer sent a due
"""

from typing import Any

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.billing.payout_model import Due, Movement, MovementKind, MovementState, Paying, PayoutAccount
from chalicelib.billing.share_items import partner_partition
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month, format_instant, parse_instant
from chalicelib.storage.attributes import DocumentAttribute, InstantAttribute
from chalicelib.storage.record import Record, TableName

_TABLE = TableName("billing")
PAYOUT, PAYING = "payout", "paying"


class PayoutAccountRecord(Record):
    """A partner's account at the provider."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    provider_account = UnicodeAttribute()
    opened_at = InstantAttribute()
    ready = BooleanAttribute()
    submitted = BooleanAttribute()
    due: Any = DocumentAttribute()
    version = NumberAttribute()


class DueRecord(Record):
    """An amount that waits to be sent."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    due: Any = DocumentAttribute()


class KnownRecord(Record):
    """That an amount was added."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE


class PayingRecord(Record):
    """Where a partner's movements stand."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    last = NumberAttribute()
    on_its_way = BooleanAttribute()
    version = NumberAttribute()


class MovementRecord(Record):
    """A movement."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    number = NumberAttribute()
    kind = UnicodeAttribute()
    state = UnicodeAttribute()
    minor = NumberAttribute()
    currency = UnicodeAttribute()
    dues: Any = DocumentAttribute()
    planned_at = InstantAttribute()
    done_at = InstantAttribute(null=True)
    of = NumberAttribute(null=True)
    provider_id = UnicodeAttribute(null=True)
    taken_back = NumberAttribute()


class SentRecord(Record):
    """Which transfer sent a due."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    number = NumberAttribute()


def account_record(account: PayoutAccount) -> PayoutAccountRecord:
    """The item of an account."""
    return PayoutAccountRecord(
        pk=partner_partition(account.partner_id),
        sk=PAYOUT,
        provider_account=account.provider_account,
        opened_at=account.opened_at,
        ready=account.ready,
        submitted=account.submitted,
        due=list(account.due),
        version=account.version,
    )


def account_of(record: PayoutAccountRecord) -> PayoutAccount:
    """The account of an item."""
    return PayoutAccount(
        partner_id=_partner(record.pk),
        provider_account=record.provider_account,
        opened_at=record.opened_at,
        ready=bool(record.ready),
        submitted=bool(record.submitted),
        due=tuple(record.due),
        version=int(record.version),
    )


def due_record(due: Due) -> DueRecord:
    """The item of an amount that waits."""
    return DueRecord(
        pk=partner_partition(due.partner_id),
        sk=f"due#{format_instant(due.since)}#{due.due_id}",
        due=_due_document(due),
    )


def due_of(record: DueRecord) -> Due:
    """The amount of an item."""
    return _due_of(_partner(record.pk), record.due)


def known_record(due: Due) -> KnownRecord:
    """The item that says that it was added."""
    return KnownRecord(partner_partition(due.partner_id), f"known#{due.due_id}")


def paying_record(paying: Paying) -> PayingRecord:
    """The item of where movements stand."""
    return PayingRecord(
        pk=partner_partition(paying.partner_id),
        sk=PAYING,
        last=paying.last,
        on_its_way=paying.on_its_way,
        version=paying.version,
    )


def paying_of(record: PayingRecord) -> Paying:
    """Where movements stand."""
    return Paying(_partner(record.pk), int(record.last), bool(record.on_its_way), int(record.version))


def movement_key(number: int) -> str:
    """The sort key of a movement."""
    return f"movement#{number:09d}"


def moved_key(month: Month) -> str:
    """What the sort keys of a month's movements begin with."""
    return f"moved#{month}#"


def movement_record(movement: Movement) -> MovementRecord:
    """The item of a movement."""
    return _movement(movement, movement_key(movement.number))


def moved_record(movement: Movement, month: Month) -> MovementRecord:
    """The item of one that is done, in its month."""
    return _movement(movement, moved_key(month) + f"{movement.number:09d}")


def _movement(movement: Movement, sk: str) -> MovementRecord:
    return MovementRecord(
        pk=partner_partition(movement.partner_id),
        sk=sk,
        number=movement.number,
        kind=str(movement.kind),
        state=str(movement.state),
        minor=movement.amount.minor,
        currency=movement.amount.currency,
        dues=[_due_document(due) for due in movement.dues],
        planned_at=movement.planned_at,
        done_at=movement.done_at,
        of=movement.of,
        provider_id=movement.provider_id,
        taken_back=movement.taken_back,
    )


def movement_of(record: MovementRecord) -> Movement:
    """The movement of an item."""
    partner_id = _partner(record.pk)
    return Movement(
        partner_id=partner_id,
        number=int(record.number),
        kind=MovementKind(record.kind),
        amount=Money(int(record.minor), record.currency),
        dues=tuple(_due_of(partner_id, due) for due in record.dues),
        planned_at=record.planned_at,
        state=MovementState(record.state),
        of=None if record.of is None else int(record.of),
        provider_id=record.provider_id,
        done_at=record.done_at,
        taken_back=int(record.taken_back),
    )


def sent_record(movement: Movement, due: Due) -> SentRecord:
    """The item by which a due knows its transfer."""
    return SentRecord(partner_partition(movement.partner_id), f"sent#{due.due_id}", number=movement.number)


def _partner(pk: str) -> str:
    return pk.removeprefix("partner#")


def _due_document(due: Due) -> dict[str, object]:
    return {
        "due_id": due.due_id,
        "minor": due.amount.minor,
        "currency": due.amount.currency,
        "since": format_instant(due.since),
        "provider_invoice": due.provider_invoice,
        "taken_from": due.taken_from,
        **({"payment": due.payment} if due.payment is not None else {}),
    }


def _due_of(partner_id: str, row: dict[str, Any]) -> Due:
    amount, since = Money(row["minor"], row["currency"]), parse_instant(row["since"])
    return Due(partner_id, row["due_id"], amount, since, row["provider_invoice"], row["taken_from"], row.get("payment"))
