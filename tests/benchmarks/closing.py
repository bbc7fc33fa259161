"""A whole month closed and exported: each account with ten usage events, and one in a hundred with half of all events.

On DynamoDB Local, over two processes as over two functions, which settle pages and read the export's parts; collection
is queued and not done. Everything that is rated, settled and exported is stored before anything is measured. How many
accounts: CLOSE_ACCOUNTS="10000 30000"; what a make runs by itself are fewer, and the figures say of how many they are.
Without the engine: on moto, in this process.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from chalicelib.access.active_items import to_be_billed
from chalicelib.access.charge_items import charge_item
from chalicelib.access.model import ChargeRecord
from chalicelib.access.records import ActiveRecord, ChargeItem
from chalicelib.billing.model import Payer
from chalicelib.edge.garbage import collect_from_now_on
from chalicelib.edge.reacting_closes import settling_pages
from chalicelib.edge.settling_accounts import settle_together
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.finance import parting
from chalicelib.finance.closes_model import PAGE_OF_ACCOUNTS, CloseState, Sent
from chalicelib.finance.closing import TURNS_AT_ONCE, open_close, spread
from chalicelib.finance.model import Export
from chalicelib.finance.parting import begin_export, do_task
from chalicelib.finance.parts_model import Task
from chalicelib.finance.settling_pages import settle_page
from chalicelib.kernel.time import Month
from chalicelib.storage.record import Database
from chalicelib.storage.writes import Transaction
from infra.local.dynamodb_local import EngineMissingError
from infra.local.engine import DYNAMODB_LOCAL, MOTO, Engine
from infra.tables import create_all
from tests.benchmarks import AtMost, Figures, Targets, peak_mb
from tests.benchmarks.closing_floors import MOST_PARTS, asked_for, writing_ms
from tests.stores.city import offer_bikes
from tests.stores.riding import record, session

STAGE, MAY = "bench", Month(2021, 5)
BEFORE, NOW = MAY.previous, datetime(2021, 6, 4, 6, tzinfo=UTC)
FEW, ON_MOTO, PROCESSES = (500, 1_500), (100,), 2
MANY = 5_000
"""So many accounts keep the engine busy for longer than Java takes to compile it with care."""
COMPILED, A_PAGE = 4_000, PAGE_OF_ACCOUNTS
"""So many accounts of another month are settled before anything is measured: by then Java has compiled of the engine
what a close needs of it, which no DynamoDB has to."""
EVENTS, HEAVY = 10, 100
"""Usage events of an account, and of how many accounts one holds as many as all the others together."""
TARGETS: Targets = {
    "finance.rate_export_s.100000": AtMost(45),
    "finance.close_s.30000": AtMost(240),
    "finance.close_s.100000": AtMost(900),
    **{f"finance.close_rss_mb.{number}": AtMost(256) for number in (*FEW, *ON_MOTO, 10_000, 30_000, 100_000)},
}


def figures() -> Figures:
    """Of each number of accounts: seconds of the close and of the export, and the largest process.

    The floors are what the engine takes for the close's writes alone, and for the export's reads, two at once; nothing
    is computed.
    """
    asked = [int(each) for each in os.environ.get("CLOSE_ACCOUNTS", "").split()]
    found: Figures = {}
    try:
        for accounts in asked or FEW:
            found |= _measured(DYNAMODB_LOCAL, accounts)
    except EngineMissingError:
        for accounts in asked or ON_MOTO:
            found |= _measured(MOTO, accounts)
    return found


@dataclass
class Kept:
    """What a queue would hold: the pages of a close, and the parts of an export."""

    pages: list[Sent]
    tasks: list[Task]

    def send(self, page: Sent) -> None:
        """One message a page."""
        self.pages.append(page)

    def do(self, task: Task) -> None:
        """One message a task; that all parts are to be put together is done without being asked."""
        if task.part is not None:
            self.tasks.append(task)


@dataclass
class Spent:
    """Seconds since, CPU of this process since, and the engine's."""

    began: float = field(default_factory=time.perf_counter)
    cpu: float = field(default_factory=time.process_time)
    engine: float = field(default_factory=lambda: engine_cpu())  # noqa: PLW0108 -- stands below

    def since(self) -> tuple[float, float, float]:
        return time.perf_counter() - self.began, time.process_time() - self.cpu, engine_cpu() - self.engine


