"""Ids of evidence in a charge record, which has to fit into an item of 400 KB whatever was reported."""

from collections.abc import Sequence

from chalicelib.kernel.ids import digest

MOST_LISTED, MOST_LISTED_BYTES, FEW_LISTED = 2_000, 50_000, 20
"""Of a record's intervals together, of its meters together, and of its lines together."""
_OF_ALL = " events, sha256:"


def listed(ids: Sequence[str], most: int = MOST_LISTED, most_bytes: int = MOST_LISTED_BYTES) -> tuple[str, ...]:
    """The ids; of very many the first, and a digest of all."""
    if len(ids) <= most and _bytes(ids) <= most_bytes:
        return tuple(ids)
    few = ids[: min(FEW_LISTED, most)]
    while _bytes(few) > most_bytes:
        few = few[:-1]
    return (*few, f"{len(ids)}{_OF_ALL}{digest(list(ids))}")


def is_summary(listed_id: str) -> bool:
    """Whether what is listed stands for very many, and is no id."""
    return _OF_ALL in listed_id


def all_listed(lists: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """All ids of all lists if they fit together; else each lists no more than its share of what does."""
    shares = sum(1 for each in lists if each)
    if sum(map(len, lists)) <= MOST_LISTED and sum(map(_bytes, lists)) <= MOST_LISTED_BYTES:
        return [tuple(each) for each in lists]
    return [listed(each, MOST_LISTED // shares, MOST_LISTED_BYTES // shares) for each in lists]


def _bytes(ids: Sequence[str]) -> int:
    return sum(len(each) if each.isascii() else len(each.encode()) for each in ids)
