"""Runs of reconciling as items.

reconciliation#<month>                      run#<asked at>                        a run
reconciliation#<month>#<asked at>#<as of>   <cause>#<stage>#<about>#<currency>    a difference that it has found
reconciliation#<month>#<asked at>           lines#<bucket>#<turn>                 lines that wait to be matched

What a turn has found is stored with how far the run is, or again by the turn that takes its place. Lines expire.
"""

from datetime import datetime, timedelta
from typing import Any

from pynamodb.attributes import BinaryAttribute, NumberAttribute, TTLAttribute, UnicodeAttribute

from chalicelib.finance.reconciliation_model import Cause, Difference, Going, Reconciliation, Stage, StageSum, Step
from chalicelib.kernel.time import Month, format_instant, parse_instant
from chalicelib.storage.attributes import DocumentAttribute, InstantAttribute
from chalicelib.storage.record import Record, TableName

_TABLE = TableName("finance")
RUN, LINES = "run#", "lines#"
KEPT = timedelta(days=14)
"""As long as the queue sends what is not done again: then what waited to be matched is dropped."""


class RunRecord(Record):
    """A run."""

    class Meta:
        """Owned by finance."""

        table_name = _TABLE

    asked_by = UnicodeAttribute()
    done_at = InstantAttribute(null=True)
    sums: Any = DocumentAttribute()
    causes: Any = DocumentAttribute()
    movements = NumberAttribute()
    entries = NumberAttribute()
    refused: Any = DocumentAttribute(null=True)
    turn = NumberAttribute(null=True)
    going: Any = DocumentAttribute(null=True)


class DifferenceRecord(Record):
    """A difference."""

    class Meta:
        """Owned by finance."""

        table_name = _TABLE

    stage = UnicodeAttribute()
    cause = UnicodeAttribute()
    about = UnicodeAttribute()
    currency = UnicodeAttribute()
    minor = NumberAttribute()


class LinesRecord(Record):
    """Lines of a bucket, compressed."""

    class Meta:
        """Owned by finance."""

        table_name = _TABLE

    piece = BinaryAttribute(legacy_encoding=False)
    expires = TTLAttribute()


def runs_partition(month: Month) -> str:
    """Where the runs of a month are."""
    return f"reconciliation#{month}"


def differences_partition(run: Reconciliation) -> str:
    """Where the differences of a run are."""
    as_of = format_instant(run.as_of) if run.as_of is not None else ""
    return f"{lines_partition(run)}#{as_of}"


def lines_partition(run: Reconciliation) -> str:
    """Where lines wait."""
    return f"{runs_partition(run.month)}#{format_instant(run.asked_at)}"


def lines_key(bucket: int, turn: int) -> str:
    """Sorts them by turn."""
    return f"{lines_of_bucket(bucket)}{turn:09d}"


def lines_of_bucket(bucket: int) -> str:
    """With which all of a bucket begin."""
    return f"{LINES}{bucket:02d}#"


def lines_record(run: Reconciliation, bucket: int, content: bytes, now: datetime) -> LinesRecord:
    """The item of lines."""
    turn = run.going.turn if run.going is not None else 0
    return LinesRecord(lines_partition(run), lines_key(bucket, turn), piece=content, expires=now + KEPT)


def _going_row(going: Going) -> dict[str, object]:
    return {
        "as_of": format_instant(going.as_of),
        "stopped": going.stopped,
        "balances": {currency: list(both) for currency, both in going.balances.items()},
        "compared": format_instant(going.compared) if going.compared is not None else None,
        "step": str(going.step),
        "after": going.after,
        "explained": dict(going.explained),
    }


def _going_of(row: Any, turn: int) -> Going:  # noqa: ANN401 -- JSON
    return Going(
        as_of=parse_instant(row["as_of"]),
        stopped=row["stopped"],
        balances={currency: (here, there) for currency, (here, there) in row["balances"].items()},
        compared=parse_instant(row["compared"]) if row["compared"] is not None else None,
        step=Step(row["step"]),
        after=row["after"],
        turn=turn,
        explained=row["explained"],
    )


def run_record(run: Reconciliation) -> RunRecord:
    """The item of a run."""
    return RunRecord(
        pk=runs_partition(run.month),
        sk=f"{RUN}{format_instant(run.asked_at)}",
        asked_by=run.asked_by,
        done_at=run.done_at,
        sums=[[str(each.stage), each.currency, each.left, each.right] for each in run.sums],
        causes=dict(run.causes),
        movements=run.movements,
        entries=run.entries,
        refused=dict(run.refused) or None,
        turn=run.going.turn if run.going is not None else None,
        going=_going_row(run.going) if run.going is not None else None,
    )


def run_of(record: RunRecord) -> Reconciliation:
    """The run of an item."""
    return Reconciliation(
        month=Month.parse(record.pk.removeprefix("reconciliation#")),
        asked_at=parse_instant(record.sk.removeprefix(RUN)),
        asked_by=record.asked_by,
        done_at=record.done_at,
        sums=tuple(StageSum(Stage(stage), *rest) for stage, *rest in record.sums),
        causes=record.causes,
        movements=int(record.movements),
        entries=int(record.entries),
        refused=record.refused or {},
        going=_going_of(record.going, int(record.turn)) if record.going is not None else None,
    )


def place_of(difference: Difference) -> str:
    """Sorts differences by cause."""
    return f"{difference.cause}#{difference.stage}#{difference.about}#{difference.currency}"


def difference_record(run: Reconciliation, difference: Difference) -> DifferenceRecord:
    """The item of a difference."""
    return DifferenceRecord(
        pk=differences_partition(run),
        sk=place_of(difference),
        stage=str(difference.stage),
        cause=str(difference.cause),
        about=difference.about,
        currency=difference.currency,
        minor=difference.minor,
    )


def difference_of(record: DifferenceRecord) -> Difference:
    """The difference of an item."""
    what = Stage(record.stage), Cause(record.cause), record.about, record.currency
    return Difference(*what, int(record.minor))
