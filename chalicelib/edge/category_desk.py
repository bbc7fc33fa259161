"""The finance door's routes of the tree of categories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.catalogue import categorising
from chalicelib.catalogue.category import Category
from chalicelib.catalogue.changes import Author, EntryKind
from chalicelib.edge import category_shapes
from chalicelib.edge.callers import OPERATE
from chalicelib.edge.histories import ChangeShown, history
from chalicelib.edge.paging import Page, PageQuery
from chalicelib.edge.routes import get, put

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from chalicelib.edge.call import Call
    from chalicelib.edge.callers import Staff
    from chalicelib.edge.wiring_finance import BackOffice


class CategoryDesk:
    """From what partners choose."""

    def __init__(self, wired: BackOffice) -> None:
        self._wired = wired

    @put(
        "/v1/categories/{category_id}",
        takes=category_shapes.CategoryBody,
        shows=category_shapes.show_category,
        needs=OPERATE,
    )
    def put_category(self, call: Call[Staff, category_shapes.CategoryBody], category_id: str) -> Category:
        """Store or replace a category of the tree from which partners choose."""
        category = category_shapes.category_of(category_id, call.body)
        author = Author(call.caller.subject, call.now)
        return categorising.put_category(category, author=author, catalogue=self._wired.catalogue, commit=call.commit)

    @get("/v1/categories", query=PageQuery, needs=OPERATE)
    def categories(self, call: Call[Staff, None]) -> Page[category_shapes.CategoryShown]:
        """All categories in order of id."""
        return category_shapes.all_categories(call.query, catalogue=self._wired.catalogue)

    @get("/v1/categories/{category_id}", shows=category_shapes.show_category, needs=OPERATE)
    def category(self, _call: Call[Staff, None], category_id: str) -> Category:
        """One category."""
        return categorising.category_of(category_id, catalogue=self._wired.catalogue)

    @get("/v1/categories/{category_id}/history", query=PageQuery, needs=OPERATE)
    def category_history(self, call: Call[Staff, None], category_id: str) -> Page[ChangeShown]:
        """Who changed the category, when and what, the newest change first."""
        found = categorising.category_of(category_id, catalogue=self._wired.catalogue)
        return history(None, EntryKind.CATEGORY, found.category_id, call.query, catalogue=self._wired.catalogue)
