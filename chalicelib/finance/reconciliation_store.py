"""Runs of reconciling in DynamoDB."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.finance.errors import ReconciliationExists
from chalicelib.finance.reconciliation_items import (
    RUN,
    DifferenceRecord,
    RunRecord,
    difference_of,
    difference_record,
    differences_partition,
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

    def asking(self, run: Reconciliation, now: datetime) -> Sequence[Write]:
        """If there is none of that instant, with the word to the worker."""
        at = format_instant(run.asked_at)
        said = message("finance.reconcile", f"{run.month}:{at}", {"month": str(run.month), "asked_at": at}, now)
        return [Put(run_record(run), _exists(run), RunRecord.pk.does_not_exist()), said]

    def noting(self, run: Reconciliation, difference: Difference) -> Write:
        """A repeat replaces itself."""
        return Put(difference_record(run, difference), _exists(run))

    def finishing(self, run: Reconciliation) -> Write:
        """Once."""
        return Put(run_record(run), _exists(run), RunRecord.done_at.does_not_exist())

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
