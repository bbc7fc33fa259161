"""A partner takes its bike out for maintenance; a customer starts on it."""

from datetime import UTC, datetime
from typing import Any

from chalicelib.catalogue.changes import Author
from chalicelib.catalogue.maintaining import AskTakeOut, take_out
from chalicelib.catalogue.service import on_offer
from chalicelib.catalogue.store import CatalogueStore
from chalicelib.storage.outbox import message
from chalicelib.storage.writes import Transaction

NOW = datetime(2021, 5, 1, 6, tzinfo=UTC)
BY = Author("key_1", NOW)


def take_bike_out(store: CatalogueStore, commit: Transaction, **asked: Any) -> str:  # noqa: ANN401 -- fields of AskTakeOut
    """Take the bike out; the take-out's id."""
    numbers = iter(asked.pop("random", [b"\1" * 6]))
    made = take_out(
        AskTakeOut("par-1", "bike-7", "tyres", **asked),
        author=BY,
        catalogue=store,
        random_bytes=lambda _count: next(numbers),
        commit=commit,
    )
    return made.take_out_id


def start_on_bike(store: CatalogueStore, commit: Transaction, now: datetime) -> None:
    """What a start does with the catalogue."""
    asset = store.asset("par-1", "bike-7")
    assert asset is not None
    commit([on_offer(asset, now, catalogue=store), message("x", "started", {}, now)], None)
