"""The laws of countries, one module each, loaded where one is asked for. They are data, and no legal advice.

Who sells in a country has somebody who knows its law look at them first; what could not be verified says so.
"""

from collections.abc import Mapping
from importlib import import_module

from chalicelib.subscriptions.law import CountryLaw

UNION = "EU"
"""What the directive says by itself, for a country of which nothing more is known."""

_MODULES: Mapping[str, str] = {
    UNION: "european_union",
    "DE": "germany",
    "DK": "denmark",
    "FI": "finland",
    "NL": "netherlands",
    "SE": "sweden",
}
COUNTRIES = tuple(sorted(_MODULES))


def law_of(country: str | None) -> CountryLaw:
    """The country's law; the directive's rules for any other."""
    module = _MODULES.get(country or UNION, _MODULES[UNION])
    law: CountryLaw = import_module(f"chalicelib.subscriptions.countries.{module}").LAW
    return law
