"""Runs of reconciling as items.

reconciliation#<month>                      run#<asked at>                        a run
reconciliation#<month>#<asked at>#<done at> <cause>#<stage>#<about>#<currency>    a difference that it has found

A run that broke off is done again, perhaps with other differences; it ends at another instant, and has its own.
"""

from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.finance.reconciliation_model import Cause, Difference, Reconciliation, Stage, StageSum
from chalicelib.kernel.time import Month, format_instant, parse_instant
from chalicelib.storage.attributes import DocumentAttribute, InstantAttribute
from chalicelib.storage.record import Record, TableName

_TABLE = TableName("finance")
RUN = "run#"


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


def runs_partition(month: Month) -> str:
    """Where the runs of a month are."""
    return f"reconciliation#{month}"


def differences_partition(run: Reconciliation) -> str:
    """Where the differences of a run are."""
    ended = format_instant(run.done_at) if run.done_at is not None else ""
    return f"reconciliation#{run.month}#{format_instant(run.asked_at)}#{ended}"


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
