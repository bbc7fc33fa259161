"""What this area needs from outside."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from chalicelib.dialogue.model import Notice
from chalicelib.kernel.writes import Write


class Notices(Protocol):
    """Where notices are kept."""

    def telling(self, notice: Notice) -> Write:
        """Store a notice; the same one told again replaces itself."""

    def telling_at(self, notice: Notice, at: datetime, now: datetime) -> Write:
        """Have it told then."""

    def saying(self, facts: Mapping[str, str], now: datetime) -> Write:
        """Have a worker tell what these facts say."""

    def of_account(self, account_id: str, *, limit: int, after: str | None) -> Sequence[tuple[str, Notice]]:
        """A page of an account's notices, newest first, each with the key to go on behind."""
