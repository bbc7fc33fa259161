"""What monitors go by is stated, and what makes no sense is refused at once."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.edge.settings import SettingMissing, Settings
from chalicelib.edge.wiring_monitors import operators_language, stated
from chalicelib.rating.figures import TaxRates
from tests.unit.finance.monitored import MAY

ZONE = {"ADGANG_ZONE": "Europe/Helsinki"}


class Wired:
    """What a month's monitors ask of the wiring."""

    shared = property(lambda self: self)

    def tax_rates(self, _month: object) -> TaxRates:
        return TaxRates()


def of(**given: str) -> Any:  # noqa: ANN401 -- the monitors' own
    return stated(Settings({**ZONE, **given}), Wired(), MAY)  # type: ignore[arg-type]


def test_a_month_is_as_long_as_its_zone_says_and_stages_as_is_stated() -> None:
    found = of(ADGANG_LAPSED_AFTER_MONTHS="6", ADGANG_VALUE_MONTHS="12", ADGANG_PER_DOLLAR="0.9")

    assert (found.days, found.interval.length) == (31, timedelta(days=31))
    assert (found.terms.lapsed_after, found.terms.mean_of) == (6, 12)
    dollar, less = (int(each.basis["cloud_nano_minor_per_session"]) for each in (of(), found))
    assert dollar > less > 0
    assert stated(Settings(ZONE), Wired(), MAY.previous.previous).days == 31  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "given",
    [
        {"ADGANG_LAPSED_AFTER_MONTHS": "0"},
        {"ADGANG_VALUE_MONTHS": "121"},
        {"ADGANG_PER_DOLLAR": "0"},
        {"ADGANG_PER_DOLLAR": "NaN"},
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(SettingMissing):
        of(**given)


def test_the_report_is_in_a_language_that_is_spoken() -> None:
    assert (operators_language(Settings({})), operators_language(Settings({"ADGANG_LANGUAGE": "nl"}))) == ("en", "nl")
    with pytest.raises(SettingMissing):
        operators_language(Settings({"ADGANG_LANGUAGE": "is"}))
