"""What payment methods need from outside."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from chalicelib.billing.model import PaymentMethod
from chalicelib.billing.owed_model import PartnerCharge
from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.writes import Write


class PaymentMethods(Protocol):
    """The provider's side of saved cards and wallets. No card data passes here."""

    def of_customer(self, provider_customer: str) -> Sequence[PaymentMethod]:
        """All that are saved, the newest first."""

    def find(self, method_id: str) -> PaymentMethod | None:
        """The method as it is by now, or None."""

    def owned(self, method_id: str) -> tuple[str, PaymentMethod] | None:
        """The same with the account that it is saved for; None where that is none of ours."""

    def detach(self, method_id: str) -> None:
        """Take it off its customer for ever; one that is off already stays so."""


class Openings(Protocol):
    """What an account has open (access knows)."""

    def none_open(self, account_id: str, otherwise: Refusal) -> Write:
        """Let nothing be written unless no session is open, and none reserved."""


class Fees(Protocol):
    """What an account's subscriptions will cost."""

    def will_cost(self, account_id: str, now: datetime) -> bool:
        """Whether a fee counts from now on, or will from an instant that is agreed, without anybody doing anything."""


class Claims(Protocol):
    """What partners state beside use."""

    def of_account(self, account_id: str) -> Sequence[PartnerCharge]:
        """All of an account."""


class LeavingProvider(Protocol):
    """The provider's side of a customer who leaves."""

    def forget(self, provider_customer: str) -> None:
        """Have it forget the customer and what they pay with; forgotten already, nothing changes."""
