"""Parts of exports as items; all of them go once the export is long written.

export#<month>#<version>  plan                      how far it is
export#<month>#<version>  part#<number>             which accounts a part has
export#<month>#<version>  read#<number>             that it is read
export#<month>#<version>  piece#<number>#<piece>    a piece of what it came to, compressed
"""

from datetime import datetime
from typing import Any

from pynamodb.attributes import BinaryAttribute, NumberAttribute, TTLAttribute, UnicodeAttribute

from chalicelib.finance.parts_model import KEPT, Part, Plan
from chalicelib.finance.records import export_key
from chalicelib.kernel.time import Month
from chalicelib.storage.attributes import DocumentAttribute
from chalicelib.storage.record import Record, TableName

_TABLE = TableName("finance")
PLAN, PART, READ, PIECE = "plan", "part#", "read#", "piece#"


class PlanRecord(Record):
    """How far an export in parts is."""

    class Meta:
        """Owned by finance."""

        table_name = _TABLE

    turn = NumberAttribute()
    made = NumberAttribute()
    after = UnicodeAttribute(null=True)
    parts = NumberAttribute(null=True)
    done = NumberAttribute(default=0)
    expires = TTLAttribute()


class PartRecord(Record):
    """Which accounts a part has."""

    class Meta:
        """Owned by finance."""

        table_name = _TABLE

    accounts: Any = DocumentAttribute()
    expires = TTLAttribute()


class ReadRecord(Record):
    """That a part is read."""

    class Meta:
        """Owned by finance."""

        table_name = _TABLE

    pieces = NumberAttribute()
    expires = TTLAttribute()


class PieceRecord(Record):
    """A piece of what a part came to."""

    class Meta:
        """Owned by finance."""

        table_name = _TABLE

    piece = BinaryAttribute(legacy_encoding=False)
    expires = TTLAttribute()


def partition(month: Month, version: int) -> str:
    """Where all of an export's parts are."""
    return f"export#{export_key(month, version)}"


def number_key(kind: str, number: int) -> str:
    """Sorts parts by number."""
    return f"{kind}{number:06d}"


def piece_key(number: int, piece: int) -> str:
    """Sorts the pieces of a part."""
    return f"{number_key(PIECE, number)}#{piece:04d}"


def plan_record(plan: Plan, now: datetime) -> PlanRecord:
    """The item of a plan."""
    return PlanRecord(
        pk=partition(plan.month, plan.version),
        sk=PLAN,
        turn=plan.turn,
        made=plan.made,
        after=plan.after,
        parts=plan.parts,
        done=plan.done,
        expires=now + KEPT,
    )


def plan_of(record: PlanRecord) -> Plan:
    """The plan of an item."""
    month, version = _named(record.pk)
    parts = None if record.parts is None else int(record.parts)
    return Plan(month, version, int(record.turn), int(record.made), record.after, parts, int(record.done))


def part_record(part: Part, now: datetime) -> PartRecord:
    """The item of a part."""
    where = partition(part.month, part.version), number_key(PART, part.number)
    return PartRecord(*where, accounts=list(part.accounts), expires=now + KEPT)


def part_of(record: PartRecord) -> Part:
    """The part of an item."""
    return Part(*_named(record.pk), int(record.sk.removeprefix(PART)), tuple(record.accounts))


def _named(pk: str) -> tuple[Month, int]:
    _, month, version = pk.split("#")
    return Month.parse(month), int(version)
