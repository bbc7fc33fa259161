"""Which version of a tariff holds: for a new quote, and for a session that was quoted before."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.kernel.time import Interval
from chalicelib.rating.errors import InvalidTariff, NoTariffInForce
from chalicelib.rating.model import Tariff


@dataclass(frozen=True, slots=True)
class Change:
    """A version that was announced to a customer: when, from when on, and whether the customer could leave instead."""

    tariff: Tariff
    announced_at: datetime
    effective_at: datetime
    way_out: bool


def on_offer(newest_first: Iterable[Tariff], at: datetime) -> Tariff:
    """The newest version that is valid at the instant: what a new quote is made of. Older ones are not looked at."""
    for tariff in newest_first:
        if tariff.is_valid(at):
            return tariff
    raise NoTariffInForce(at=at.isoformat())


def in_force(quoted: Tariff, changes: Sequence[Change], at: datetime, notice: timedelta = timedelta(0)) -> Tariff:
    """The version that a session pays at the instant: that of its quote, until a change in good order takes effect.

    A change counts only if it was announced at least `notice` before its effective date, and with a way out.
    """
    held = quoted
    for change in sorted(changes, key=lambda change: (change.effective_at, change.tariff.version)):
        if change.tariff.tariff_id != quoted.tariff_id or change.tariff.currency != quoted.currency:
            raise InvalidTariff(errors=[{"pointer": "/tariff_id", "reason": "not_a_version_of_the_quoted_tariff"}])
        in_order = change.way_out and change.announced_at + notice <= change.effective_at
        if in_order and change.effective_at <= at and change.tariff.version > held.version:
            held = change.tariff
    return held


def by_version(
    quoted: Tariff, changes: Sequence[Change], whole: Interval, notice: timedelta = timedelta(0)
) -> list[tuple[Interval, Tariff]]:
    """A session's time cut where its version changes; each part is a use of its own to rating."""
    cuts = sorted({change.effective_at for change in changes if whole.holds(change.effective_at)} - {whole.start})
    parts: list[tuple[Interval, Tariff]] = []
    for start, end in zip([whole.start, *cuts], [*cuts, whole.end], strict=True):
        tariff = in_force(quoted, changes, start, notice)
        if parts and parts[-1][1] is tariff:
            parts[-1] = (Interval(parts[-1][0].start, end), tariff)
        else:
            parts.append((Interval(start, end), tariff))
    return parts
