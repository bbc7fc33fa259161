"""Two hundred who book the same at once, on Amazon's own engine: nothing is booked twice."""

from collections import Counter

import pytest

from chalicelib.storage.writes import Transaction
from infra.local.engine import DYNAMODB_LOCAL, Engine
from tests.stores.booking_race import NOON, bookings, offer_vans, race

pytestmark = pytest.mark.conformance
MANY = 200


@pytest.fixture(autouse=True)
def on_amazons_engine(engine: Engine) -> None:
    if engine.kind != DYNAMODB_LOCAL:
        pytest.skip("claims about races are made on DynamoDB Local: make conformance")


def test_of_two_hundred_overlapping_bookings_of_one_van_exactly_one_is_made() -> None:
    (van,) = offer_vans(Transaction(), [1])

    outcome = race(Transaction(), MANY, code=van.code)

    assert (len(outcome.booked), outcome.double_bookings) == (1, 0)
    assert Counter(outcome.refused) == {"not_free": MANY - 1}
    assert [each.booking_id for each in bookings.seen(["par-1/van-0"], NOON)["par-1/van-0"].calendar.entries] == [
        outcome.booked[0].booking_id
    ]


def test_of_two_hundred_overlapping_bookings_of_a_category_each_van_gets_one() -> None:
    vans = offer_vans(Transaction(), [1] * 20)

    outcome = race(Transaction(), MANY)

    assert (len(outcome.booked), outcome.double_bookings) == (len(vans), 0)
    assert Counter(outcome.refused) == {"nothing_free": MANY - len(vans)}


def test_a_thing_for_three_is_booked_three_times_by_many_at_once() -> None:
    (van,) = offer_vans(Transaction(), [3])

    outcome = race(Transaction(), MANY, code=van.code)

    assert (len(outcome.booked), len(outcome.refused)) == (3, MANY - 3)
