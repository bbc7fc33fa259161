"""A recurring fee of the agreement: by month, pro rata by day, or by day; asleep days cost nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import ClassVar, Literal, cast

from chalicelib.kernel.money import Money
from chalicelib.kernel.quantity import plain
from chalicelib.kernel.time import Month, local_day
from chalicelib.rating.amounts import rounded_ratio
from chalicelib.rating.lines import ChargeClass, RatedLine
from chalicelib.rating.model import START, Use, UseKind
from chalicelib.rating.reading import Fields
from chalicelib.rating.running import Running
from chalicelib.rating.sleep import awake_days

_DAY = timedelta(days=1)
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class RecurringFee:
    """`amount` per month or day of the agreement, for each calendar day once.

    With `asleep_after_days` it falls asleep after that many days without need, and wakes with the next: 0 means that
    only days with shown need count.
    """

    kind: ClassVar[str] = "recurring"
    applies_to: ClassVar[UseKind] = "agreement"

    id: str
    charge_class: ChargeClass
    amount: Decimal
    per: Literal["day", "month"]
    asleep_after_days: int | None = None

    def charges(self, use: Use, running: Running) -> list[RatedLine]:
        """One line per calendar month: the days charged, the days asleep, and what these saved."""
        tariff = use.tariff
        touched = _days(use.started_at, use.ended_at, tariff.zone)
        days = [day for day in touched if running.first((tariff.tariff_id, self.id, day.isoformat()))]
        awake = set(days) if self.asleep_after_days is None else self._awake(use, days)
        months: dict[Month, list[date]] = {}
        for day in days:
            months.setdefault(Month(day.year, day.month), []).append(day)
        return [self._line(use, running, month, theirs, awake) for month, theirs in months.items()]

    def _awake(self, use: Use, days: list[date]) -> set[date]:
        needed = {day for need in use.needs for day in _days(need.start, need.end, use.tariff.zone)}
        return awake_days(days, needed, self.asleep_after_days or 0, use.last_need_on)

    def _line(self, use: Use, running: Running, month: Month, days: list[date], awake: set[date]) -> RatedLine:
        length = (date(month.next.year, month.next.number, 1) - date(month.year, month.number, 1)).days
        charged = sum(day in awake for day in days)
        parts = length if self.per == "month" else 1
        key = (use.tariff.tariff_id, self.id, str(month))
        before, after, _ = running.count(key, Decimal(charged))
        minor = self._cost(after, parts, use) - self._cost(before, parts, use)
        asleep = len(days) - charged
        saved = Money(self._cost(Decimal(asleep), parts, use), use.tariff.currency)
        facts = {"month": str(month), "days_in_month": str(length), "per": self.per}
        if self.asleep_after_days is not None:
            facts |= {"days_asleep": str(asleep), "saved": str(saved.amount)}
        return RatedLine(
            use.use_id,
            self.id,
            "charge",
            self.charge_class,
            Decimal(charged),
            "day",
            self.amount if self.per == "day" else None,
            Money(minor, use.tariff.currency),
            "recurring_fee",
            {**facts, "price": plain(self.amount)},
            use.shown_by(START),
        )

    def _cost(self, days: Decimal, parts: int, use: Use) -> int:
        return rounded_ratio(self.amount * days, parts, use.tariff.currency)

    def document(self) -> dict[str, object]:
        """Amount, per what, and when it sleeps."""
        asleep = {} if self.asleep_after_days is None else {"asleep_after_days": self.asleep_after_days}
        return {"amount": plain(self.amount), "per": self.per, **asleep}


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
    return RecurringFee(price_id, charge_class, fields.price("amount"), per, asleep)
