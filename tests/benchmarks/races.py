"""Of a thousand who start at once for a hundred things, how many get one; and what 200 book: on DynamoDB Local."""

from contextlib import suppress

from chalicelib.storage.record import Database
from chalicelib.storage.writes import Transaction
from infra.local.dynamodb_local import EngineMissingError
from infra.local.engine import DYNAMODB_LOCAL, Engine
from infra.tables import create_all
from tests.benchmarks import Exactly, Figures, Targets
from tests.stores import booking_race
from tests.stores.starting_race import race

_STAGE = "bench"
_CUSTOMERS, _ASSETS = 1_000, 100
_BOOKERS, _VANS = 200, 20


TARGETS: Targets = {
    "access.race_sessions": Exactly(_ASSETS),
    "access.race_refusals": Exactly(_CUSTOMERS - _ASSETS),
    "access.double_bookings": Exactly(0),
    "access.bookings": Exactly(_VANS),
}


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
        booked = _booked()
    finally:
        engine.stop()
        Database.forget()
        Database.prefix = None
    return {
        "access.race_sessions": float(found.sessions),
        "access.race_refusals": float(found.refusals),
        "access.double_bookings": float(booked.double_bookings),
        "access.bookings": float(len(booked.booked)),
    }


def _booked() -> booking_race.Outcome:
    """Overlapping stretches of any of the vans at a depot, each of which has room for one of them."""
    booking_race.offer_vans(Transaction(), [1] * _VANS)
    return booking_race.race(Transaction(), _BOOKERS)
