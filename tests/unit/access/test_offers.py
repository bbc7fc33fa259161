"""Which offer comes first, why it is shown, and until when a place is open."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.access.geohash import Position
from chalicelib.access.mapping import asset_on_map
from chalicelib.access.offers import AssetOnMap, Candidate, PlaceOnMap, Reason, Wish, rank
from chalicelib.catalogue.details import Wear
from chalicelib.catalogue.hours import WEEKDAYS, OpeningHours, Span
from chalicelib.catalogue.model import Asset
from chalicelib.kernel.money import Money

NOW = datetime(2021, 5, 10, 9, tzinfo=UTC)
HERE = Position.of(Decimal("60.17"), Decimal("24.94"))
PLACE = PlaceOnMap("par-1", "square", "Square", HERE, "UTC")
WISH = Wish(HERE, 1_000, NOW, prefers=("cargo",))


def candidate(
    number: int = 0,
    metres: int = 100,
    price: int | None = None,
    *,
    condition: Wear = Wear.GOOD,
    charge: int | None = None,
    category: str = "bikes",
) -> Candidate:
    asset = AssetOnMap("par-1", f"a{number:02d}", "square", "bike", "CODE", condition=condition, charge=charge)
    amount = None if price is None else Money(price, "EUR")
    return Candidate(asset, PLACE, metres, 1, "Bike", category, amount)


CANDIDATES = st.builds(
    candidate,
    st.integers(0, 99),
    st.integers(0, 1_000),
    st.none() | st.integers(0, 5_000),
    condition=st.sampled_from(Wear),
    charge=st.none() | st.integers(0, 100),
    category=st.sampled_from(["bikes", "cargo"]),
)


@given(st.lists(CANDIDATES, max_size=20))
def test_offers_come_by_fit_each_with_a_reason_and_in_whatever_order_they_were_found(found: list[Candidate]) -> None:
    offers = rank(found, WISH)

    assert [each.fit for each in offers] == sorted((each.fit for each in offers), reverse=True)
    assert all(0 <= each.fit <= 100 for each in offers)
    assert all(Reason.FREE_NOW in {why.reason for why in each.why} for each in offers)
    unlike = {(each.asset.key, each.metres): each for each in found}
    assert [each.fit for each in rank(list(unlike.values())[::-1], WISH)] == [
        each.fit for each in rank(list(unlike.values()), WISH)
    ]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (candidate(metres=99), candidate(metres=150)),
        (candidate(price=100), candidate(price=200)),
        (candidate(price=0), candidate(price=1)),
        (candidate(price=100), candidate(price=None)),
        (candidate(charge=90), candidate(charge=10)),
        (candidate(charge=90), candidate(charge=None)),
        (candidate(), candidate(condition=Wear.WORN)),
        (candidate(condition=Wear.WORN), candidate(condition=Wear.DAMAGED)),
        (candidate(category="cargo"), candidate()),
    ],
)
def test_of_two_that_are_alike_otherwise_the_better_one_fits_better(better: Candidate, worse: Candidate) -> None:
    first, second = rank([worse, better], WISH)

    assert (first.candidate, second.candidate) == (better, worse)
    assert first.fit > second.fit


def test_what_fits_in_every_way_has_all_points() -> None:
    (offer,) = rank([candidate(metres=0, price=100, charge=100, category="cargo")], WISH)

    assert offer.fit == 100
    assert [each.reason for each in offer.why] == [
        Reason.FREE_NOW,
        Reason.NEAREST,
        Reason.CHEAPEST_FOR_NEED,
        Reason.CHARGED,
        Reason.PREFERRED,
        Reason.ALWAYS_OPEN,
    ]


@pytest.mark.parametrize(
    ("spans", "hour", "closes"),
    [
        ((Span(480, 1200),), 9, timedelta(hours=11)),
        ((Span(480, 720), Span(720, 1200)), 9, timedelta(hours=11)),
        ((Span(1200, 1620),), 21, timedelta(hours=6)),
        ((Span(1200, 1620),), 2, timedelta(hours=1)),
        ((Span(0, 1440),), 9, None),
        ((Span(480, 1200),), 21, timedelta(0)),
    ],
)
def test_a_place_is_open_until_the_last_of_the_spans_that_follow_one_another_ends(
    spans: tuple[Span, ...], hour: int, closes: timedelta | None
) -> None:
    hours = OpeningHours(dict.fromkeys(WEEKDAYS, spans))
    at = NOW.replace(hour=hour)
    place = PlaceOnMap("par-1", "square", "Square", HERE, "UTC", hours)

    assert place.open_until(at) == (None if closes is None else at + closes)
    assert place.is_open(at) == (closes != timedelta(0))


@pytest.mark.parametrize(
    ("stated", "charge"),
    [("64", 64), ("0", 0), ("100", 100), ("101", None), ("6.4", None), ("full", None), ("٦", None)],
)
def test_a_charge_is_a_whole_number_of_percent_or_unknown(stated: str, charge: int | None) -> None:
    asset = Asset("par-1", "a", "bike", "CODE", "square", capabilities={"charge_percent": stated})

    assert (asset_on_map(asset).charge, asset_on_map(asset).features) == (charge, ())
