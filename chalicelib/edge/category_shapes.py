"""Categories as operators state them and partners read them."""

from typing import Annotated

import msgspec

from chalicelib.catalogue.category import Category
from chalicelib.catalogue.ports import Catalogue
from chalicelib.edge.paging import Page, PageQuery, paged

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class CategoryBody(msgspec.Struct, forbid_unknown_fields=True):
    """A category: its names by language, as in {"da": "Cykler", "en": "Bikes"}, and the wider one that it is within.

    `eligibility` names what a customer has to have: identity, driving_licence, student, an age as in age:18, or
    a home as in resident:FI.
    """

    names: Annotated[dict[str, Name], msgspec.Meta(min_length=1, max_length=20)]
    parent: Name | None = None
    eligibility: Annotated[list[Annotated[str, msgspec.Meta(max_length=40)]], msgspec.Meta(max_length=10)] = []


class CategoryShown(msgspec.Struct):
    """A category."""

    category_id: str
    names: dict[str, str]
    parent: str | None
    eligibility: list[str]


def category_of(category_id: str, body: CategoryBody) -> Category:
    """A category as the operator states it."""
    return Category(category_id, body.names, body.parent, tuple(body.eligibility))


def show_category(category: Category) -> CategoryShown:
    """A category."""
    return CategoryShown(category.category_id, dict(category.names), category.parent, list(category.eligibility))


def all_categories(query: PageQuery, *, catalogue: Catalogue) -> Page[CategoryShown]:
    """A page of all categories."""
    rows = catalogue.categories(limit=query.limit, after=query.after)
    return paged(rows, query, show_category, lambda category: category.category_id)
