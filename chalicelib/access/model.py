"""Sessions, quotes and charge records."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from chalicelib.access.acts import Act
from chalicelib.access.agreed import NOTHING_ASKED, Agreed
from chalicelib.access.errors import AlreadyEnded, NotStarted, QuoteForAnother, QuoteStale, WrongCode
from chalicelib.access.parts import Move, Part
from chalicelib.access.priced import PricedReservation
from chalicelib.access.stops import Stop
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Interval

_MICROSECOND = timedelta(microseconds=1)


class State(StrEnum):
    """Where a session is in its life. A start that is refused leaves nothing, so no session is ever *refused*."""

    RESERVED = "reserved"
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


OPEN = frozenset({State.ACTIVE, State.PAUSED})
"""In custody: handed out, and not given back."""
NEVER_STARTED = frozenset({State.RESERVED, State.EXPIRED, State.CANCELLED})
"""Never handed out: nothing of them was used, though something may have been ordered."""


class NeedState(StrEnum):
    """What a stretch of a session was.

    Used; kept from others without use; released, so that others may take the thing; out of order; or unused for so
    short a time that it is no keeping yet.
    """

    IN_USE = "in_use"
    KEPT = "kept"
    RELEASED = "released"
    FAULTY = "faulty"
    GRACE = "grace"


@dataclass(frozen=True, slots=True)
class CreditTerms:
    """What a session has back that a fault ended: so many percent `of` its start fee, or of its charge."""

    of: str
    percent: int


@dataclass(frozen=True, slots=True)
class NeedPolicy:
    """What of a product's policy decides about need. A session goes by the one that held at its start.

    A session that was stored without one goes by this default: hand-out and return alone show use.
    """

    use_signals: tuple[str, ...] = ()
    rest_signals: tuple[str, ...] = ("idle", "locked")
    return_signals: tuple[str, ...] = ()
    silence: timedelta | None = None
    grace: timedelta = timedelta(0)
    unused: NeedState = NeedState.KEPT
    fault_credit: CreditTerms | None = None

    def document(self) -> dict[str, object]:
        """As JSON-ready values; lengths of time in whole microseconds."""
        credit = self.fault_credit
        return {
            "use_signals": list(self.use_signals),
            "rest_signals": list(self.rest_signals),
            "return_signals": list(self.return_signals),
            "silence_us": None if self.silence is None else self.silence // _MICROSECOND,
            "grace_us": self.grace // _MICROSECOND,
            "unused": str(self.unused),
            **({"fault_credit": [credit.of, credit.percent]} if credit else {}),
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "NeedPolicy":
        """The policy of a document."""
        silence, credit = document["silence_us"], document.get("fault_credit")
        return cls(
            use_signals=tuple(document["use_signals"]),
            rest_signals=tuple(document["rest_signals"]),
            return_signals=tuple(document["return_signals"]),
            silence=None if silence is None else silence * _MICROSECOND,
            grace=document["grace_us"] * _MICROSECOND,
            unused=NeedState(document["unused"]),
            fault_credit=CreditTerms(credit[0], int(credit[1])) if credit else None,
        )


@dataclass(frozen=True, slots=True)
class Promise:
    """A quote: what was promised to an account before the start, and until when it can be taken up.

    To one person of the account, whose limit and whose standing went into it; None: to whoever acts for it.
    """

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
    agreed: Agreed = NOTHING_ASKED
    booked_from: datetime | None = None
    customer_id: str | None = None

    @property
    def fare(self) -> str:
        """Which of the product's tariffs it is of: a fare that members have, or its own."""
        return "" if self.agreed.member_fare is None else str(self.agreed.member_fare[2])

    @property
    def own_session(self) -> str:
        """The id of the one session that it can become."""
        return f"ses_{self.quote_id.partition('_')[2]}"

    def check_taken_up(self, account_id: str, code: str, now: datetime, customer_id: str) -> None:
        """By the account and in it the person it was given to, at the asset it was given for, in time."""
        if self.account_id != account_id or self.customer_id not in (None, customer_id):
            raise QuoteForAnother(quote_id=self.quote_id)
        if self.code != code:
            raise WrongCode(pointer="/code")
        if now >= self.valid_until:
            raise QuoteStale(quote_id=self.quote_id)


@dataclass(frozen=True, slots=True)
class Entitled:
    """What a session lets its customer have, as the asset's partner is told it, by the policy that held at its start.

    `name` is what the partner knows the customer by: made for this session alone, so that no two sessions or partners
    can be joined by it. `device_id` is the asset's device; `seats` how many sessions may be on the asset at once and
    `streams` how many plays in this one, None: any number; `offline` whether a thing that cannot ask lets it in.
    """

    name: str
    device_id: str | None = None
    seats: int | None = 1
    streams: int | None = None
    offline: bool = False

    def document(self) -> dict[str, object]:
        """As JSON-ready values."""
        return asdict(self)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Entitled":
        """What a document says."""
        return cls(**document)


