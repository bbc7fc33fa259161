"""How many events a use was made of, by the evidence that it names."""

import re

from chalicelib.rating import Use

_MANY = re.compile(r"(\d+) events, sha256:[0-9a-f]+")


def events_of(use: Use) -> int:
    """The ids of what shows it; of very many a list says how many they were."""
    return sum(map(_counted, use.evidence.values()))


def _counted(ids: tuple[str, ...]) -> int:
    many = _MANY.fullmatch(ids[-1]) if ids else None
    return int(many[1]) if many else len(ids)
