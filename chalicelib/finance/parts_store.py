"""Parts of exports in DynamoDB."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from pynamodb.expressions.update import Action

from chalicelib.finance.errors import PageDone, PageExists, PartsExpired, PlanChanged
from chalicelib.finance.model import Export
from chalicelib.finance.parts_items import (
    PART,
    PLAN,
    READ,
    PartRecord,
    PieceRecord,
    PlanRecord,
    ReadRecord,
    number_key,
    part_of,
    part_record,
    partition,
    piece_key,
    plan_of,
    plan_record,
)
from chalicelib.finance.parts_model import KEPT, Part, Plan
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write
from chalicelib.storage.outbox import message
from chalicelib.storage.writes import Change, Put


class PartStore:
    """Satisfies `parts_ports.Parts`."""

    def plan(self, month: Month, version: int) -> Plan | None:
        """One consistent read."""
        record = PlanRecord.find(partition(month, version), PLAN)
        return plan_of(record) if record else None

    def planning(self, plan: Plan, before: Plan | None, now: datetime) -> Write:
        """On the turn before; how many are done is counted beside it."""
        changed = PlanChanged(month=str(plan.month), version=plan.version)
        record = plan_record(plan, now)
        if before is None:
            return Put(record, changed, PlanRecord.pk.does_not_exist())
        actions: list[Action] = [PlanRecord.turn.set(plan.turn), PlanRecord.made.set(plan.made)]
        if plan.after is not None:
            actions.append(PlanRecord.after.set(plan.after))
        if plan.parts is not None:
            actions.append(PlanRecord.parts.set(plan.parts))
        return Change(record, actions, changed, PlanRecord.turn == before.turn)

    def planning_on(self, plan: Plan, turn: int, now: datetime) -> Write:
        """The word to the worker."""
        facts = {"month": str(plan.month), "version": str(plan.version), "turn": str(turn)}
        return message("finance.export", f"{plan.month}:{plan.version}:{turn}", facts, now)

    def making(self, part: Part, now: datetime) -> Write:
        """If there is none of that number."""
        return Put(part_record(part, now), PageExists(number=part.number), PartRecord.pk.does_not_exist())

    def part(self, month: Month, version: int, number: int) -> Part | None:
        """One consistent read."""
        record = PartRecord.find(partition(month, version), number_key(PART, number))
        return part_of(record) if record else None

    def is_done(self, part: Part) -> bool:
        """One consistent read."""
        return ReadRecord.find(partition(part.month, part.version), number_key(READ, part.number)) is not None

    def unread(self, plan: Plan, first: int, last: int) -> Sequence[int]:
        """One query."""
        between = ReadRecord.sk.between(number_key(READ, first), number_key(READ, last))
        rows = ReadRecord.listed(partition(plan.month, plan.version), between)
        done = {int(each.sk.removeprefix(READ)) for each in rows}
        return [each for each in range(first, min(last + 1, plan.made)) if each not in done]

    def keeping(self, part: Part, piece: int, content: bytes, now: datetime) -> Write:
        """Replaced by the same."""
        where = partition(part.month, part.version), piece_key(part.number, piece)
        return Put(PieceRecord(*where, piece=content, expires=now + KEPT), PageDone(number=part.number))

    def reading(self, part: Part, pieces: int, now: datetime) -> Sequence[Write]:
        """The first time. The plan is kept for as long as what was read last."""
        where, done = partition(part.month, part.version), PageDone(number=part.number)
        read = ReadRecord(where, number_key(READ, part.number), pieces=pieces, expires=now + KEPT)
        plan = PlanRecord(where, PLAN)
        actions: list[Action] = [PlanRecord.done.set(PlanRecord.done + 1), PlanRecord.expires.set(now + KEPT)]
        counted = Change(plan, actions, done, PlanRecord.pk.exists())
        return [Put(read, done, ReadRecord.pk.does_not_exist()), counted]

    def kept(self, export: Export, number: int) -> Iterable[bytes]:
        """One consistent read, and one query, read as it is asked for. The database drops each item by itself."""
        where, expired = partition(export.month, export.version), _expired(export, number)
        read = ReadRecord.find(where, number_key(READ, number))
        if read is None:
            raise expired
        keys = [piece_key(number, piece) for piece in range(int(read.pieces))]
        rows = iter(PieceRecord.listed(where, PieceRecord.sk.between(keys[0], keys[-1])))
        for key in keys:
            found = next(rows, None)
            if found is None or found.sk != key:
                raise expired
            yield found.piece


def _expired(export: Export, number: int) -> PartsExpired:
    return PartsExpired(month=str(export.month), version=export.version, part=number)
