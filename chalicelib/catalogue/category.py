"""Categories: the operator's tree of what there is, with names by language."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from chalicelib.catalogue.checking import NAME_LETTERS, check, check_count, check_id, check_languages, check_text

_NEEDED = re.compile(r"identity|driving_licence|student|age:([1-9][0-9]?|1[01][0-9]|120)")
_MOST_NEEDED = 10
MOST_LEVELS = 8


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of product, within a wider one or by itself. `eligibility` names what a customer has to have for it."""

    category_id: str
    names: Mapping[str, str]
    parent: str | None = None
    eligibility: tuple[str, ...] = ()
    revision: int = field(default=0, compare=False)

    def __post_init__(self) -> None:
        check_id("category_id", self.category_id)
        check_languages("names", self.names)
        for name in self.names.values():
            check_text("names", name, NAME_LETTERS)
        check("parent", holds=self.parent != self.category_id, reason="another category")
        check_count("eligibility", self.eligibility, _MOST_NEEDED)
        for needed in self.eligibility:
            reason = "identity, driving_licence, student, or age:18"
            check("eligibility", holds=bool(_NEEDED.fullmatch(needed)), reason=reason)
        once = len(set(self.eligibility)) == len(self.eligibility)
        check("eligibility", holds=once, reason="each once")
