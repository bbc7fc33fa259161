"""What is known by name and loaded when it is first asked for, since a cold start pays for every class that is made.

A door's routes are in desks, and what workers do about topics in modules of theirs. Which of them has what is written
down when a door is packed (`infra/placed.py`), beside its app.py: the declarations stay the only ones. Without that
file, as on a developer's machine, everything is loaded at once.
"""

from __future__ import annotations

import json
from collections import UserDict
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, TypedDict, TypeVar

FILE = Path(__file__).parents[2] / "places.json"
Value = TypeVar("Value")


class Places(TypedDict):
    """The desk of each path's methods, and the module of each topic."""

    routes: Mapping[str, Mapping[str, str]]
    topics: Mapping[str, str]


class Registry(UserDict[str, Value]):
    """Names and what they stand for. What has a name is brought when it is asked for, unless it was before."""

    def __init__(self, places: Mapping[str, str], bring: Callable[[str], None]) -> None:
        super().__init__()
        self._places = places
        self._bring = bring

    def __contains__(self, name: object) -> bool:
        if name not in self.data and name in self._places:
            self._bring(self._places[str(name)])
        return name in self.data

    def __getitem__(self, name: str) -> Value:
        if name not in self:
            raise KeyError(name)
        return self.data[name]

    def __iter__(self) -> Iterator[str]:
        return iter([name for name in dict.fromkeys([*self._places, *self.data]) if name in self])

    def __len__(self) -> int:
        return sum(1 for _ in self)


@cache
def written_places() -> Places | None:
    """What was written down when this was packed, if it was."""
    try:
        written: Places = json.loads(FILE.read_bytes())
    except FileNotFoundError:
        return None
    return written


def desk_named(name: str) -> type[Any]:
    """The class of a desk, by its module and name."""
    module, _, kind = name.rpartition(".")
    desk: type[Any] = getattr(import_module(module), kind)
    return desk
