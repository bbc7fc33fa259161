"""Categories: the operator's tree of what there is, with names by language."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chalicelib.catalogue.asking import check_required
from chalicelib.catalogue.checking import NAME_LETTERS, check, check_id, check_languages, check_text

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
        check_required("eligibility", self.eligibility)
