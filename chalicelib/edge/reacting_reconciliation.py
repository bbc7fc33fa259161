"""What the workers do to reconcile months."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from chalicelib.edge.lazily import lazily
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.kernel.time import Month, parse_instant

if TYPE_CHECKING:
    from chalicelib.finance import reconciling_month
else:
    reconciling_month = lazily("chalicelib.finance.reconciling_month")

Facts = Mapping[str, str]


def reconcile(facts: Facts, wired: BackOffice) -> None:
    """Reconcile a month."""
    month, asked_at = Month.parse(facts["month"]), parse_instant(facts["asked_at"])
    reconciling_month.reconcile_month(month, asked_at, wired.reconciling())


def after_comparison(asked_at: datetime, wired: BackOffice) -> None:
    """Both sides are alike as far as they can be: have the month before reconciled, unless it was since its close."""
    month, now = Month.of(asked_at, wired.settings.zone).previous, wired.now()
    kept, closes = wired.reconciliations, wired.closes
    reconciling_month.ask_after_comparison(month, kept=kept, closes=closes, now=now, commit=wired.commit)


TOPICS: Mapping[str, Callable[[Facts, BackOffice], None]] = {"finance.reconcile": reconcile}
