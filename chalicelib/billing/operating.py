"""What an operator decides: about parked accounts, and about caps over several products."""

from dataclasses import replace
from datetime import datetime

from chalicelib.billing.errors import MonthBegun, NotParked
from chalicelib.billing.model import FareCaps, InvoiceState, Parked
from chalicelib.billing.ports import Billed
from chalicelib.billing.terms import caps_of
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Commit
from chalicelib.rating.terms import PERIODS


def release(
    account_id: str, month: Month, *, by: str, note: str, billed: Billed, now: datetime, commit: Commit
) -> Parked:
    """Bill the account's month after all, from the next worker on.

    The decision is kept with the name of whoever took it; the first one stays.
    """
    parked = billed.parked(account_id, month)
    if parked is None:
        raise NotParked(account_id=account_id, month=str(month))
    if parked.released_at is not None:
        return parked
    released = replace(parked, released_by=by, released_at=now, note=note)
    due = [each for each in billed.invoices(account_id, month) if each.state is not InvoiceState.PAID]
    again = [billed.settle_released(released, now), *(billed.collect_again(each, now) for each in due)]
    return commit([*billed.parking(released), *again], released)


def set_fare_caps(caps: FareCaps, zone: str, *, billed: Billed, now: datetime, commit: Commit) -> FareCaps:
    """Have caps over several products hold from a month to come; `InvalidTerms` names all that is wrong with them.

    Nobody's current month changes, and a shorter period's cap applies before a longer one's.
    """
    if caps.since <= Month.of(now, zone):
        raise MonthBegun(month=str(caps.since))
    caps_of(caps)
    ordered = sorted(caps.caps, key=lambda row: PERIODS.index(str(row["period"])))
    stated = replace(caps, caps=tuple(ordered))
    return commit([billed.saving_fare_caps(stated)], stated)
