"""Lists come in pages: `limit` rows after `after`; the answer names where to go on. Some are narrowed as they go."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Generic, TypeVar

import msgspec

from chalicelib.edge.call import pointing_at
from chalicelib.kernel.time import parse_instant

Row = TypeVar("Row")
Shown = TypeVar("Shown")
MOST_LOOKED_AT = 2_000
"""So many rows are looked at for one page of those that are wanted."""
_AT_ONCE = 200
Instant = Annotated[str, msgspec.Meta(extra_json_schema={"format": "date-time"}, max_length=40)]


class PageQuery(msgspec.Struct, forbid_unknown_fields=True):
    """How much of a list, and from where on."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=200)] = 50
    after: Annotated[str, msgspec.Meta(max_length=300)] | None = None


class TimeQuery(PageQuery, forbid_unknown_fields=True, kw_only=True):
    """How much of a list, and from which time: `since` an instant and before `until` another."""

    since: Instant | None = None
    until: Instant | None = None


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


def narrowed(
    query: PageQuery,
    read: Callable[[int, str | None], Sequence[Row]],
    show: Callable[[Row], Shown],
    key: Callable[[Row], str],
    fits: Callable[[Row], bool],
) -> Page[Shown]:
    """A page of the rows that fit; `read` gives so many behind a place.

    Where few of those that are looked at fit, a page is short, or empty, and has more behind it all the same.
    """
    items: list[Shown] = []
    after, looked_at, wanted = query.after, 0, query.limit
    while looked_at < MOST_LOOKED_AT:
        rows = read(wanted, after)
        for row in rows:
            after = key(row)
            if fits(row):
                items.append(show(row))
            if len(items) == query.limit:
                return Page(items, after)
        if len(rows) < wanted:
            return Page(items)
        looked_at, wanted = looked_at + len(rows), _AT_ONCE
    return Page(items, after)


def same(query: PageQuery, **given: object) -> bool:
    """Whether a row has what the query names; what it leaves out may be whichever."""
    return all(getattr(query, name) in (None, value) for name, value in given.items())


def in_time(query: TimeQuery) -> Callable[[datetime], bool]:
    """Whether an instant is in the time that is asked for; without either end that has none."""
    with pointing_at("since"):
        since = None if query.since is None else parse_instant(query.since)
    with pointing_at("until"):
        until = None if query.until is None else parse_instant(query.until)
    return lambda at: (since is None or since <= at) and (until is None or at < until)
