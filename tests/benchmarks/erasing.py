"""Erasing a customer with a thousand sessions, on the database alone: file, events, personal items, key.

On DynamoDB Local, or without it on moto in this process, each message in turn as one worker has them. What is to be
erased is stored before anything is measured: each session with five events, a place and a charge.
"""

import time

from chalicelib.customers.data_file import DataFile
from chalicelib.edge.data_pieces import make_some
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.storage.record import Database
from infra.local.dynamodb_local import EngineMissingError
from infra.local.engine import DYNAMODB_LOCAL, MOTO, Engine
from infra.tables import create_all
from tests.benchmarks import AtMost, Figures, Targets
from tests.stores.leaver import NOW, WHO, ask, live, office, run

STAGE, SESSIONS = "bench", 1_000
TARGETS: Targets = {
    "subscriptions.erase_1000_sessions_s": AtMost(300),
    "subscriptions.data_file_1000_sessions_s": AtMost(60),
}


def figures() -> Figures:
    """On Amazon's engine where it is, and on moto otherwise."""
    try:
        return _measured(DYNAMODB_LOCAL)
    except EngineMissingError:
        return _measured(MOTO)


def _make(file: DataFile, wired: BackOffice) -> None:
    """Piece by piece, as the messages come."""
    while isinstance(after := make_some(file, wired), str):
        file = file.went_on(after, NOW)


def _measured(kind: str) -> Figures:
    engine = Engine(kind).start()
    Database.forget()
    try:
        create_all(engine.client("dynamodb"), STAGE)
        Database.use(f"adgang-{STAGE}-")
        wired, _ = office(STAGE)
        live(SESSIONS, wired, notices=SESSIONS)
        began = time.perf_counter()
        _make(DataFile(WHO.account_id, WHO.customer_id, WHO.subject, "bench", NOW), wired)
        gathered_s = time.perf_counter() - began
        began = time.perf_counter()
        end = run(ask(wired).erasure_id, wired)
        erased_s = time.perf_counter() - began
    finally:
        engine.stop()
        Database.forget()
        Database.prefix = None
    if not end.is_done or end.erased["sessions"] != SESSIONS or end.erased["notices"] != SESSIONS:
        raise RuntimeError(end)
    return {
        "subscriptions.erase_1000_sessions_s": erased_s,
        "subscriptions.data_file_1000_sessions_s": gathered_s,
    }
