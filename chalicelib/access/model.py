"""Sessions, quotes and charge records."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from chalicelib.access.errors import AlreadyEnded, QuoteForAnother, QuoteStale, WrongCode
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Interval


class State(StrEnum):
    """Where a session is in its life."""

    ACTIVE = "active"
    ENDED = "ended"


class NeedState(StrEnum):
    """What a stretch of a session was: used, or kept from others without use."""

    IN_USE = "in_use"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Promise:
    """A quote: what was promised to an account before the start, and until when it can be taken up."""

    quote_id: str
    account_id: str
    partner_id: str
    product_id: str
    asset_id: str
    code: str
    tariff_version: int
    estimate: Money
    worst_case: Money
    valid_until: datetime

    def check_taken_up(self, account_id: str, code: str, now: datetime) -> None:
        """By the account it was given to, at the asset it was given for, in time."""
        if self.account_id != account_id:
            raise QuoteForAnother(quote_id=self.quote_id)
        if self.code != code:
            raise WrongCode(pointer="/code")
        if now >= self.valid_until:
            raise QuoteStale(quote_id=self.quote_id)


@dataclass(frozen=True, slots=True)
class AccessSession:
    """One customer's use of one asset, from start to end.

    `meters` are the tariff's, by name, with their units; `most_per_hour` bounds those that count no time.
    """

    session_id: str
    account_id: str
    customer_id: str
    partner_id: str
    product_id: str
    asset_id: str
    tariff_version: int
    quote_id: str
    started_at: datetime
    meters: Mapping[str, str]
    state: State = State.ACTIVE
    ended_at: datetime | None = None
    most_per_hour: Mapping[str, Decimal] = field(default_factory=dict)

    def end(self, at: datetime) -> "AccessSession":
        """Ended, once. Never before it began, whatever a clock says."""
        if self.state is State.ENDED:
            raise AlreadyEnded(session_id=self.session_id)
        return replace(self, state=State.ENDED, ended_at=max(at, self.started_at))

    @property
    def asset_key(self) -> str:
        """The asset among all partners' assets."""
        return f"{self.partner_id}/{self.asset_id}"


@dataclass(frozen=True, slots=True)
class AssetUse:
    """That a session had an asset, from when to when; it has it still where there is no end."""

    session_id: str
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class NeedInterval:
    """A stretch of a session with its state and the ids of the evidence that shows it."""

    state: NeedState
    interval: Interval
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Need:
    """What the evidence shows: intervals in order, quantities by meter, evidence by meter, a digest of all of it."""

    intervals: tuple[NeedInterval, ...]
    quantities: Mapping[str, Decimal]
    evidence: Mapping[str, tuple[str, ...]]
    digest: str


@dataclass(frozen=True, slots=True)
class ChargeRecord:
    """The sealed account of a session. `revision` counts counter-records: the newest one is what counts."""

    session: AccessSession
    need: Need
    lines: tuple[Mapping[str, object], ...]
    currency: str
    sealed_at: datetime
    revision: int = 0

    @property
    def ended_at(self) -> datetime:
        """When the session ended; its charge belongs to that month."""
        return self.session.ended_at or self.session.started_at
