"""What this area needs from outside."""

from datetime import datetime
from typing import Protocol

from chalicelib.kernel.writes import Write
from chalicelib.subscriptions.model import Agreement


class Agreements(Protocol):
    """Where agreements are kept."""

    def find(self, account_id: str) -> Agreement | None:
        """The account's agreement, or None."""

    def adding(self, agreement: Agreement, now: datetime) -> list[Write]:
        """Store a new agreement and tell the worker of the sign-up, unless the sign-in has one."""

    def is_active(self, account_id: str) -> Write:
        """Let nothing be written unless the account's agreement is active."""
