"""Take-outs as DynamoDB keeps them: what is out is not on offer, and a start's own transaction holds the condition."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from chalicelib.catalogue.changes import Author
from chalicelib.catalogue.errors import AssetOffOffer, AssetRetired, AssetTakenOut, UnknownTakeOut
from chalicelib.catalogue.maintaining import end_take_out
from chalicelib.catalogue.model import Asset, Product
from chalicelib.catalogue.service import on_offer, put_asset, put_product
from chalicelib.catalogue.store import CatalogueStore
from chalicelib.kernel.writes import Write
from chalicelib.storage.outbox import message
from chalicelib.storage.writes import Transaction
from tests.stores.maintaining import BY, NOW, start_on_bike, take_bike_out

pytestmark = pytest.mark.stores
HOUR = timedelta(hours=1)
ASSET = Asset("par-1", "bike-7", "bike", "BIKE-0007", capacity=None, device_id="lock:7")


@pytest.fixture
def catalogue(commit: Transaction) -> CatalogueStore:
    store = CatalogueStore()
    product = Product("par-1", "bike", "Bike", "bikes", "Europe/Copenhagen")
    put_product(product, author=BY, catalogue=store, commit=commit)
    put_asset(ASSET, author=BY, zone="UTC", catalogue=store, commit=commit)
    return store


def test_an_asset_that_is_taken_out_cannot_be_started_while_it_lasts(
    catalogue: CatalogueStore, commit: Transaction
) -> None:
    take_bike_out(catalogue, commit, start=NOW + HOUR, until=NOW + 2 * HOUR)
    take_bike_out(catalogue, commit, start=NOW + 4 * HOUR, random=[b"\2" * 6])

    for hours in (0, 2, 3):
        start_on_bike(catalogue, commit, NOW + hours * HOUR)
    for hours, until in ((1, "2021-05-01T08:00:00.000000Z"), (4, None), (500, None)):
        with pytest.raises(AssetTakenOut) as refused:
            start_on_bike(catalogue, commit, NOW + hours * HOUR)
        assert refused.value.facts["until"] == until


@pytest.mark.parametrize("hours", [0, 1, 2])
def test_a_start_that_read_the_asset_before_it_was_taken_out_does_nothing(
    catalogue: CatalogueStore, commit: Transaction, hours: int
) -> None:
    """
    The condition stands in the start's own transaction.
    """
    asset, now = catalogue.asset("par-1", "bike-7"), NOW + hours * HOUR
    assert asset is not None
    writes: Sequence[Write] = [on_offer(asset, now, catalogue=catalogue), message("x", f"late {hours}", {}, now)]
    take_bike_out(catalogue, commit, start=NOW + HOUR, until=NOW + 2 * HOUR)

    if hours == 1:
        with pytest.raises(AssetOffOffer):
            commit(writes, None)
    else:
        commit(writes, None)


def test_an_asset_that_is_retired_cannot_be_started(catalogue: CatalogueStore, commit: Transaction) -> None:
    put_asset(replace(ASSET, retired=True), author=BY, zone="UTC", catalogue=catalogue, commit=commit)

    with pytest.raises(AssetRetired):
        start_on_bike(catalogue, commit, NOW)


def test_a_take_out_ends_by_hand_and_the_asset_and_its_device_know_of_it(
    catalogue: CatalogueStore, commit: Transaction
) -> None:
    made = take_bike_out(catalogue, commit)
    by_device = catalogue.asset_by_device("par-1", "lock:7")
    assert by_device is not None
    assert by_device.out_at(NOW)
    put_asset(replace(ASSET, capacity=4), author=BY, zone="UTC", catalogue=catalogue, commit=commit)
    with pytest.raises(AssetTakenOut):
        start_on_bike(catalogue, commit, NOW + HOUR)
    later = Author("key_2", NOW + HOUR)
    end = partial(end_take_out, "par-1", "bike-7", author=later, catalogue=catalogue, commit=commit)

    assert end(made) == end(made)
    assert (end(made).ended_at, end(made).ended_by) == (NOW + HOUR, "key_2")
    start_on_bike(catalogue, commit, NOW + HOUR)
    asset = catalogue.asset("par-1", "bike-7")
    assert asset is not None
    assert (asset.take_outs, asset.capacity) == ((), 4)
    with pytest.raises(UnknownTakeOut):
        end("out_2")


def test_take_outs_are_listed_in_order_of_their_beginning(catalogue: CatalogueStore, commit: Transaction) -> None:
    late = take_bike_out(catalogue, commit, start=NOW + 9 * HOUR, until=NOW + 10 * HOUR, random=[b"\1" * 6])
    now = take_bike_out(catalogue, commit, start=NOW - HOUR, until=NOW + HOUR, random=[b"\2" * 6])
    soon = take_bike_out(catalogue, commit, start=NOW + HOUR, random=[b"\0" * 6])
    found = catalogue.take_outs("par-1", "bike-7", limit=9, after=None)

    assert [each.take_out_id for each in found] == [now, soon, late]
    assert found[0].start == NOW
    assert catalogue.take_outs("par-1", "bike-7", limit=1, after=now) == [found[1]]
