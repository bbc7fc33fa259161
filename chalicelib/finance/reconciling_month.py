"""Have a month reconciled, and find its runs."""

from datetime import datetime

from chalicelib.finance.closes_model import CloseState, check_ended
from chalicelib.finance.closes_ports import Closes
from chalicelib.finance.errors import NotClosed, NotReconciled, ReconciliationExists
from chalicelib.finance.reconciliation_model import BY_THE_COMPARISON, Reconciliation
from chalicelib.finance.reconciliation_ports import Reconciliations
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Commit


def ask_reconciliation(
    month: Month, asked_by: str, zone: str, *, kept: Reconciliations, closes: Closes, now: datetime, commit: Commit
) -> Reconciliation:
    """Have a closed month reconciled as things stand now; the runs before stay."""
    check_ended(month, zone, now)
    if closes.find(month) is None:
        raise NotClosed(month=str(month))
    run = Reconciliation(month, now, asked_by)
    try:
        return commit(kept.asking(run, now), run)
    except ReconciliationExists:
        return kept.find(month, now) or run


def ask_after_comparison(month: Month, *, kept: Reconciliations, closes: Closes, now: datetime, commit: Commit) -> None:
    """Have a month reconciled once the provider's side was read after it was closed, and again after each close."""
    close, newest = closes.find(month), kept.find(month)
    if close is None or close.state is not CloseState.CLOSED or close.closed_at is None:
        return
    if newest is None or newest.asked_at < close.closed_at:
        run = Reconciliation(month, now, BY_THE_COMPARISON)
        commit(kept.asking(run, now), None)


def newest_reconciliation(month: Month, asked_at: datetime | None = None, *, kept: Reconciliations) -> Reconciliation:
    """The newest run, or one of them."""
    found = kept.find(month, asked_at)
    if found is None:
        raise NotReconciled(month=str(month))
    return found
