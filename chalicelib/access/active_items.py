"""Which accounts a month has to be settled for, and which may be at once."""

from pynamodb.expressions.update import Action

from chalicelib.access.model import ChargeRecord, State
from chalicelib.access.records import ActiveRecord, active_record
from chalicelib.kernel.errors import Conflict
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write
from chalicelib.storage.outbox import message
from chalicelib.storage.writes import Change

SETTLE = "billing.settle"


def to_be_billed(account_id: str, month: Month, *adjusts: Month | None) -> Change:
    """A marker that several writers may set, with the months that are corrected in it; it only ever grows."""
    actions: list[Action] = [ActiveRecord.account_id.set(account_id), ActiveRecord.format.set(1)]
    earlier = {str(each) for each in adjusts if each is not None and each != month}
    if earlier:
        actions.append(ActiveRecord.adjusts.add(earlier))
    return Change(active_record(account_id, month), actions, Conflict(account_id=account_id))


def charged_in(record: ChargeRecord, month: Month, adjusts: Month | None = None) -> list[Write]:
    """The account of a charge record is to be billed in the month, and may be at once: one message for each record."""
    session = record.session
    facts = {"account_id": session.account_id, "month": str(month), "session_id": session.session_id}
    if session.state is State.ENDED and session.agreed is not None and session.agreed.hold is not None:
        facts["held"] = "yes"
    key = f"{session.account_id}:{month}:{session.session_id}:{record.revision}"
    return [to_be_billed(session.account_id, month, adjusts), message(SETTLE, key, facts, record.sealed_at)]
