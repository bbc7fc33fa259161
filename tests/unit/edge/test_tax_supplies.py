"""What a product is for tax, and where it is supplied: as its partner states it, else by its kind and its seller."""

import pytest

from chalicelib.billing.paper_model import UNNAMED, Buyer
from chalicelib.billing.tax_model import SuppliedAt, TaxPlace
from chalicelib.catalogue.details import ProductKind, ProductTax, Seller
from chalicelib.catalogue.details import SuppliedAt as StatedAt
from chalicelib.catalogue.errors import BadCatalogueEntry
from chalicelib.catalogue.model import Product
from chalicelib.edge.settings import SettingMissing, Settings
from chalicelib.edge.tax_supplies import ELECTRONIC, NOT_TAXED, SERVICES, CatalogueSupplies

BUYER = Buyer("acc-1", country="SE")
OURS = UNNAMED.__class__("fi", "Adgang Oy", (), "FI", None, UNNAMED.prefixes)
DANISH = Seller("Cykler ApS", "DK")


def product(**but: object) -> Product:
    return Product("par-1", "bike", "Bike", "bikes", "UTC", **but)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("stated", "name", "code", "at", "country"),
    [
        ({}, "par-1:bike", SERVICES, SuppliedAt.DISPOSAL, "FI"),
        ({"seller": DANISH}, "par-1:bike", SERVICES, SuppliedAt.DISPOSAL, "DK"),
        ({"seller": DANISH, "tax": ProductTax(country="NO")}, "par-1:bike", SERVICES, SuppliedAt.DISPOSAL, "NO"),
        ({"kind": ProductKind.DIGITAL}, "par-1:bike", ELECTRONIC, SuppliedAt.BUYER, "SE"),
        ({"tax": ProductTax("txcd_35010000")}, "par-1:bike~student", "txcd_35010000", SuppliedAt.DISPOSAL, "FI"),
        ({"tax": ProductTax(supplied=StatedAt.BUYER)}, "par-1:bike", SERVICES, SuppliedAt.BUYER, "SE"),
        ({}, "par-1:bike/damage", NOT_TAXED, SuppliedAt.DISPOSAL, "FI"),
        ({}, "par-1:bike/delivery", SERVICES, SuppliedAt.DISPOSAL, "FI"),
    ],
)
def test_a_product_is_supplied_as_it_says_or_as_its_kind_does(
    stated: dict[str, object], name: str, code: str, at: SuppliedAt, country: str
) -> None:
    found = CatalogueSupplies(lambda _partner, _name: product(**stated)).of(name, OURS, BUYER)

    assert (found.code, found.at, found.place) == (code, at, TaxPlace(country))


def test_who_has_not_said_where_they_are_is_where_the_seller_is_and_without_a_seller_nobody_knows() -> None:
    digital = CatalogueSupplies(lambda *_: product(kind=ProductKind.DIGITAL))
    nobody = CatalogueSupplies(lambda *_: None)

    assert digital.of("par-1:bike", OURS, None).place == TaxPlace("FI")
    assert nobody.of("par-1:bike", OURS, None).place == TaxPlace("FI")
    assert nobody.of("par-1:bike", None, None).place is None


@pytest.mark.parametrize(
    ("stated", "pointer"),
    [
        ({"code": "bikes"}, "/tax/code"),
        ({"country": "Finland"}, "/tax/country"),
        ({"postal_code": "00100"}, "/tax/postal_code"),
    ],
)
def test_what_is_no_code_and_no_country_is_refused(stated: dict[str, str], pointer: str) -> None:
    with pytest.raises(BadCatalogueEntry) as refusal:
        ProductTax(**stated)  # type: ignore[arg-type]
    assert refusal.value.facts["pointer"] == pointer


def test_a_stage_says_who_decides_the_tax() -> None:
    assert not Settings({}).tax_by_stripe
    assert Settings({"ADGANG_TAX": "stripe"}).tax_by_stripe
    with pytest.raises(SettingMissing):
        _ = Settings({"ADGANG_TAX": "mine"}).tax_by_stripe
