"""In another's account: each route of the mobile door needs one right of a role, and what is another's is not there."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.customers.member_items import MemberRecord
from chalicelib.customers.model import RIGHTS, Right, Role
from chalicelib.edge.openapi_examples import EXAMPLES
from tests.doors.acting import Acting, made_member
from tests.doors.callers import Reply, done, refused
from tests.doors.world import Customer, Partner, World

SESSION, RESERVED = "/v1/access-sessions/{session_id}", "/v1/reservations/{session_id}"
BOOKING, MEMBER = "/v1/bookings/{booking_id}", "/v1/account/members/{customer_id}"
SESSIONS = "/mobile/v1/access-sessions"
SUBSCRIPTION = "/v1/subscriptions/{subscription_id}"
NOTE, CHARGE = "/v1/credit-notes/{note_id}", "/v1/charges/{charge_id}"
NEEDS: dict[Right | None, set[tuple[str, str]]] = {
    Right.USE: {
        ("POST", "/v1/quotes"),
        ("POST", "/v1/scans"),
        ("POST", "/v1/access-sessions"),
        ("POST", "/v1/reservations"),
        ("POST", f"{RESERVED}/start"),
        ("POST", f"{SESSION}/pause"),
        ("POST", f"{SESSION}/resume"),
        ("POST", f"{SESSION}/transfer"),
        ("POST", f"{SESSION}/fault"),
        ("POST", f"{SESSION}/sharing"),
        ("DELETE", f"{SESSION}/stop"),
        ("POST", "/v1/shared-sessions"),
        ("POST", "/v1/shared-sessions/invitation"),
        ("POST", "/v1/booking-quotes"),
        ("POST", "/v1/bookings"),
        ("PUT", BOOKING),
        ("POST", f"{BOOKING}/cancel"),
        ("POST", f"{BOOKING}/start"),
        ("POST", "/v1/waiting"),
        ("GET", "/v1/waiting"),
        ("DELETE", "/v1/waiting/{waiting_id}"),
    },
    Right.FINISH: {
        ("POST", f"{SESSION}/end"),
        ("PUT", f"{SESSION}/stop"),
        ("POST", f"{RESERVED}/cancel"),
        ("POST", "/v1/shared-sessions/{session_id}/leave"),
    },
    Right.SEE: {
        ("GET", "/v1/subscriptions"),
        ("GET", SUBSCRIPTION),
        ("GET", f"{SUBSCRIPTION}/confirmation"),
        ("GET", f"{SUBSCRIPTION}/confirmation.txt"),
        ("GET", f"{SUBSCRIPTION}/confirmation.html"),
        ("GET", "/v1/notices"),
        ("GET", "/v1/me/accesses"),
        ("GET", "/v1/statements/{month}/statement.txt"),
        ("GET", "/v1/statements/{month}"),
        ("GET", "/v1/statements/{month}/lines/{line_id}/evidence"),
        ("GET", "/v1/access-sessions"),
        ("GET", SESSION),
        ("GET", f"{SESSION}/receipt"),
        ("GET", f"{SESSION}/receipt.txt"),
        ("GET", f"{SESSION}/receipt.html"),
        ("GET", "/v1/sessions/{session_id}/timeline"),
        ("GET", "/v1/shared-sessions/{session_id}"),
        ("GET", "/v1/reservations"),
        ("GET", "/v1/bookings"),
        ("GET", BOOKING),
    },
    Right.READ: {
        ("GET", "/v1/me/wishes"),
        ("GET", f"{SUBSCRIPTION}/withdrawal"),
        ("GET", f"{SUBSCRIPTION}/withdrawal/receipt.txt"),
        ("GET", f"{SUBSCRIPTION}/withdrawal/receipt.html"),
        ("GET", f"{SUBSCRIPTION}/announcement"),
        ("GET", "/v1/invoices"),
        ("GET", "/v1/invoices/{invoice_id}"),
        ("GET", "/v1/invoices/{invoice_id}/document.html"),
        ("GET", "/v1/credit-notes"),
        ("GET", NOTE),
        ("GET", f"{NOTE}/document"),
        ("GET", f"{NOTE}/document.html"),
        ("GET", "/v1/charges"),
        ("GET", CHARGE),
        ("GET", f"{CHARGE}/evidence/{{sha256}}"),
        ("GET", "/v1/wallet"),
        ("GET", "/v1/wallet/entries"),
        ("GET", "/v1/me/billing-details"),
        ("GET", "/v1/me/money-back"),
        ("GET", "/v1/me/limits"),
        ("GET", "/v1/advice"),
        ("GET", "/v1/statements/{month}/proof"),
        ("GET", "/v1/proofs"),
        ("GET", "/v1/proofs/{number}"),
    },
    Right.PAY: {
        ("POST", f"{SUBSCRIPTION}/withdrawal"),
        ("POST", f"{SUBSCRIPTION}/withdrawal/confirmation"),
        ("POST", f"{SUBSCRIPTION}/announcement/acceptance"),
        ("GET", f"{SESSION}/hold/confirmation"),
        ("POST", "/v1/subscriptions"),
        ("POST", f"{SUBSCRIPTION}/pause"),
        ("DELETE", f"{SUBSCRIPTION}/pause"),
        ("POST", f"{SUBSCRIPTION}/wake"),
        ("GET", f"{SUBSCRIPTION}/change"),
        ("POST", f"{SUBSCRIPTION}/change"),
        ("DELETE", f"{SUBSCRIPTION}/change"),
        ("POST", f"{SUBSCRIPTION}/end"),
        ("POST", "/v1/me/payment-methods"),
        ("GET", "/v1/me/payment-methods"),
        ("PUT", "/v1/me/payment-methods/{method_id}/default"),
        ("DELETE", "/v1/me/payment-methods/{method_id}"),
        ("POST", "/v1/invoices/{invoice_id}/pay"),
        ("PUT", "/v1/me/billing-details"),
        ("PUT", "/v1/me/money-back"),
        ("POST", f"{NOTE}/choice"),
        ("POST", f"{CHARGE}/accept"),
        ("POST", f"{CHARGE}/objection"),
        ("POST", "/v1/wallet/top-ups"),
        ("POST", "/v1/wallet/gifts"),
        ("POST", "/v1/wallet/redeem"),
        ("POST", "/v1/wallet/payout"),
    },
    Right.MANAGE: {
        ("PUT", "/v1/me/wishes"),
        ("PUT", f"{SUBSCRIPTION}/members/{{customer_id}}"),
        ("DELETE", f"{SUBSCRIPTION}/members/{{customer_id}}"),
        ("PUT", "/v1/me/limits"),
        ("PUT", "/v1/account"),
        ("DELETE", "/v1/account"),
        ("POST", "/v1/account/owner"),
        ("POST", "/v1/account/invitations"),
        ("GET", "/v1/account/invitations"),
        ("DELETE", "/v1/account/invitations/{invitation_id}"),
    },
    Right.BELONG: {
        ("GET", "/v1/plans"),
        ("GET", "/v1/me"),
        ("GET", "/v1/account"),
        ("GET", "/v1/account/members"),
        ("PUT", MEMBER),
        ("DELETE", MEMBER),
    },
    None: {
        ("POST", "/v1/me"),
        ("GET", "/v1/terms/{version}"),
        ("DELETE", "/v1/me"),
        ("GET", "/v1/me/data"),
        ("GET", "/v1/erasures/{erasure_id}"),
        ("POST", "/v1/me/sign-in"),
        ("POST", "/v1/me/link"),
        ("POST", "/v1/accounts"),
        ("GET", "/v1/accounts"),
        ("POST", "/v1/memberships"),
        ("POST", "/v1/memberships/invitation"),
        ("GET", "/v1/offers"),
        ("GET", "/v1/calendar"),
        ("GET", "/v1/me/eligibility"),
        ("POST", "/v1/me/eligibility"),
        ("GET", "/v1/me/consents"),
        ("GET", "/v1/me/consents/{purpose}"),
        ("PUT", "/v1/me/consents/{purpose}"),
        ("DELETE", "/v1/me/consents/{purpose}"),
        ("GET", "/openapi.json"),
    },
}
"""None: what is the person's own in whichever account, or everybody's."""
Bodies = dict[tuple[str, str], Any]
ASKED = {("GET", f"{SUBSCRIPTION}/change"): "?plan=x&version=1"}
"""What a read has to be asked with."""


@pytest.fixture(scope="module")
def bodies(world: World) -> Bodies:
    """A body that fits, for each route that takes one."""
    declared = world.system.doors["mobile"].module.app.operations
    return {(each.method, each.path): EXAMPLES[each.takes.__name__] for each in declared if each.takes is not None}


def routes() -> Iterator[tuple[Right, str, str]]:
    for right, declared in NEEDS.items():
        if right is not None:
            yield from ((right, method, path) for method, path in sorted(declared))


def called(who: Customer, method: str, path: str, body: object) -> Reply:
    """A call that can do no harm: its ids are of nothing."""
    where = path.replace("{month}", "1999-01").replace("{", "no-").replace("}", "") + ASKED.get((method, path), "")
    return who.ask(method, f"/mobile{where}", body)


@pytest.fixture(scope="module")
def owner(world: World) -> Customer:
    return world.customer()


@pytest.fixture(scope="module")
def account(owner: Customer) -> str:
    return str(owner.read("/mobile/v1/me")["account_id"])


@pytest.fixture(scope="module")
def given(bodies: Bodies, owner: Customer, partner: Partner) -> Bodies:
    """The same, with a quote of ours where one is read first."""
    quote = {"code": "X", "quote": owner.quote(partner.bike())["quote"]}
    return {**bodies, ("POST", "/v1/access-sessions"): quote, ("POST", "/v1/reservations"): quote}


def test_each_route_has_a_decision_about_what_a_role_needs_for_it(world: World) -> None:
    declared: dict[str | None, set[tuple[str, str]]] = {}
    for each in world.system.doors["mobile"].module.app.operations:
        declared.setdefault(each.needs, set()).add((each.method, each.path))

    assert declared == NEEDS


def test_nobody_does_anything_in_an_account_in_which_they_are_not(world: World, account: str, given: Bodies) -> None:
    """
    Whichever the route; and an account that is not there is refused in the same words.
    """
    stranger = world.customer(card=None)
    answers = {
        (method, path): called(Acting(stranger, account), method, path, given.get((method, path))).json["code"]
        for _, method, path in routes()
    }
    assert {route: code for route, code in answers.items() if code != "not_a_member"} == {}
    there, nowhere = (Acting(stranger, each).get(SESSIONS).json for each in (account, "acc_none"))
    assert {**there, "correlation_id": ""} == {**nowhere, "correlation_id": ""}


@pytest.mark.parametrize("role", Role)
def test_a_role_does_what_it_gives_and_is_refused_the_rest(
    world: World, account: str, given: Bodies, role: Role
) -> None:
    """
    One route for each right; that each route needs one of these is shown above.
    """
    who = made_member(account, world.customer(card=None), world, role)
    tried = {right: (method, path) for right, method, path in reversed([*routes()])}
    for right, (method, path) in tried.items():
        reply = called(who, method, path, given.get((method, path)))
        if right in RIGHTS[role]:
            assert reply.status != 403, (right, path, reply)
        else:
            assert refused(reply, 403, "role_may_not")["facts"] == {"role": role, "needs": right, "ended": False}


def test_a_member_rides_in_the_accounts_name_and_sees_their_own_alone(
    world: World, owner: Customer, account: str, partner: Partner
) -> None:
    member, other = (made_member(account, world.customer(card=None), world, Role.MEMBER) for _ in range(2))
    viewer = made_member(account, world.customer(card=None), world, Role.VIEWER)
    theirs, owners = member.start(partner.bike()), owner.start(partner.bike())

    listed = [{each["session_id"] for each in who.read(SESSIONS)} for who in (member, other, owner, viewer)]
    assert listed == [{theirs}, set(), {theirs, owners}, {theirs, owners}]
    for who in (other, member):
        refused(who.get(f"{SESSIONS}/{owners}"), 404, "unknown_session")
        refused(who.post(f"{SESSIONS}/{owners}/end"), 404, "unknown_session")
    assert viewer.read(f"{SESSIONS}/{theirs}")["session"]["state"] == "active"
    refused(viewer.post(f"{SESSIONS}/{theirs}/end"), 403, "role_may_not")
    assert Customer(member.base, member.token).read(SESSIONS) == []
    done(member.post(f"{SESSIONS}/{theirs}/end"))
    done(owner.post(f"{SESSIONS}/{owners}/end"))
    assert member.read(f"{SESSIONS}/{theirs}/receipt")["session_id"] == theirs
    refused(other.get(f"{SESSIONS}/{theirs}/receipt"), 404, "unknown_session")


def test_a_quote_that_was_asked_in_one_account_starts_nothing_in_another(
    world: World, account: str, partner: Partner
) -> None:
    who = world.customer()
    member, code = made_member(account, who, world, Role.MEMBER), partner.bike()
    bodies = [{"code": code, "quote": each.quote(code)["quote"]} for each in (who, member)]

    refused(member.post(SESSIONS, bodies[0]), 403, "quote_for_another")
    refused(who.post(SESSIONS, bodies[1]), 403, "quote_for_another")


def test_whoever_lost_their_place_between_quote_and_start_starts_nothing(
    world: World, account: str, partner: Partner
) -> None:
    """
    What is read at the start may be a moment old: the condition in its one transaction decides.
    """
    member, code = made_member(account, world.customer(card=None), world, Role.MEMBER), partner.bike()
    body = {"code": code, "quote": member.quote(code)["quote"]}
    stored = MemberRecord.find(f"account#{account}", f"member#{member.read('/mobile/v1/me')['customer_id']}")
    assert stored is not None
    stored.update([MemberRecord.role.set("viewer")])

    refused(member.post(SESSIONS, body), 409, "membership_moved")

    assert member.read(SESSIONS) == []


def test_a_key_that_was_used_in_one_account_is_free_in_another(world: World, account: str, partner: Partner) -> None:
    who = world.customer()
    member = made_member(account, who, world, Role.MEMBER)
    begun = [
        done(each.post(SESSIONS, {"code": code, "quote": each.quote(code)["quote"]}, key="the-one"))
        for each, code in ((who, partner.bike()), (member, partner.bike()))
    ]

    assert len({each["session_id"] for each in begun}) == 2
