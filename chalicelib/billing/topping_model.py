"""Top-ups, gifts, and money of top-ups that goes back."""

import base64
import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.billing.credit_model import RefundState
from chalicelib.billing.currencies import chargeable, minimum_charge
from chalicelib.kernel.ids import RandomBytes
from chalicelib.kernel.money import Money

MOST_CHARGES = 1000
"""A top-up is at most so many times the least that Stripe charges: 500.00 EUR, 3,000.00 SEK."""
GIFT_LASTS = timedelta(days=365)
"""Until then a gift that was bought is to be redeemed; then its money is its buyer's again."""
TOP_UP_GIVEN_UP = timedelta(minutes=20)
"""A top-up of which no answer came is looked for at the provider then."""
_SECRET_BYTES = 20
_ID_DIGITS = 24


class TopUpState(StrEnum):
    """Where a top-up is. One that was declined may be paid all the same, by its customer."""

    ASKED = "asked"
    PAID = "paid"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class TopUp:
    """Money that goes into a wallet, or pays for a gift. `payment` is its name at the provider, once that is known."""

    account_id: str
    top_up_id: str
    amount: Money
    provider_customer: str
    payment_method: str
    asked_at: datetime
    partner: str | None = None
    gift_id: str | None = None
    state: TopUpState = TopUpState.ASKED
    payment: str | None = None
    decline_code: str | None = None
    version: int = 1

    @property
    def source(self) -> str:
        """What its lot is made of."""
        return f"top-up:{self.account_id}:{self.top_up_id}"

    def heard(self, stands: "ProviderTopUp") -> "TopUp":
        """As the provider has it; that it was paid is for a worker to say, who posts it."""
        state = TopUpState.FAILED if stands.declined else TopUpState.ASKED
        code = stands.decline_code if stands.declined else None
        return replace(self, payment=stands.payment or None, state=state, decline_code=code, version=self.version + 1)

    def paid(self, payment: str) -> "TopUp":
        """Paid."""
        return replace(self, payment=payment, state=TopUpState.PAID, decline_code=None, version=self.version + 1)

    def failed(self, code: str | None) -> "TopUp":
        """Not paid."""
        return replace(self, state=TopUpState.FAILED, decline_code=code, version=self.version + 1)


@dataclass(frozen=True, slots=True)
class ProviderTopUp:
    """The provider's side as read just now. `secret` lets the app lead its customer through the bank's question."""

    account_id: str
    top_up_id: str
    payment: str
    status: str
    received: int = 0
    decline_code: str | None = None
    secret: str | None = None

    @property
    def paid(self) -> bool:
        """Whether the money is ours."""
        return self.status == "succeeded"

    @property
    def asks(self) -> bool:
        """Whether the bank asks for its customer."""
        return self.status == "requires_action" or self.decline_code == "authentication_required"

    @property
    def declined(self) -> bool:
        """Whether nothing was paid, and the bank asks nothing."""
        return not self.asks and self.status in {"requires_payment_method", "canceled"}


class GiftState(StrEnum):
    """Where a gift is. Of `ended` ones nobody had anything: the money of one that was bought is its buyer's."""

    ASKED = "asked"
    GOOD = "good"
    REDEEMED = "redeemed"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Gift:
    """Money for whoever has its code, of which the digest alone is kept. `bought_by` is None of an operator's."""

    gift_id: str
    digest: str
    amount: Money
    made_at: datetime
    valid_until: datetime
    bought_by: str | None = None
    by: str = ""
    partner: str | None = None
    payment: str | None = None
    state: GiftState = GiftState.ASKED
    redeemed_by: str | None = None
    version: int = 1

    @property
    def source(self) -> str:
        """What its lots are made of."""
        return f"gift:{self.gift_id}"

    def is_opened_by(self, secret: str) -> bool:
        """Whether this is its code's secret, compared in constant time."""
        return hmac.compare_digest(self.digest, _digest(secret))

    def recoded(self, digest: str) -> "Gift":
        """With another code, because nobody has seen the one before."""
        return replace(self, digest=digest, version=self.version + 1)

    def paid(self, payment: str) -> "Gift":
        """To be redeemed from now on."""
        return replace(self, state=GiftState.GOOD, payment=payment, version=self.version + 1)

    def redeemed(self, account_id: str) -> "Gift":
        """Somebody's."""
        return replace(self, state=GiftState.REDEEMED, redeemed_by=account_id, version=self.version + 1)

    def ended(self) -> "Gift":
        """Nobody's any more."""
        return replace(self, state=GiftState.ENDED, version=self.version + 1)


@dataclass(frozen=True, slots=True)
class GiftCode:
    """A gift's code: its id, and a secret of 160 random bits, which need no slow hash."""

    gift_id: str
    secret: str

    @classmethod
    def new(cls, gift_id: str, random_bytes: RandomBytes) -> "GiftCode":
        """A fresh one."""
        return cls(gift_id, base64.b32encode(random_bytes(_SECRET_BYTES)).decode())

    @classmethod
    def parse(cls, text: str) -> "GiftCode":
        """As somebody has typed it."""
        gift_id, _, secret = text.strip().partition("-")
        return cls(gift_id.lower(), secret.upper())

    @property
    def digest(self) -> str:
        """What is kept of it."""
        return _digest(self.secret)

    def __str__(self) -> str:
        return f"{self.gift_id.upper()}-{self.secret}"


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def name_from(*parts: str) -> str:
    """A natural id, the same for the same wish: it says nothing of whose that was."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:_ID_DIGITS]


def bounds(currency: str) -> tuple[Money, Money]:
    """The least and the most that a top-up may be."""
    least = minimum_charge(currency)
    return least, Money(least.minor * MOST_CHARGES, currency)


def is_within_bounds(amount: Money) -> bool:
    """Whether it may be topped up, and can be moved."""
    least, most = bounds(amount.currency)
    return least.minor <= amount.minor <= most.minor and chargeable(amount) == amount


@dataclass(frozen=True, slots=True)
class PaidBack:
    """Money of a lot that goes back to the payment that it came from."""

    account_id: str
    number: int
    lot_id: str
    payment: str
    amount: Money
    planned_at: datetime
    state: RefundState = RefundState.PLANNED
    provider_refund: str | None = None
    reason: str | None = None

    @property
    def name(self) -> str:
        """Unique, and the key under which the provider hears of it."""
        return f"{self.account_id}:w{self.number}"
