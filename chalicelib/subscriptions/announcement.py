"""A new version of a plan, announced to those who have an earlier one before it holds for them."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chalicelib.subscriptions.difference import Difference
from chalicelib.subscriptions.law import CountryLaw
from chalicelib.subscriptions.withdrawal import may_hold_from


class Standing(StrEnum):
    """Whether an announcement goes on."""

    ANNOUNCED = "announced"
    CALLED_OFF = "called_off"


@dataclass(frozen=True, slots=True)
class Announcement:
    """That a version of a plan holds from an instant on for all who have an earlier one, and why."""

    plan_id: str
    version: int
    holds_from: datetime
    reason: str
    announced_at: datetime
    by: str
    standing: Standing = Standing.ANNOUNCED
    called_off_at: datetime | None = None
    revision: int = 1

    def is_open(self, at: datetime) -> bool:
        """Whether it is still to come."""
        return self.standing is Standing.ANNOUNCED and at < self.holds_from

    def called_off(self, at: datetime) -> "Announcement":
        """As if nothing had been announced: who was told is told so."""
        return replace(self, standing=Standing.CALLED_OFF, called_off_at=at, revision=self.revision + 1)


@dataclass(frozen=True, slots=True)
class Told:
    """What one customer was told: from when it would hold for them, the difference, and whether silence accepts it.

    `moves` says whether the new version was set to come; who has a change of their own to come, or whose silence
    accepts nothing, keeps what they have. `called_off` once they were told that it does not come.
    """

    subscription_id: str
    account_id: str
    plan_id: str
    version: int
    from_version: int
    told_at: datetime
    holds_from: datetime
    country: str
    past: Difference
    silence_accepts: bool
    moves: bool
    accepted_at: datetime | None = None
    called_off: bool = False


def holds_for(announcement: Announcement, told_at: datetime, law: CountryLaw) -> datetime:
    """From when it holds for a customer who is told then: as announced, or later where that would be too soon."""
    return max(announcement.holds_from, may_hold_from(told_at, law))
