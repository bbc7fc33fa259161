"""Items by their keys, of whatever table and kind, in one consistent batch read; a partition's of several kinds."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar, cast

from pynamodb.expressions.condition import Condition

from chalicelib.kernel.reads import Read
from chalicelib.storage.record import Record

Found_co = TypeVar("Found_co", covariant=True)
One = TypeVar("One")
Two = TypeVar("Two")
Wanted = tuple[type[Record], str, str]
"""Of which kind, and its two keys."""
_MOST: Final = 100
"""What DynamoDB takes in one batch read."""


@dataclass(frozen=True)
class Items(Generic[Found_co]):
    """A read that waits to be done; `made` of what was found, in the order of what is wanted. A `kernel.reads.Read`."""

    wanted: Sequence[Wanted]
    made: Callable[[Sequence[Record | None]], Found_co]

    def fetch(self) -> Found_co:
        """Read them by themselves."""
        return self.made(find_all(self.wanted))


def fetch(one: Read[One], two: Read[Two]) -> tuple[One, Two]:
    """Both in one call. A `kernel.reads.Fetch`."""
    first, second = _known(one), _known(two)
    found, border = find_all([*first.wanted, *second.wanted]), len(first.wanted)
    return first.made(found[:border]), second.made(found[border:])


def find_all(wanted: Sequence[Wanted]) -> list[Record | None]:
    """Each as last written, or None; a hundred in a call."""
    parts = [wanted[start : start + _MOST] for start in range(0, len(wanted), _MOST)]
    return [each for part in parts for each in _found(part)]


def _found(wanted: Sequence[Wanted]) -> list[Record | None]:
    if len(wanted) == 1:
        return [kind.find(pk, sk) for kind, pk, sk in wanted]
    keys = defaultdict[str, list[dict[str, Any]]](list)
    for kind, pk, sk in wanted:
        keys[_table(kind)].append({"pk": {"S": pk}, "sk": {"S": sk}})
    asked = {"RequestItems": {name: {"Keys": each, "ConsistentRead": True} for name, each in keys.items()}}
    said = wanted[0][0]._get_connection().connection.dispatch("BatchGetItem", asked)  # noqa: SLF001 -- as storage.writes
    if said.get("UnprocessedKeys"):
        return [kind.find(pk, sk) for kind, pk, sk in wanted]
    rows = {(name, row["pk"]["S"], row["sk"]["S"]): row for name, found in said["Responses"].items() for row in found}
    places = [(kind, (_table(kind), pk, sk)) for kind, pk, sk in wanted]
    return [kind.from_raw_data(rows[place]) if place in rows else None for kind, place in places]


def of_kinds(kinds: Mapping[str, type[Record]], pk: str, keys: Condition) -> Iterator[Record]:
    """Items of one partition in key order, consistently read; of which kind, says what their sort keys begin with.

    All kinds are of one table; what is of none of them is passed over.
    """
    table, behind = next(iter(kinds.values()))._get_connection(), None  # noqa: SLF001 -- as storage.writes
    while True:
        said = table.query(pk, range_key_condition=keys, consistent_read=True, exclusive_start_key=behind)
        for row in said["Items"]:
            start = next((each for each in kinds if row["sk"]["S"].startswith(each)), None)
            if start is not None:
                yield kinds[start].from_raw_data(row)
        behind = said.get("LastEvaluatedKey")
        if not behind:
            return


def _table(kind: type[Record]) -> str:
    return str(cast("Any", kind).Meta.table_name)


def _known(read: Read[One]) -> Items[One]:
    if not isinstance(read, Items):
        raise TypeError(f"not a read of storage: {read!r}")
    return read
