"""Business time of the local run: it stands still until somebody moves it, or follows real time. Never backwards."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

_STILL = timedelta(0)


class BackwardsError(ValueError):
    """The clock was told to go back."""


def real_time() -> datetime:
    """The machine's own time, in UTC."""
    return datetime.now(UTC)


class VirtualClock:
    """Call it for the time. A month passes as fast as `advance_to` is called."""

    def __init__(self, start: datetime, real: Callable[[], datetime] = real_time) -> None:
        if start.tzinfo is None:
            raise ValueError("an instant needs its offset")
        self._real = real
        self._still_at = start.astimezone(UTC)
        self._follows = False
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        """The time, in UTC."""
        return self.now()

    def now(self) -> datetime:
        """The time, in UTC."""
        with self._lock:
            return self._time()

    def advance_to(self, instant: datetime) -> None:
        """Stand still at `instant`. A time before now is `BackwardsError`, and nothing changes."""
        if instant.tzinfo is None:
            raise ValueError("an instant needs its offset")
        with self._lock:
            if instant < self._time():
                raise BackwardsError(f"{instant.isoformat()} is before {self._time().isoformat()}")
            self._still_at, self._follows = instant.astimezone(UTC), False

    def advance(self, by: timedelta) -> None:
        """Stand still that much later."""
        with self._lock:
            if by < _STILL:
                raise BackwardsError(str(by))
            self._still_at, self._follows = self._time() + by, False

    def follow_real_time(self) -> None:
        """Jump to the machine's time and go with it. If it is ahead, it waits for real time."""
        with self._lock:
            self._still_at, self._follows = self._time(), True

    def _time(self) -> datetime:
        if self._follows:
            self._still_at = max(self._still_at, self._real())
        return self._still_at
