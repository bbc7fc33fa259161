"""How amounts, numbers and dates are written for people: Babel's data, loaded when the first words are shown."""

import re
from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from decimal import Decimal
from importlib import import_module
from types import ModuleType

from chalicelib.kernel.languages import Language

LOCALES: Mapping[Language, str] = {
    "da": "da_DK",
    "sv": "sv_SE",
    "nl": "nl_NL",
    "en": "en_GB",
    "de": "de_DE",
    "fi": "fi_FI",
}
"""Whose way to write it is; `infra/bundle.py` packs these."""
_LETTER_THEN_DIGIT = re.compile(r"(?<=[A-Za-z])(?=\d)")


class BabelFormats:
    """A language's own way to write; no decimal is ever rounded away."""

    def __init__(self, language: Language) -> None:
        self._locale = LOCALES[language]

    @property
    def _numbers(self) -> ModuleType:
        return import_module("babel.numbers")

    @property
    def _dates(self) -> ModuleType:
        return import_module("babel.dates")

    def money(self, amount: Decimal, currency: str) -> str:
        """With the currency's decimals, or more where the amount has more.

        A code never touches the number; CLDR has a pattern for that (`alphaNextToNumber`), which Babel does not use.
        """
        said = self._numbers.format_currency(amount, currency, locale=self._locale, decimal_quantization=False)
        return _LETTER_THEN_DIGIT.sub("\N{NO-BREAK SPACE}", said)

    def number(self, number: Decimal) -> str:
        """As many decimals as there are."""
        return str(self._numbers.format_decimal(number, locale=self._locale, decimal_quantization=False))

    def share(self, fraction: Decimal) -> str:
        """Per cent."""
        return str(self._numbers.format_percent(fraction, locale=self._locale, decimal_quantization=False))

    def day(self, day: date) -> str:
        """With the month's name."""
        return str(self._dates.format_date(day, "long", locale=self._locale))

    def month(self, first: date) -> str:
        """The month's name and the year."""
        return str(self._dates.format_skeleton("yMMMM", first, locale=self._locale))

    def moment(self, instant: datetime, zone: tzinfo) -> str:
        """Day and time in the zone, which is named: an hour that the clocks repeat is told apart."""
        return str(self._dates.format_datetime(instant, "long", tzinfo=zone, locale=self._locale))
