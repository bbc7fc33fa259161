"""Attributes that keep their values exactly."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from pynamodb.attributes import Attribute

from chalicelib.kernel.quantity import plain
from chalicelib.kernel.text import canonical, read
from chalicelib.kernel.time import format_instant, parse_instant


class DecimalAttribute(Attribute[Decimal]):
    """A number stored as a number and read back as the same `Decimal` (pynamodb's own goes through float)."""

    attr_type = "N"

    def serialize(self, value: Decimal) -> str:
        """The plain digits."""
        return plain(value)

    def deserialize(self, value: str) -> Decimal:
        """The digits, as they are."""
        return Decimal(value)


class InstantAttribute(Attribute[datetime]):
    """A UTC instant as fixed-width text, whose order is the order of time."""

    attr_type = "S"

    def serialize(self, value: datetime) -> str:
        """RFC 3339 in UTC with microseconds."""
        return format_instant(value)

    def deserialize(self, value: str) -> datetime:
        """An aware `datetime` in UTC."""
        return parse_instant(value)


class DocumentAttribute(Attribute[Any]):
    """JSON-ready values (no floats) as one canonical text: small, exact, the same bytes for the same value."""

    attr_type = "S"

    def serialize(self, value: object) -> str:
        """Canonical JSON."""
        return canonical(value).decode()

    def deserialize(self, value: str) -> object:
        """The value; whole numbers as `int`."""
        return read(value)
