"""What this area needs from outside."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from chalicelib.kernel.time import Interval
from chalicelib.kernel.writes import Write
from chalicelib.subscriptions.model import Agreement
from chalicelib.subscriptions.plan import Plan
from chalicelib.subscriptions.subscription import Lived


class Agreements(Protocol):
    """Where agreements are kept."""

    def find(self, account_id: str) -> Agreement | None:
        """The account's agreement, or None."""

    def adding(self, agreement: Agreement, now: datetime) -> list[Write]:
        """Store a new agreement and tell the worker of the sign-up, unless the sign-in has one."""

    def opening(self, agreement: Agreement) -> Write:
        """Store the agreement of a further account of somebody who has one for themselves."""

    def linking(self, account_id: str, subject: str) -> Write:
        """Have another sign-in be the one that has agreed, unless it has its own."""

    def is_active(self, account_id: str) -> Write:
        """Let nothing be written unless the account's agreement is active."""


class Plans(Protocol):
    """Where plans are kept, all versions of each."""

    def plan(self, plan_id: str, version: int | None = None) -> Plan | None:
        """A version of a plan, the newest by default, or None."""


class Lives(Protocol):
    """Where subscriptions are kept, with what they were before."""

    def lived(self, account_id: str, within: Interval) -> Sequence[Lived]:
        """What held of the account's subscriptions in the interval, those that ended in it too."""
