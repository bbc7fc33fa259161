"""Words for a rated line, made when it is shown: a sentence in the reader's language around its facts."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from importlib import import_module
from types import ModuleType
from typing import Protocol

from chalicelib.kernel.languages import LANGUAGES, Language
from chalicelib.kernel.time import SECONDS_IN
from chalicelib.rating.lines import RatedLine

_MONEY = ("limit", "minimum", "charged", "saved", "own", "best", "price", "was", "now", "whole", "saved_paused")
_AMOUNTS = ("used", "included", "size", "above")
_NUMBERS = ("total", "maximum", "number", "times", "uses", "tier", "part", "parts", "seats", "unused", "bought")
_NAMES = {"state_name": "state", "once_per_name": "once_per"}
_SPANS = {"length_s": "length", "asleep_s": "asleep", "paused_s": "paused"}
_OF_PASSES = {"unused": "unused_time", "bought": "bought_time"}
_MINUTE = 60
_HOUR = 3600
_DAY = 86_400
_TIED = "\N{NO-BREAK SPACE}"


class Formats(Protocol):
    """How a language writes amounts, numbers, shares and dates."""

    def money(self, amount: Decimal, currency: str) -> str:
        """As in 9.00 EUR; more decimals where a unit price has them."""

    def number(self, number: Decimal) -> str:
        """As in 1,234.5."""

    def share(self, fraction: Decimal) -> str:
        """As in 2.5 %."""

    def day(self, day: date) -> str:
        """As in 31 May 2021."""

    def month(self, first: date) -> str:
        """As in May 2021."""


def explain(line: RatedLine, language: Language, formats: Formats) -> str:
    """The line's sentence. What a fact says is written by `formats`; nothing is computed from it."""
    words = _words(language)
    sentence: str = words.SENTENCES[_sentence_of(line.code)]
    for fact, more in (("asleep_s", words.ASLEEP), ("paused_s", words.PAUSED)):
        sentence += more if line.facts.get(fact, "0") != "0" else ""
    if "seats" in line.facts:
        sentence += words.SEATS
    if "whole" in line.facts:
        sentence += words.PART
    return sentence.format_map(_written(line, words, formats))


def explain_quantity(amount: Decimal, unit: str, language: Language, formats: Formats) -> str:
    """A quantity with its unit; time as hours and minutes."""
    return _amount(amount, unit, _words(language), formats)


def name_of(what: str, language: Language) -> str:
    """What a state of need is called; what has no name here is called what it is."""
    return str(_words(language).NAMES.get(what, what))


def _words(language: Language) -> ModuleType:
    return import_module(f"chalicelib.rating.words.{LANGUAGES[language]}")


def _sentence_of(code: str) -> str:
    """Caps share a sentence, and so do coupons, and what partners state."""
    kind = code.partition("_")[0]
    return kind if kind in {"cap", "coupon", "stated"} else code


def _written(line: RatedLine, words: ModuleType, formats: Formats) -> dict[str, str]:
    """Everything that a sentence may name, written out."""
    facts, currency, names = line.facts, line.amount.currency, words.NAMES
    written = {name: names.get(facts[fact], facts[fact]) for name, fact in _NAMES.items() if fact in facts}
    written |= _each(facts, _MONEY, lambda text: formats.money(Decimal(text), currency))
    written |= _each(facts, _NUMBERS, lambda text: formats.number(Decimal(text)))
    written |= _each(
        facts, _AMOUNTS, lambda text: _amount(Decimal(text), facts.get("meter_unit", line.unit), words, formats)
    )
    written |= _each(facts, ("month",), lambda text: formats.month(date.fromisoformat(f"{text}-01")))
    written |= _each(facts, ("day",), lambda text: formats.day(date.fromisoformat(text)))
    written |= _each(facts, ("per",), lambda text: str(words.PER[text]))
    spans = {**_SPANS, **(_OF_PASSES if line.code == "time_paid_back" else {})}
    written |= {name: _span(Decimal(facts[fact]), words, formats) for fact, name in spans.items() if fact in facts}
    if "once_per" in facts:
        written["period"] = _period(facts["period"], formats)
    is_share = line.code.startswith(("percentage", "tier_share"))
    quantity = formats.money(line.quantity, currency) if is_share else formats.number(line.quantity)
    if facts.get("fixed", "0") != "0":
        quantity += f" + {formats.money(Decimal(facts['fixed']), currency)}"
    price = line.unit_price if line.unit_price is not None else Decimal(0)
    most = {"maximum_amount": formats.money(Decimal(facts["maximum"]), currency)} if "maximum" in facts else {}
    return {
        **written,
        **most,
        "quantity": quantity,
        "unit": names.get(line.unit, line.unit),
        "unit_price": formats.money(price, currency),
        "rate": formats.share(price),
        "duration": _duration(line.quantity, words, formats),
        "charged_time": _span(line.quantity, words, formats),
        "charge_name": words.CHARGES.get(line.price_id, ""),
        "cap_name": names.get(line.code.removeprefix("cap_"), ""),
    }


def _each(facts: Mapping[str, str], names: tuple[str, ...], write: Callable[[str], str]) -> dict[str, str]:
    return {name: write(facts[name]) for name in names if name in facts}


def _amount(amount: Decimal, unit: str, words: ModuleType, formats: Formats) -> str:
    if unit in SECONDS_IN:
        return _duration(amount * SECONDS_IN[unit], words, formats)
    return f"{formats.number(amount)}{_TIED}{unit}" if unit else formats.number(amount)


def _span(seconds: Decimal, words: ModuleType, formats: Formats) -> str:
    """As a duration, with days of 24 hours before it: 30 d 23 h 55 min."""
    days, rest = divmod(seconds, _DAY)
    whole = f"{formats.number(days)}{_TIED}{words.DAY}"
    if not days:
        return _duration(rest, words, formats)
    return f"{whole} {_duration(rest, words, formats)}" if rest else whole


def _duration(seconds: Decimal, words: ModuleType, formats: Formats) -> str:
    """16 h 14 min 59 s; parts of nothing are left out, and no unit is parted from its number."""
    hours, rest = divmod(seconds, _HOUR)
    minutes, left = divmod(rest, _MINUTE)
    parts = list(zip((hours, minutes, left), words.TIME, strict=True))
    return " ".join(
        f"{formats.number(part)}{_TIED}{unit}" for part, unit in [each for each in parts if each[0]] or parts[-1:]
    )


def _period(text: str, formats: Formats) -> str:
    """A day or a month by its name after a colon, a week by its number, as in week 22, 2021; else nothing."""
    if "W" in text:
        year, _, number = text.partition("-W")
        return f" {int(number)}, {year}"
    if text.count("-") > 1:
        return f": {formats.day(date.fromisoformat(text))}"
    return f": {formats.month(date.fromisoformat(f'{text}-01'))}" if text else ""
