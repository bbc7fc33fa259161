"""Holds as items of billing's table.

account#<id>    hold#<session>#<turn>                    a hold of a session
account#<id>    paidby#<invoice>#<session>#<turn>        that it pays an invoice
"""

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.billing.hold_model import Hold, HoldState
from chalicelib.kernel.money import Money
from chalicelib.storage.attributes import InstantAttribute
from chalicelib.storage.record import Record, TableName

_TABLE = TableName("billing")
_HOLD, _PAID_BY = "hold#", "paidby#"


class HoldRecord(Record):
    """A hold of a session."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    amount = NumberAttribute()
    currency = UnicodeAttribute()
    provider_customer = UnicodeAttribute()
    payment_method = UnicodeAttribute()
    asked_at = InstantAttribute()
    state = UnicodeAttribute()
    version = NumberAttribute()
    intent = UnicodeAttribute(null=True)
    held_at = InstantAttribute(null=True)
    until = InstantAttribute(null=True)
    invoice_id = UnicodeAttribute(null=True)
    due = NumberAttribute(null=True)
    captured = NumberAttribute(null=True)
    decline_code = UnicodeAttribute(null=True)
    retry_at = InstantAttribute(null=True)


class PaidByRecord(Record):
    """That a hold pays an invoice."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE


def account_partition(account_id: str) -> str:
    """Where an account's holds are."""
    return f"account#{account_id}"


def hold_key(session_id: str = "", turn: int | None = None) -> str:
    """The sort key of a hold, or what those of a session, or of all, begin with; in order of turn."""
    if not session_id:
        return _HOLD
    return f"{_HOLD}{session_id}#" + ("" if turn is None else f"{turn:04d}")


def paid_by_key(invoice_id: str, hold: Hold | None = None) -> str:
    """The sort key of what says that a hold pays an invoice, or what all of an invoice begin with."""
    return f"{_PAID_BY}{invoice_id}#" + (f"{hold.session_id}#{hold.turn:04d}" if hold is not None else "")


def hold_key_in(paid_by: str) -> str:
    """The sort key of the hold that such a key names."""
    _, _, session_id, turn = paid_by.split("#")
    return hold_key(session_id, int(turn))


def hold_record(hold: Hold) -> HoldRecord:
    """The item of a hold."""
    return HoldRecord(
        pk=account_partition(hold.account_id),
        sk=hold_key(hold.session_id, hold.turn),
        amount=hold.amount.minor,
        currency=hold.amount.currency,
        provider_customer=hold.provider_customer,
        payment_method=hold.payment_method,
        asked_at=hold.asked_at,
        state=str(hold.state),
        version=hold.version,
        intent=hold.intent,
        held_at=hold.held_at,
        until=hold.until,
        invoice_id=hold.invoice_id,
        due=hold.due or None,
        captured=hold.captured or None,
        decline_code=hold.decline_code,
        retry_at=hold.retry_at,
    )


def hold_of(record: HoldRecord) -> Hold:
    """The hold of an item."""
    _, session_id, turn = record.sk.split("#")
    return Hold(
        account_id=record.pk.removeprefix("account#"),
        session_id=session_id,
        turn=int(turn),
        amount=Money(int(record.amount), record.currency),
        provider_customer=record.provider_customer,
        payment_method=record.payment_method,
        asked_at=record.asked_at,
        state=HoldState(record.state),
        version=int(record.version),
        intent=record.intent,
        held_at=record.held_at,
        until=record.until,
        invoice_id=record.invoice_id,
        due=int(record.due or 0),
        captured=int(record.captured or 0),
        decline_code=record.decline_code,
        retry_at=record.retry_at,
    )