def _measured(kind: str, accounts: int) -> Figures:
    with _stored(kind, accounts), TemporaryDirectory() as folder:
        wired, queue, spent = _wired(), Kept([], []), Spent()
        open_close(MAY, "UTC", by="bench", closes=wired.closes, now=NOW, commit=wired.commit)
        _spread(wired, queue)
        others = _by_all(kind, [["page", page.number, page.accounts] for page in queue.pages])
        closed, settling, engine = spent.since()
        spent = Spent()
        exported = _exported(kind, wired, queue, Folder(Path(folder)), others)
        seconds, wrote, read = spent.since()
        largest = max([peak_mb(), *(each["rss_mb"] for each in others)])
        floors = _floors(kind, wired, accounts) if kind == DYNAMODB_LOCAL else (0.0, 0.0)
    rows = {each.name: each.rows for each in exported.files} if exported else {}
    sessions = sum(map(_sessions_of, range(accounts)))
    if rows.get("sessions.csv.gz") != sessions or rows.get("invoices.csv.gz") != accounts:
        raise RuntimeError(f"{accounts} accounts and {sessions} sessions came out as {rows}")
    parted = sum(each["cpu_s"] for each in others if each["exported"])
    settling += sum(each["cpu_s"] for each in others if not each["exported"])
    if kind == MOTO:  # all of it was in this process
        settling, parted = settling - sum(each["cpu_s"] for each in others if not each["exported"]), 0
    found = {
        f"finance.close_s.{accounts}": closed + seconds,
        f"finance.rate_export_s.{accounts}": seconds,
        f"finance.close_cpu_ms.{accounts}": 1000 * (settling + wrote + parted) / accounts,
        f"finance.rate_export_cpu_ms.{accounts}": 1000 * (wrote + parted) / accounts,
        f"finance.assemble_cpu_ms.{accounts}": 1000 * wrote / accounts,
        f"finance.close_rss_mb.{accounts}": largest,
    }
    if kind == DYNAMODB_LOCAL:
        found |= {
            f"finance.close_engine_cpu_ms.{accounts}": 1000 * (engine + read) / accounts,
            f"finance.close_floor_s.{accounts}": floors[0],
            f"finance.close_over_floor.{accounts}": (closed + seconds) / floors[0],
            **({f"finance.rate_export_floor_s.{accounts}": floors[1]} if floors[1] else {}),
        }
    return found


def _exported(
    kind: str, wired: BackOffice, queue: Kept, files: "Folder", others: list[dict[str, Any]]
) -> Export | None:
    """In parts, each by one of the processes, and put together by this one."""
    by = replace(wired.parting(), exporting=replace(wired.exporting(), files=files), tasks=queue)
    turn = 0
    while (plan := wired.export_parts.plan(MAY, 1)) is None or plan.parts is None:
        if (begun := begin_export(MAY, 1, turn, by)) is not None and begun.ready_at is not None:
            return begun
        turn += parting.TURNS_AT_ONCE
    others += _by_all(kind, [["part", task.part] for task in queue.tasks])
    do_task(Task(MAY, 1), by)
    return wired.closes.export(MAY, 1)


def _floors(kind: str, wired: BackOffice, accounts: int) -> tuple[float, float]:
    """Seconds for the close's writes alone, and for the export's reads; 0 for these if it had no parts."""
    writing = writing_ms(wired._lean_client, STAGE, PROCESSES) * accounts / 1000
    return writing, _reading_floor_s(kind, wired, accounts)


