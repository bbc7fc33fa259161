"""Write an export of many accounts: plan its parts, read each, put them together. Each step may run twice or break off.

What is put together has the bytes of what one worker would have written: the parts hold rows in the month's order, and
whatever else readers add up, and the journal is read by who puts them together.
"""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass

from chalicelib.access.ports import Sessions
from chalicelib.finance import parts_model
from chalicelib.finance.errors import PageDone, PageExists, PartsExpired, PlanChanged, VersionTaken
from chalicelib.finance.model import Export
from chalicelib.finance.parts_model import PARTS_A_TURN, Part, Plan, Task, plan_of
from chalicelib.finance.parts_ports import Parts, Tasks
from chalicelib.finance.ports import Divisible
from chalicelib.finance.writing import Exporting, check_free, read_entries, readers_of_part, refuse, write_export
from chalicelib.kernel.errors import Contended, Refusal, Unavailable
from chalicelib.kernel.text import compact, read
from chalicelib.kernel.time import Month

TURNS_AT_ONCE = 5
"""So many turns of planning a worker takes before it leaves the rest to another."""
_PIECE = 350_000
"""Bytes: below what an item can hold."""
_FASTEST = 1


@dataclass(frozen=True, slots=True)
class Parting:
    """What an export in parts is written by."""

    exporting: Exporting
    parts: Parts
    sessions: Sessions
    tasks: Tasks


def begin_export(month: Month, version: int, turn: int, by: Parting) -> Export | None:
    """Write an export of few accounts; have one of many written in parts, some turns of planning at once.

    The parts of a turn are stored with how far the plan is, and sent afterwards: a turn that comes again sends what is
    not read by then, and one that broke off is gone on with.
    """
    export, plan = by.exporting.closes.export(month, version), by.parts.plan(month, version)
    if export is None or export.state != "being_written":
        return export
    if plan is None and turn:
        return refuse(export, _expired(export), by.exporting)
    if plan is None:
        most = parts_model.ACCOUNTS_A_PART
        if len(by.sessions.active_accounts_after(month, limit=most + 1, after=None)) <= most:
            return write_export(month, version, by.exporting)
        try:
            check_free(export, by.exporting.files)
        except VersionTaken as taken:
            return refuse(export, taken, by.exporting)
        plan = _planned(plan_of(export), by, fresh=True)
    for each in range(turn, turn + TURNS_AT_ONCE):
        if plan.parts is None and plan.turn == each:
            plan = _planned(plan, by)
        first = each * PARTS_A_TURN
        for number in by.parts.unread(plan, first, first + PARTS_A_TURN - 1):
            by.tasks.do(Task(month, version, number))
        if plan.parts is not None and each + 1 >= plan.turn:
            _if_read(month, version, by)
            return export
    return by.exporting.commit([by.parts.planning_on(plan, turn + TURNS_AT_ONCE, by.exporting.now)], export)


def _planned(plan: Plan, by: Parting, *, fresh: bool = False) -> Plan:
    """One turn further; how far somebody else has come, where one did."""
    most, now = parts_model.ACCOUNTS_A_PART, by.exporting.now
    accounts = by.sessions.active_accounts_after(plan.month, limit=most * PARTS_A_TURN, after=plan.after)
    after, made = plan.more(accounts, most)
    try:
        writes = [
            by.parts.planning(after, None if fresh else plan, now),
            *(by.parts.making(each, now) for each in made),
        ]
        return by.exporting.commit(writes, after)
    except (PlanChanged, PageExists):
        return by.parts.plan(plan.month, plan.version) or plan


def do_task(task: Task, by: Parting) -> None:
    """Read a part, or put all of them together; nothing, where the export is written or refused by now.

    Where what was kept for it is gone, the export is refused: of what is left it would be another one, or empty.
    """
    export = by.exporting.closes.export(task.month, task.version)
    if export is None or export.state != "being_written":
        return
    if task.part is None:
        write_export(task.month, task.version, by.exporting, _Parts(by))
        return
    part = by.parts.part(task.month, task.version, task.part)
    if part is None:
        refuse(export, _expired(export), by.exporting)
        return
    if not by.parts.is_done(part):
        try:
            _read(export, part, by)
        except (Unavailable, Contended):
            raise
        except Refusal as refusal:
            refuse(export, refusal, by.exporting)
            return
    _if_read(task.month, task.version, by)


def _expired(export: Export) -> PartsExpired:
    return PartsExpired(month=str(export.month), version=export.version)


def _if_read(month: Month, version: int, by: Parting) -> None:
    plan = by.parts.plan(month, version)
    if plan is not None and plan.is_read:
        by.tasks.do(Task(month, version))


def _read(export: Export, part: Part, by: Parting) -> None:
    """Show the part's accounts to readers, and keep what they made of them."""
    how, pieces = by.exporting, 0
    with closing(how.spool()) as spool:
        readers = readers_of_part(export, how, spool)
        for each in how.reading.of(part.accounts, export.month, export.as_of, export.settled_since):
            for reader in readers:
                reader.account(each)
        for pieces, content in enumerate(_packed(_lines(readers)), start=1):
            how.commit([by.parts.keeping(part, pieces - 1, content, how.now)], None)
    with suppress(PageDone):
        how.commit(by.parts.reading(part, pieces, how.now), None)


def _lines(readers: Sequence[Divisible]) -> Iterator[bytes]:
    """A line for each thing that a reader kept, behind the reader's place."""
    for place, reader in enumerate(readers):
        for kept in reader.kept():
            yield compact([place, kept]) + b"\n"


def _packed(lines: Iterable[bytes]) -> Iterator[bytes]:
    packer, held = zlib.compressobj(_FASTEST), bytearray()
    for line in lines:
        held += packer.compress(line)
        while len(held) >= _PIECE:
            yield bytes(held[:_PIECE])
            del held[:_PIECE]
    held += packer.flush()
    while held:
        yield bytes(held[:_PIECE])
        del held[:_PIECE]


def _unpacked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The lines, of which no more than a piece's are held."""
    unpacker, rest = zlib.decompressobj(), b""
    for piece in pieces:
        *whole, rest = (rest + unpacker.decompress(piece)).split(b"\n")
        yield from whole


@dataclass(frozen=True, slots=True)
class _Parts:
    """Shows readers what parts have kept, in their order, and then the journal."""

    by: Parting

    def __call__(self, export: Export, readers: Sequence[Divisible]) -> None:
        plan = self.by.parts.plan(export.month, export.version)
        if plan is None or not plan.is_read:
            raise _expired(export)
        for number in range(plan.made):
            for line in _unpacked(self.by.parts.kept(export, number)):
                place, kept = read(line)
                readers[place].take(kept)
        read_entries(export, self.by.exporting.reading, readers)
