"""What sessions can be charged by so far. A rule that no bill would follow must not be promised to anybody.

An account's sessions are rated together with all that shares their days, weeks and months. What only an agreement's
month brings, and the peak of what a meter shows, are read and rated, but not yet published.
"""

from collections.abc import Iterator

from chalicelib.rating import Tariff

_NOT_YET = frozenset({"capacity", "recurring"})
_REASON = "cannot_be_charged_yet"


def not_chargeable(tariff: Tariff) -> list[dict[str, str]]:
    """The rules that the tariff cannot have yet, each with its JSON pointer."""
    return [{"pointer": pointer, "reason": _REASON} for pointer in _pointers(tariff)]


def _pointers(tariff: Tariff) -> Iterator[str]:
    yield from (f"/prices/{index}/kind" for index, price in enumerate(tariff.prices) if price.kind in _NOT_YET)
    yield from (f"/minimums/{index}/period" for index, each in enumerate(tariff.minimums) if each.period != "use")
