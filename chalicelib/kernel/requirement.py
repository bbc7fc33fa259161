"""What a customer may have to show: an identity, an age, a driving licence, that they study, where they live."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from chalicelib.kernel.errors import Invalid

_WRITTEN = re.compile(
    r"(?P<plain>identity|student)"
    r"|age:(?P<age>[1-9][0-9]?|1[01][0-9]|120)"
    r"|driving_licence(:(?P<licence>[A-Z][A-Z0-9]{0,3}))?"
    r"|resident:(?P<place>[A-Z]{2}(-[A-Z0-9]{1,8})?)"
)
HOW = "identity, student, driving_licence, driving_licence:B, age:18, resident:FI, or resident:FI-091"
LINK: Final = "link"
"""The purpose of being known again by a partner, which customers may agree to and no start asks for."""


class NotARequirement(Invalid):
    """A requirement is written as identity, student, driving_licence:B, age:18, resident:FI or resident:FI-091."""


class Shown(StrEnum):
    """What kind of thing is shown."""

    IDENTITY = "identity"
    AGE = "age"
    DRIVING_LICENCE = "driving_licence"
    STUDENT = "student"
    RESIDENT = "resident"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One of these; an age is that or more. `detail` is a licence's class, or None for any; or where somebody lives.

    A place is a country (ISO 3166-1), or a place in it by the country's own code (of Helsinki: `FI-091`).
    """

    kind: Shown
    at_least: int | None = None
    detail: str | None = None

    @classmethod
    def parse(cls, text: str) -> "Requirement":
        """Read `age:18`, `driving_licence:B` or `resident:FI`."""
        found = _WRITTEN.fullmatch(text)
        if found is None:
            raise NotARequirement(value=text[:40])
        if found["plain"]:
            return cls(Shown(found["plain"]))
        if found["age"]:
            return cls(Shown.AGE, at_least=int(found["age"]))
        if found["place"]:
            return cls(Shown.RESIDENT, detail=found["place"])
        return cls(Shown.DRIVING_LICENCE, detail=found["licence"])

    def __str__(self) -> str:
        detail = self.detail if self.at_least is None else str(self.at_least)
        return f"{self.kind}:{detail}" if detail else str(self.kind)


def with_countries(places: Iterable[str]) -> tuple[str, ...]:
    """Who lives in a place lives in its country too."""
    return tuple(sorted({each for place in places for each in (place, place.partition("-")[0])}))


def is_requirement(text: str) -> bool:
    """Whether the text is one."""
    return _WRITTEN.fullmatch(text) is not None
