"""The right to withdraw: until when, why not, what is owed for the time that was had, and what is paid back by when.

Days are counted in the customer's country: the day of the agreement is not, and a period that would end on a Saturday,
a Sunday or a holiday ends with the next working day. Where rules leave a choice, it is made for the customer.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from chalicelib.kernel.money import Money
from chalicelib.kernel.time import local_day, midnight
from chalicelib.subscriptions.law import CountryLaw, Exemption, Kind, When

_DAY = timedelta(days=1)
_MOMENT = timedelta(microseconds=1)
_SATURDAY = 6
_MONTHS = 12


class WhyNot(StrEnum):
    """Why there is no withdrawing."""

    NOT_A_CONSUMER = "not_a_consumer"
    EXEMPT = "exempt"
    OVER = "period_over"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Contract:
    """What the right depends on.

    `told_at` is when the customer was told of the right on a durable medium. `asked_at` is when they asked expressly
    that it begin within the period, and acknowledged that what is wholly done, or digital content that has begun, is no
    more to be withdrawn from; without that nothing is owed. `dated` says that it is for a certain day or period.
    """

    kinds: frozenset[Kind]
    consumer: bool
    agreed_at: datetime
    told_at: datetime | None = None
    asked_at: datetime | None = None
    dated: bool = False
    begun_at: datetime | None = None
    performed_at: datetime | None = None
    unsealed: bool = False


@dataclass(frozen=True, slots=True)
class Right:
    """Until when one may withdraw, and why one may not. `exemptions` says by which rules."""

    until: datetime
    why_not: WhyNot | None = None
    exemptions: tuple[Exemption, ...] = ()


@dataclass(frozen=True, slots=True)
class Owed:
    """What withdrawing comes to: what was charged, what of it is owed, what is paid back, and by when."""

    charged: Money
    owed: Money
    back: Money
    back_by: datetime


def right_of(contract: Contract, law: CountryLaw, at: datetime) -> Right:
    """Whether one may withdraw at an instant. A plan of several kinds may be left as long as one of them may be."""
    until = ends(contract.agreed_at, contract.told_at, law)
    if not contract.consumer:
        return Right(until, WhyNot.NOT_A_CONSUMER)
    exempt = [_exemption(kind, contract, law, at) for kind in sorted(contract.kinds or {Kind.SERVICE})]
    if all(exempt):
        return Right(until, WhyNot.EXEMPT, tuple(dict.fromkeys(each for each in exempt if each is not None)))
    return Right(until, WhyNot.OVER if at >= until else None)


def ends(agreed_at: datetime, told_at: datetime | None, law: CountryLaw) -> datetime:
    """The first instant at which the period is over.

    Who was told late has the whole period from then, who was never told, or only when that was over, a year more.
    """
    agreed = local_day(agreed_at, law.zone)
    last, longest = agreed + law.period_days * _DAY, later(agreed, law.longer_months)
    told = None if told_at is None else local_day(told_at, law.zone)
    if told is None or told > longest:
        last = later(last, law.longer_months)
    elif told > agreed:
        last = told + law.period_days * _DAY
    return midnight(working(last, law) + _DAY, law.zone)


def working(day: date, law: CountryLaw) -> date:
    """The day, or the next that is neither a Saturday, nor a Sunday, nor a holiday."""
    while day.isoweekday() >= _SATURDAY or day in law.holidays:
        day += _DAY
    return day


def later(day: date, months: int) -> date:
    """So many months later; a day that the month does not have is the first of the next."""
    years, month = divmod(day.month - 1 + months, _MONTHS)
    try:
        return date(day.year + years, month + 1, day.day)
    except ValueError:
        return date(day.year + years, month + 2, 1)


def _exemption(kind: Kind, contract: Contract, law: CountryLaw, at: datetime) -> Exemption | None:
    return next((each for each in law.exemptions if kind in each.kinds and _holds(each.when, contract, at)), None)


def _holds(when: When, contract: Contract, at: datetime) -> bool:
    asked = contract.told_at is not None and contract.asked_at is not None and contract.asked_at <= at
    match when:
        case When.ALWAYS:
            return True
        case When.DATED:
            return contract.dated
        case When.UNSEALED:
            return contract.unsealed
        case When.BEGUN_WITH_CONSENT:
            return asked and contract.begun_at is not None and contract.begun_at <= at
        case When.PERFORMED:
            return asked and contract.performed_at is not None and contract.performed_at <= at


def owed_for(price: Money, had: timedelta, whole: timedelta, contract: Contract) -> Money:
    """What of a price is owed for the time that was had: pro rata to the microsecond, rounded down.

    Nothing is, unless the customer was told of the right when they agreed and asked that it begin within the period.
    """
    return share_owed(price, had // _MOMENT, whole // _MOMENT, contract)


def share_owed(price: Money, part: int, whole: int, contract: Contract) -> Money:
    """The same of what is counted otherwise: uses of a pass."""
    told = contract.told_at is not None and contract.told_at <= (contract.asked_at or contract.agreed_at)
    if contract.asked_at is None or not told or price.minor <= 0:
        return Money.zero(price.currency)
    return price if whole <= 0 else Money(price.minor * min(max(part, 0), whole) // whole, price.currency)


def settle(charged: Money, owed: Money, withdrawn_at: datetime, law: CountryLaw) -> Owed:
    """What is paid back of what was charged, and by when. Never is more owed than was charged."""
    keeps = min(owed, charged) if charged.minor > 0 else Money.zero(charged.currency)
    last = local_day(withdrawn_at, law.zone) + law.refund_days * _DAY
    return Owed(charged, keeps, charged - keeps, midnight(last + _DAY, law.zone))


def may_hold_from(told_by: datetime, law: CountryLaw) -> datetime:
    """The first instant at which a price may hold that customers are told of by then, at a local midnight."""
    first = told_by + law.price_change.notice
    day = local_day(first, law.zone)
    start = midnight(day, law.zone)
    return start if start >= first else midnight(day + _DAY, law.zone)
