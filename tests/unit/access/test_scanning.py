"""Scan and go: what is accepted without looking at it."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.access.agreed import Agreed
from chalicelib.access.allowing import Asked, StateOfAsked, told_by_time
from chalicelib.access.offers import AssetOnMap, Candidate, Reason, at_hand
from chalicelib.access.scanning import Accepts
from chalicelib.kernel.money import Money
from tests.unit.access.test_session import NOW
from tests.unit.rating.made import METERS, tariff

MINOR = st.integers(0, 10_000)


def quote(estimate: int, worst_case: int) -> SimpleNamespace:
    return SimpleNamespace(
        promise=SimpleNamespace(estimate=Money(estimate, "EUR"), worst_case=Money(worst_case, "EUR"))
    )


@given(MINOR, MINOR, st.none() | MINOR, st.none() | MINOR)
def test_a_quote_is_accepted_if_it_is_within_each_bound_that_is_stated(
    estimate: int, worst_case: int, most: int | None, at_worst: int | None
) -> None:
    accepts = Accepts(*(None if each is None else Money(each, "EUR") for each in (most, at_worst)))
    within = (most is None or estimate <= most) and (at_worst is None or worst_case <= at_worst)

    assert accepts.covers(quote(estimate, worst_case)) == within  # type: ignore[arg-type]


def test_what_was_scanned_fits_best_and_says_that_it_was_scanned() -> None:
    asset = AssetOnMap("par-1", "bike-7", "", "bike", "BIKE-0007", charge=80)
    offer = at_hand(Candidate(asset, None, 0, 1, "Bike", "bikes"), NOW)

    assert offer.fit == 100
    assert [each.reason for each in offer.why] == [Reason.SCANNED, Reason.FREE_NOW, Reason.CHARGED]


@pytest.mark.parametrize(
    ("asked", "code", "facts"),
    [
        (Asked("age:18", StateOfAsked.MISSING), "eligibility_missing", {"requires": "age:18"}),
        (Asked("age:18", StateOfAsked.EXPIRED), "eligibility_expired", {"requires": "age:18"}),
        (Asked("par-1:x", StateOfAsked.MISSING, "2"), "consent_missing", {"purpose": "par-1:x", "version": "2"}),
    ],
)
def test_what_is_lacking_is_named(asked: Asked, code: str, facts: dict[str, str]) -> None:
    refusal = asked.refusal()

    assert (refusal.code, refusal.facts) == (code, facts)


def test_only_what_is_counted_in_time_is_told_by_time() -> None:
    price = {"kind": "need", "per": "h", "in_use": "6"}

    assert told_by_time(tariff(price, meters=[]))
    assert told_by_time(tariff(price, meters=METERS[3:]))
    assert not told_by_time(tariff(price, meters=METERS[:1]))


@given(st.builds(Agreed, turn=st.integers(0, 99), bound=st.none() | MINOR.map(lambda minor: Money(minor, "EUR"))))
def test_what_was_agreed_comes_back_from_its_document(agreed: Agreed) -> None:
    assert Agreed.of(agreed.document()) == agreed
