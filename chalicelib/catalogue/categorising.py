"""The operator's tree of categories."""

from collections.abc import Sequence
from dataclasses import replace

from chalicelib.catalogue.category import MOST_LEVELS, Category
from chalicelib.catalogue.changes import Author, EntryKind, changed
from chalicelib.catalogue.errors import BadCatalogueEntry, UnknownCategory
from chalicelib.catalogue.ports import Catalogue
from chalicelib.kernel.writes import Commit


def put_category(category: Category, *, author: Author, catalogue: Catalogue, commit: Commit) -> Category:
    """Store or replace a category. It stays a tree: those above it are the same when it is written."""
    above = _above(category, catalogue)
    before = catalogue.category(category.category_id)
    kept = replace(category, revision=before.revision + 1 if before else 1)
    change = changed(EntryKind.CATEGORY, category.category_id, before, kept, author)
    if change is None:
        return before or kept
    return commit([*catalogue.putting_category(kept, above), catalogue.recording(change)], kept)


def category_of(category_id: str, *, catalogue: Catalogue) -> Category:
    """The category, or `UnknownCategory`."""
    found = catalogue.category(category_id)
    if found is None:
        raise UnknownCategory(category_id=category_id[:64])
    return found


def _above(category: Category, catalogue: Catalogue) -> Sequence[Category]:
    """Its parent, that one's parent, and so on."""
    found: list[Category] = []
    parent = category.parent
    while parent is not None:
        wider = catalogue.category(parent)
        if wider is None:
            raise UnknownCategory(category_id=parent, pointer="/parent")
        found.append(wider)
        if wider.parent == category.category_id:
            raise BadCatalogueEntry(pointer="/parent", reason="a category that is not below this one")
        if len(found) >= MOST_LEVELS:
            raise BadCatalogueEntry(pointer="/parent", reason=f"at most {MOST_LEVELS} levels")
        parent = wider.parent
    return found
