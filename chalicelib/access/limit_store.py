"""Limits in DynamoDB: one item an account, which every start goes through.

account#<id>   limits                what the account has set, which sessions are open or reserved, and the turn
account#<id>   lately#<asset key>    until when an asset that was reserved is not reserved again
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeSetAttribute
from pynamodb.expressions.condition import Condition, size
from pynamodb.expressions.update import Action

from chalicelib.access.errors import LimitsMoved, ReservedLately
from chalicelib.access.limits import LEFT_ALONE, MOST_RESERVED, Budget, Limits, LimitsNow
from chalicelib.access.model import AccessSession
from chalicelib.kernel.errors import Conflict, Refusal
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import format_instant
from chalicelib.kernel.writes import Write
from chalicelib.storage.attributes import DocumentAttribute, InstantAttribute
from chalicelib.storage.outbox import message
from chalicelib.storage.record import Record, TableName
from chalicelib.storage.writes import Change, Check, Put

BOUND, LIMITED = "access.bound", "access.limited"
"""Have a session end before it comes to more than its bound; have all that runs brought under limits that were set."""
_SK = "limits"
_size: Callable[[object], Any] = size


class LimitsRecord(Record):
    """An account's limits; `budgeted` is there where it has a budget, `wished` where it has wishes that restrict."""

    class Meta:
        """Owned by access."""

        table_name = TableName("access")

    most_open = NumberAttribute(null=True)
    day: Any = DocumentAttribute(null=True)
    month: Any = DocumentAttribute(null=True)
    budgeted = NumberAttribute(null=True)
    wished = NumberAttribute(null=True)
    opened: Any = UnicodeSetAttribute(null=True)
    reserved: Any = UnicodeSetAttribute(null=True)
    turn = NumberAttribute(null=True)
    set_at = InstantAttribute(null=True)
    set_turn = NumberAttribute(null=True)


class LatelyRecord(Record):
    """An asset that was reserved for an account until a moment ago. `expires` is when that is forgotten."""

    class Meta:
        """Owned by access."""

        table_name = TableName("access")

    until = InstantAttribute()
    expires = NumberAttribute()


class LimitStore:
    """Satisfies `allowing.AccountLimits`."""

    def find(self, account_id: str) -> LimitsNow:
        """One consistent read."""
        record = LimitsRecord.find(_pk(account_id), _SK)
        if record is None:
            return LimitsNow()
        most = None if record.most_open is None else int(record.most_open)
        limits = Limits(most, _budget_of(record.day), _budget_of(record.month))
        opened, reserved = frozenset(record.opened or ()), frozenset(record.reserved or ())
        wished = record.wished is not None
        was_set = record.set_at, int(record.set_turn or 0)
        return LimitsNow(limits, opened, int(record.turn or 0), reserved, wished, *was_set)

    def setting(self, account_id: str, limits: Limits, at: datetime | None = None) -> Write:
        """What was set before is replaced; the turn moves on, so that no quote from before starts under a budget."""
        stored = LimitsRecord
        most, budgets = limits.most_open, {"day": limits.day, "month": limits.month}
        actions = _set_at(at)
        actions.append(stored.most_open.remove() if most is None else stored.most_open.set(most))
        for name, budget in budgets.items():
            attribute = getattr(stored, name)
            actions.append(attribute.remove() if budget is None else attribute.set(_document(budget)))
        has_budget = any(each is not None for each in budgets.values())
        actions.append(stored.budgeted.set(1) if has_budget else stored.budgeted.remove())
        return Change(_item(account_id), actions, Conflict(account_id=account_id))

    def looking(self, account_id: str, at: datetime) -> Write:
        """A message; it says nothing any more once limits are set again."""
        instant = format_instant(at)
        return message(LIMITED, f"{account_id}#{instant}", {"account_id": account_id, "at": instant}, at)

    def others_set(self, account_id: str, at: datetime) -> Sequence[Write]:
        """The turn moves on, so that nothing is brought under what was before."""
        change = Change(_item(account_id), _set_at(at), Conflict(account_id=account_id))
        return [change, self.looking(account_id, at)]

    def starting(self, session: AccessSession, turn: int, now: datetime) -> Sequence[Write]:
        """The session in the account's set, and the turn moved on; a message, if it is to end by itself."""
        actions: list[Action] = [
            LimitsRecord.format.set(1),
            LimitsRecord.turn.add(1),
            LimitsRecord.opened.add({session.session_id}),
            LimitsRecord.reserved.delete({session.session_id}),
        ]
        opening = Change(_item(session.account_id), actions, LimitsMoved(), _has_room(turn))
        if session.agreed is None or session.agreed.bound is None:
            return [opening]
        facts = {"session_id": session.session_id}
        return [opening, message(BOUND, session.session_id, facts, now)]

    def reserving(self, session: AccessSession, turn: int) -> Write:
        """The session in the account's other set, and the turn moved on."""
        stored = LimitsRecord
        actions: list[Action] = [stored.format.set(1), stored.turn.add(1), stored.reserved.add({session.session_id})]
        fewer = (_size(stored.reserved) < MOST_RESERVED) & (
            stored.most_open.does_not_exist() | (_size(stored.reserved) < stored.most_open)
        )
        room = _has_room(turn) & (stored.reserved.does_not_exist() | fewer)
        return Change(_item(session.account_id), actions, LimitsMoved(), room)

    def moving(self, account_id: str, turn: int) -> Write:
        """The turn moved on."""
        actions: list[Action] = [LimitsRecord.format.set(1), LimitsRecord.turn.add(1)]
        return Change(_item(account_id), actions, LimitsMoved(), _unmoved(turn))

    def leaving_alone(self, session: AccessSession, now: datetime) -> Write:
        """A condition check on an item of its own."""
        key = (_pk(session.account_id), _lately(session))
        free = LatelyRecord.until.does_not_exist() | (LatelyRecord.until <= now)
        return Check(LatelyRecord, key, free, ReservedLately(asset_id=session.asset_id))

    def none_open(self, account_id: str, otherwise: Refusal) -> Write:
        """A condition check on the same item."""
        nothing = LimitsRecord.opened.does_not_exist() & LimitsRecord.reserved.does_not_exist()
        return Check(LimitsRecord, (_pk(account_id), _SK), nothing, otherwise)


