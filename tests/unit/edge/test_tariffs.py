"""The shape that partners are shown is the one that rating reads."""

from typing import Any

import msgspec
import pytest

from chalicelib.edge.tariff_prices import Price
from chalicelib.edge.tariffs import TariffRules, show_tariff
from chalicelib.rating import tariff_from_document
from chalicelib.rating.document import KINDS
from infra.local.tariffs import CITY_BIKE_TARIFF

NAMED = {"tariff_id": "par_x:city-bike", "version": 3, "zone": "Europe/Helsinki"}
TIERS = [
    {"from": "0", "up_to": "10", "unit_amount": "0.50", "flat_amount": "1"},
    {"from": "10", "up_to": None, "unit_amount": "0.25"},
]
NIGHT = {"days": ["fri", "sat"], "from": "22:00", "to": "24:00", "in_use": "2", "kept": "1", "grace": "0.5"}
SMALLEST: dict[str, dict[str, Any]] = {
    "flat": {"amount": "0.50"},
    "unit": {"meter": "km", "unit_amount": "0.40"},
    "package": {"meter": "time", "size": "1800", "per_package": "1"},
    "graduated": {"meter": "km", "tiers": TIERS},
    "volume": {"meter": "km", "tiers": [{"unit_amount": "0.40"}]},
    "percentage": {"meter": "paid", "rate": "0.025"},
    "graduated_percentage": {"meter": "paid", "tiers": TIERS},
    "need": {"per": "h", "in_use": "3"},
    "capacity": {"meter": "km", "unit_amount": "5"},
    "threshold": {"meter": "km", "above": "100", "amount": "80"},
    "recurring": {"amount": "31", "per": "month"},
    "once": {"amount": "20"},
}
FULL: dict[str, dict[str, Any]] = {
    "flat": {"once_per": "week"},
    "unit": {"included": "5"},
    "package": {"included": "900"},
    "graduated": {"period": "month"},
    "volume": {"period": "day", "tiers": TIERS},
    "percentage": {"fixed": "0.10", "free": "20", "minimum": "0.50", "maximum": "9"},
    "graduated_percentage": {},
    "need": {"kept": "1", "grace": "0.5", "windows": [NIGHT]},
    "capacity": {"period": "ever"},
    "threshold": {},
    "recurring": {"asleep_after_days": 0, "per_seat": True},
    "once": {"per_seat": True},
}
METERS = [
    {"name": "time", "unit": "s"},
    {"name": "km", "unit": "km", "most_per_hour": "150"},
    {"name": "paid", "unit": "EUR", "most_per_hour": "1000"},
]
TERMS: dict[str, Any] = {
    "minimums": [{"id": "least", "period": "month", "amount": "5.00", "over": ["price"]}],
    "allowances": [{"id": "free", "period": "week", "uses": 3, "over": ["price", "least"]}],
    "regret": {"seconds": 120, "times": 2},
    "caps": [
        {"id": f"per-{period}", "period": period, "amount": "9.00", "over": ["price", "least"]}
        for period in ("use", "day", "week", "month", "ever")
    ],
    "valid_from": "2021-05-01T00:00:00Z",
    "valid_until": "2021-06-01T00:00:00Z",
}


def document(*prices: dict[str, Any], **members: Any) -> dict[str, Any]:  # noqa: ANN401 -- members of a JSON document
    rules = {"currency": "EUR", "tax_inclusive": True, "meters": METERS, "prices": list(prices), **members}
    return {**rules, **NAMED}


def price(kind: str, **members: Any) -> dict[str, Any]:  # noqa: ANN401 -- as above
    return {"id": "price", "kind": kind, **SMALLEST[kind], **members}


def assert_shown_as_it_is_read(stated: dict[str, Any]) -> None:
    """What a partner states fits the shape, and what is shown of it makes the same tariff again."""
    tariff = tariff_from_document(stated)
    rules = {name: value for name, value in stated.items() if name not in {"tariff_id", "version"}}

    shown = msgspec.to_builtins(show_tariff(tariff))

    assert (shown["tariff_id"], shown["version"]) == (NAMED["tariff_id"], NAMED["version"])
    assert tariff_from_document({**shown["rules"], **NAMED}) == tariff
    assert tariff_from_document({**msgspec.to_builtins(msgspec.convert(rules, TariffRules)), **NAMED}) == tariff


def test_every_kind_of_price_that_rating_knows_is_in_the_shape() -> None:
    shown = [each.__struct_config__.tag for each in Price.__args__]

    assert sorted(shown) == sorted(KINDS)
    assert set(SMALLEST) == set(FULL) == set(KINDS)


def test_the_rules_that_are_shown_make_the_same_tariff_again() -> None:
    assert_shown_as_it_is_read({**CITY_BIKE_TARIFF, **NAMED})


@pytest.mark.parametrize("kind", KINDS)
def test_a_price_is_shown_as_it_is_read_with_the_least_that_it_needs_and_with_all_that_it_can_have(kind: str) -> None:
    assert_shown_as_it_is_read(document(price(kind)))
    assert_shown_as_it_is_read(document(price(kind, charge_class="ordered", **FULL[kind])))


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_shape_of_a_price_requires_rating_requires(kind: str) -> None:
    for member in SMALLEST[kind]:
        without = {name: value for name, value in price(kind).items() if name != member}
        with pytest.raises(msgspec.ValidationError, match=member):
            msgspec.convert(document(without), TariffRules)
        with pytest.raises(Exception, match=f"'/prices/0/{member}'"):
            tariff_from_document(document(without))


@pytest.mark.parametrize("kind", KINDS)
def test_rating_reads_no_member_of_a_price_that_the_shape_lacks(kind: str) -> None:
    """
    Rating writes all that it reads, but for what a member's absence says as well.
    """
    written = tariff_from_document(document(price(kind, **FULL[kind]))).prices[0].document()
    shape = next(each for each in Price.__args__ if each.__struct_config__.tag == kind)

    assert set(written) | {"id", "charge_class"} == set(shape.__struct_encode_fields__)


def test_all_terms_are_shown_as_they_are_read() -> None:
    assert_shown_as_it_is_read(document(price("flat"), **TERMS))


def test_an_answer_holds_no_member_that_the_tariff_does_not_have() -> None:
    shown = msgspec.to_builtins(show_tariff(tariff_from_document(document(price("flat")))))

    assert set(shown["rules"]) == {"currency", "tax_inclusive", "meters", "prices", "zone"}
    assert shown["rules"]["prices"] == [{"kind": "flat", "id": "price", "amount": "0.5", "charge_class": "use"}]


@pytest.mark.parametrize("member", ["currency", "tax_inclusive", "prices"])
def test_what_the_shape_requires_rating_requires(member: str) -> None:
    without = {name: value for name, value in {**CITY_BIKE_TARIFF, **NAMED}.items() if name != member}

    with pytest.raises(msgspec.ValidationError, match=member):
        msgspec.convert(without, TariffRules)
    with pytest.raises(Exception, match=f"'/{member}'"):
        tariff_from_document(without)
