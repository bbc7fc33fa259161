"""How a product's use is shown: which signals show it, how long silence lasts, what returns the thing."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from chalicelib.catalogue.asking import Hold, check_consents, check_required
from chalicelib.catalogue.booking_policy import BookingPolicy
from chalicelib.catalogue.errors import BadCatalogueEntry

_LONGEST = timedelta(days=366)
_MOST_SIGNALS = 20
_SIGNAL_LETTERS = 64
_MOST_STREAMS = 100
_WHOLE = 100


class Unused(StrEnum):
    """What time is in which a thing is out and not used: kept from others, or released, where others may take it."""

    KEPT = "kept"
    RELEASED = "released"


class Offline(StrEnum):
    """What a thing does for a customer while it cannot ask: refuse, or let in and report afterwards."""

    REFUSE = "refuse"
    ALLOW = "allow"


class CreditOf(StrEnum):
    """What a fault gives a part of back: the fee for the start, or all that need is charged."""

    START_FEE = "start_fee"
    CHARGE = "charge"


@dataclass(frozen=True, slots=True)
class FaultCredit:
    """So many percent of it."""

    of: CreditOf
    percent: int = 100

    def __post_init__(self) -> None:
        if not 0 < self.percent <= _WHOLE:
            raise BadCatalogueEntry(pointer="/policy/fault_credit/percent", reason=f"1 to {_WHOLE}")


@dataclass(frozen=True, slots=True)
class UsePolicy:
    """What a partner says once about all sessions of a product. The signals are names of signals or of meters.

    A sign of use holds until a sign of rest, or for `silence` without any sign; None: however long it is silent. Where
    a product names no signs of use, hand-out and return alone show it. Unused time is `grace` for that long, each time
    anew, and `unused` afterwards. A sign of return ends the session at the time of the sign. `free_reservation` is for
    how long a thing is held without a price; a reservation that is not taken up by then expires, or is held for
    `priced_reservation` more where the tariff has a price of what is `reserved`. `streams` is how many plays a session
    may have at once; None: as many as can be counted. `requires` is what a customer has to have shown, `consents` what
    they have to have agreed to, each purpose with the version of its text; `hold` is what is held while the thing is
    out. `fault_credit` is given back to a session that a fault ended, from the partner's share. `booking` is how it is
    booked ahead; None: not at all.
    """

    use_signals: tuple[str, ...] = ()
    rest_signals: tuple[str, ...] = ("idle", "locked")
    return_signals: tuple[str, ...] = ()
    silence: timedelta | None = None
    grace: timedelta = timedelta(0)
    unused: Unused = Unused.KEPT
    free_reservation: timedelta = timedelta(minutes=15)
    offline: Offline = Offline.REFUSE
    position_kept: timedelta = timedelta(days=30)
    streams: int | None = None
    requires: tuple[str, ...] = ()
    consents: tuple[str, ...] = ()
    hold: Hold | None = None
    fault_credit: FaultCredit | None = None
    priced_reservation: timedelta = timedelta(hours=1)
    booking: BookingPolicy | None = None

    def __post_init__(self) -> None:
        both = set(self.use_signals) & (set(self.rest_signals) | set(self.return_signals))
        for field in ("use_signals", "rest_signals", "return_signals"):
            names = getattr(self, field)
            if len(names) > _MOST_SIGNALS or any(not 0 < len(name) <= _SIGNAL_LETTERS for name in names):
                reason = f"at most {_MOST_SIGNALS} names of 1 to {_SIGNAL_LETTERS} characters"
                raise BadCatalogueEntry(pointer=f"/policy/{field}", reason=reason)
        if both:
            raise BadCatalogueEntry(pointer="/policy/use_signals", reason="a sign of use is no sign of rest or return")
        check_required("policy/requires", self.requires)
        check_consents("policy/consents", self.consents)
        if self.streams is not None and not 0 < self.streams <= _MOST_STREAMS:
            raise BadCatalogueEntry(pointer="/policy/streams", reason=f"1 to {_MOST_STREAMS}")
        for field in ("silence", "grace", "free_reservation", "position_kept", "priced_reservation"):
            length = getattr(self, field)
            least = timedelta(seconds=1) if field == "silence" else timedelta(0)
            if length is not None and not least <= length <= _LONGEST:
                raise BadCatalogueEntry(pointer=f"/policy/{field}_s", reason="a length of time, at most 366 days")
