"""A plan: what an account can agree to, composed from tariffs. A version never changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
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
    `seats` is how many may take part at most; None: as many as wish to. `goods` says what it lets them have, as the law
    on withdrawal tells it apart (`law.Kind`); none: a service.
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
    published_at: datetime | None = None
    published_by: str = ""
    goods: tuple[str, ...] = ()

    @property
    def tariff_id(self) -> str:
        """The id of its fee's tariff; no product's has a `+`."""
        return f"plan+{self.plan_id}"

    def on_sale(self, at: datetime) -> bool:
        """Whether it can be had anew then."""
        begun = self.on_sale_from is None or self.on_sale_from <= at
        return begun and (self.on_sale_until is None or at < self.on_sale_until)

    def runs_out(self, since: datetime) -> datetime | None:
        """When a pass that begins then is over; None: not by time. A day of it is 24 hours, never a rest of one."""
        if self.lasts is None or self.lasts.days is None:
            return self.lasts.until if self.lasts else None
        return since + timedelta(days=self.lasts.days)

    def is_for(self, kind: str) -> bool:
        """Whether that kind of account may have it."""
        return not self.for_kinds or kind in self.for_kinds

    def name_in(self, language: str) -> str:
        """Its name in the language, else in English, else in whichever comes first."""
        return self.names.get(language) or self.names.get("en") or self.names[min(self.names)]

    def same_rules(self, other: "Plan") -> bool:
        """Whether publishing the other one would change nothing."""
        return _rules(self) == _rules(other)


def _rules(plan: Plan) -> tuple[Plan, dict[str, Any] | None]:
    """Without what each version has of its own."""
    fee = None if plan.fee is None else {name: value for name, value in plan.fee.items() if name != "version"}
    return replace(plan, version=0, published_at=None, published_by="", fee=None), fee
