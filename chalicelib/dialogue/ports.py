"""What this area needs from outside."""

from collections.abc import Sequence
from typing import Protocol

from chalicelib.dialogue.model import Notice
from chalicelib.kernel.writes import Write


class Notices(Protocol):
    """Where notices are kept."""

    def telling(self, notice: Notice) -> Write:
        """Store a notice; the same one told again replaces itself."""

    def of_account(self, account_id: str, *, limit: int, after: str | None) -> Sequence[tuple[str, Notice]]:
        """A page of an account's notices, newest first, each with the key to go on behind."""
