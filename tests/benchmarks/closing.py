"""A whole month closed and exported: each account with ten usage events, and one in a hundred with half of all events.

On DynamoDB Local, over two processes as over two functions, which spread accounts over pages and settle these, read
the export's parts and put them together; collection is queued and not done. Everything that is rated, settled and
exported is stored before anything is measured. How many accounts: CLOSE_ACCOUNTS="10000 30000"; what a make runs by
itself are fewer, and the figures say of how many they are. Without the engine: on moto, in this process.
"""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from chalicelib.access.active_items import to_be_billed
from chalicelib.access.charge_items import charge_item
from chalicelib.access.model import ChargeRecord
from chalicelib.access.records import ActiveRecord, ChargeItem
from chalicelib.billing.model import Payer
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.finance.closes_model import PAGE_OF_ACCOUNTS
from chalicelib.kernel.time import Month
from chalicelib.storage.record import Database
from chalicelib.storage.writes import Transaction
from infra.local.dynamodb_local import EngineMissingError
from infra.local.engine import DYNAMODB_LOCAL, MOTO, Engine
from infra.tables import create_all
from tests.benchmarks import AtMost, Figures, Targets
from tests.benchmarks.closing_floors import MOST_PARTS, writing_ms
from tests.benchmarks.closing_functions import BEFORE, MAY, PROCESSES, STAGE, Answer, Message, functions, wired
from tests.stores.city import offer_bikes
from tests.stores.riding import record, session

FEW, ON_MOTO = (500, 1_500), (100,)
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


@dataclass(frozen=True)
class Step:
    """What functions did of a message and of what it gave: seconds, the engine's CPU in them, and each answer."""

    seconds: float
    engine_s: float
    answers: Sequence[Answer]

    def cpu_s(self, *, together: bool = False) -> float:
        """Our CPU; of what put an export together, if that is asked."""
        return float(sum(each["cpu_s"] for each in self.answers if each.get("together") or not together))

    @property
    def rss_mb(self) -> float:
        """The largest process."""
        return float(max(each["rss_mb"] for each in self.answers))


def _done(kind: str, messages: Sequence[Message]) -> Step:
    """By functions that are there for these messages alone."""
    began, engine = time.perf_counter(), engine_cpu()
    with functions(kind) as two:
        answers = two.do(messages)
    return Step(time.perf_counter() - began, engine_cpu() - engine, answers)


def _measured(kind: str, accounts: int) -> Figures:
    with _stored(kind, accounts), TemporaryDirectory() as folder:
        closed = _done(kind, [["open"]])
        exported = _done(kind, [["export", 0, folder]])
        _check(wired(), accounts)
        floors = _floors(kind, accounts, closed.seconds + exported.seconds) if kind == DYNAMODB_LOCAL else {}
    cpu, wrote = exported.cpu_s(), exported.cpu_s(together=True)
    found = {
        "finance.close_s": closed.seconds + exported.seconds,
        "finance.rate_export_s": exported.seconds,
        "finance.close_cpu_ms": 1000 * (closed.cpu_s() + cpu) / accounts,
        "finance.rate_export_cpu_ms": 1000 * cpu / accounts,
        "finance.assemble_cpu_ms": 1000 * wrote / accounts,
        "finance.close_rss_mb": max(closed.rss_mb, exported.rss_mb),
    }
    if kind == DYNAMODB_LOCAL:
        found["finance.close_engine_cpu_ms"] = 1000 * (closed.engine_s + exported.engine_s) / accounts
    return {f"{name}.{accounts}": figure for name, figure in (found | floors).items()}


def _check(by: BackOffice, accounts: int) -> None:
    export = by.closes.export(MAY, 1)
    rows = {each.name: each.rows for each in export.files} if export else {}
    sessions = sum(map(_sessions_of, range(accounts)))
    if rows.get("sessions.csv.gz") != sessions or rows.get("invoices.csv.gz") != accounts:
        raise RuntimeError(f"{accounts} accounts and {sessions} sessions came out as {rows}")


def _floors(kind: str, accounts: int, took: float) -> Figures:
    """What the engine takes for the close's writes alone, and for the export's reads, if it had parts; two at once."""
    by = wired()
    writing = writing_ms(by._lean_client, STAGE, PROCESSES) * accounts / 1000
    found = {"finance.close_floor_s": writing, "finance.close_over_floor": took / writing}
    parts = by.export_parts.plan(MAY, 1)
    looked = _done(kind, [["look", number] for number in range(min(parts.made if parts else 0, MOST_PARTS))]).answers
    read = sum(each["accounts"] for each in looked)
    asked = _done(kind, [["ask", each["asked"]] for each in looked]).answers
    reading = sum(each["s"] for each in asked) / PROCESSES
    return found | ({"finance.rate_export_floor_s": reading * accounts / read} if read else {})


def engine_cpu() -> float:
    """Seconds of CPU that the engine, a child of this process, has used by now; 0 where there is none."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            name, rest = stat.read_text().partition("(")[2].rsplit(")", 1)
            fields = rest.split()
            if name == "java" and int(fields[1]) == os.getpid():
                return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


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
    _done(kind, [["settle", names[first : first + A_PAGE]] for first in range(0, COMPILED, A_PAGE)])


def _store(names: Sequence[str], month: Month) -> None:
    """What accounts used in a month, and that they pay."""
    with ChargeItem.batch_write() as charges:
        for number, name in enumerate(names):
            for each in _charged(number, name, month):
                charges.save(charge_item(each))
    billed, commit = wired().billed, Transaction()
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
