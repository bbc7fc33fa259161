import json
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.rating import (
    InvalidTariff,
    InvalidUse,
    Meter,
    line_document,
    line_from_document,
    rate,
    tariff_document,
    tariff_from_document,
)
from chalicelib.rating.errors import InvalidLine
from tests.unit.rating.city_bike import DOCUMENT, NIGHT, city_bike, ride


def errors_of(document: object) -> list[tuple[str, str]]:
    with pytest.raises(InvalidTariff) as caught:
        tariff_from_document(document)
    return [(each["pointer"], each["reason"]) for each in caught.value.facts["errors"]]


def changed(**members: Any) -> dict[str, Any]:  # noqa: ANN401 -- a JSON document
    return {**deepcopy(DOCUMENT), **members}


def test_a_tariff_survives_being_written_and_read() -> None:
    written = json.loads(json.dumps(tariff_document(city_bike())))

    assert tariff_from_document(written) == city_bike()
    assert tariff_document(tariff_from_document(written)) == written


def test_rated_lines_survive_being_written_and_read() -> None:
    lines = rate([ride(58499)])

    assert tuple(line_from_document(json.loads(json.dumps(line_document(line)))) for line in lines) == lines


@pytest.mark.parametrize("document", [{}, {**line_document(rate([ride(1)])[0]), "quantity": "NaN"}])
def test_what_is_no_line_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(InvalidLine):
        line_from_document(document)


def test_all_faults_are_named_at_once_with_their_places() -> None:
    document = changed(currency="euro", zone="Europe/Nowhere", version=0, tax_inclusive="yes", extra=1)
    document["prices"][0]["amount"] = "-0.50"
    document["prices"][1]["meter"] = "metres"
    document["prices"][1]["size"] = "0"
    document["prices"][2]["id"] = "time"
    document["caps"][0]["over"] = ["unlock", "nothing"]

    assert set(errors_of(document)) == {
        ("/currency", "unknown_currency"),
        ("/zone", "unknown_zone"),
        ("/version", "not_a_whole_number_above_zero"),
        ("/tax_inclusive", "not_true_or_false"),
        ("/extra", "unknown_member"),
        ("/prices/0/amount", "negative"),
        ("/prices/1/meter", "unknown_meter"),
        ("/prices/1/size", "not_above_zero"),
        ("/prices/2/id", "not_unique"),
        ("/caps/0/over/1", "unknown_price"),
    }


@pytest.mark.parametrize("name", ["tariff_id", "version", "currency", "zone", "tax_inclusive", "prices"])
def test_a_missing_member_is_named_once(name: str) -> None:
    document = changed(caps=[])
    del document[name]

    assert errors_of(document) == [(f"/{name}", "missing")]


@pytest.mark.parametrize("name", ["tariff_id", "version", "currency", "zone", "tax_inclusive", "prices"])
def test_null_is_no_value(name: str) -> None:
    assert [pointer for pointer, _ in errors_of(changed(caps=[], **{name: None}))] == [f"/{name}"]


@pytest.mark.parametrize("document", [None, 1, "tariff", []])
def test_what_is_no_object_is_no_tariff(document: object) -> None:
    assert errors_of(document)[0] == ("", "not_an_object")


@pytest.mark.parametrize("amount", ["1e30", "NaN", "Infinity", "0.1234567890123", "one", ""])
def test_an_amount_that_is_no_decimal_of_twelve_decimals_is_a_fault(amount: str) -> None:
    document = changed()
    document["prices"][0]["amount"] = amount

    assert errors_of(document) == [("/prices/0/amount", "not_a_decimal_of_at_most_12_decimals")]


@pytest.mark.parametrize("amount", [0.5, 1, True, ["1"]])
def test_an_amount_is_text_so_that_no_float_comes_near(amount: object) -> None:
    document = changed()
    document["prices"][0]["amount"] = amount

    assert errors_of(document) == [("/prices/0/amount", "not_a_decimal_text")]


def test_an_unknown_kind_of_price_is_one_fault() -> None:
    document = changed()
    document["prices"][0] = {"id": "unlock", "kind": "lottery", "charge_class": "use", "odds": "1"}

    assert [pointer for pointer, _ in errors_of(document)] == ["/prices/0/kind"]


def test_a_cap_is_whole_minor_units() -> None:
    document = changed()
    document["caps"][0]["amount"] = "9.005"

    assert errors_of(document) == [("/caps/0/amount", "finer_than_the_minor_unit")]


def test_a_meter_that_counts_no_time_states_the_most_that_an_hour_can_bring() -> None:
    """
    Without it no worst case could be promised before the start.
    """
    assert errors_of(changed(meters=[*DOCUMENT["meters"], {"name": "metres", "unit": "m"}])) == [
        ("/meters/1/most_per_hour", "needed_where_the_unit_is_no_time")
    ]
    bounded = {"name": "metres", "unit": "m", "most_per_hour": "150000"}
    assert tariff_from_document(changed(meters=[*DOCUMENT["meters"], bounded])).meters[1] == Meter(
        "metres", "m", Decimal(150_000)
    )


@pytest.mark.parametrize("seconds", ["NaN", "Infinity", "1e30", "-1", "0.1234567890123"])
def test_an_absurd_quantity_is_refused_and_never_summed(seconds: str) -> None:
    with pytest.raises(InvalidUse):
        ride(seconds, lasting=NIGHT - NIGHT)


def test_an_instant_that_is_not_utc_is_refused() -> None:
    with pytest.raises(InvalidUse):
        ride(1, at=NIGHT.replace(tzinfo=None))
