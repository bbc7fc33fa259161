"""How many of a thousand customers, who start in the same instant for a hundred things, get one: on DynamoDB Local."""

from contextlib import suppress

from chalicelib.storage.record import Database
from infra.local.dynamodb_local import EngineMissingError
from infra.local.engine import DYNAMODB_LOCAL, Engine
from infra.tables import create_all
from tests.benchmarks import Exactly, Figures, Targets
from tests.stores.starting_race import race

_STAGE = "bench"
_CUSTOMERS, _ASSETS = 1_000, 100


TARGETS: Targets = {"access.race_sessions": Exactly(_ASSETS), "access.race_refusals": Exactly(_CUSTOMERS - _ASSETS)}


def figures() -> Figures:
    """None where there is no DynamoDB Local."""
    with suppress(EngineMissingError):
        return _raced()
    return {}


def _raced() -> Figures:
    engine = Engine(DYNAMODB_LOCAL).start()
    Database.forget()
    try:
        create_all(engine.client("dynamodb"), _STAGE)
        prefix = f"adgang-{_STAGE}-"
        Database.use(prefix)
        found = race(prefix, _CUSTOMERS, _ASSETS)
    finally:
        engine.stop()
        Database.forget()
        Database.prefix = None
    return {"access.race_sessions": float(found.sessions), "access.race_refusals": float(found.refusals)}
