"""Runs of reconciling in DynamoDB."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from chalicelib.finance.errors import ReconciliationChanged, ReconciliationExists
from chalicelib.finance.reconciliation_items import (
    RUN,
    DifferenceRecord,
    LinesRecord,
    RunRecord,
    difference_of,
    difference_record,
    differences_partition,
    lines_of_bucket,
    lines_partition,
    lines_record,
    run_of,
    run_record,
    runs_partition,
)
from chalicelib.finance.reconciliation_model import Cause, Difference, Reconciliation
from chalicelib.kernel.time import Month, format_instant
from chalicelib.kernel.writes import Write
from chalicelib.storage.outbox import message
from chalicelib.storage.writes import Put


class ReconciliationStore:
    """Satisfies `reconciliation_ports.Reconciliations`."""

    def find(self, month: Month, asked_at: datetime | None = None) -> Reconciliation | None:
        """One query for the newest; one consistent read of another."""
        if asked_at is not None:
            record = RunRecord.find(runs_partition(month), f"{RUN}{format_instant(asked_at)}")
            return run_of(record) if record else None
        newest = RunRecord.listed(runs_partition(month), RunRecord.sk.startswith(RUN), limit=1, backwards=True)
        return next(map(run_of, newest), None)

    def newest_done(self, month: Month, by: datetime | None) -> Reconciliation | None:
        """One query, read until there is one."""
        runs = map(run_of, RunRecord.listed(runs_partition(month), RunRecord.sk.startswith(RUN), backwards=True))
        return next((each for each in runs if each.is_done_by(by)), None)

    def asking(self, run: Reconciliation, now: datetime) -> Sequence[Write]:
        """If there is none of that instant, with the word to the worker."""
        return [Put(run_record(run), _exists(run), RunRecord.pk.does_not_exist()), _said(run, now)]

    def going_on(self, run: Reconciliation, now: datetime) -> Write:
        """The word to the worker."""
        return _said(run, now)

    def noting(self, run: Reconciliation, difference: Difference) -> Write:
        """A repeat replaces itself."""
        return Put(difference_record(run, difference), _exists(run))

    def saving(self, run: Reconciliation, before: Reconciliation) -> Write:
        """On the turn before, unless the run is done."""
        turn = before.going.turn if before.going is not None else 0
        same = RunRecord.turn == turn if turn else RunRecord.turn.does_not_exist()
        changed = ReconciliationChanged(month=str(run.month))
        return Put(run_record(run), changed, RunRecord.done_at.does_not_exist() & same)

    def keeping(self, run: Reconciliation, bucket: int, content: bytes, now: datetime) -> Write:
        """Replaced by the same."""
        return Put(lines_record(run, bucket, content, now), ReconciliationChanged(month=str(run.month)))

    def lines(self, run: Reconciliation, bucket: int) -> Iterable[bytes]:
        """One query, read as it is asked for."""
        those = LinesRecord.sk.startswith(lines_of_bucket(bucket))
        return (each.piece for each in LinesRecord.listed(lines_partition(run), those))

    def differences(
        self, run: Reconciliation, cause: Cause | None, *, limit: int, after: str | None
    ) -> Sequence[tuple[str, Difference]]:
        """One query."""
        where = differences_partition(run)
        keys = DifferenceRecord.sk.startswith(f"{cause}#") if cause is not None else None
        rows = DifferenceRecord.listed(where, keys, limit=limit, after=after)
        return [(each.sk, difference_of(each)) for each in rows]


def _exists(run: Reconciliation) -> ReconciliationExists:
    return ReconciliationExists(month=str(run.month))


def _said(run: Reconciliation, now: datetime) -> Write:
    at, turn = format_instant(run.asked_at), run.going.turn if run.going is not None else 0
    about = f"{run.month}:{at}" + (f":{turn}" if turn else "")
    return message("finance.reconcile", about, {"month": str(run.month), "asked_at": at}, now)
