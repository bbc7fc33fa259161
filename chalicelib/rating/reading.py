"""Reading a document so that every fault is found at once, each with its JSON pointer."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeVar, cast

from chalicelib.kernel.errors import Invalid
from chalicelib.kernel.money import Money
from chalicelib.kernel.quantity import NotAQuantity, quantity
from chalicelib.kernel.time import NotAnInstant, parse_instant
from chalicelib.rating.meter import Meter

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}")
_TARIFF_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:~/+-]{0,199}")
_NO_METER = Meter("none", "s")
_MISSING = object()
_MANY = 10**9
_MOST_MINOR = 10**18
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Value = TypeVar("Value")


@dataclass
class Faults:
    """What is wrong, in the order of the document."""

    found: list[dict[str, str]] = field(default_factory=list)

    def add(self, pointer: str, reason: str) -> None:
        """Note one fault at the place that the JSON pointer names."""
        self.found.append({"pointer": pointer, "reason": reason})


@dataclass
class Fields:
    """The members of one object. A member at fault is noted and read as something harmless, so that reading goes on."""

    values: Mapping[str, object]
    pointer: str
    faults: Faults
    meters: Mapping[str, Meter] = field(default_factory=dict)
    currency: str = ""
    _seen: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, value: object, pointer: str, faults: Faults) -> "Fields":
        """Read an object; anything else is a fault and reads as an empty one."""
        if not isinstance(value, Mapping):
            faults.add(pointer, "not_an_object")
            return cls({}, pointer, Faults())
        return cls(cast("Mapping[str, object]", value), pointer, faults)

    def inside(self, value: object, pointer: str) -> "Fields":
        """Read an object within this one."""
        fields = Fields.of(value, f"{self.pointer}/{pointer}", self.faults)
        fields.meters, fields.currency = self.meters, self.currency
        return fields

    def fault(self, name: str, reason: str) -> None:
        """Note a fault of one member."""
        self.faults.add(f"{self.pointer}/{escaped(name)}", reason)

    def take(self, name: str, default: object = _MISSING) -> object:
        """The member as it stands; `missing` if there is none and no default."""
        self._seen.add(name)
        if name in self.values:
            return self.values[name]
        if default is _MISSING:
            self.fault(name, "missing")
            return None
        return default

    def no_others(self) -> None:
        """Members that nobody asked for are faults: a misspelt cap must not vanish."""
        for name in self.values:
            if name not in self._seen:
                self.fault(str(name), "unknown_member")

    def identifier(self, name: str) -> str:
        """An id: letters, digits and `._:-`, at most a hundred."""
        return self._matching(name, _ID)

    def tariff_identifier(self, name: str) -> str:
        """The id of a tariff, which is made of others."""
        return self._matching(name, _TARIFF_ID)

    def _matching(self, name: str, pattern: re.Pattern[str]) -> str:
        value = self.take(name)
        if isinstance(value, str) and pattern.fullmatch(value):
            return value
        return self.wrong(name, value, "not_an_id", "")

    def text(self, name: str, default: object = _MISSING) -> str:
        """Any text."""
        value = self.take(name, default)
        return value if isinstance(value, str) else self.wrong(name, value, "not_a_text", "")

    def truth(self, name: str) -> bool:
        """True or false."""
        value = self.take(name)
        return value if isinstance(value, bool) else self.wrong(name, value, "not_true_or_false", harmless=False)

    def moment(self, name: str) -> datetime:
        """An RFC 3339 instant that has to be there."""
        value = self.take(name)
        try:
            return parse_instant(str(value))
        except NotAnInstant:
            return self.wrong(name, value, "not_an_instant", _EPOCH)

    def one_of(self, name: str, choices: Sequence[str], default: object = _MISSING) -> str:
        """One of the stated words."""
        value = self.take(name, default)
        if isinstance(value, str) and value in choices:
            return value
        return self.wrong(name, value, f"not_one_of: {', '.join(choices)}", choices[0])

    def decimal(self, name: str, default: object = _MISSING) -> Decimal | None:
        """A decimal number as text: finite, at most 12 decimals, below 10^15."""
        value = self.take(name, default)
        if not isinstance(value, str):
            return self.wrong(name, value, "not_a_decimal_text", None)
        try:
            return quantity(value)
        except NotAQuantity:
            return self.wrong(name, value, "not_a_decimal_of_at_most_12_decimals", None)

    def not_negative(self, name: str, default: object = _MISSING) -> Decimal:
        """A decimal number of zero or more."""
        value = self.decimal(name, default)
        if value is not None and value < 0:
            return self.wrong(name, value, "negative", Decimal(0))
        return value if value is not None else Decimal(0)

    def price(self, name: str, default: object = _MISSING) -> Decimal:
        """A price in major units; never negative."""
        return self.not_negative(name, default)

    def above_zero(self, name: str) -> Decimal:
        """A decimal number above zero."""
        value = self.decimal(name)
        if value is not None and value <= 0:
            return self.wrong(name, value, "not_above_zero", Decimal(1))
        return value if value is not None else Decimal(1)

    def money(self, name: str) -> Money:
        """An amount that the currency's minor unit can hold exactly; never negative."""
        value = self.not_negative(name)
        try:
            return Money.of(value, self.currency)
        except Invalid:
            return self.wrong(name, value, "finer_than_the_minor_unit", Money(0, self.currency))

    def minor_money(self, name: str) -> Money:
        """An amount as whole minor units and a currency: {"minor": 900, "currency": "EUR"}."""
        inner = self.inside(self.take(name), name)
        minor, currency = inner.whole("minor", below=_MOST_MINOR), inner.text("currency")
        inner.no_others()
        return Money(minor, currency)

    def meter(self, name: str) -> Meter:
        """A meter by its name, which the tariff has to declare."""
        value = self.take(name)
        if isinstance(value, str) and value in self.meters:
            return self.meters[value]
        return self.wrong(name, value, "unknown_meter", _NO_METER)

    def meter_of_money(self, name: str) -> Meter:
        """A meter that counts amounts of the tariff's own currency."""
        meter = self.meter(name)
        if meter is not _NO_METER and meter.unit != self.currency:
            self.fault(name, "currency_mismatch")
        return meter

    def whole(self, name: str, below: int = _MANY) -> int:
        """A whole number of zero or more."""
        value = self.take(name)
        if type(value) is int and 0 <= value < below:
            return value
        return self.wrong(name, value, "not_a_whole_number", 0)

    def instant(self, name: str) -> datetime | None:
        """An RFC 3339 instant, or nothing."""
        value = self.take(name, default=None)
        if value is None:
            return None
        try:
            return parse_instant(str(value))
        except NotAnInstant:
            return self.wrong(name, value, "not_an_instant", None)

    def items(self, name: str, default: object = _MISSING) -> list["Fields"]:
        """A list of objects."""
        value = self.take(name, default)
        if not isinstance(value, list | tuple):
            return self.wrong(name, value, "not_a_list", [])
        return [self.inside(each, f"{name}/{index}") for index, each in enumerate(value)]

    def texts(self, name: str, default: object = _MISSING) -> tuple[str, ...]:
        """A list of texts, perhaps empty."""
        value = self.take(name, default)
        if isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
            return tuple(value)
        return self.wrong(name, value, "not_a_list_of_texts", ())

    def names(self, name: str) -> tuple[str, ...]:
        """A list of texts, not empty."""
        value = self.take(name)
        if isinstance(value, list | tuple) and value and all(isinstance(each, str) for each in value):
            return tuple(value)
        return self.wrong(name, value, "not_a_list_of_names", ())

    def unique(self, name: str, ids: Iterable[str], member: str) -> None:
        """Each element's id may come only once."""
        seen: set[str] = set()
        for index, each in enumerate(ids):
            if each and each in seen:
                self.faults.add(f"{self.pointer}/{name}/{index}/{member}", "not_unique")
            seen.add(each)

    def wrong(self, name: str, value: object, reason: str, harmless: Value) -> Value:
        """Note the fault, unless the member is missing, which is noted already; read it as something harmless."""
        if value is not None or name in self.values:
            self.fault(name, reason)
        return harmless


def escaped(name: str) -> str:
    """A member's name as JSON pointers write it."""
    return name.replace("~", "~0").replace("/", "~1")
