"""What a partner puts on offer is checked when it is made, and the field at fault is named."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.catalogue.booking_policy import BookingPolicy
from chalicelib.catalogue.category import Category
from chalicelib.catalogue.details import Condition, Odometer, Picture, ProductTerms, Seller
from chalicelib.catalogue.errors import BadCatalogueEntry
from chalicelib.catalogue.model import Asset, Place, Product, degrees
from chalicelib.catalogue.policy import UsePolicy
from chalicelib.catalogue.service import import_rows
from chalicelib.kernel.errors import Refusal

PLACE: dict[str, Any] = {
    "partner_id": "par-1",
    "place_id": "station-1",
    "name": "Töölönlahti",
    "latitude": Decimal("60.17"),
    "longitude": Decimal("24.93"),
}
PRODUCT: dict[str, Any] = {
    "partner_id": "par-1",
    "product_id": "city-bike",
    "name": "City bike",
    "category": "bikes",
    "zone": "Europe/Helsinki",
}
ASSET: dict[str, Any] = {
    "partner_id": "par-1",
    "asset_id": "bike-7",
    "product_id": "city-bike",
    "code": "BIKE-0007",
}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("place_id", text) for text in ("", "a b", "é", "x" * 65, "-x", "a/b", "a#b", "a\n")),
        *(("name", text) for text in ("", "  ", "x" * 201)),
        *(("latitude", Decimal(text)) for text in ("90.0000001", "-91", "NaN", "Infinity")),
        *(("longitude", Decimal(text)) for text in ("180.0000001", "-181", "NaN")),
        ("capacity", -1),
    ],
)
def test_a_place_that_cannot_be_is_refused_with_its_field(field: str, value: object) -> None:
    Place(**PLACE)
    with pytest.raises(BadCatalogueEntry) as refused:
        Place(**{**PLACE, field: value})

    assert refused.value.facts["pointer"] == f"/{field}"


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1e40", "north", "", "60,17"])
def test_a_coordinate_that_is_no_number_of_degrees_is_refused(text: str) -> None:
    with pytest.raises(BadCatalogueEntry) as refused:
        Place(**{**PLACE, "latitude": degrees(text, "latitude")})

    assert refused.value.facts["pointer"] == "/latitude"


def test_a_coordinate_is_kept_to_a_centimetre() -> None:
    assert degrees("60.16985574999", "latitude") == Decimal("60.1698557")


@pytest.mark.parametrize("code", ["BIK", "bike-0007", "B" * 33, "BIKE 7", "-BIKE", "ÄBCD", "BIKE\n"])
def test_a_code_is_what_a_sticker_can_hold_and_a_scanner_reads(code: str) -> None:
    assert Asset(**ASSET).code == "BIKE-0007"
    with pytest.raises(BadCatalogueEntry):
        Asset(**{**ASSET, "code": code})


@pytest.mark.parametrize("capacity", [0, -1, 1_000_001])
def test_an_asset_may_be_used_by_one_to_a_million_at_once_or_by_as_many_as_like(capacity: int) -> None:
    assert [Asset(**ASSET, capacity=each).capacity for each in (1, 1_000_000, None)] == [1, 1_000_000, None]
    with pytest.raises(BadCatalogueEntry):
        Asset(**ASSET, capacity=capacity)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("device_id", text) for text in ("", "a b", "x" * 65, "lock#7")),
        *(("capabilities", {name: "yes"}) for name in ("", "Seat", "child seat", "x" * 33, "7_gears")),
        *(("capabilities", {"gears": value}) for value in ("", " ", "x" * 101)),
        ("capabilities", {f"c{number}": "yes" for number in range(31)}),
        *(("accessibility", names) for names in (("Ramp",), ("ramp", "ramp"), tuple(f"f{each}" for each in range(21)))),
    ],
)
def test_what_an_asset_cannot_be_or_have_is_refused_with_its_field(field: str, value: object) -> None:
    with pytest.raises(BadCatalogueEntry) as refused:
        Asset(**{**ASSET, field: value})

    assert refused.value.facts["pointer"] == f"/{field}"


@pytest.mark.parametrize("needed", ["identity", "driving_licence", "student", "age:1", "age:18", "age:120"])
def test_a_category_names_what_a_customer_has_to_have(needed: str) -> None:
    assert Category("cars", {"da": "Biler", "en-GB": "Cars"}, "vehicles", (needed,)).eligibility == (needed,)


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"category_id": "a b"}, "/category_id"),
        ({"names": {}}, "/names"),
        *(({"names": {language: "Cars"}}, "/names") for language in ("English", "EN", "en_GB", "")),
        *(({"names": {"en": name}}, "/names") for name in ("", " ", "x" * 201)),
        ({"parent": "cars"}, "/parent"),
        *(({"eligibility": (text,)}, "/eligibility") for text in ("age:0", "age:121", "age:", "age:018", "rich", "")),
        ({"eligibility": ("student", "student")}, "/eligibility"),
    ],
)
def test_a_category_that_cannot_be_is_refused_with_its_field(changed: dict[str, Any], pointer: str) -> None:
    with pytest.raises(BadCatalogueEntry) as refused:
        Category(**{"category_id": "cars", "names": {"en": "Cars"}, **changed})

    assert refused.value.facts["pointer"] == pointer


@pytest.mark.parametrize(
    ("make", "pointer"),
    [
        (lambda: Seller(" ", "DK"), "/seller/legal_name"),
        (lambda: Seller("Cykler ApS", "Denmark"), "/seller/country"),
        (lambda: Seller("Cykler ApS", "DK", "12"), "/seller/vat_number"),
        (lambda: ProductTerms("a b", {"da": "x"}), "/terms/version"),
        (lambda: ProductTerms("1", {"da": "x" * 10_001, "en": "x" * 10_000}), "/terms/texts"),
        (lambda: Picture("https://example.com/" + "x" * 500, "A bike"), "/url"),
        (lambda: Picture("javascript:alert(1)", "A bike"), "/url"),
        (lambda: Odometer(Decimal(-1), "km"), "/odometer/reading"),
        (lambda: Condition(note="x" * 501), "/condition/note"),
    ],
)
def test_a_detail_that_cannot_be_is_refused_with_its_field(make: Callable[[], object], pointer: str) -> None:
    with pytest.raises(BadCatalogueEntry) as refused:
        make()

    assert refused.value.facts["pointer"] == pointer


def test_a_products_zone_is_a_real_one() -> None:
    with pytest.raises(BadCatalogueEntry, match="/zone"):
        Product(**{**PRODUCT, "zone": "Europe/Töölö"})


def test_the_same_products_of_two_partners_have_tariffs_of_their_own() -> None:
    assert Product(**PRODUCT).tariff_id != Product(**{**PRODUCT, "partner_id": "par-2"}).tariff_id


def test_a_bad_row_of_an_import_stops_no_other_and_each_is_reported() -> None:
    stored: list[str] = []

    def store(name: str) -> None:
        if name == "bad":
            raise BadCatalogueEntry(pointer="/name")
        stored.append(name)

    reports = import_rows([(name, lambda name=name: store(name)) for name in ("a", "bad", "b")])  # type: ignore[misc]

    assert stored == ["a", "b"]
    assert [(each.row, each.entry_id, isinstance(each.error, Refusal)) for each in reports] == [
        (0, "a", False),
        (1, "bad", True),
        (2, "b", False),
    ]


def test_what_is_no_refusal_is_not_reported_as_a_bad_row() -> None:
    """
    A store that cannot be reached is our fault, not the row's.
    """

    def broken() -> None:
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011 -- any
        import_rows([("a", broken)])


@pytest.mark.parametrize("streams", [0, -1, 101])
def test_a_product_allows_one_to_a_hundred_streams_or_does_not_limit_them(streams: int) -> None:
    with pytest.raises(BadCatalogueEntry) as refused:
        UsePolicy(streams=streams)

    assert refused.value.facts["pointer"] == "/policy/streams"
    assert [UsePolicy(streams=most).streams for most in (1, 100, None)] == [1, 100, None]


@pytest.mark.parametrize(
    ("field", "bad"), [("buffer", -1), ("ahead", 0), ("longest", 0), ("longest", 63 * 86_400), ("no_show", 0)]
)
def test_a_booking_policy_has_bounds_and_a_refusal_names_the_field(field: str, bad: int) -> None:
    with pytest.raises(BadCatalogueEntry) as refused:
        BookingPolicy(**{field: timedelta(seconds=bad)})
    assert refused.value.facts["pointer"] == f"/policy/booking/{field}_s"
