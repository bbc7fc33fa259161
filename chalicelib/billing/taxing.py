"""State the tax that is in prices, from a month to come on."""

from datetime import datetime

from chalicelib.billing.errors import MonthBegun
from chalicelib.billing.share_model import StatedRates
from chalicelib.billing.share_ports import ShareRows
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Commit


def set_tax_rates(stated: StatedRates, zone: str, *, kept: ShareRows, now: datetime, commit: Commit) -> StatedRates:
    """Nobody's current month changes. What was stated before stays; what was set last counts."""
    if stated.since <= Month.of(now, zone):
        raise MonthBegun(month=str(stated.since))
    return commit([kept.stating_rates(stated)], stated)
