"""What one area asks of others about an account, put together from theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from chalicelib.edge.settings import Settings

if TYPE_CHECKING:  # as in wiring
    from collections.abc import Iterable

    from chalicelib.access.agreed import Agreed
    from chalicelib.access.allowing import Asked, Due, StateOfAsked
    from chalicelib.access.limits import OwnNow, Spent
    from chalicelib.access.ports import Sessions
    from chalicelib.billing.agreement_uses import SubscriptionUses
    from chalicelib.billing.owed_ports import Charges
    from chalicelib.billing.ports import Billed, MonthUsed, Paid
    from chalicelib.catalogue.ports import Catalogue
    from chalicelib.customers.ports import Consents, Customers, Members, Shows
    from chalicelib.edge.wiring import Wiring
    from chalicelib.kernel.time import Month
    from chalicelib.kernel.writes import Write
    from chalicelib.metering.ports import Heads
    from chalicelib.rating import Use
    from chalicelib.subscriptions.ports import Agreements


@dataclass(frozen=True, slots=True)
class AccountStanding:
    """Satisfies `access.ports.Standing`: each area's condition, for the start's one transaction."""

    customers: Customers
    agreements: Agreements
    billed: Billed

    def conditions(self, account_id: str) -> Sequence[Write]:
        """The account is open, its agreement active, its payment in order."""
        return [
            self.customers.account_is_open(account_id),
            self.agreements.is_active(account_id),
            self.billed.can_pay(account_id),
        ]


@dataclass(frozen=True, slots=True)
class ShownAndAgreed:
    """Satisfies `access.allowing.Personal` out of customers. Consents are given to a partner, purpose by purpose."""

    shows: Shows
    consents: Consents
    members: Members

    def belongs(self, customer_id: str, member_of: str | None, turn: int | None) -> Sequence[Write]:
        """Nobody has to belong to what is their own."""
        return [] if member_of is None else [self.members.may_use(member_of, customer_id, turn)]

    def own_limit(self, customer_id: str, account_id: str) -> OwnNow | None:
        """One read of the account's item; all of it is hard."""
        from chalicelib.access.limits import Budget, Limits, OwnNow
        from chalicelib.customers.model import RIGHTS, Right

        found = self.members.member(account_id, customer_id)
        if found is None or not found.limit.is_set:
            return None
        limits = (None if each is None else Budget(each, own=True) for each in (found.limit.day, found.limit.month))
        starts = found.is_in and Right.USE in RIGHTS[found.role]
        return OwnNow(Limits(None, *limits), found.turn if starts else None)

    def conditions(self, customer_id: str, partner_id: str, agreed: Agreed, now: datetime) -> Sequence[Write]:
        """One condition for each thing that is asked."""
        from chalicelib.access.errors import ConsentMissing, EligibilityMissing
        from chalicelib.kernel.requirement import Requirement

        shown = [
            self.shows.has_shown(customer_id, Requirement.parse(each), now, EligibilityMissing(requires=each))
            for each in agreed.requires
        ]
        agrees = [
            self.consents.has_agreed(customer_id, purpose, version, ConsentMissing(purpose=purpose, version=version))
            for purpose, version in _purposes(partner_id, agreed)
        ]
        return [*self.belongs(customer_id, agreed.member_of, agreed.member_turn), *shown, *agrees]

    def asked(self, customer_id: str, partner_id: str, agreed: Agreed, now: datetime) -> Sequence[Asked]:
        """One read for each thing that is asked."""
        from chalicelib.access.allowing import Asked, StateOfAsked

        shown = [Asked(each, self._shown(customer_id, each, now)) for each in agreed.requires]
        given = []
        for purpose, version in _purposes(partner_id, agreed):
            found = self.consents.consent(customer_id, purpose)
            agrees = found is not None and found.given and found.version == version
            given.append(Asked(purpose, StateOfAsked.MET if agrees else StateOfAsked.MISSING, version))
        return [*shown, *given]

    def _shown(self, customer_id: str, text: str, now: datetime) -> StateOfAsked:
        from chalicelib.access.allowing import StateOfAsked
        from chalicelib.kernel.requirement import Requirement

        requirement = Requirement.parse(text)
        found = self.shows.shown(customer_id, requirement.kind)
        if found is None or not found.covers(requirement):
            return StateOfAsked.MISSING
        return StateOfAsked.MET if found.is_good(now) else StateOfAsked.EXPIRED


def _purposes(partner_id: str, agreed: Agreed) -> list[tuple[str, str]]:
    """Each purpose under its partner, and its version."""
    parts = (each.partition(":") for each in agreed.consents)
    return [(f"{partner_id}:{purpose}", version) for purpose, _, version in parts]


