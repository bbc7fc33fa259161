"""The mobile door's routes of becoming a customer, and of a guest's becoming one under another sign-in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from chalicelib.access.errors import QuoteForged
from chalicelib.customers.errors import AccountClosed, AlreadyErased, MinorMayNot, UnknownLink
from chalicelib.customers.model import Role
from chalicelib.edge import mobile
from chalicelib.edge.acting_for import person
from chalicelib.edge.amounts import show_instant
from chalicelib.edge.lazily import lazily
from chalicelib.edge.routes import BARRED, NOTHING, post

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from chalicelib.customers import linking
    from chalicelib.customers.model import Customer
    from chalicelib.edge import wiring_members
    from chalicelib.edge.call import Call
    from chalicelib.edge.oidc import Claims
    from chalicelib.edge.wiring import Wiring
    from chalicelib.kernel.writes import Write
    from chalicelib.subscriptions import service as subscriptions
    from chalicelib.subscriptions.model import Agreement
else:
    linking = lazily("chalicelib.customers.linking")
    wiring_members = lazily("chalicelib.edge.wiring_members")
    subscriptions = lazily("chalicelib.subscriptions.service")


class LinkBody(msgspec.Struct, forbid_unknown_fields=True):
    """What my earlier sign-in was given to hand on."""

    link: mobile.Token


class LinkGiven(msgspec.Struct):
    """What my next sign-in sends, until then and once."""

    link: str
    valid_until: str


class Linked(msgspec.Struct):
    """Who I am under the new sign-in: the same customer, in the same account."""

    customer_id: str
    account_id: str
    language: str


def show_linked(customer: Customer) -> Linked:
    """The customer under the new sign-in."""
    return Linked(customer.customer_id, customer.account_id, customer.language)


class SignInDesk:
    """Who a sign-in is."""

    def __init__(self, wired: Wiring) -> None:
        self._wired = wired

    @post("/v1/me", takes=mobile.SignUpBody, shows=mobile.show_agreement, status=202, anyone=True, refuses=BARRED)
    def become_customer(self, call: Call[Claims, mobile.SignUpBody]) -> Agreement:
        """Become a customer: accept the terms. The account is open a moment later, when GET /v1/me shows it."""
        wired, subject, body = self._wired, call.caller.subject, call.body
        language, known = mobile.read_language(body), self._grown(subject)
        return subscriptions.sign_up(
            subscriptions.SignUp(subject, language, body.terms_version, known),
            terms_in_force=wired.settings.terms_version,
            currency=wired.settings.currency,
            agreements=wired.agreements,
            random_bytes=wired.random_bytes,
            now=call.now,
            commit=call.commit,
        )

    def _grown(self, subject: str) -> str | None:
        """Who came in as a minor is the same person once they are none, and agrees to nothing before."""
        known = self._wired.customers.by_subject(subject)
        if known is None or not known.ward:
            return None
        if any(each.role is Role.MINOR for each in self._wired.members.of_subject(subject)):
            raise MinorMayNot(needs="sign up")
        return known.customer_id

    @post("/v1/me/sign-in", idempotent=False)
    def hand_on(self, call: Call[Claims, None]) -> LinkGiven:
        """What I send under another sign-in to be the same customer there, as guests do who stay. Changes nothing."""
        link = linking.link_for(person(call, self._wired), call.now)
        return LinkGiven(wiring_members.seals_links(self._wired).seal(link.document()), show_instant(link.valid_until))

    @post("/v1/me/link", takes=LinkBody, shows=show_linked, anyone=True, refuses=NOTHING)
    def link_sign_in(self, call: Call[Claims, LinkBody]) -> Customer:
        """Be under this sign-in who I was under another, with all that is mine. The other one opens nothing more."""
        wired, subject = self._wired, call.caller.subject
        link = self._link(call.body.link)
        who, writes = linking.linked(link, subject, customers=wired.customers, members=wired.members, now=call.now)
        try:
            return call.commit([*writes, *self._not_leaving(who), *self._agreed(who, subject)], who)
        except AccountClosed as refusal:
            raise AlreadyErased from refusal

    def _not_leaving(self, who: Customer) -> list[Write]:
        """Who leaves is forgotten by the sign-ins that they have, and gets no other meanwhile."""
        if not who.ward:
            return [self._wired.customers.account_is_open(who.account_id)]
        if self._wired.erasures.of_account(who.customer_id) is not None:
            raise AccountClosed
        return []

    def _agreed(self, who: Customer, subject: str) -> list[Write]:
        return [] if who.ward else [self._wired.agreements.linking(who.account_id, subject)]

    def _link(self, token: str) -> linking.Link:
        try:
            return linking.Link.of(wiring_members.seals_links(self._wired).unseal(token))
        except (QuoteForged, UnknownLink) as refusal:
            raise UnknownLink(pointer="/link") from refusal
