"""What stands in for parts of libraries, all at once and for a while."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

Place = tuple[object, str, object]
"""Whose attribute, which one, and what stands there meanwhile."""


@contextmanager
def patched(*places: Place) -> Iterator[None]:
    """While inside."""
    with ExitStack() as held:
        for owner, name, instead in places:
            held.enter_context(patch.object(owner, name, instead))
        yield
