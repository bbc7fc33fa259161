"""The shape that partners are shown is the one that rating reads."""

import msgspec
import pytest

from chalicelib.edge.tariffs import Price, TariffRules, show_tariff
from chalicelib.rating import FlatFee, PackagePrice, ThresholdFee, tariff_from_document
from infra.local.tariffs import CITY_BIKE_TARIFF

NAMED = {"tariff_id": "par_x:city-bike", "version": 3, "zone": "Europe/Helsinki"}


def test_every_kind_of_price_that_rating_knows_is_in_the_shape() -> None:
    shown = {each.__struct_config__.tag for each in Price.__args__}

    assert shown == {FlatFee.kind, PackagePrice.kind, ThresholdFee.kind}


def test_the_rules_that_are_shown_make_the_same_tariff_again() -> None:
    tariff = tariff_from_document({**CITY_BIKE_TARIFF, **NAMED})

    shown = msgspec.to_builtins(show_tariff(tariff))

    assert (shown["tariff_id"], shown["version"]) == ("par_x:city-bike", 3)
    assert tariff_from_document({**shown["rules"], **NAMED}) == tariff


@pytest.mark.parametrize("member", ["currency", "tax_inclusive", "prices"])
def test_what_the_shape_requires_rating_requires(member: str) -> None:
    without = {name: value for name, value in {**CITY_BIKE_TARIFF, **NAMED}.items() if name != member}

    with pytest.raises(msgspec.ValidationError, match=member):
        msgspec.convert(without, TariffRules)
    with pytest.raises(Exception, match=f"'/{member}'"):
        tariff_from_document(without)
