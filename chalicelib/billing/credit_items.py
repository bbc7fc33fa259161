"""Credit notes and refunds as items of billing's table, in their account's partition.

account#<id>   credit#<month>#<name>   a credit note
account#<id>   refund#<number>         a refund
account#<id>   moneyback               the account's choice, and how many of both it had
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.billing.credit_model import BackAs, CreditNote, Goodwill, MoneyBack, Refund, RefundState
from chalicelib.billing.model import InvoiceLine
from chalicelib.billing.paper_items import paper_of, paper_row
from chalicelib.billing.paper_model import Paper
from chalicelib.billing.records import partition
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month, format_instant, parse_instant
from chalicelib.storage.attributes import DocumentAttribute
from chalicelib.storage.record import Record, TableName

_TABLE = TableName("billing")
MONEY_BACK = "moneyback"
_NUMBERED = 2


class MoneyBackRecord(Record):
    """An account's choice."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    choice = UnicodeAttribute()
    refunds = NumberAttribute()
    goodwill = NumberAttribute()
    asked: Any = DocumentAttribute(null=True)
    version = NumberAttribute()


class NoteRecord(Record):
    """A credit note."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    note: Any = DocumentAttribute()
    version = NumberAttribute()


class RefundRecord(Record):
    """A refund."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    refund: Any = DocumentAttribute()
    state = UnicodeAttribute()


def money_back_record(money_back: MoneyBack) -> MoneyBackRecord:
    """The item of an account's choice."""
    return MoneyBackRecord(
        pk=partition(money_back.account_id),
        sk=MONEY_BACK,
        choice=str(money_back.choice),
        refunds=money_back.refunds,
        goodwill=money_back.goodwill,
        asked=[_goodwill_row(each) for each in money_back.asked] or None,
        version=money_back.version,
    )


def money_back_of(record: MoneyBackRecord) -> MoneyBack:
    """The choice of an item."""
    account_id = record.pk.removeprefix("account#")
    return MoneyBack(
        account_id=account_id,
        choice=BackAs(record.choice),
        refunds=int(record.refunds),
        goodwill=int(record.goodwill),
        asked=tuple(_goodwill_of(account_id, row) for row in record.asked or ()),
        version=int(record.version),
    )


def _goodwill_row(asked: Goodwill) -> list[object]:
    amount = [asked.amount.minor, asked.amount.currency]
    return [str(asked.month), asked.name, asked.invoice_id, amount, asked.reason, format_instant(asked.asked_at)]


def _goodwill_of(account_id: str, row: Sequence[Any]) -> Goodwill:
    month, name, invoice_id, amount, reason, asked_at = row
    return Goodwill(account_id, Month.parse(month), name, invoice_id, Money(*amount), reason, parse_instant(asked_at))


def note_key(month: Month, name: str) -> str:
    """The sort key of a credit note; fixed width, so that key order is the order of numbers."""
    return f"credit#{month}#{name[:1]}{name[1:]:0>4}"


def note_record(note: CreditNote) -> NoteRecord:
    """The item of a credit note."""
    row = {
        "name": note.name,
        "lines": [[line.about, line.reference, line.amount.minor] for line in note.lines],
        "total": note.total.minor,
        "currency": note.total.currency,
        "issued_at": format_instant(note.issued_at),
        "paper": paper_row(note.paper),
        "shares": dict(note.shares),
        "shared": note.shared,
        "lowered": dict(note.lowered),
        "refunded": note.refunded,
        "choice": str(note.choice) if note.choice else None,
        "against": note.against,
        "reason": note.reason,
        "wallet": [note.walleted, note.kept, note.turns],
    }
    pk, sk = partition(note.account_id), note_key(note.month, note.name)
    return NoteRecord(pk=pk, sk=sk, note=row, version=note.version)


def note_of(record: NoteRecord) -> CreditNote:
    """The credit note of an item."""
    row: Mapping[str, Any] = record.note
    currency = row["currency"]
    walleted, kept, turns = row.get("wallet", (0, 0, 0))
    return CreditNote(
        account_id=record.pk.removeprefix("account#"),
        month=Month.parse(record.sk.split("#")[1]),
        name=row["name"],
        lines=tuple(InvoiceLine(about, what, Money(minor, currency)) for about, what, minor in row["lines"]),
        total=Money(row["total"], currency),
        issued_at=parse_instant(row["issued_at"]),
        paper=paper_of(row["paper"]) or Paper("", "", 0, 0),
        shares=row["shares"],
        shared=row["shared"],
        lowered=row["lowered"],
        refunded=row["refunded"],
        choice=BackAs(row["choice"]) if row["choice"] else None,
        against=row["against"],
        reason=row["reason"],
        version=int(record.version),
        walleted=walleted,
        kept=kept,
        turns=turns,
    )


def refund_key(number: int) -> str:
    """The sort key of a refund."""
    return f"refund#{number:06d}"


def refund_record(refund: Refund) -> RefundRecord:
    """The item of a refund."""
    row = {
        "note_id": refund.note_id,
        "invoice_id": refund.invoice_id,
        "payment": refund.payment,
        "amount": refund.amount.minor,
        "currency": refund.amount.currency,
        "planned_at": format_instant(refund.planned_at),
        "provider_refund": refund.provider_refund,
        "settled_at": format_instant(refund.settled_at) if refund.settled_at else None,
        "reason": refund.reason,
    }
    pk, sk = partition(refund.account_id), refund_key(refund.number)
    return RefundRecord(pk=pk, sk=sk, refund=row, state=str(refund.state))


def refund_of(record: RefundRecord) -> Refund:
    """The refund of an item."""
    row: Mapping[str, Any] = record.refund
    return Refund(
        account_id=record.pk.removeprefix("account#"),
        number=int(record.sk.removeprefix("refund#")),
        note_id=row["note_id"],
        invoice_id=row["invoice_id"],
        payment=row["payment"],
        amount=Money(row["amount"], row["currency"]),
        planned_at=parse_instant(row["planned_at"]),
        state=RefundState(record.state),
        provider_refund=row["provider_refund"],
        settled_at=parse_instant(row["settled_at"]) if row["settled_at"] else None,
        reason=row["reason"],
    )


def key_of_note(note_id: str) -> tuple[Month, str] | None:
    """Month and name of a note's id; None of what is none."""
    parts = note_id.split(":")[-_NUMBERED:]
    if len(parts) != _NUMBERED or parts[1][:1] not in {"c", "g"} or not parts[1][1:].isdecimal():
        return None
    return Month.parse(parts[0]), parts[1]
