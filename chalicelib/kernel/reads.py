"""What a read is to a use case: a value that it fetches together with another area's, in one call of the database."""

from typing import Protocol, TypeVar

Found_co = TypeVar("Found_co", covariant=True)
One = TypeVar("One")
Two = TypeVar("Two")


class Read(Protocol[Found_co]):
    """Items by their keys, not yet read. Only `storage` knows what is inside."""

    def fetch(self) -> Found_co:
        """Read them by themselves."""


class Fetch(Protocol):
    """Two reads at once, both consistent."""

    def __call__(self, one: Read[One], two: Read[Two]) -> tuple[One, Two]:
        """What each comes to."""
