"""What the report shows of the newest reconciliation: both sums of each stage, and each difference with its cause."""

from collections.abc import Iterator
from datetime import datetime

from chalicelib.finance.reconciliation_model import Reconciliation
from chalicelib.finance.reconciliation_ports import Reconciliations
from chalicelib.finance.report import Check
from chalicelib.kernel.time import Month

MOST_DIFFERENCES = 1_000
"""So many are in a report; `GET /v1/reconciliation/{month}` has all of them, and the stages' sums hold them."""


def checks_of(month: Month, *, reconciliations: Reconciliations, as_of: datetime | None = None) -> Iterator[Check]:
    """Of the run that was done last, if it was by then: what was found later is none of an export's."""
    run = reconciliations.find(month)
    if run is None or not _is_done(run, as_of):
        return
    for summed in run.sums:
        yield Check(f"stage_{summed.stage}", summed.currency, summed.left, summed.right)
    for _, each in reconciliations.differences(run, None, limit=MOST_DIFFERENCES, after=None):
        yield Check(f"stage_{each.stage}", each.currency, each.minor, 0, each.about, str(each.cause))


def _is_done(run: Reconciliation, as_of: datetime | None) -> bool:
    return run.state == "done" and run.done_at is not None and (as_of is None or run.done_at <= as_of)
