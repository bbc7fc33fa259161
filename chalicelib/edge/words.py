"""What is said to people: lines, amounts and times in one language. Loaded when the first words are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from chalicelib.edge.formats import BabelFormats
from chalicelib.rating.explain import explain, explain_quantity, name_of

if TYPE_CHECKING:
    from decimal import Decimal

    from chalicelib.kernel.languages import Language
    from chalicelib.rating import RatedLine


class Words:
    """A language with its ways to write."""

    def __init__(self, language: str) -> None:
        self.language = cast("Language", language)
        self.formats = BabelFormats(self.language)

    def of(self, line: RatedLine) -> str:
        """The line's sentence."""
        return explain(line, self.language, self.formats)

    def name(self, state: str) -> str:
        """A state of need, as the beginning of a row."""
        name = name_of(state, self.language)
        return name[:1].upper() + name[1:]

    def quantity(self, amount: Decimal, unit: str) -> str:
        """So much of a meter; time as hours and minutes."""
        return explain_quantity(amount, unit, self.language, self.formats)
