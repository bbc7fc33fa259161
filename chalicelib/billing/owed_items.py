"""Charges that partners state as items of billing's table.

account#<account>     settles#<made at>#<charge id>   the charge, among its account's, behind what its months came to
owedby#<partner>      <made at>#<charge id>           the same among its partner's
owedby#               <made at>#<charge id>           the same among everybody's
owedid#<charge id>    charge                          where it is: written once
"""

from datetime import datetime
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.billing.owed_model import ChargeState, Counter, Evidence, PartnerCharge, Step
from chalicelib.billing.records import partition
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month, format_instant, parse_instant
from chalicelib.storage.attributes import DocumentAttribute
from chalicelib.storage.record import Record, TableName

_TABLE = TableName("billing")
CHARGE, SETTLES = "charge", "settles#"


class OwedRecord(Record):
    """A charge."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    said: Any = DocumentAttribute()
    version = NumberAttribute()


class PlaceRecord(Record):
    """Where a charge is."""

    class Meta:
        """Owned by billing."""

        table_name = _TABLE

    account_id = UnicodeAttribute()
    place = UnicodeAttribute()


def key_of(account_id: str, place: str) -> tuple[str, str]:
    """Where a charge of an account is, among its others."""
    return partition(account_id), f"{SETTLES}{place}"


def of_partner(partner_id: str | None) -> str:
    """Where a partner's charges are, or everybody's."""
    return f"owedby#{partner_id or ''}"


def id_key(charge_id: str) -> tuple[str, str]:
    """Where it says where the charge is."""
    return f"owedid#{charge_id}", CHARGE


def owed_record(charge: PartnerCharge, pk: str, sk: str) -> OwedRecord:
    """The item of a charge in a list."""
    return OwedRecord(pk=pk, sk=sk, said=_document(charge), version=charge.version)


def place_record(charge: PartnerCharge) -> PlaceRecord:
    """Where it is."""
    pk, sk = id_key(charge.charge_id)
    return PlaceRecord(pk=pk, sk=sk, account_id=charge.account_id, place=charge.place)


def _document(charge: PartnerCharge) -> dict[str, object]:
    said: dict[str, object | None] = {
        "charge_id": charge.charge_id,
        "account_id": charge.account_id,
        "partner_id": charge.partner_id,
        "session_id": charge.session_id,
        "product_id": charge.product_id,
        "asset_id": charge.asset_id,
        "category": charge.category,
        "kind": charge.kind,
        "stated": _money(charge.stated),
        "amount": _money(charge.amount),
        "description": dict(charge.description),
        "happened_at": format_instant(charge.happened_at),
        "created_at": format_instant(charge.created_at),
        "state": str(charge.state),
        "evidence": [[each.sha256, each.content_type, each.size, each.version] for each in charge.evidence],
        "objection_until": charge.objection_until and format_instant(charge.objection_until),
        "reason": charge.reason,
        "charged_at": charge.charged_at and format_instant(charge.charged_at),
        "month": charge.month and str(charge.month),
        "counters": [[_money(each.amount), format_instant(each.at), each.by, each.note] for each in charge.counters],
        "history": [[str(each.state), format_instant(each.at), each.by, each.note] for each in charge.history],
    }
    return {name: value for name, value in said.items() if value is not None}


def _money(money: Money) -> list[object]:
    return [money.minor, money.currency]


def charge_of(record: OwedRecord) -> PartnerCharge:
    """The charge of an item."""
    said: dict[str, Any] = dict(record.said)
    instants = {name: _instant(said.get(name)) for name in ("objection_until", "charged_at")}
    return PartnerCharge(
        **{
            **said,
            **instants,
            "stated": Money(*said["stated"]),
            "amount": Money(*said["amount"]),
            "happened_at": parse_instant(said["happened_at"]),
            "created_at": parse_instant(said["created_at"]),
            "state": ChargeState(said["state"]),
            "evidence": tuple(Evidence(*each) for each in said["evidence"]),
            "month": Month.parse(said["month"]) if "month" in said else None,
            "counters": tuple(
                Counter(Money(*amount), parse_instant(at), by, note) for amount, at, by, note in said["counters"]
            ),
            "history": tuple(
                Step(ChargeState(state), parse_instant(at), by, note) for state, at, by, note in said["history"]
            ),
            "version": int(record.version),
        }
    )


def _instant(text: str | None) -> datetime | None:
    return None if text is None else parse_instant(text)
