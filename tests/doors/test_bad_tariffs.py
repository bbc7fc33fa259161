"""A tariff with faults is not published: every fault is told with its place, and the one in force stays."""

import copy
from typing import Any

import pytest

from infra.local.tariffs import CITY_BIKE_TARIFF
from tests.doors.callers import refused
from tests.doors.world import Partner

PRODUCT = "/partner/v1/products/city-bike"


def changed(**members: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON
    return {**copy.deepcopy(CITY_BIKE_TARIFF), **members}


def with_price(number: int, **members: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON
    rules = changed()
    rules["prices"][number] |= members
    return rules


@pytest.mark.parametrize(
    ("rules", "pointer"),
    [
        (with_price(0, amount="-0.50"), "/prices/0/amount"),
        (with_price(0, amount=0.5), "/prices/0/amount"),
        (with_price(0, amount="half"), "/prices/0/amount"),
        (with_price(0, kind="auction"), "/prices/0/kind"),
        (with_price(1, size="0"), "/prices/1/size"),
        (with_price(1, meter="kilometres"), "/prices/1/meter"),
        (with_price(2, above="NaN"), "/prices/2/above"),
        (with_price(2, id="unlock"), "/prices/2/id"),
        (changed(currency="EURO"), "/currency"),
        (changed(colour="red"), "/colour"),
        (changed(caps=[{"id": "day", "period": "day", "amount": "9.00", "over": ["nothing"]}]), "/caps/0/over/0"),
    ],
)
def test_a_fault_of_a_tariff_is_told_with_its_place(partner: Partner, rules: dict[str, Any], pointer: str) -> None:
    before = partner.read(PRODUCT)

    problem = refused(partner.post(f"{PRODUCT}/tariffs", rules), 422, "invalid_tariff")

    assert pointer in [error["pointer"] for error in problem["errors"]], problem
    assert partner.read(PRODUCT) == before


def test_all_faults_are_told_at_once(partner: Partner) -> None:
    rules = with_price(0, amount="-1", kind="flat") | {"currency": "x"}
    rules["prices"][1]["size"] = "-1"

    problem = refused(partner.post(f"{PRODUCT}/tariffs", rules), 422, "invalid_tariff")

    assert {"/prices/0/amount", "/prices/1/size", "/currency"} <= {error["pointer"] for error in problem["errors"]}


@pytest.mark.parametrize("rules", [[], "x", 7, None])
def test_a_tariff_that_is_no_object_is_refused(partner: Partner, rules: object) -> None:
    refused(
        partner.post(f"{PRODUCT}/tariffs", raw=b"null" if rules is None else None, body=rules), 422, "body_invalid", ""
    )
