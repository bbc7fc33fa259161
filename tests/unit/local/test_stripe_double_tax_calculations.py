"""Stripe Tax by itself at the double, through the real SDK: calculations, their records, what is taken back."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import stripe

from infra.local.stripe_double.trying import Trial, trial

SERVICES, BOOKS, NOT_TAXED = "txcd_20030000", "txcd_35010000", "txcd_00000000"


@pytest.fixture
def desk() -> Iterator[Trial]:
    with trial() as found:
        yield found


def line(amount: int, reference: str = "bike", code: str = SERVICES) -> dict[str, Any]:
    return {"amount": amount, "reference": reference, "tax_behavior": "inclusive", "tax_code": code}


def calculated(desk: Trial, *lines: dict[str, Any], country: str = "FI", **more: Any) -> stripe.tax.Calculation:  # noqa: ANN401
    details = {"address": {"country": country}, "address_source": "shipping", **more.pop("details", {})}
    wanted: Any = {
        "currency": "eur",
        "customer_details": details,
        "line_items": [*lines],
        "expand": ["line_items", "line_items.data.tax_breakdown"],
        **more,
    }
    return desk.client.v1.tax.calculations.create(wanted, desk.key())


def recorded(desk: Trial, made: stripe.tax.Calculation, reference: str = "acc:1") -> stripe.tax.Transaction:
    wanted: Any = {"calculation": made.id, "reference": reference, "expand": ["line_items"]}
    return desk.client.v1.tax.transactions.create_from_calculation(wanted, desk.key())


def taken_back(desk: Trial, of: stripe.tax.Transaction, amount: int, tax: int, reference: str) -> None:
    assert of.line_items is not None
    line_id = of.line_items.data[0].id
    lines = [{"amount": -amount, "amount_tax": -tax, "original_line_item": line_id, "reference": "bike"}]
    wanted: Any = {"mode": "partial", "original_transaction": of.id, "reference": reference, "line_items": lines}
    desk.client.v1.tax.transactions.create_reversal(wanted, desk.key())


def split(made: stripe.tax.Calculation) -> list[tuple[str, int, str]]:
    assert made.line_items is not None
    rows = [(row, each.amount_tax) for each in made.line_items.data for row in each.tax_breakdown or ()]
    return [(row.jurisdiction.country, tax, str(row.taxability_reason)) for row, tax in rows]


def test_amounts_are_split_by_country_and_kind_and_the_total_stays(desk: Trial) -> None:
    made = calculated(desk, line(1000), line(1000, "book", BOOKS), line(500, "harm", NOT_TAXED))

    assert made.amount_total == 2500
    assert made.tax_amount_inclusive == 203 + 119
    reasons = ("standard_rated", "reduced_rated", "not_subject_to_tax")
    assert split(made) == [("FI", tax, why) for tax, why in zip((203, 119, 0), reasons, strict=True)]


def test_a_firm_of_another_country_of_the_union_owes_the_tax_itself_and_one_of_the_sellers_own_does_not(
    desk: Trial,
) -> None:
    def firm(number: str) -> dict[str, Any]:
        return {"tax_ids": [{"type": "eu_vat", "value": number}]}

    assert split(calculated(desk, line(1000), country="DE", details=firm("DE123456789"))) == [
        ("DE", 0, "reverse_charge")
    ]
    assert split(calculated(desk, line(1000), country="FI", details=firm("FI12345678"))) == [
        ("FI", 203, "standard_rated")
    ]
    assert split(calculated(desk, line(1000), country="FI", details=firm("DE123456789")))[0][1] == 203
    assert split(calculated(desk, line(1000), country="JP")) == [("JP", 0, "not_collecting")]


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"lines": [line(0)]}, "parameter_invalid_integer"),
        ({"lines": [line(-5)]}, "parameter_invalid_integer"),
        ({"lines": [line(5, code="txcd_1")]}, "double_not_played"),
        ({"lines": [{**line(5), "tax_behavior": "exclusive"}]}, "double_not_played"),
        ({"lines": [line(5), line(6)]}, None),
        ({"lines": [line(5)], "country": "Finland"}, "customer_tax_location_invalid"),
        ({"lines": [line(5)], "country": "US"}, "customer_tax_location_invalid"),
        ({"lines": [line(5)], "tax_date": 1}, "parameter_invalid_integer"),
        ({"lines": [line(5)], "details": {"tax_ids": [{"type": "eu_vat", "value": "1"}]}}, "tax_id_invalid"),
        ({"lines": [line(5)], "details": {"ip_address": "192.0.2.1"}}, "double_not_played"),
    ],
)
def test_what_cannot_be_calculated_is_refused(desk: Trial, wanted: dict[str, Any], code: str | None) -> None:
    lines = wanted.pop("lines")
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        calculated(desk, *lines, **wanted)
    assert refusal.value.code == code


def test_a_calculation_is_recorded_once_under_a_reference_of_its_own_and_not_after_its_days(desk: Trial) -> None:
    made, other = calculated(desk, line(1000)), calculated(desk, line(1000))
    assert desk.double.tax_reported("EUR") == {}
    recorded(desk, made)
    assert desk.double.tax_reported("EUR") == {"25.5 FI": 203}

    for again, reference in ((made, "acc:2"), (other, "acc:1")):
        with pytest.raises(stripe.InvalidRequestError):
            recorded(desk, again, reference)
    desk.clock.at += timedelta(days=90)
    with pytest.raises(stripe.InvalidRequestError):
        recorded(desk, other, "acc:2")


def test_no_more_is_taken_back_than_is_left_of_a_line(desk: Trial) -> None:
    sale = recorded(desk, calculated(desk, line(1000)))
    taken_back(desk, sale, 400, 81, "acc:1:back-1")
    assert desk.double.tax_reported("EUR") == {"25.5 FI": 122}

    for amount, tax, reference in ((601, 0, "b"), (600, 123, "c"), (600, 122, "acc:1:back-1")):
        with pytest.raises(stripe.InvalidRequestError):
            taken_back(desk, sale, amount, tax, reference)
    taken_back(desk, sale, 600, 122, "acc:1:back-2")
    assert desk.double.tax_reported("EUR") == {"25.5 FI": 0}


def test_more_than_ten_lines_come_in_a_list_of_their_own(desk: Trial) -> None:
    made = calculated(desk, *(line(100, f"p{number}") for number in range(12)))
    assert made.line_items is not None
    assert made.line_items.has_more
    assert made.id is not None
    rows = desk.client.v1.tax.calculations.line_items.list(made.id, {"limit": 100, "expand": ["data.tax_breakdown"]})

    assert [each.reference for each in rows.data] == [f"p{number}" for number in range(12)]
    assert all(each.tax_breakdown for each in rows.data)