def _reading_floor_s(kind: str, wired: BackOffice, accounts: int) -> float:
    """Seconds for what the export's parts ask of the engine, asked by two processes that do nothing else."""
    parts = wired.export_parts.plan(MAY, 1)
    some = min(parts.made if parts else 0, MOST_PARTS)
    looked = _by_all(kind, [["look", number] for number in range(some)])
    asked = [each for one in looked for each in one["asked"]]
    read = sum(one["accounts"] for one in looked)
    return max(one["s"] for one in _by_all(kind, asked)) * accounts / read if read else 0.0


def engine_cpu() -> float:
    """Seconds of CPU that the engine, a child of this process, has used by now; 0 where there is none."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            name, rest = stat.read_text().partition("(")[2].rsplit(")", 1)
            fields = rest.split()
            if name == "java" and int(fields[1]) == os.getpid():
                return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def _spread(wired: BackOffice, queue: Kept) -> None:
    """Turn by turn, as the workers have it told to them."""
    parts: dict[str, Any] = {"closes": wired.closes, "sessions": wired.sessions, "now": NOW, "commit": wired.commit}
    turn = 0
    while (close := wired.closes.find(MAY)) is not None and close.state is CloseState.OPENED:
        spread(MAY, 1, turn, pages=queue, **parts)
        turn += TURNS_AT_ONCE


@contextmanager
def _stored(kind: str, accounts: int) -> Iterator[None]:
    engine = Engine(kind, lasts=accounts >= MANY, kept_together=True).start()
    Database.forget()
    try:
        create_all(engine.client("dynamodb"), STAGE)
        Database.use(f"adgang-{STAGE}-")
        offer_bikes(Transaction())
        names = [_account(number) for number in range(accounts)]
        _store(names, MAY)
        with ActiveRecord.batch_write() as marks:
            for name in names:
                marks.save(to_be_billed(name, MAY).record)
        if accounts >= MANY:
            _have_compiled(kind)
        yield
    finally:
        engine.stop()
        Database.forget()
        Database.prefix = None


def _have_compiled(kind: str) -> None:
    """What a close asks is asked for so many accounts of the month before, which no close of ours looks at again."""
    names = [f"before-{number:07d}" for number in range(COMPILED)]
    _store(names, BEFORE)
    _by_all(kind, [["settle", *names[first : first + A_PAGE]] for first in range(0, COMPILED, A_PAGE)])


def _store(names: Sequence[str], month: Month) -> None:
    """What accounts used in a month, and that they pay."""
    with ChargeItem.batch_write() as charges:
        for number, name in enumerate(names):
            for each in _charged(number, name, month):
                charges.save(charge_item(each))
    billed, commit = _wired().billed, Transaction()
    saving = [billed.saving_payer(Payer(each, f"cus_{each}", "pm_1", version=1)) for each in names]
    for first in range(0, len(names), 100):
        commit(saving[first : first + 100], None)


def _charged(number: int, account_id: str, month: Month) -> Iterator[ChargeRecord]:
    """Rides of ten events each."""
    for ride in range(_sessions_of(number)):
        begun = replace(session(ride, account_id), session_id=f"ses-{account_id}-{ride}")
        began = month.interval("UTC").start + timedelta(days=1, hours=8, minutes=37 * (ride % 1000))
        begun = replace(begun, started_at=began)
        done = record(begun, quantities={"use_seconds": Decimal(2400)})
        evidence = {"start": ("event-0",), "use_seconds": tuple(f"event-{each}" for each in range(EVENTS))}
        yield replace(done, need=replace(done.need, evidence=evidence))


def _sessions_of(number: int) -> int:
    """One, and of the heavy ones as many as the others of their hundred have together."""
    return HEAVY - 1 if number % HEAVY == HEAVY - 1 else 1


def _account(number: int) -> str:
    return f"acc-{number:07d}"


def _wired() -> BackOffice:
    settings = {"ADGANG_STAGE": STAGE, "ADGANG_ZONE": "UTC", "ADGANG_MODE": "test", "EXPORTS_BUCKET": "none"}
    settings["CLOSE_QUEUE_URL"] = "none"
    lean = {
        "DYNAMODB_CLIENT": "lean",
        "AWS_REGION": os.environ["AWS_REGION"],
        "KEY_PEPPER": "p" * 32,
    }
    endpoint = os.environ.get("AWS_ENDPOINT_URL_DYNAMODB")
    found = lean | {"AWS_ENDPOINT_URL_DYNAMODB": endpoint} if endpoint else {}
    return BackOffice(settings | {"KEY_PEPPER": "p" * 32} | found, now=lambda: NOW)


def _by_all(kind: str, what: Sequence[list[Any]]) -> list[dict[str, Any]]:
    """Each process takes every second page, or part, as two functions would."""
    if kind == MOTO:
        return [done(what)]
    command = [sys.executable, "-m", "tests.benchmarks.closing"]
    start = partial(subprocess.Popen, command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    started: list[subprocess.Popen[str]] = [start() for _ in range(PROCESSES)]
    for number, each in enumerate(started):
        assert each.stdin is not None
        each.stdin.write(json.dumps(what[number::PROCESSES]))
        each.stdin.close()
    return [json.load(each.stdout) for each in started if each.stdout is not None]


def done(what: Sequence[list[Any]]) -> dict[str, Any]:
    """What a function does with its pages of a close, or its parts of an export; or what these ask DynamoDB alone."""
    began, wired, asked, read = time.process_time(), _wired(), list[Any](), 0
    wired.closes.find(MAY)  # finds the engine before any time is taken
    started = time.perf_counter()
    for message, *about in what:
        if message == "page":
            number, accounts = about
            settle_page(Sent(MAY, number, tuple(accounts)), 1, settling_pages(wired))
        elif message == "part":
            do_task(Task(MAY, 1, *about), replace(wired.parting(), tasks=Kept([], [])))
        elif message == "ask":
            wired._lean_client.ask(*about)
        elif message == "look":
            part = wired.export_parts.part(MAY, 1, *about)
            assert part is not None
            asked, read = asked + asked_for(part, wired), read + len(part.accounts)
        elif len(settle_together(about, BEFORE, wired.page())) != len(about):
            raise RuntimeError(f"not all of {about} were settled")
    exported = float(bool(what) and what[0][0] == "part")
    spent = {"cpu_s": time.process_time() - began, "s": time.perf_counter() - started}
    return {**spent, "rss_mb": peak_mb(), "exported": exported, "asked": asked, "accounts": read}


class Folder:
    """Satisfies `finance.ports.Files`: what the bucket does is none of these figures."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, key: str, content: bytes, _content_type: str) -> None:
        """A whole file."""
        path = self._folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def begin(self, key: str, _content_type: str) -> "Growing":
        """A file that is written part by part."""
        self.write(key, b"", "")
        return Growing(self._folder / key)

    def read(self, key: str) -> list[bytes]:
        """Whole."""
        return [(self._folder / key).read_bytes()]

    def link(self, key: str, _seconds: int) -> str:
        """Where it is."""
        return (self._folder / key).as_uri()


class Growing:
    """Satisfies `finance.ports.Upload`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def part(self, content: bytes) -> None:
        """The next part."""
        with self._path.open("ab") as file:
            file.write(content)

    last = part

    def finish(self) -> None:
        """All of it is there."""

    def abort(self) -> None:
        """Nothing of it stays."""
        self._path.unlink(missing_ok=True)


if __name__ == "__main__":
    collect_from_now_on()
    Database.use(f"adgang-{STAGE}-")
    sys.stdout.write(json.dumps(done(json.load(sys.stdin))))
