"""Holds: an amount that a bank keeps for us while a session goes on."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.billing.currencies import chargeable, minimum_charge
from chalicelib.kernel.money import Money

GIVEN_UP = timedelta(minutes=20)
"""A hold that was asked for and has no session by then is released; a quote is good for half of that."""
BEFORE_IT_ENDS = timedelta(hours=12)
"""So long before the bank lets go of it, a hold is renewed; of a short one, when half of it has passed."""
HOLD = "hold:"
AUTHENTICATION = "authentication_required"
"""Why a bank does not keep it that wants its customer to say so."""
_UNTOLD = timedelta(days=4)
"""How long a hold is good of which nobody says."""


class HoldState(StrEnum):
    """Where a hold is in its life. `releasing`: nobody uses it any more, and the provider is to be told."""

    ASKED = "asked"
    HELD = "held"
    CAPTURED = "captured"
    RELEASING = "releasing"
    RELEASED = "released"
    DECLINED = "declined"
    EXPIRED = "expired"


GONE = frozenset({HoldState.RELEASED, HoldState.DECLINED, HoldState.EXPIRED})
"""Nothing is held any more, and nothing was taken."""


@dataclass(frozen=True, slots=True)
class Hold:
    """One hold of a session; a renewed one is the session's next `turn`.

    `intent` is its name at the provider, once that is known. `invoice_id` is the invoice that takes `due` of it,
    `captured` what was taken. `retry_at` is when a renewal that was declined is asked for once more, as the next turn.
    """

    account_id: str
    session_id: str
    turn: int
    amount: Money
    provider_customer: str
    payment_method: str
    asked_at: datetime
    state: HoldState = HoldState.ASKED
    intent: str | None = None
    held_at: datetime | None = None
    until: datetime | None = None
    invoice_id: str | None = None
    due: int = 0
    captured: int = 0
    decline_code: str | None = None
    version: int = 1
    retry_at: datetime | None = None

    @property
    def name(self) -> str:
        """Unique, and the same however often it is asked for."""
        return f"{self.session_id}:{self.turn}"

    def held(self, stands: "ProviderHold", now: datetime) -> "Hold":
        """The bank keeps the amount, until then."""
        until = stands.until or now + _UNTOLD
        return self._as(HoldState.HELD, intent=stands.intent, held_at=now, until=until)

    def waits(self, intent: str) -> "Hold":
        """The bank asks for its customer, who goes on under this intent."""
        return self._as(HoldState.ASKED, intent=intent, decline_code=AUTHENTICATION)

    def declined(self, stands: "ProviderHold", retry_at: datetime | None = None) -> "Hold":
        """The bank does not keep it."""
        code = AUTHENTICATION if stands.asks else stands.decline_code
        return self._as(HoldState.DECLINED, intent=stands.intent or None, decline_code=code, retry_at=retry_at)

    def is_tried_again(self, now: datetime) -> bool:
        """Whether its time has come to be asked for once more."""
        return self.state is HoldState.DECLINED and self.retry_at is not None and self.retry_at <= now

    def releasing(self) -> "Hold":
        """To be let go."""
        return self._as(HoldState.RELEASING)

    def kept(self) -> "Hold":
        """It was taken before it could be let go; its invoice, which had it taken, is told so when it is collected."""
        return self._as(HoldState.HELD)

    def released(self) -> "Hold":
        """The provider has let it go."""
        return self._as(HoldState.RELEASED)

    def expired(self) -> "Hold":
        """The bank has let it go."""
        return self._as(HoldState.EXPIRED)

    def for_invoice(self, invoice_id: str, due: int) -> "Hold":
        """So much of it pays that invoice."""
        return self._as(self.state, invoice_id=invoice_id, due=due)

    def taken(self, captured: int) -> "Hold":
        """So much was taken; the rest is free by that."""
        return self._as(HoldState.CAPTURED, captured=captured)

    def _as(self, state: HoldState, **members: object) -> "Hold":
        return replace(self, state=state, version=self.version + 1, **members)  # type: ignore[arg-type]

    @property
    def renew_at(self) -> datetime:
        """When the next one is to be asked for."""
        begun = self.held_at or self.asked_at
        until = self.until or begun + _UNTOLD
        return max(until - BEFORE_IT_ENDS, begun + (until - begun) / 2)


@dataclass(frozen=True, slots=True)
class ProviderHold:
    """The provider's side of a hold as read just now. `secret` lets the app lead its customer through the question.

    `charge` is the payment's name once the bank keeps it, `advice` what it advises where it does not.
    """

    account_id: str
    session_id: str
    turn: int
    intent: str
    status: str
    until: datetime | None = None
    captured: int = 0
    decline_code: str | None = None
    secret: str | None = None
    charge: str | None = None
    advice: str | None = None

    @property
    def stands(self) -> bool:
        """Whether the bank keeps the amount."""
        return self.status == "requires_capture"

    @property
    def asks(self) -> bool:
        """Whether the bank asks for its customer."""
        return self.status == "requires_action" or self.decline_code == AUTHENTICATION


def failure_of(session_id: str) -> str:
    """What an account's payer has failed in when a session's hold was not renewed."""
    return f"{HOLD}{session_id}"


def to_capture(held: Money, due: int, total: Money) -> int:
    """How much of a hold pays for a session that came to `due`, on an invoice of that total. Minor units; 0: none.

    It is what the provider can move. Neither part of an invoice may be less than the provider charges: what is left of
    it is nothing, or enough.
    """
    least = minimum_charge(total.currency).minor
    amount = chargeable(Money(min(held.minor, due, total.minor), total.currency)).minor
    rest = total.minor - amount
    if 0 < rest < least:
        amount -= least - rest
    return amount if amount >= least else 0
