"""What an operator decides about parked accounts."""

from dataclasses import replace
from datetime import datetime

from chalicelib.billing.errors import NotParked
from chalicelib.billing.model import InvoiceState, Parked
from chalicelib.billing.ports import Billed
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Commit


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
    again = [billed.settle_again(account_id, month, now), *(billed.collect_again(each, now) for each in due)]
    return commit([*billed.parking(released), *again], released)
