"""What the workers do to reconcile months."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from chalicelib.edge.lazily import lazily
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.finance.reconciliation_model import Run
from chalicelib.kernel.time import Month, parse_instant

if TYPE_CHECKING:
    from chalicelib.finance import reconciling_month, reconciling_run
else:
    reconciling_month = lazily("chalicelib.finance.reconciling_month")
    reconciling_run = lazily("chalicelib.finance.reconciling_run")

Facts = Mapping[str, str]


def reconcile(facts: Facts, wired: BackOffice) -> None:
    """Have a month reconciled by the queue's worker, which has the time for it."""
    wired.pages.reconcile(Run(Month.parse(facts["month"]), parse_instant(facts["asked_at"])))


def reconcile_now(run: Run, wired: BackOffice) -> None:
    """Reconcile a month, or go on with that."""
    reconciling_run.go_on(run.month, run.asked_at, wired.reconciling())


def after_comparison(asked_at: datetime, wired: BackOffice) -> None:
    """Both sides are alike as far as they can be: have the month before reconciled, unless it was since its close."""
    month, now = Month.of(asked_at, wired.settings.zone).previous, wired.now()
    kept, closes = wired.reconciliations, wired.closes
    reconciling_month.ask_after_comparison(month, kept=kept, closes=closes, now=now, commit=wired.commit)


TOPICS: Mapping[str, Callable[[Facts, BackOffice], None]] = {"finance.reconcile": reconcile}
