"""Which charge records a settlement's adjustments are about: what was corrected since an earlier one billed them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.edge.as_of import SessionsAsOf, versions
from chalicelib.kernel.time import Month

if TYPE_CHECKING:  # as in wiring
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from chalicelib.access.model import ChargeRecord
    from chalicelib.billing.model import Settlement
    from chalicelib.edge.wiring_finance import BackOffice


def corrected_in(settled: Settlement, as_of: datetime, wired: BackOffice) -> Mapping[Month, Sequence[ChargeRecord]]:
    """By earlier month, the newest revision that it took of each session; asked about what adjusts anything alone.

    Each of its versions took what was corrected by its instant, and since the month was billed before that.
    """
    months = [Month.parse(each) for each in settled.adjusted]
    if not months:
        return {}
    others = [each for each in wired.billed.settlements(settled.account_id) if each.month != settled.month]
    found: dict[Month, dict[str, ChargeRecord]] = {month: {} for month in months}
    for version in versions(settled, wired.billed):
        until = version.stood.at if version.stood is not None else as_of
        for month in months:
            since = _billed_last(month, others, until, wired)
            for record in _corrected(month, settled.account_id, until, wired):
                if since is None or record.sealed_at > since:
                    found[month].setdefault(record.session.session_id, record)
    return {month: list(records.values()) for month, records in found.items()}


def _corrected(month: Month, account_id: str, until: datetime, wired: BackOffice) -> list[ChargeRecord]:
    by_then = SessionsAsOf(wired.sessions, until).charged(account_id, month.interval(wired.settings.zone))
    return [each for each in by_then if each.revision]


def _billed_last(month: Month, others: Sequence[Settlement], until: datetime, wired: BackOffice) -> datetime | None:
    """When one of these billed the month last, by then."""
    instants = [
        version.stood.at
        for each in others
        for version in versions(each, wired.billed)
        if version.stood is not None and (version.month == month or str(month) in version.adjusted)
    ]
    return max((each for each in instants if each <= until), default=None)
