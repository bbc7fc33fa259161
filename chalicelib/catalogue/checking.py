"""What entries are checked by: each refusal points at the field at fault."""

import re
from collections.abc import Collection, Iterable, Mapping

from chalicelib.catalogue.errors import BadCatalogueEntry
from chalicelib.kernel.time import UnknownZone, zone

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
_WORD = re.compile(r"[a-z][a-z0-9_]{0,31}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")
_ADDRESS = re.compile(r"https://[!-~]{1,492}")
NAME_LETTERS = 200
MOST_LANGUAGES = 20


def check(field: str, *, holds: bool, reason: str) -> None:
    """Refuse an entry in which this does not hold."""
    if not holds:
        raise BadCatalogueEntry(pointer=f"/{field}", reason=reason)


def check_id(field: str, own_id: str) -> None:
    """An id that its partner chose."""
    check(field, holds=bool(_ID.fullmatch(own_id)), reason="1 to 64 letters, digits and ._:-")


def check_text(field: str, text: str, most: int = NAME_LETTERS) -> None:
    """A text that says something, of bounded length."""
    check(field, holds=bool(text.strip()) and len(text) <= most, reason=f"1 to {most} characters")


def check_count(field: str, found: Collection[object], most: int) -> None:
    """Not more than so many."""
    check(field, holds=len(found) <= most, reason=f"at most {most}")


def check_words(field: str, words: Iterable[str]) -> None:
    """Names for machines."""
    for word in words:
        reason = "names of 1 to 32 small letters, digits and _, beginning with a letter"
        check(field, holds=bool(_WORD.fullmatch(word)), reason=reason)


def check_languages(field: str, by_language: Mapping[str, str]) -> None:
    """A text in one language at least; the languages are BCP 47 tags, as in `da` or `en-GB`."""
    check(field, holds=0 < len(by_language) <= MOST_LANGUAGES, reason=f"1 to {MOST_LANGUAGES} languages")
    for language in by_language:
        check(field, holds=bool(_LANGUAGE.fullmatch(language)), reason="language tags as in da or en-GB")


def check_zone(field: str, name: str) -> None:
    """A time zone that there is."""
    try:
        zone(name)
    except UnknownZone as error:
        raise BadCatalogueEntry(pointer=f"/{field}", reason="a time zone of the IANA database") from error


def is_address(text: str) -> bool:
    """Whether it is an address that a customer's app may open."""
    return bool(_ADDRESS.fullmatch(text))
