"""Holds in DynamoDB."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.billing.errors import HoldChanged
from chalicelib.billing.hold_items import (
    HoldRecord,
    PaidByRecord,
    account_partition,
    hold_key,
    hold_key_in,
    hold_of,
    hold_record,
    paid_by_key,
)
from chalicelib.billing.hold_model import Hold
from chalicelib.kernel.time import format_instant
from chalicelib.kernel.writes import Write
from chalicelib.storage.outbox import message
from chalicelib.storage.timers import Timer, setting
from chalicelib.storage.writes import Put

LOOK, DUE = "billing.hold_look", "billing.hold_due"


class HoldStore:
    """Satisfies `hold_ports.Holds`."""

    def of_session(self, account_id: str, session_id: str) -> Sequence[Hold]:
        """One query."""
        return self._listed(account_id, hold_key(session_id))

    def of_account(self, account_id: str) -> Sequence[Hold]:
        """One query, more for very many."""
        return self._listed(account_id, hold_key())

    def _listed(self, account_id: str, start: str) -> Sequence[Hold]:
        rows = HoldRecord.listed(account_partition(account_id), HoldRecord.sk.startswith(start))
        return [hold_of(each) for each in rows]

    def of_invoice(self, account_id: str, invoice_id: str) -> Sequence[Hold]:
        """One query; one more read for each hold, of which there are few."""
        pk = account_partition(account_id)
        links = PaidByRecord.listed(pk, PaidByRecord.sk.startswith(paid_by_key(invoice_id)))
        found = (HoldRecord.find(pk, hold_key_in(each.sk)) for each in links)
        return [hold_of(each) for each in found if each is not None]

    def adding(self, hold: Hold) -> Write:
        """If it is new."""
        return Put(hold_record(hold), HoldChanged(), HoldRecord.pk.does_not_exist())

    def changing(self, hold: Hold) -> Write:
        """On the version before."""
        return Put(hold_record(hold), HoldChanged(), HoldRecord.version == hold.version - 1)

    def paying(self, hold: Hold) -> Write:
        """One item."""
        sk = paid_by_key(hold.invoice_id or "", hold)
        return Put(PaidByRecord(pk=account_partition(hold.account_id), sk=sk), HoldChanged())

    def looking(self, hold: Hold, why: str, now: datetime) -> Write:
        """A message to the worker."""
        return self.look_again(hold.account_id, hold.session_id, hold.turn, why, now)

    def look_again(self, account_id: str, session_id: str, turn: int, why: str, now: datetime) -> Write:
        """A message to the worker."""
        facts = {"account_id": account_id, "session_id": session_id, "turn": str(turn)}
        return message(LOOK, f"{account_id}:{session_id}:{turn}:{why}", facts, now)

    def looking_at(self, hold: Hold, at: datetime, now: datetime) -> Write:
        """A timer."""
        return setting(Timer(at, DUE, _named(hold)), now)

    def telling(self, hold: Hold, code: str, now: datetime, **facts: str) -> Write:
        """A message to the worker."""
        about = {"account_id": hold.account_id, "about": hold.session_id, "code": code}
        said = {**facts, **about, "told_at": format_instant(now)}
        return message("dialogue.tell", f"{hold.account_id}:{hold.name}:{code}", said, now)


def _named(hold: Hold) -> dict[str, str]:
    return {"account_id": hold.account_id, "session_id": hold.session_id, "turn": str(hold.turn)}
