"""Take-outs for maintenance: a stretch of time in which an asset is not on offer. It is no session and ends none."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.catalogue.checking import check, check_text
from chalicelib.catalogue.errors import TooManyTakeOuts

MOST_TAKE_OUTS = 20
_AHEAD = timedelta(days=3 * 366)
_LONGEST = timedelta(days=10 * 366)


@dataclass(frozen=True, slots=True)
class Stretch:
    """From an instant up to, not including, another; None: until it is ended."""

    take_out_id: str
    start: datetime
    until: datetime | None = None

    def holds(self, instant: datetime) -> bool:
        """Whether the instant lies in it."""
        return self.start <= instant and not self.is_over(instant)

    def is_over(self, instant: datetime) -> bool:
        """Whether it has ended by then."""
        return self.until is not None and self.until <= instant


@dataclass(frozen=True, slots=True)
class TakeOut:
    """One take-out of an asset: why, from when, until when, who said so, and whether it was ended before."""

    partner_id: str
    asset_id: str
    take_out_id: str
    reason: str
    start: datetime
    until: datetime | None
    made_at: datetime
    made_by: str
    ended_at: datetime | None = None
    ended_by: str | None = None

    def __post_init__(self) -> None:
        check_text("reason", self.reason)
        check("from", holds=self.start <= self.made_at + _AHEAD, reason="at most three years ahead")
        if self.until is not None:
            held = self.start < self.until <= self.start + _LONGEST
            check("until", holds=held, reason="after its beginning, by at most ten years")

    @property
    def stretch(self) -> Stretch:
        """When the asset is out."""
        return Stretch(self.take_out_id, self.start, self.until)

    def end(self, at: datetime, by: str) -> "TakeOut":
        """Ended now, or before it began. One that has ended stays as it is."""
        if self.ended_at is not None or self.stretch.is_over(at):
            return self
        return replace(self, ended_at=at, ended_by=by)


def not_over(stretches: Iterable[Stretch], at: datetime) -> tuple[Stretch, ...]:
    """Those that are or will be, in order of their beginning."""
    return tuple(sorted((each for each in stretches if not each.is_over(at)), key=lambda each: each.start))


def with_one_more(stretches: tuple[Stretch, ...], more: Stretch) -> tuple[Stretch, ...]:
    """With another one, if there are not too many to come."""
    if len(stretches) >= MOST_TAKE_OUTS:
        raise TooManyTakeOuts(most=MOST_TAKE_OUTS)
    return with_one_needed(stretches, more)


def with_one_needed(stretches: tuple[Stretch, ...], more: Stretch) -> tuple[Stretch, ...]:
    """With another one, however many there are: what is out of order must not stay on offer."""
    return tuple(sorted((*stretches, more), key=lambda each: each.start))


def out_from(stretches: Iterable[Stretch]) -> tuple[datetime, datetime | None] | None:
    """The first time without a break in which the asset is out, and its end; None if there is none."""
    first: tuple[datetime, datetime | None] | None = None
    for each in sorted(stretches, key=lambda each: each.start):
        if first is None:
            first = (each.start, each.until)
        elif first[1] is not None and each.start <= first[1]:
            first = (first[0], None if each.until is None else max(first[1], each.until))
    return first
