"""What is said of a product or an asset in particular: its seller, terms and pictures, and the state it is in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from chalicelib.catalogue.checking import check, check_count, check_id, check_languages, check_text, is_address

_COUNTRY = re.compile(r"[A-Z]{2}")
_TAX_CODE = re.compile(r"txcd_[0-9]{8}")
_VAT_NUMBER = re.compile(r"[A-Z0-9][A-Z0-9 .+-]{3,19}")
_UNIT = re.compile(r"[a-z][a-z0-9_]{0,15}")
_TERMS_LETTERS = 20_000
_NOTE_LETTERS = 500
_POSTAL_LETTERS = 12
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


class SuppliedAt(StrEnum):
    """Where a product is taxed: where its things are put at somebody's disposal, or where its buyer is."""

    DISPOSAL = "disposal"
    BUYER = "buyer"


@dataclass(frozen=True, slots=True)
class ProductTax:
    """What a product is for tax, where its kind and its seller do not say it: Stripe's code, where it is supplied.

    `country` and `postal_code` are where its things are put at somebody's disposal.
    """

    code: str | None = None
    supplied: SuppliedAt | None = None
    country: str | None = None
    postal_code: str = ""

    def __post_init__(self) -> None:
        known = self.code is None or bool(_TAX_CODE.fullmatch(self.code))
        check("tax/code", holds=known, reason="a tax code of Stripe's, as in txcd_20030000")
        country = self.country is None or bool(_COUNTRY.fullmatch(self.country))
        check("tax/country", holds=country, reason="an ISO 3166 code, as in DK")
        postal = not self.postal_code or (self.country is not None and len(self.postal_code) <= _POSTAL_LETTERS)
        check("tax/postal_code", holds=postal, reason=f"at most {_POSTAL_LETTERS} characters, with a country")


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