@dataclass(frozen=True, slots=True)
class AccessSession:
    """One customer's use of one asset, from start to end.

    `meters` are the tariff's, by name, with their units; `most_per_hour` bounds those that count no time. `policy` is
    what its need goes by, `acts` what was done with it beside its start and end, `entitled` what it lets its customer
    have, `agreed` what was promised at its start; sessions from before there were these have none. A reserved one has
    not started: until it is handed out, `started_at` is when it was reserved, and `priced` what of that is counted.
    `cuts` are the ends of months at which its charge was sealed while it went on, `parts` are whose it is where several
    share it, the holder's first, and `moves` the assets that it was on before. `ended_by` is what ended it beside its
    customer's word: a fault or a return. `ordered` is what is charged beside use, `booking_id` the booking that it was
    handed out for or that came to nothing, `booked_from` when somebody else has the asset booked, `earlier` what was
    done before it started: reserved, booked, changed. `fare` is the members' tariff of the product that it is at.
    `revision` counts its changes and guards each of them.
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
    policy: NeedPolicy = NeedPolicy()
    acts: tuple[Act, ...] = ()
    reserved_until: datetime | None = None
    stop: Stop | None = None
    entitled: Entitled | None = None
    cuts: tuple[datetime, ...] = ()
    parts: tuple[Part, ...] = ()
    moves: tuple[Move, ...] = ()
    agreed: Agreed | None = None
    ended_by: str | None = None
    ordered: Mapping[str, Decimal] = field(default_factory=dict)
    priced: PricedReservation | None = None
    booking_id: str | None = None
    booked_from: datetime | None = None
    earlier: tuple[tuple[str, datetime], ...] = ()
    fare: str = ""
    revision: int = field(default=0, compare=False)

    def end(self, at: datetime, by: str | None = None) -> "AccessSession":
        """Ended, once. Never before it began, whatever a clock says."""
        if self.state is State.ENDED:
            raise AlreadyEnded(session_id=self.session_id)
        if self.state not in OPEN:
            raise NotStarted(session_id=self.session_id, state=str(self.state))
        ended_at = max([at, self.started_at, *(act.at for act in self.acts)])
        return replace(self, state=State.ENDED, ended_at=ended_at, ended_by=by, revision=self.revision + 1)

    def runs_until(self, at: datetime) -> datetime:
        """That instant, or the one before at which it ends whatever it costs by then: timers may be late."""
        stop = self.stop
        if self.state not in OPEN or stop is None or (stop.cost is not None and stop.by != stop.at):
            return at
        return min(at, max([stop.at, *(act.at for act in self.acts[-1:])]))

    @property
    def charged_at(self) -> datetime | None:
        """By which instant its charge is found: the last one of the first month that it passed, or its end."""
        return self.cuts[0] - _MICROSECOND if self.cuts else self.ended_at

    @property
    def asset_key(self) -> str:
        """The asset among all partners' assets."""
        return f"{self.partner_id}/{self.asset_id}"

    @property
    def on_asset_since(self) -> datetime:
        """Since when it has the asset that it is on now."""
        return self.moves[-1].at if self.moves else self.started_at

    def asset_at(self, instant: datetime) -> str:
        """The asset that it had then, or would have had."""
        return next((move.asset_id for move in self.moves if instant < move.at), self.asset_id)


@dataclass(frozen=True, slots=True)
class AssetUse:
    """That a session had an asset, from when to when; it has it still where there is no end."""

    session_id: str
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Room:
    """Whether one more may start on an asset now; if it is not, whether bookings keep it; if it is, until when."""

    free: bool
    kept: bool = False
    booked_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class NeedInterval:
    """A stretch of a session with its state and the ids of the evidence that shows it."""

    state: NeedState
    interval: Interval
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Need:
    """What the evidence shows: intervals in order, quantities by meter, evidence by meter, a digest of all of it.

    `faults` are the ids of the faults by which it was out of order when it ended; `left_faulty` has those by which the
    assets were that it left for others, by the act that did.
    """

    intervals: tuple[NeedInterval, ...]
    quantities: Mapping[str, Decimal]
    evidence: Mapping[str, tuple[str, ...]]
    digest: str
    faults: tuple[str, ...] = ()
    left_faulty: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def ends_by(self, until: datetime) -> datetime:
        """When it was over: at that instant, or before, where a return or a fault came to be known afterwards."""
        return min(until, self.intervals[-1].interval.end) if self.intervals else until

    def charged_time(self, until: datetime | None = None) -> timedelta:
        """How long it was in use or kept, up to an instant."""
        charged = (each.interval for each in self.intervals if each.state in {NeedState.IN_USE, NeedState.KEPT})
        ends = ((each, each.end if until is None else min(each.end, until)) for each in charged)
        return sum((end - each.start for each, end in ends if end > each.start), timedelta(0))


class RecordName(NamedTuple):
    """By what a charge record of an account is found."""

    charged_at: datetime
    session_id: str
    revision: int


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
        """When the session ended by all that is known, or was cut."""
        return self.need.ends_by(self.session.ended_at or self.session.started_at)

    @property
    def goes_on(self) -> bool:
        """Whether it was sealed at a month's end, while the session went on."""
        return bool(self.session.cuts) and self.session.cuts[-1] == self.session.ended_at

    @property
    def charged_at(self) -> datetime:
        """The charge belongs to the month of this instant; what later ones change is adjusted in theirs."""
        return self.session.charged_at or self.session.started_at

    @property
    def name(self) -> RecordName:
        """Which one of its account's it is."""
        return RecordName(self.charged_at, self.session.session_id, self.revision)