def closing(session: AccessSession) -> Change:
    """The session is not open any more, whether it was counted or not."""
    actions: list[Action] = [LimitsRecord.format.set(1), LimitsRecord.opened.delete({session.session_id})]
    return Change(_item(session.account_id), actions, Conflict(session_id=session.session_id))


def not_reserved(session: AccessSession, at: datetime) -> list[Write]:
    """The session is not reserved any more, and its asset is not reserved for the account again for a while."""
    actions: list[Action] = [LimitsRecord.format.set(1), LimitsRecord.reserved.delete({session.session_id})]
    until = at + LEFT_ALONE
    lately = LatelyRecord(
        pk=_pk(session.account_id), sk=_lately(session), until=until, expires=int(until.timestamp()) + 1
    )
    there = Conflict(session_id=session.session_id)
    return [Change(_item(session.account_id), actions, there), Put(lately, there)]


def _lately(session: AccessSession) -> str:
    return f"lately#{session.asset_key}"


def _has_room(turn: int) -> Condition:
    """No more are open than may be; and where there is a budget, nothing has moved since it was looked at."""
    stored = LimitsRecord
    first = stored.opened.does_not_exist() & (stored.most_open > 0)
    fewer = stored.opened.exists() & (_size(stored.opened) < stored.most_open)
    room: Condition = stored.most_open.does_not_exist() | first | fewer
    may: Condition = room & _unmoved(turn)
    return may


def _unmoved(turn: int) -> Condition:
    free = LimitsRecord.budgeted.does_not_exist() & LimitsRecord.wished.does_not_exist()
    unmoved: Condition = free | (LimitsRecord.turn == turn)
    return unmoved


def wishing(account_id: str, *, restrict: bool, at: datetime | None) -> Change:
    """That its customer's wishes have changed: no quote from before starts against them."""
    stored = LimitsRecord
    said = stored.wished.set(1) if restrict else stored.wished.remove()
    return Change(_item(account_id), [*_set_at(at), said], Conflict(account_id=account_id))


def _set_at(at: datetime | None) -> list[Action]:
    stored = LimitsRecord
    actions: list[Action] = [stored.format.set(1), stored.turn.add(1)]
    return actions if at is None else [*actions, stored.set_at.set(at), stored.set_turn.set((stored.turn | 0) + 1)]


def _pk(account_id: str) -> str:
    return f"account#{account_id}"


def _item(account_id: str) -> LimitsRecord:
    return LimitsRecord(pk=_pk(account_id), sk=_SK)


def _document(budget: Budget) -> list[object]:
    return [budget.amount.minor, budget.amount.currency, budget.hard]


def _budget_of(document: list[Any] | None) -> Budget | None:
    return None if document is None else Budget(Money(document[0], document[1]), document[2])
