"""What the life of a subscription needs from outside, beside `ports`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.time import Interval, Month
from chalicelib.kernel.writes import Write
from chalicelib.subscriptions.difference import Difference
from chalicelib.subscriptions.plan import Plan
from chalicelib.subscriptions.ports import Lives, Plans
from chalicelib.subscriptions.subscription import Lived, Phase, Subscription
from chalicelib.subscriptions.terms import Acceptance, Terms

if TYPE_CHECKING:  # these use the ports
    from chalicelib.subscriptions.living import Act
    from chalicelib.subscriptions.moves import Counted


class PlanVersions(Plans, Protocol):
    """Plans, with what publishes and lists them."""

    def plans(self, *, limit: int, after: str | None) -> Sequence[Plan]:
        """A page of the newest version of each plan, in order of id."""

    def versions(self, plan_id: str, *, limit: int, after: int | None) -> Sequence[Plan]:
        """A page of a plan's versions, the first one first."""

    def publishing(self, plan: Plan) -> Sequence[Write]:
        """Store a version, if the one before it is the newest."""

    def is_newest(self, plan: Plan) -> Write:
        """Let nothing be written unless that version is the plan's newest."""


class Publications(Protocol):
    """Where terms are kept."""

    def terms(self, version: str) -> Terms | None:
        """A version of the terms, or None."""

    def publishing_terms(self, terms: Terms) -> Sequence[Write]:
        """Store a version, unless there is one."""


class FaresOnOffer(Protocol):
    """What products' further tariffs there are (the catalogue knows)."""

    def fares(self, products: Sequence[str]) -> Mapping[str, Collection[str]]:
        """Of those of the products (`par_1:bike`) that exist, the names of their further tariffs."""


@dataclass(frozen=True, slots=True)
class Page:
    """What one query found. `after` is where the next goes on, or None at the end: a page may be short, or empty."""

    rows: Sequence[Subscription]
    after: str | None


class Subscriptions(Lives, Protocol):
    """Subscriptions, with what finds and changes them."""

    def find(self, account_id: str, subscription_id: str) -> Subscription | None:
        """The account's subscription, ended or not, or None."""

    def of_account(self, account_id: str) -> Sequence[Subscription]:
        """All that have not ended."""

    def had(self, account_id: str) -> int:
        """How often somebody of the account began to have a plan."""

    def having(self, account_id: str, had: int) -> Write:
        """Count one more, if nobody of the account has begun to have a plan since."""

    def began(self, account_id: str) -> Write:
        """Count one more, whoever else begins to have one: of a pass, which may be had beside others."""

    def never_among(self, accounts: Sequence[str]) -> Sequence[str]:
        """Those of the accounts of which nobody ever began to have a plan."""

    def ended_of(self, account_id: str, *, limit: int, after: str | None) -> Page:
        """A page of those that have, the last one first."""

    def of_plan(self, plan_id: str, *, ended: bool, limit: int, after: str | None) -> Page:
        """A page of those that have the plan, or that had it when they ended."""

    def acting(self, act: Act, counts: Mapping[Counted, int]) -> Sequence[Write]:
        """Store what an act has made, if the subscription is as it was before, and count it."""

    def accepting(self, acceptance: Acceptance) -> Write:
        """Keep what was accepted, with its confirmation."""

    def acceptances(self, account_id: str, subscription_id: str) -> Sequence[Acceptance]:
        """What was accepted for a subscription, the first one first."""

    def telling(self, subscription: Subscription, code: str, at: datetime, more: Mapping[str, str] = ...) -> Write:
        """Have the account told of its subscription."""

    def closing(self, subscription: Subscription, now: datetime) -> Write:
        """Have what its customer has ended settled at once, and its file made."""

    def counted(self, month: Month) -> Mapping[Counted, int]:
        """How many moves of each kind there were in the month."""


class Belonging(Protocol):
    """Who belongs to an account, of what kind it is, and what people have shown (customers know)."""

    def kind(self, account_id: str) -> str:
        """The kind of the account: person, family, firm."""

    def in_order(self, account_id: str, *, pays: bool) -> Sequence[Write]:
        """Let nothing be written unless the account is open and agrees; and can pay, if it is to."""

    def strangers(self, account_id: str, people: Sequence[str]) -> Sequence[str]:
        """Those of the people who do not belong to the account."""

    def lacking(self, person: str, requires: Sequence[str], now: datetime) -> Sequence[str]:
        """What the person has not shown of it, or what is not good now."""

    def shown_until(self, people: Sequence[str], requires: Sequence[str], now: datetime) -> datetime:
        """Until when at least one of the people has shown all of it; where nobody has now, that is now."""

    def has_shown(self, person: str, requires: Sequence[str], now: datetime, otherwise: Refusal) -> Sequence[Write]:
        """Let nothing be written unless the person has shown all of it and it is good now."""


class Needs(Protocol):
    """When something was needed (access knows)."""

    def needed(self, account_id: str, products: Collection[str], within: Interval) -> Sequence[Interval]:
        """When in the interval, up to now, the account needed one of the products; any product, if none is named."""


class ChangeCosts(Protocol):
    """What a change of plan comes to (rating knows)."""

    def difference(self, lived: Lived, wished: Phase, now: datetime) -> Difference:
        """What the rest of the month in which the wished phase begins costs, without it and with it."""


class Beside(Protocol):
    """What other areas do about an act, in its own transaction."""

    def writes(self, act: Act) -> Sequence[Write]:
        """For billing: the account has something to be looked at, in each month of `act.begins_to_cost()`.

        And where the act ends a pass, in the month in which that was bought.
        """