@dataclass(frozen=True, slots=True)
class SpentByAccounts:
    """Satisfies `access.allowing.Spending`: what the account's statement says of its ended sessions.

    What partners state beside use counts on no budget: nobody chose to spend it, and it stops nobody from riding. What
    a subscription costs counts on the account's own: a pass on the day and the month that it was bought in, a fee on
    its month, with what of that is still to come unless it may sleep.
    """

    wired: Wiring

    def spent(self, account_id: str, now: datetime, member: str | None = None) -> Spent:
        """Of the month, and of those that ended on the day."""
        return self._spent(account_id, None, now, member)

    def spent_on(self, account_id: str, product: str, now: datetime) -> Spent:
        """Likewise, of one product."""
        return self._spent(account_id, product, now)

    def _spent(self, account_id: str, product: str | None, now: datetime, member: str | None = None) -> Spent:
        from chalicelib.access.limits import Spent
        from chalicelib.billing.statement import statement
        from chalicelib.kernel.money import Money
        from chalicelib.kernel.time import Month, local_day, midnight

        zone, currency = self.wired.settings.zone, self.wired.settings.currency
        wired = self.wired
        kept = (wired.catalogue, wired.sessions, wired.heads, wired.billed, wired.settings)
        agreed = wired.subscribed if product is None and member is None else None
        stated = statement(
            account_id, Month.of(now, zone), currency, used=UsedByAccounts(*kept, subscribed=agreed), now=now
        )
        sums, today = stated.by_use, midnight(local_day(now, zone), zone)
        mine = (use for use in stated.uses if product in (None, use.tariff.tariff_id.partition("~")[0]))
        ended = [use for use in mine if not use.open]
        if member is not None:
            from chalicelib.edge.own_use import had_by

            own = had_by(member, account_id, [use.use_id for use in ended], wired.sessions)
            ended = [use for use in ended if use.use_id in own]
        fees = [sums[use.use_id] for use in stated.uses if use.open and use.held is not None]
        to_come = agreed.to_come(account_id, now, currency) if agreed is not None else Money.zero(currency)
        return Spent(
            day=Money(sum(sums[use.use_id] for use in ended if use.ended_at >= today and _on_the_day(use)), currency),
            month=Money(sum(sums[use.use_id] for use in ended) + sum(fees), currency) + to_come,
        )


def _on_the_day(use: Use) -> bool:
    """What was used or bought then; a fee is for all of its month."""
    return use.held is None or not use.held.stretches


@dataclass(frozen=True, slots=True)
class BookedByAccounts:
    """Satisfies `access.allowing.Fees`; few starts ask for it."""

    wired: Wiring

    def due(self, account_id: str, now: datetime) -> Sequence[Due]:
        """As `BookedFees` finds it."""
        from chalicelib.access.booking_fees import BookedFees

        return BookedFees(self.wired.bookings, self.wired.catalogue).due(account_id, now)


@dataclass(frozen=True, slots=True)
class UsedByAccounts:
    """Satisfies `billing.ports.Used` out of access; where they count, of subscriptions and partners' charges too."""

    catalogue: Catalogue
    sessions: Sessions
    heads: Heads
    billed: Billed
    settings: Settings
    charges: Charges | None = None
    subscribed: SubscriptionUses | None = None

    def month(self, account_id: str, month: Month, now: datetime, paid: Paid | None = None) -> MonthUsed:
        """The uses to be rated together, which of them belong to the month, and the account's terms."""
        from chalicelib.access.uses import month_of_use
        from chalicelib.billing.ports import MonthUsed
        from chalicelib.billing.sources import Sources
        from chalicelib.billing.terms import caps_of, terms_of

        zone, caps = self.settings.zone, caps_of(self.billed.fare_caps(month))
        found = month_of_use(
            account_id,
            month,
            now,
            zone,
            catalogue=self.catalogue,
            sessions=self.sessions,
            heads=self.heads,
            shared=frozenset(cap.period for cap in caps),
        )
        has_ceiling = any(product.ceiling for product in found.products.values())
        terms = terms_of(
            month,
            zone,
            self.settings.currency,
            products=found.products,
            caps=caps,
            earlier=frozenset(use.use_id for use in found.uses) - found.own,
            settled=self.billed.settlements(account_id) if has_ceiling else (),
            catalogue=self.catalogue,
            paid=paid or {},
        )
        used = MonthUsed(found.uses, found.own, terms, sources=Sources(found.records))
        if self.subscribed is not None:
            used = self.subscribed.with_agreements(used, account_id, month, now)
        if self.charges is None:
            return used
        from chalicelib.billing.owed_uses import with_charges

        return with_charges(used, account_id, month, now, zone, charges=self.charges, billed=self.billed)

    def adjusted_months(self, account_id: str, month: Month) -> Sequence[Month]:
        """Earlier months of which a charge was corrected in this one."""
        return self.sessions.adjusted_months(account_id, month)

    def correcting_later(self, account_id: str, month: Month, later: Iterable[Month], now: datetime) -> Sequence[Write]:
        """The account's marker of the open month: its close states all from the corrected one on."""
        from chalicelib.kernel.time import Month

        open_one = Month.of(now, self.settings.zone)
        return [self.sessions.active_in(account_id, open_one, month)] if any(each < open_one for each in later) else []
