"""What holds need from outside."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from chalicelib.billing.hold_model import Hold, ProviderHold
from chalicelib.kernel.writes import Write


class Holds(Protocol):
    """Where holds are kept."""

    def of_session(self, account_id: str, session_id: str) -> Sequence[Hold]:
        """A session's holds by turn."""

    def of_account(self, account_id: str) -> Sequence[Hold]:
        """All of an account's."""

    def of_invoice(self, account_id: str, invoice_id: str) -> Sequence[Hold]:
        """Those that pay an invoice."""

    def adding(self, hold: Hold) -> Write:
        """Store a new one, unless there is one of that turn."""

    def changing(self, hold: Hold) -> Write:
        """Store it, if the stored version is the one before its own."""

    def paying(self, hold: Hold) -> Write:
        """Have it found by its invoice."""

    def looking(self, hold: Hold, why: str, now: datetime) -> Write:
        """Have somebody look at it who may ask the provider."""

    def look_again(self, account_id: str, session_id: str, turn: int, why: str, now: datetime) -> Write:
        """The same for one that is known by name."""

    def looking_at(self, hold: Hold, at: datetime, now: datetime) -> Write:
        """The same, when the instant has come."""

    def telling(self, hold: Hold, code: str, now: datetime, **facts: str) -> Write:
        """Have the account told."""


class HoldProvider(Protocol):
    """The payment provider. Each call may be repeated: it says the same thing under the same key."""

    def ask(self, hold: Hold) -> ProviderHold:
        """Have the bank keep the amount, its customer being away; how that went."""

    def read(self, intent: str) -> ProviderHold | None:
        """How it stands; None for one that is none of ours."""

    def of_charge(self, charge: str) -> str | None:
        """The intent that a charge belongs to."""

    def find(self, hold: Hold) -> ProviderHold | None:
        """One that was asked for and of which no answer came, or None."""

    def capture(self, hold: Hold, amount: int) -> ProviderHold:
        """Take so much; the rest is free. How it stands then, whether it could be taken or not."""

    def attach(self, hold: Hold, provider_invoice: str) -> None:
        """Have what was taken pay an invoice. It does so once."""

    def cancel(self, intent: str) -> ProviderHold | None:
        """Let it go. How it stands then."""
