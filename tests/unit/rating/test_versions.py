"""Versions of a tariff: what is on offer, and what a quoted session goes on paying."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.kernel.time import Interval
from chalicelib.rating import InvalidTariff
from chalicelib.rating.errors import NoTariffInForce
from chalicelib.rating.versions import Change, by_version, in_force, on_offer
from tests.unit.rating.made import MAY, tariff

DAY = timedelta(days=1)
ONE = tariff({"kind": "flat", "amount": "1"})
TWO = replace(ONE, version=2, valid_from=MAY)
THREE = replace(ONE, version=3, valid_from=MAY + 10 * DAY, valid_until=MAY + 20 * DAY)


def test_a_new_quote_is_made_of_the_newest_version_that_is_valid() -> None:
    versions = [THREE, TWO, ONE]

    assert [on_offer(versions, MAY + days * DAY).version for days in (-1, 0, 9, 10, 19, 20)] == [1, 2, 2, 3, 3, 2]


def test_before_the_first_version_nothing_is_on_offer() -> None:
    with pytest.raises(NoTariffInForce):
        on_offer([TWO], MAY - DAY)


def test_a_session_keeps_the_version_of_its_quote() -> None:
    assert in_force(ONE, [], MAY + 1000 * DAY) is ONE


def test_an_announced_change_takes_effect_on_its_date() -> None:
    change = Change(TWO, MAY, MAY + 30 * DAY, way_out=True)

    assert in_force(ONE, [change], MAY + 30 * DAY - timedelta(seconds=1), notice=30 * DAY) is ONE
    assert in_force(ONE, [change], MAY + 30 * DAY, notice=30 * DAY) is TWO


@pytest.mark.parametrize(
    "change",
    [
        Change(TWO, MAY + DAY, MAY + 30 * DAY, way_out=True),  # announced too late
        Change(TWO, MAY, MAY + 30 * DAY, way_out=False),  # no way out
        Change(replace(ONE, version=1), MAY, MAY + 30 * DAY, way_out=True),  # no newer version
    ],
)
def test_a_change_that_is_not_in_good_order_changes_nothing(change: Change) -> None:
    assert in_force(ONE, [change], MAY + 90 * DAY, notice=30 * DAY) is ONE


def test_a_change_to_another_tariff_is_no_change_of_version() -> None:
    with pytest.raises(InvalidTariff):
        in_force(ONE, [Change(replace(TWO, tariff_id="other"), MAY, MAY, way_out=True)], MAY)


def test_a_session_is_cut_where_its_version_changes() -> None:
    changes = [Change(TWO, MAY, MAY + 2 * DAY, way_out=True), Change(THREE, MAY, MAY + 4 * DAY, way_out=False)]

    assert by_version(ONE, changes, Interval(MAY, MAY + 5 * DAY)) == [
        (Interval(MAY, MAY + 2 * DAY), ONE),
        (Interval(MAY + 2 * DAY, MAY + 5 * DAY), TWO),
    ]
