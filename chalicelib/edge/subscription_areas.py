"""What subscriptions ask of other areas, put together from theirs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.access.needed import needed_in
from chalicelib.customers.model import USING, Kind
from chalicelib.kernel.requirement import Requirement
from chalicelib.kernel.time import Interval
from chalicelib.subscriptions.looking import Looking
from chalicelib.subscriptions.publishing import Publishing
from chalicelib.subscriptions.subscribing import Keeping

if TYPE_CHECKING:  # as in wiring
    from datetime import datetime

    from chalicelib.catalogue.ports import Catalogue
    from chalicelib.customers.model import Customer
    from chalicelib.customers.ports import Shows
    from chalicelib.edge.wiring import Wiring
    from chalicelib.kernel.errors import Refusal
    from chalicelib.kernel.writes import Commit, Write


def keeping(wired: Wiring, now: datetime, commit: Commit, by: Customer | None = None) -> Keeping:
    """What changes subscriptions, asked for by a customer or by nobody in particular."""
    people = People(wired, by.customer_id if by else "")
    kept = (wired.lives, wired.plans, wired.plans, people, wired.beside_subscriptions)
    return Keeping(*kept, wired.settings.zone, now, commit)


def publishing(wired: Wiring, by: str, now: datetime, commit: Commit) -> Publishing:
    """What publishes plans and terms."""
    kept = (wired.plans, wired.plans, FaresInCatalogue(wired.catalogue))
    return Publishing(*kept, wired.settings.zone, wired.settings.currency, by, now, commit)


def looking(wired: Wiring, now: datetime) -> Looking:
    """What looks at how subscriptions stand."""
    return Looking(wired.plans, NeededInSessions(wired, now), wired.settings.zone, now)


def shown_until_of(shows: Shows, person: str, requires: Sequence[str], now: datetime) -> datetime | None:
    """Until when the person has all of it, which is now where something is missing; None where nothing is required."""
    found = []
    for each in map(Requirement.parse, requires):
        shown = shows.shown(person, each.kind)
        found.append(shown.valid_until if shown is not None and shown.covers(each) and shown.is_good(now) else now)
    return min(found, default=None)


@dataclass(frozen=True, slots=True)
class People:
    """Satisfies `subscriptions.life_ports.Belonging` out of customers. Who asks is in the account already."""

    wired: Wiring
    asking: str

    def kind(self, account_id: str) -> str:
        """As the account says; one that is only being opened is a person's."""
        account = self.wired.customers.account(account_id)
        return str(Kind.PERSON if account is None else account.kind)

    def in_order(self, account_id: str, *, pays: bool) -> Sequence[Write]:
        """As for a start; what has no fee asks for no card."""
        wired = self.wired
        standing = [wired.customers.account_is_open(account_id), wired.agreements.is_active(account_id)]
        return [*standing, *([wired.billed.can_pay(account_id)] if pays else [])]

    def strangers(self, account_id: str, people: Sequence[str]) -> Sequence[str]:
        """One read for each but who asks."""
        return [each for each in people if each != self.asking and not self._is_in(account_id, each)]

    def _is_in(self, account_id: str, person: str) -> bool:

        member = self.wired.members.member(account_id, person)
        return member is not None and member.ended_at is None and str(member.role) in USING

    def lacking(self, person: str, requires: Sequence[str], now: datetime) -> Sequence[str]:
        """One query."""
        shown = [each for each in self.wired.shows.all_shown(person) if each.is_good(now)]
        return [text for text in requires if not any(each.covers(Requirement.parse(text)) for each in shown)]

    def shown_until(self, people: Sequence[str], requires: Sequence[str], now: datetime) -> datetime:
        """One read for each of the people and things."""
        found = (shown_until_of(self.wired.shows, each, requires, now) for each in people)
        return max((each for each in found if each is not None), default=now)

    def has_shown(self, person: str, requires: Sequence[str], now: datetime, otherwise: Refusal) -> Sequence[Write]:
        """One condition for each."""
        return [self.wired.shows.has_shown(person, Requirement.parse(each), now, otherwise) for each in requires]


@dataclass(frozen=True, slots=True)
class FaresInCatalogue:
    """Satisfies `subscriptions.life_ports.FaresOnOffer`."""

    catalogue: Catalogue

    def fares(self, products: Sequence[str]) -> Mapping[str, Collection[str]]:
        """One read of all of them."""
        keys = [(partner, product) for partner, _, product in (each.partition(":") for each in products)]
        found = self.catalogue.products_by([key for key in keys if all(key)])
        return {f"{partner}:{product}": each.fares.keys() for (partner, product), each in found.items()}


@dataclass(frozen=True, slots=True)
class NeededInSessions:
    """Satisfies `subscriptions.life_ports.Needs` out of access."""

    wired: Wiring
    now: datetime

    def needed(self, account_id: str, products: Collection[str], within: Interval) -> Sequence[Interval]:
        """All that was needed then, up to now."""
        wired = self.wired
        zone, sessions, heads = wired.settings.zone, wired.sessions, wired.heads
        found = needed_in(account_id, within, self.now, zone, sessions=sessions, heads=heads)
        kept = [each for each in found if not products or each.product in products]
        return [Interval(max(each.start, within.start), min(each.end, within.end)) for each in kept]
