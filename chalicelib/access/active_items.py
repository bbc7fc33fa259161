"""Which accounts a month has to be settled for."""

from pynamodb.expressions.update import Action

from chalicelib.access.records import ActiveRecord, active_record
from chalicelib.kernel.errors import Conflict
from chalicelib.kernel.time import Month
from chalicelib.storage.writes import Change


def to_be_billed(account_id: str, month: Month, adjusts: Month | None = None) -> Change:
    """A marker that several writers may set; it only ever grows."""
    actions: list[Action] = [ActiveRecord.account_id.set(account_id), ActiveRecord.format.set(1)]
    if adjusts is not None and adjusts != month:
        actions.append(ActiveRecord.adjusts.add({str(adjusts)}))
    return Change(active_record(account_id, month), actions, Conflict(account_id=account_id))
