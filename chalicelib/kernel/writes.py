"""What a write is to a use case: a value that it collects and commits, and never looks into.

Each area's store turns a fact into `Write`s that state their condition; the use case that owns the act commits all of
them in one transaction. Only `storage` knows what is inside.
"""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from chalicelib.kernel.errors import Refusal

Outcome = TypeVar("Outcome")


class Write(Protocol):
    """One conditional write, not yet done."""

    @property
    def otherwise(self) -> Refusal:
        """What to say when its condition does not hold."""


class Commit(Protocol):
    """All writes or none. Raises the `otherwise` of the first write whose condition does not hold."""

    def __call__(self, writes: Sequence[Write], outcome: Outcome) -> Outcome:
        """Commit and give back `outcome`; a door may save the answer made of it in the same transaction."""


class Together(Protocol):
    """The writes of several acts as fewer, to be committed at once: what they say alike, one item says for all."""

    def __call__(self, writes: Sequence[Write]) -> Sequence[Write]:
        """What was put together before may be put together with more."""
