"""A plan: what an account can agree to, composed from tariffs. A version never changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class PlanKind(StrEnum):
    """How a plan is paid for: by a fee that recurs (or none), or once, as a pass that runs out."""

    SUBSCRIPTION = "subscription"
    PASS = "pass"  # noqa: S105 -- a ticket, and no secret


@dataclass(frozen=True, slots=True)
class PassTerms:
    """How long a pass is good, in days from its beginning or up to an instant, and for how many uses; None: any."""

    days: int | None = None
    until: datetime | None = None
    uses: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """One version of a plan.

    `names` are by language. `fee` is the document of a tariff whose prices apply to the agreement; None: it has no fee
    at all. `fares` says, by product (`par_1:bike`), which of the product's tariffs the members have. A product that is
    not in it is had at its own tariff. `asleep_after_days` is how long nothing is needed before it falls asleep.
    `requires` is what each member has to have shown, `for_kinds` which kinds of account may have it; empty: all.
    """

    plan_id: str
    version: int
    kind: PlanKind
    names: Mapping[str, str]
    terms_version: str
    fee: Mapping[str, Any] | None = None
    fares: Mapping[str, str] = field(default_factory=dict)
    asleep_after_days: int | None = None
    seats: int | None = None
    lasts: PassTerms | None = None
    requires: tuple[str, ...] = ()
    for_kinds: frozenset[str] = frozenset()
    on_sale_from: datetime | None = None
    on_sale_until: datetime | None = None

    @property
    def tariff_id(self) -> str:
        """The id of its fee's tariff; no product's has a `+`."""
        return f"plan+{self.plan_id}"
