"""When an account is settled before its month is closed: as each session ends, or when enough is unbilled.

However it is begun, it is the same settling: what comes out by now, less what is billed. So whatever the policy was,
and however often it changed, a month comes to the same sum.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from chalicelib.billing import differences
from chalicelib.billing.errors import MonthBegun, ThresholdInvalid
from chalicelib.billing.ports import NOTHING_STATED, Billed, MonthUsed, Paid, Used
from chalicelib.billing.statement import statement
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Commit, Write


class SettleAt(StrEnum):
    """What has to happen for an account to be settled; the close of its month settles it in any case."""

    SESSION_END = "session_end"
    THRESHOLD = "threshold"
    MONTH_END = "month_end"


@dataclass(frozen=True, slots=True)
class SettlementPolicy:
    """When accounts are settled, from a month on: all of them, or the one that it names.

    Without `at` an account goes by what holds for all of them.
    """

    since: Month
    at: SettleAt | None = SettleAt.MONTH_END
    threshold: Money | None = None
    account_id: str = ""
    set_by: str = ""
    set_at: datetime | None = None

    def is_reached(self, unbilled: int) -> bool:
        """Whether so much, in minor units, is to be settled now."""
        if self.threshold is not None:
            return unbilled >= self.threshold.minor
        return self.at is SettleAt.SESSION_END


class Policies(Protocol):
    """Where settlement policies are kept."""

    def policy(self, month: Month, account_id: str = "") -> SettlementPolicy | None:
        """What was set last of what holds in the month, for all accounts or for one."""

    def setting_policy(self, policy: SettlementPolicy) -> Write:
        """Store it beside those before."""


@dataclass(frozen=True, slots=True)
class Ended:
    """Satisfies `ports.Used`: an account's month without what goes on, which is billed when it ends or is cut."""

    used: Used

    def month(self, account_id: str, month: Month, now: datetime, paid: Paid = NOTHING_STATED) -> MonthUsed:
        """What has ended, and what counts with it."""
        found = self.used.month(account_id, month, now, paid)
        ended = [use for use in found.uses if not use.open]
        return found._replace(uses=ended, own=found.own & {use.use_id for use in ended})

    def adjusted_months(self, account_id: str, month: Month) -> Iterable[Month]:
        """As they are."""
        return self.used.adjusted_months(account_id, month)

    def correcting_later(self, account_id: str, month: Month, later: Iterable[Month], now: datetime) -> Sequence[Write]:
        """As it is."""
        return self.used.correcting_later(account_id, month, later, now)


def set_policy(policy: SettlementPolicy, zone: str, *, policies: Policies, commit: Commit) -> SettlementPolicy:
    """Have it hold from its month on; from the running one, it holds at once. Who set it, and when, is kept."""
    if (policy.at is SettleAt.THRESHOLD) != (policy.threshold is not None):
        raise ThresholdInvalid(pointer="/threshold")
    if policy.threshold is not None and policy.threshold.minor <= 0:
        raise ThresholdInvalid(pointer="/threshold")
    if policy.set_at is not None and policy.since < Month.of(policy.set_at, zone):
        raise MonthBegun(month=str(policy.since), pointer="/since")
    return commit([policies.setting_policy(policy)], policy)


def policy_of(account_id: str, month: Month, *, policies: Policies) -> SettlementPolicy:
    """What an account goes by in a month: its own, else what holds for all, else the close alone."""
    own = policies.policy(month, account_id) if account_id else None
    if own is not None and own.at is not None:
        return own
    return policies.policy(month) or SettlementPolicy(month)


def unbilled(account_id: str, month: Month, currency: str, *, billed: Billed, used: Used, now: datetime) -> int:
    """What settling the month now would add to what is billed, with what is carried. Minor units."""
    known = {each.month: each for each in billed.settlements(account_id) if each.currency == currency}
    found = sum(each.left for each in known.values())
    for each in {month, *used.adjusted_months(account_id, month)}:
        stated = statement(account_id, each, currency, used=used, now=now)
        found += stated.total.minor - sum(differences.billed(each, known, differences.charges).values())
    return found


def is_due(
    account_id: str, month: Month, currency: str, *, policies: Policies, billed: Billed, used: Used, now: datetime
) -> bool:
    """Whether a charge that was just recorded has the account settled. Under the usual policy nothing more is read."""
    policy = policy_of(account_id, month, policies=policies)
    if policy.threshold is None:
        return policy.is_reached(0)
    return policy.is_reached(unbilled(account_id, month, currency, billed=billed, used=Ended(used), now=now))
