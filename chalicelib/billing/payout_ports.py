"""What paying partners needs from outside."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from chalicelib.billing.payout_model import AccountStands, Due, Movement, OnboardingLink, Paying, PayoutAccount
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write


class Payouts(Protocol):
    """Where partners' accounts, dues and movements are kept."""

    def account(self, partner_id: str) -> PayoutAccount | None:
        """The partner's account at the provider, or None."""

    def saving_account(self, account: PayoutAccount) -> Write:
        """Store it, if the stored version is the one before its own."""

    def dues(self, partner_id: str, *, limit: int | None) -> Sequence[Due]:
        """What waits to be sent, the oldest first; so many at most, or all."""

    def adding_due(self, due: Due) -> Sequence[Write]:
        """Store it, unless one of its id was ever stored."""

    def putting_back(self, due: Due) -> Write:
        """Store what waits again: what a movement did not settle."""

    def taking(self, due: Due) -> Write:
        """Take it from what waits, if it is there."""

    def paying(self, partner_id: str) -> Paying:
        """Where the partner's movements stand; at none, before the first."""

    def saving_paying(self, paying: Paying) -> Write:
        """Store it, if the stored version is the one before its own."""

    def movement(self, partner_id: str, number: int) -> Movement | None:
        """A movement, or None."""

    def moved(self, partner_id: str, month: Month) -> Sequence[Movement]:
        """What was sent and taken back in a month."""

    def saving_movement(self, movement: Movement) -> Write:
        """Store it; the write of where movements stand, beside it, says whether that is right."""

    def transfer_of(self, partner_id: str, due_id: str) -> int | None:
        """The number of the transfer that sent a due."""

    def sending(self, movement: Movement, zone: str) -> Sequence[Write]:
        """Have what is done known by each of its dues, and in its month."""

    def pay_out(self, partner_id: str, about: str, now: datetime) -> Write:
        """Have what waits sent, because of something."""


class PartnerPayments(Protocol):
    """The payment provider for partners. Each call may be repeated: it says the same thing under the same key."""

    def open_account(self, partner_id: str) -> str:
        """The provider's id of the partner's account."""

    def onboarding(self, provider_account: str, *, key: str, refresh_url: str, return_url: str) -> OnboardingLink:
        """Where the partner answers questions; it is sent on from there."""

    def stands(self, provider_account: str) -> AccountStands:
        """How the account stands."""

    def charge_of(self, provider_invoice: str, hold: str | None = None) -> str | None:
        """The charge that paid an invoice; of several that of the hold, or else of none."""

    def transfer(self, movement: Movement, destination: str, charge: str | None, *, look: bool = False) -> str:
        """Send it, from the charge if one is named; its id. `MovementRefused` where the provider says no.

        `look`: it may have been sent so long ago that the provider has forgotten the key.
        """

    def reverse(self, movement: Movement, provider_transfer: str, *, look: bool = False) -> str:
        """Take it back from a transfer; its id. `MovementRefused` where the provider says no. `look` as above."""
