"""The history of an entry, as its partner or the operator sees it."""

from collections.abc import Sequence

import msgspec

from chalicelib.catalogue.changes import Change, EntryKind
from chalicelib.catalogue.ports import Catalogue
from chalicelib.edge.amounts import show_instant
from chalicelib.edge.paging import Page, PageQuery, paged


class FieldChanged(msgspec.Struct):
    """A field before and after, as JSON text that is cut where it is long; null where it was or is not stated."""

    pointer: str
    before: str | None
    after: str | None


class ChangeShown(msgspec.Struct):
    """Who stated the entry anew, when, and what that changed. `by` is an API key's id, or a member of staff."""

    revision: int
    at: str
    by: str
    changed: list[FieldChanged]


def history(
    owner: str | None, kind: EntryKind, entry_id: str, query: PageQuery, *, catalogue: Catalogue
) -> Page[ChangeShown]:
    """A page of the entry's history, the newest change first."""
    rows: Sequence[Change] = catalogue.changes(owner, kind, entry_id, limit=query.limit, after=query.after)
    return paged(rows, query, _show, lambda change: f"{change.revision:08d}")


def _show(change: Change) -> ChangeShown:
    changed = [FieldChanged(each.pointer, each.before, each.after) for each in change.changed]
    return ChangeShown(change.revision, show_instant(change.at), change.by, changed)
