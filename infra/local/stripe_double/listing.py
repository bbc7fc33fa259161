"""Lists: newest first, filtered, in pages."""

from collections.abc import Callable
from typing import Any

from infra.local.stripe_double.call import Call
from infra.local.stripe_double.errors import StripeRefusal, no_such
from infra.local.stripe_double.store import Fields

USUAL_PAGE = 10
LARGEST_PAGE = 100

_COMPARE: dict[str, Callable[[int, int], bool]] = {
    "gt": lambda value, bound: value > bound,
    "gte": lambda value, bound: value >= bound,
    "lt": lambda value, bound: value < bound,
    "lte": lambda value, bound: value <= bound,
}


def _any(row: Fields) -> bool:
    return bool(row)


def list_of(call: Call, kind: str, url: str, *equal: str, keep: Callable[[Fields], bool] = _any) -> Fields:
    """All objects of a kind that `keep` keeps, filtered by `created` and by parameters that name a field."""
    rows = [row for row in reversed(call.store.every(kind)) if _fits(row, call.arguments, equal) and keep(row)]
    return page(call, rows, url)


def _fits(row: Fields, arguments: Fields, equal: tuple[str, ...]) -> bool:
    same = all(row.get(name) == arguments[name] for name in equal if name in arguments)
    return same and _created_fits(row["created"], arguments.get("created"))


def _created_fits(created: int, wanted: Any) -> bool:  # noqa: ANN401 - a number, bounds, or nothing
    if isinstance(wanted, dict):
        return all(_COMPARE[name](created, bound) for name, bound in wanted.items())
    return wanted is None or created == wanted


def page(call: Call, rows: list[Fields], url: str) -> Fields:
    """One page of the rows, as the cursors in the arguments ask."""
    limit = call.arguments.get("limit", USUAL_PAGE)
    if not 1 <= limit <= LARGEST_PAGE:
        raise StripeRefusal(f"limit must be from 1 to {LARGEST_PAGE}.", code="parameter_invalid_integer", param="limit")
    after, before = call.arguments.get("starting_after"), call.arguments.get("ending_before")
    if after and before:
        raise StripeRefusal("You may only specify one of starting_after and ending_before.", param="ending_before")
    if before:
        rows = rows[: _position(rows, before, "ending_before")]
        found, has_more = rows[-limit:], len(rows) > limit
    else:
        rows = rows[_position(rows, after, "starting_after") + 1 :] if after else rows
        found, has_more = rows[:limit], len(rows) > limit
    data = [call.store.shown(row) for row in found]
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def _position(rows: list[Fields], object_id: str, param: str) -> int:
    for index, row in enumerate(rows):
        if row["id"] == object_id:
            return index
    raise no_such("object", object_id, param)
