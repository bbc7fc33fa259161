"""What is said of a product or an asset in particular: its seller, terms and pictures, and the state it is in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from chalicelib.catalogue.checking import check, check_count, check_id, check_languages, check_text, is_address

_COUNTRY = re.compile(r"[A-Z]{2}")
_VAT_NUMBER = re.compile(r"[A-Z0-9][A-Z0-9 .+-]{3,19}")
_UNIT = re.compile(r"[a-z][a-z0-9_]{0,15}")
_TERMS_LETTERS = 20_000
_NOTE_LETTERS = 500
_MOST_PICTURES = 10


class ProductKind(StrEnum):
    """What is accessed: a thing, somebody's work, or a copy of something."""

    PHYSICAL = "physical"
    SERVICE = "service"
    DIGITAL = "digital"


class Wear(StrEnum):
    """In which state a thing is."""

    GOOD = "good"
    WORN = "worn"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Seller:
    """The seller of record: whose name and VAT number stand on what a customer is sold."""

    legal_name: str
    country: str
    vat_number: str | None = None

    def __post_init__(self) -> None:
        check_text("seller/legal_name", self.legal_name)
        check("seller/country", holds=bool(_COUNTRY.fullmatch(self.country)), reason="an ISO 3166 code, as in DK")
        known = self.vat_number is None or bool(_VAT_NUMBER.fullmatch(self.vat_number))
        check("seller/vat_number", holds=known, reason="4 to 20 capital letters and digits")


@dataclass(frozen=True, slots=True)
class ProductTerms:
    """What a customer agrees to, by language: an https address, or the text itself. Another text is another version."""

    version: str
    texts: Mapping[str, str]

    def __post_init__(self) -> None:
        check_id("terms/version", self.version)
        check_languages("terms/texts", self.texts)
        for text in self.texts.values():
            check_text("terms/texts", text, _TERMS_LETTERS)
        whole = sum(map(len, self.texts.values()))
        reason = f"at most {_TERMS_LETTERS} characters in all languages together; longer ones go by their address"
        check("terms/texts", holds=whole <= _TERMS_LETTERS, reason=reason)


@dataclass(frozen=True, slots=True)
class Picture:
    """Where a picture is, and what it shows to those who cannot see it."""

    url: str
    alt: str

    def __post_init__(self) -> None:
        check("url", holds=is_address(self.url), reason="an https address of at most 500 characters")
        check_text("alt", self.alt)


@dataclass(frozen=True, slots=True)
class Condition:
    """In which state an asset is, and what is to be known of it."""

    state: Wear = Wear.GOOD
    note: str = ""

    def __post_init__(self) -> None:
        check("condition/note", holds=len(self.note) <= _NOTE_LETTERS, reason=f"at most {_NOTE_LETTERS} characters")


@dataclass(frozen=True, slots=True)
class Odometer:
    """What an asset's counter showed when it was stated."""

    reading: Decimal
    unit: str

    def __post_init__(self) -> None:
        check("odometer/reading", holds=self.reading >= 0, reason="not negative")
        check("odometer/unit", holds=bool(_UNIT.fullmatch(self.unit)), reason="a unit, as in km or h")


def check_pictures(pictures: tuple[Picture, ...]) -> None:
    """A product has so many at most."""
    check_count("pictures", pictures, _MOST_PICTURES)
