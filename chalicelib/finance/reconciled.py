"""What the report shows of the newest reconciliation: both sums of each stage, and each difference with its cause."""

from collections.abc import Iterator
from datetime import datetime

from chalicelib.finance.reconciliation_ports import Reconciliations
from chalicelib.finance.report import NOT_RECONCILED, Check
from chalicelib.kernel.time import Month

MOST_DIFFERENCES = 1_000
"""So many are in a report; `GET /v1/reconciliation/{month}` has all of them, and the stages' sums hold them."""


def checks_of(month: Month, *, reconciliations: Reconciliations, as_of: datetime | None = None) -> Iterator[Check]:
    """Of the newest run that was done by then: what was found later is none of an export's."""
    run = reconciliations.newest_done(month, as_of)
    if run is None:
        yield Check(NOT_RECONCILED, "", 0, 0)
        return
    for summed in run.sums:
        yield Check(f"stage_{summed.stage}", summed.currency, summed.left, summed.right)
    for _, each in reconciliations.differences(run, None, limit=MOST_DIFFERENCES, after=None):
        yield Check(f"stage_{each.stage}", each.currency, each.minor, 0, each.about, str(each.cause))
