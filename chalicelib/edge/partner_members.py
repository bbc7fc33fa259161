"""The partner door's route of who subscribes to plans with fares on the partner's products."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from chalicelib.edge.amounts import show_instant
from chalicelib.edge.call import Call
from chalicelib.edge.lazily import lazily
from chalicelib.edge.paging import Page, PageQuery
from chalicelib.edge.partner_audit import record_linked
from chalicelib.edge.routes import get
from chalicelib.edge.subscription_views import listed
from chalicelib.kernel.time import Month

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from chalicelib.customers import consent
    from chalicelib.edge import pseudonyms, subscription_areas
    from chalicelib.edge.wiring import Wiring
    from chalicelib.partners.model import ApiKey
    from chalicelib.subscriptions.plan import Plan
    from chalicelib.subscriptions.subscription import Subscription
else:
    consent = lazily("chalicelib.customers.consent")
    pseudonyms = lazily("chalicelib.edge.pseudonyms")
    subscription_areas = lazily("chalicelib.edge.subscription_areas")


class LinkShown(msgspec.Struct):
    """The name by which the partner knows a customer again, by the consent to that version of its text; since when."""

    known_as: str
    version: str
    agreed_at: str


class MemberShown(msgspec.Struct):
    """A subscription with a fare on the partner's products, under a pseudonym that lasts for the month.

    `links` are of its members, if all of them agree to be known again: one alone would make the others known too.
    """

    customer: str
    plan_id: str
    plan_version: int
    seats: int
    state: str
    fares: dict[str, str]
    links: list[LinkShown]


class PartnerMembersDesk:
    """Subscriptions, as far as they concern the partner."""

    def __init__(self, wired: Wiring) -> None:
        self._wired = wired

    @get("/v1/subscriptions", query=PageQuery)
    def subscriptions(self, call: Call[ApiKey, None]) -> Page[MemberShown]:
        """Who has a fare on my products by a plan, under pseudonyms; who agreed to my `link`, by a lasting name too.

        A page may be short, and not the last.
        """
        month, partner_id = Month.of(call.now, self._wired.settings.zone), call.caller.partner_id
        names = pseudonyms.Pseudonyms(self._wired.settings.pepper, partner_id, month)
        after = None if call.query.after is None else names.account(call.query.after)
        rows, goes_on = listed(self._wired, None, call.query.limit, after, ended=False)
        looking = subscription_areas.looking(self._wired, call.now)
        planned = [(each, looking.plan(each)) for each in rows]
        own = [(each, plan) for each, plan in planned if _fares(plan, partner_id)]
        linked = _linked(self._wired, partner_id, [each for each, _ in own])
        record_linked([(each, linked[each.subscription_id]) for each, _ in own], call, self._wired)
        shown = [_shown(each, plan, linked[each.subscription_id], names, call.now) for each, plan in own]
        return Page(shown, None if goes_on is None else names.cursor(goes_on))


def _fares(plan: Plan, partner_id: str) -> dict[str, str]:
    """Of the partner's own products, by product."""
    return {key.partition(":")[2]: fare for key, fare in plan.fares.items() if key.startswith(f"{partner_id}:")}


def _linked(wired: Wiring, partner_id: str, rows: Sequence[Subscription]) -> Mapping[str, list[consent.Consent]]:
    """By subscription: its members' consents, where all of them agree."""
    people = {person for each in rows for person in each.members}
    agreed = wired.consents.agreed_by(people, consent.link_of(partner_id))
    return {
        each.subscription_id: [agreed[person] for person in each.members] if agreed.keys() >= set(each.members) else []
        for each in rows
    }


def _link(given: consent.Consent) -> LinkShown:
    return LinkShown(given.known_as or "", given.version, show_instant(given.at))


def _shown(
    subscription: Subscription,
    plan: Plan,
    linked: Sequence[consent.Consent],
    names: pseudonyms.Pseudonyms,
    now: datetime,
) -> MemberShown:
    return MemberShown(
        customer=names.of(subscription.account_id),
        plan_id=plan.plan_id,
        plan_version=plan.version,
        seats=subscription.phase_at(now).seats,
        state=str(subscription.state_at(now)),
        fares=_fares(plan, names.partner_id),
        links=[_link(each) for each in linked],
    )
