"""A month goes by how its things stood when it ended, whatever is stated of them later."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.catalogue.changes import differences
from chalicelib.catalogue.errors import BadCatalogueEntry
from chalicelib.catalogue.model import Asset, Product
from chalicelib.kernel.time import Month

NOW = datetime(2021, 5, 10, 9, tzinfo=UTC)
MARCH, APRIL, MAY, JUNE = (Month(2021, number) for number in (3, 4, 5, 6))
ASSET = Asset("par-1", "bike-7", "bike", "BIKE-0007", listed_on=date(2021, 3, 9))


def test_months_before_a_statement_go_by_the_one_before_it() -> None:
    """
    Retired in May, back in June with its day stated: March and April knew it otherwise.
    """
    retired = ASSET.restated(replace(ASSET, retired=True, capacity=2), NOW, MAY)
    back = retired.restated(replace(ASSET, in_service_from=date(2020, 1, 1)), NOW, JUNE)

    stood = [back.in_month(month) for month in (MARCH, APRIL, MAY, JUNE)]
    assert [(each.retired, each.capacity) for each in stood] == [(False, 1), (False, 1), (True, 2), (False, 1)]
    assert [each.in_service_from for each in stood] == [None, None, None, date(2020, 1, 1)]
    assert back.listed_on == date(2021, 3, 9)


def test_of_several_statements_in_a_month_the_last_is_what_it_ends_with() -> None:
    moved = ASSET.restated(replace(ASSET, product_id="van"), NOW, MAY)
    again = moved.restated(replace(ASSET, product_id="car"), NOW, MAY)

    assert [again.in_month(month).product_id for month in (APRIL, MAY)] == ["bike", "car"]
    assert len(again.former) == 1


def test_nothing_is_kept_of_what_no_month_goes_by() -> None:
    """
    Of another code, and of a month in which the thing was not yet listed.
    """
    assert ASSET.restated(replace(ASSET, code="BIKE-0008"), NOW, MAY).former == ()
    assert ASSET.restated(replace(ASSET, retired=True), NOW, MARCH).former == ()


def test_before_a_product_has_a_tariff_a_month_goes_by_what_was_stated_of_it_last() -> None:
    """
    Once it has one, by what was stated before the month began; what is over changes in neither case.
    """
    drill = Product("par-1", "drill", "Drill", "tools", "UTC")
    named = drill.restated(replace(drill, category="drills"), MAY).restated(replace(drill, category="machines"), MAY)
    sold = named.with_version(1).restated(replace(drill, category="late"), JUNE)

    assert [named.in_month(month).category for month in (APRIL, MAY, JUNE)] == ["tools", "machines", "machines"]
    found = [sold.in_month(month).category for month in (APRIL, MAY, JUNE, JUNE.next)]
    assert found == ["tools", "machines", "machines", "late"]


statements = st.lists(
    st.tuples(st.integers(0, 4), st.sampled_from(["bike", "van"]), st.booleans(), st.sampled_from([1, 3, None])),
    max_size=8,
)


@given(statements)
def test_what_a_month_goes_by_is_what_was_stated_last_by_its_end(
    stated: list[tuple[int, str, bool, int | None]],
) -> None:
    asset, ends = ASSET, dict[Month, tuple[str, bool, int | None]]()
    for number, product_id, retired, capacity in sorted(stated, key=lambda each: each[0]):
        month = Month(2021, 3 + number)
        asset = asset.restated(replace(ASSET, product_id=product_id, retired=retired, capacity=capacity), NOW, month)
        ends[month] = (product_id, retired, capacity)

    held = ("bike", False, 1)
    for month in (Month(2021, 3 + number) for number in range(6)):
        held = ends.get(month, held)
        found = asset.in_month(month)
        assert (found.product_id, found.retired, found.capacity) == held


def test_its_day_is_told_in_the_history_and_when_it_was_listed_is_not_a_statement() -> None:
    found = differences(ASSET, replace(ASSET, in_service_from=date(2020, 2, 29), listed_on=None))

    assert [(each.pointer, each.before, each.after) for each in found] == [("/in_service_from", None, '"2020-02-29"')]


@pytest.mark.parametrize("year", [1899, 2200])
def test_a_day_that_no_thing_is_of_is_refused(year: int) -> None:
    with pytest.raises(BadCatalogueEntry) as refused:
        replace(ASSET, in_service_from=date(year, 12, 31))
    assert refused.value.facts["pointer"] == "/in_service_from"
