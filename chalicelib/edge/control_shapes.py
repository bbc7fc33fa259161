"""What finance says of settling and collecting, and what it is shown."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from chalicelib.billing.collection_switch import Switch
from chalicelib.billing.triggers import SettleAt, SettlementPolicy
from chalicelib.edge.amounts import Amount, show_amount, show_instant
from chalicelib.edge.call import pointing_at
from chalicelib.edge.finance import MonthText, Note
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month

At = Literal["session_end", "threshold", "month_end"]


class PolicyBody(msgspec.Struct, forbid_unknown_fields=True):
    """When accounts are settled, at once or `since` a month to come; `threshold` is an amount as decimal text."""

    at: At
    threshold: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    since: MonthText | None = None


class OwnPolicyBody(msgspec.Struct, forbid_unknown_fields=True):
    """The same for one account; without `at` it is settled as all others are."""

    at: At | None = None
    threshold: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    since: MonthText | None = None


class PolicyShown(msgspec.Struct):
    """What holds, since which month, and who set it; nobody did where accounts wait for the close."""

    at: str | None
    threshold: Amount | None
    since: str
    set_by: str | None
    set_at: str | None


class SwitchBody(msgspec.Struct, forbid_unknown_fields=True):
    """Stop all collection, or release it, and why."""

    stopped: bool
    note: Note


class TurnShown(msgspec.Struct):
    """How the switch was turned, by whom and why."""

    stopped: bool
    by: str
    note: str
    at: str


class CollectionShown(msgspec.Struct):
    """Whether collection is stopped. `waiting` counts what waits by now, `waited` what did when it was turned last."""

    stopped: bool
    waiting: int
    waited: int
    turns: list[TurnShown]


def policy_of(body: PolicyBody | OwnPolicyBody, running: Month, currency: str) -> SettlementPolicy:
    """What is to hold, of nobody in particular."""
    threshold = None
    if body.threshold is not None:
        with pointing_at("threshold"):
            threshold = Money.of(body.threshold, currency)
    since = Month.parse(body.since) if body.since is not None else running
    return SettlementPolicy(since, SettleAt(body.at) if body.at is not None else None, threshold)


def show_policy(policy: SettlementPolicy) -> PolicyShown:
    """A policy."""
    return PolicyShown(
        at=str(policy.at) if policy.at is not None else None,
        threshold=show_amount(policy.threshold) if policy.threshold is not None else None,
        since=str(policy.since),
        set_by=policy.set_by or None,
        set_at=_instant(policy.set_at),
    )


def show_collection(switch: Switch, waiting: int, turns: list[Switch]) -> CollectionShown:
    """The switch, how much is left, and its latest turns."""
    rows = [TurnShown(each.stopped, each.by, each.note, _instant(each.at) or "") for each in turns]
    return CollectionShown(switch.stopped, waiting, switch.left, rows)


def _instant(at: datetime | None) -> str | None:
    return show_instant(at) if at is not None else None
