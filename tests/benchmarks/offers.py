"""What a search for offers reads in a city of 10,000 assets."""

from chalicelib.storage.record import Database
from chalicelib.storage.writes import Transaction
from infra.local.engine import Engine
from infra.tables import create_all
from tests.benchmarks import AtMost, Figures
from tests.stores.city import most_queries, offer_bikes

TARGETS = {"access.offers_queries_10k": AtMost(4)}
_CITY = 10_000
_STAGE = "bench"


def figures() -> Figures:
    """The most queries that one of several searches took; each has to find what is there."""
    engine = Engine(seed="offers").start()
    Database.forget()
    try:
        create_all(engine.client("dynamodb"), _STAGE)
        Database.use(f"adgang-{_STAGE}-")
        offer_bikes(Transaction())
        return {"access.offers_queries_10k": float(most_queries(_CITY))}
    finally:
        engine.stop()
        Database.forget()
        Database.prefix = None
