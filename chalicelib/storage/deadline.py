"""Until when a request waits for the database: a door answers by itself before its function's time is up."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

MOST_SECONDS: Final = 20
"""For all that a door's request asks of the database; functions of doors are ended after 25 (`config.json`)."""
_ends: ContextVar[float] = ContextVar("deadline", default=math.inf)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Inside, nothing waits longer than so many seconds from now."""
    token = _ends.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ends.reset(token)


def ends() -> float:
    """The instant, by `time.monotonic`; infinite where nobody waits for an answer."""
    return _ends.get()


def is_over() -> bool:
    """Whether there is no time left to try again."""
    return time.monotonic() >= ends()
