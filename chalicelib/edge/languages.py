"""In which language an answer speaks: `Accept-Language` (RFC 9110, 12.5.4), else the customer's own, else English."""

from __future__ import annotations

import re
from decimal import Decimal
from importlib import import_module
from typing import TYPE_CHECKING, Any

import msgspec

from chalicelib.kernel.languages import LANGUAGES, LAST

if TYPE_CHECKING:  # a cold start pays for every import, and words are loaded only where they are shown
    from chalicelib.edge.call import Call
    from chalicelib.edge.words import Words

_RANGE = re.compile(r"([a-z]{1,8}|\*)(-[a-z0-9]{1,8})*(?:\s*;\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?")
_ANY = "*"
_NONE = Decimal(0)


class WordsQuery(msgspec.Struct, forbid_unknown_fields=True):
    """`words=true` gives every line its sentence, in the language of `Accept-Language` or else the customer's own."""

    words: bool = False


def language_of(accepted: str | None, own: str) -> str:
    """The accepted language of the highest quality; the customer's own one goes first among equals, and for `*`.

    What we do not speak, and what is not well-formed, counts for nothing; if nothing is left it is as if nothing was
    asked, for a receipt in another language is worth more than none (RFC 9110 leaves that choice).
    """
    qualities = _qualities(accepted or "")
    rest = qualities.pop(_ANY, _NONE)
    order = dict.fromkeys([own, *qualities, LAST, *LANGUAGES])
    best = max((each for each in order if each in LANGUAGES), key=lambda each: qualities.get(each, rest))
    if qualities.get(best, rest) > 0:
        return best
    refused = {each for each, quality in qualities.items() if not quality}
    return own if own in LANGUAGES and own not in refused else LAST


def words_of(call: Call[Any, Any], own: str) -> Words:
    """Words in the reader's language; the answer says in which, and what that depended on."""
    language = language_of(call.headers.get("accept-language"), own)
    call.says["Content-Language"] = language
    call.says["Vary"] = "Accept-Language"
    spoken: Words = import_module("chalicelib.edge.words").Words(language)
    return spoken


def words_wished(call: Call[Any, Any], own: str) -> Words | None:
    """Words, if `words=true` asks for them."""
    return words_of(call, own) if call.query.words else None


def _qualities(accepted: str) -> dict[str, Decimal]:
    """By language, in order; of two ranges of one language (`da-DK`, `da`) the higher one counts."""
    found: dict[str, Decimal] = {}
    for part in accepted.lower().split(","):
        well_formed = _RANGE.fullmatch(part.strip())
        if well_formed is None:
            continue
        language, region, weight = well_formed.groups()
        quality = Decimal(weight or 1)
        if (language in LANGUAGES or language == _ANY) and (quality or not region):
            found[language] = max(quality, found.get(language, _NONE))
    return found
