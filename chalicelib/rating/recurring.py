"""A recurring fee of the agreement: by month or by day, pro rata to the second; asleep and paused it costs nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from math import lcm
from typing import ClassVar, Literal, NamedTuple, cast

from chalicelib.kernel.money import Money
from chalicelib.kernel.quantity import plain
from chalicelib.kernel.time import Month, local_day, midnight
from chalicelib.rating.amounts import NOTHING, rounded_ratio, text_of
from chalicelib.rating.held import Held, Stretch, overlap
from chalicelib.rating.lines import ChargeClass, RatedLine
from chalicelib.rating.model import START, Use, UseKind
from chalicelib.rating.reading import Fields
from chalicelib.rating.running import Running
from chalicelib.rating.sleep import awake_days

_DAY = timedelta(days=1)
_MOMENT = timedelta(microseconds=1)
_MILLION = 1_000_000


class _Time(NamedTuple):
    """How long a fee counts, is asleep and is paused, in microseconds."""

    charged: int = 0
    asleep: int = 0
    paused: int = 0

    def of(self, seats: int) -> "_Time":
        return _Time(*(each * seats for each in self))

    def plus(self, other: "_Time") -> "_Time":
        return _Time(*(one + more for one, more in zip(self, other, strict=True)))


@dataclass(frozen=True, slots=True)
class RecurringFee:
    """`amount` for the whole of each month or day of the agreement, once or for each seat; of a part, that part of it.

    A month is as long as its zone's clock makes it, so that a whole one costs the amount. With `asleep_after_days` it
    falls asleep after that many days without need, and wakes with the next: 0 means that only days with shown need
    count. All fees of an agreement's month are rounded together, however it is cut up.
    """

    kind: ClassVar[str] = "recurring"
    applies_to: ClassVar[UseKind] = "agreement"

    id: str
    charge_class: ChargeClass
    amount: Decimal
    per: Literal["day", "month"]
    asleep_after_days: int | None = None
    per_seat: bool = False

    def charges(self, use: Use, running: Running) -> list[RatedLine]:
        """One line per calendar month: the time charged, asleep and paused, and what the latter two saved."""
        held = use.held or Held(use.tariff.tariff_id, (Stretch(use.started_at, use.ended_at),))
        awake = self._awake(use)
        months: dict[Month, dict[int, _Time]] = {}
        for month, length, piece, is_awake in self._pieces(use, awake):
            on = overlap(held.stretches, *piece)
            time = _Time(on if is_awake else 0, 0 if is_awake else on, (piece.end - piece.start) // _MOMENT - on)
            times = months.setdefault(month, {})
            times[length] = times.get(length, _Time()).plus(time)
        return [self._line(use, held, running, month, times) for month, times in months.items()]

    def _awake(self, use: Use) -> set[date] | None:
        """The days on which it does not sleep; None where it never does."""
        if self.asleep_after_days is None:
            return None
        needed = {day for need in use.needs for day in _days(need.start, need.end, use.tariff.zone)}
        days = _days(use.started_at, use.ended_at, use.tariff.zone)
        return awake_days(days, needed, self.asleep_after_days, use.last_need_on)

    def _pieces(self, use: Use, awake: set[date] | None) -> Iterator[tuple[Month, int, Stretch, bool]]:
        """The use cut up into months, or into days where those matter; each with the length that the amount is for."""
        zone, by_day = use.tariff.zone, self.per == "day"
        if awake is None and not by_day:
            for month in _months(use, zone):
                whole = month.interval(zone)
                piece = Stretch(max(whole.start, use.started_at), min(whole.end, use.ended_at))
                yield month, whole.length // _MOMENT, piece, True
            return
        for day in _days(use.started_at, use.ended_at, zone):
            month = Month(day.year, day.month)
            start, end = midnight(day, zone), midnight(day + _DAY, zone)
            length = (end - start) // _MOMENT if by_day else _lengths(month, zone)[0]
            piece = Stretch(max(start, use.started_at), min(end, use.ended_at))
            yield month, length, piece, awake is None or day in awake

    def _line(self, use: Use, held: Held, running: Running, month: Month, times: Mapping[int, _Time]) -> RatedLine:
        currency = use.tariff.currency
        seats = held.seats if self.per_seat else 1
        minor, *saved = self._money(
            use, held.agreement, running, month, {n: each.of(seats) for n, each in times.items()}
        )
        time = _Time()
        for each in times.values():
            time = time.plus(each)
        facts = {"month": str(month), "length_s": _seconds(_lengths(month, use.tariff.zone)[0]), "per": self.per}
        facts["price"] = plain(self.amount)
        if self.asleep_after_days is not None:
            facts |= {"asleep_s": _seconds(time.asleep), "saved": text_of(saved[0], currency)}
        if time.paused:
            facts |= {"paused_s": _seconds(time.paused), "saved_paused": text_of(saved[1], currency)}
        if self.per_seat:
            facts["seats"] = str(seats)
        return RatedLine(
            use.use_id,
            self.id,
            "charge",
            self.charge_class,
            Decimal(time.charged) / _MILLION,
            "s",
            None,
            Money(minor, currency),
            "recurring_fee",
            facts,
            use.shown_by(START),
        )

    def _money(
        self, use: Use, agreement: str, running: Running, month: Month, times: Mapping[int, _Time]
    ) -> tuple[int, ...]:
        """What the times charged, asleep and paused come to, each after the one before it; the first is counted."""
        zone, currency = use.tariff.zone, use.tariff.currency
        keys = {length: (agreement, self.kind, f"{month} {zone} {length}") for length in _lengths(month, zone)}
        sums = {length: running.total(key) for length, key in keys.items()}
        steps = [_rounded(sums, currency)]
        for which in range(len(_Time._fields)):
            for length, time in times.items():
                sums[length] += self.amount * time[which]
                if which == 0:
                    running.count(keys[length], self.amount * time[which])
            steps.append(_rounded(sums, currency))
        return tuple(later - earlier for earlier, later in pairwise(steps))

    def document(self) -> dict[str, object]:
        """Amount, per what, when it sleeps, and whether each seat pays it."""
        asleep = {} if self.asleep_after_days is None else {"asleep_after_days": self.asleep_after_days}
        seats = {"per_seat": True} if self.per_seat else {}
        return {"amount": plain(self.amount), "per": self.per, **asleep, **seats}


def _rounded(sums: Mapping[int, Decimal], currency: str) -> int:
    """Amounts times microseconds, by the length that an amount is for: what they come to together, rounded once."""
    whole = lcm(*sums)
    return rounded_ratio(sum((exact * (whole // length) for length, exact in sums.items()), NOTHING), whole, currency)


def _seconds(microseconds: int) -> str:
    return plain(Decimal(microseconds) / _MILLION)


@lru_cache(maxsize=64)
def _lengths(month: Month, zone: str) -> tuple[int, ...]:
    """How long the month is, and then each length that a day of it has, in microseconds."""
    whole = month.interval(zone)
    days = (midnight(day + _DAY, zone) - midnight(day, zone) for day in _days(whole.start, whole.end, zone))
    return (whole.length // _MOMENT, *sorted({length // _MOMENT for length in days}))


def _months(use: Use, zone: str) -> Iterator[Month]:
    """The calendar months that the use touches."""
    if use.ended_at <= use.started_at:
        return
    month, last = Month.of(use.started_at, zone), Month.of(use.ended_at - _MOMENT, zone)
    while month <= last:
        yield month
        month = month.next


def _days(start: datetime, end: datetime, zone: str) -> Iterator[date]:
    """The calendar days that the interval touches."""
    if end <= start:
        return
    day, last = local_day(start, zone), local_day(end - _MOMENT, zone)
    while day <= last:
        yield day
        day += _DAY


def read(fields: Fields, price_id: str, charge_class: ChargeClass) -> RecurringFee:
    """Read the fee."""
    asleep = fields.whole("asleep_after_days") if "asleep_after_days" in fields.values else None
    per = cast("Literal['day', 'month']", fields.one_of("per", ("day", "month")))
    per_seat = fields.truth("per_seat") if "per_seat" in fields.values else False
    return RecurringFee(price_id, charge_class, fields.price("amount"), per, asleep, per_seat)
