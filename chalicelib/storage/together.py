"""Writes of several acts as fewer: what each of them says of a kind and an instant is one item for all of them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Self

from chalicelib.kernel.writes import Write
from chalicelib.storage.record import Record
from chalicelib.storage.writes import Put


class Joined(Record):
    """An item that may say what several of its kind say, which are written at once."""

    @property
    def alike(self) -> str:
        """What those have in common that can be one item."""
        raise NotImplementedError

    @classmethod
    def joined(cls, records: Sequence[Self]) -> Self:
        """The item of several, of which each may be of several already. It is named after the first."""
        raise NotImplementedError


def together(writes: Sequence[Write]) -> Sequence[Write]:
    """As many writes as are needed, the condition of each joined item being its first's. A `kernel.writes.Together`."""
    others: list[Write] = []
    alike = defaultdict[tuple[type[Joined], str], list[Put]](list)
    for each in writes:
        if isinstance(each, Put) and isinstance(each.record, Joined):
            alike[type(each.record), each.record.alike].append(each)
        else:
            others.append(each)
    return [*others, *map(_joined, alike.values())]


def _joined(puts: Sequence[Put]) -> Put:
    records = [each.record for each in puts if isinstance(each.record, Joined)]
    return puts[0] if len(records) == 1 else replace(puts[0], record=type(records[0]).joined(records))
