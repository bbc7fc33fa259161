"""How amounts, numbers and dates are written for people: Babel's data, loaded when the first words are shown."""

from datetime import date
from decimal import Decimal
from importlib import import_module
from types import ModuleType

from chalicelib.rating.explain import Language

_LOCALES = {"da": "da_DK", "sv": "sv_SE", "nl": "nl_NL", "en": "en_GB"}


class BabelFormats:
    """A language's own way to write; no decimal is ever rounded away."""

    def __init__(self, language: Language) -> None:
        self._locale = _LOCALES[language]

    @property
    def _numbers(self) -> ModuleType:
        return import_module("babel.numbers")

    @property
    def _dates(self) -> ModuleType:
        return import_module("babel.dates")

    def money(self, amount: Decimal, currency: str) -> str:
        """With the currency's decimals, or more where the amount has more."""
        return str(self._numbers.format_currency(amount, currency, locale=self._locale, decimal_quantization=False))

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
