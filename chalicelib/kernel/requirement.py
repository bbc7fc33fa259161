"""What a customer may have to show before a start: an identity, an age, a driving licence, that they study."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from chalicelib.kernel.errors import Invalid

_WRITTEN = re.compile(
    r"(?P<plain>identity|student)"
    r"|age:(?P<age>[1-9][0-9]?|1[01][0-9]|120)"
    r"|driving_licence(:(?P<licence>[A-Z][A-Z0-9]{0,3}))?"
)
HOW = "identity, student, driving_licence, driving_licence:B, or age:18"
LINK: Final = "link"
"""The purpose of being known again by a partner, which customers may agree to and no start asks for."""


class NotARequirement(Invalid):
    """What is required is written as identity, student, driving_licence, driving_licence:B, or age:18."""


class Shown(StrEnum):
    """What kind of thing is shown."""

    IDENTITY = "identity"
    AGE = "age"
    DRIVING_LICENCE = "driving_licence"
    STUDENT = "student"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One of these; an age is that or more, a licence of that class or of any."""

    kind: Shown
    at_least: int | None = None
    licence: str | None = None

    @classmethod
    def parse(cls, text: str) -> "Requirement":
        """Read `age:18` or `driving_licence:B`."""
        found = _WRITTEN.fullmatch(text)
        if found is None:
            raise NotARequirement(value=text[:40])
        if found["plain"]:
            return cls(Shown(found["plain"]))
        if found["age"]:
            return cls(Shown.AGE, at_least=int(found["age"]))
        return cls(Shown.DRIVING_LICENCE, licence=found["licence"])

    def __str__(self) -> str:
        detail = self.licence if self.at_least is None else str(self.at_least)
        return f"{self.kind}:{detail}" if detail else str(self.kind)


def is_requirement(text: str) -> bool:
    """Whether the text is one."""
    return _WRITTEN.fullmatch(text) is not None
