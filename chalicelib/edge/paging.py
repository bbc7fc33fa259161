"""Lists come in pages: `limit` rows after `after`; the answer names where to go on."""

from collections.abc import Callable, Sequence
from typing import Annotated, Generic, TypeVar

import msgspec

Row = TypeVar("Row")
Shown = TypeVar("Shown")


class PageQuery(msgspec.Struct, forbid_unknown_fields=True):
    """How much of a list, and from where on."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=200)] = 50
    after: Annotated[str, msgspec.Meta(max_length=300)] | None = None


class Page(msgspec.Struct, Generic[Shown]):
    """A page of a list. `next` is the `after` of the next page, or null at the end."""

    items: list[Shown]
    next: str | None = None


def paged(
    rows: Sequence[Row],
    query: PageQuery,
    show: Callable[[Row], Shown],
    key: Callable[[Row], str],
    seen: Callable[[Row], bool] = lambda _row: True,
) -> Page[Shown]:
    """A page of rows, of which those are shown that are to be seen; a full one may have more behind it."""
    items = [show(row) for row in rows if seen(row)]
    return Page(items, key(rows[-1]) if len(rows) >= query.limit else None)
