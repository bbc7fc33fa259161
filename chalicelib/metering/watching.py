"""Which events turn a subject: by them it begins to rest, or is used again after it was quiet."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Any, NamedTuple

Said = tuple[int, str, bool]
"""When, in microseconds since 1970; the name of a signal or of a meter; whether it is a signal or counted something."""
_MICROSECOND = timedelta(microseconds=1)


class _Word(NamedTuple):
    at: int
    used: bool
    new: bool


@dataclass(frozen=True, slots=True)
class Watch:
    """The signs of use and of rest of a subject, and after how long without a sign of use it rests by itself."""

    used_by: tuple[str, ...]
    rests_by: tuple[str, ...] = ()
    silence: timedelta | None = None

    def row(self) -> list[list[str] | list[int]]:
        """As JSON-ready values: a list that begins with a list."""
        silence = [] if self.silence is None else [[self.silence // _MICROSECOND]]
        return [list(self.used_by), list(self.rests_by), *silence]

    @classmethod
    def of(cls, row: Sequence[Sequence[Any]]) -> "Watch":
        """The watch of a row."""
        used_by, rests_by, *silence = row
        return cls(tuple(used_by), tuple(rests_by), silence[0][0] * _MICROSECOND if silence else None)

    def turns(self, known: Iterable[Said], new: Iterable[Said]) -> bool:
        """Whether one of the new events begins or ends a rest, as far as it can be told from those that are known.

        A rest in a rest and a use in use turn nothing, so a thing that repeats itself is not heard every time.
        """
        words = sorted([*self._words(known, new=False), *self._words(new, new=True)])
        if not any(each.new for each in words):
            return False
        first = words[0]
        if first.new and (not first.used or self.silence is not None):
            return True
        return any(self._turn(one, other) for one, other in pairwise(words) if one.new or other.new)

    def _turn(self, one: _Word, other: _Word) -> bool:
        if not other.used:
            return one.used
        if self.silence is None:
            return False
        return not one.used or other.at - one.at > self.silence // _MICROSECOND

    def _words(self, said: Iterable[Said], *, new: bool) -> list[_Word]:
        """A sign of use that counted nothing is one of rest."""
        found = []
        for at, name, counts in said:
            if name in self.used_by:
                found.append(_Word(at, counts, new))
            elif counts and name in self.rests_by:
                found.append(_Word(at, used=False, new=new))
        return found
