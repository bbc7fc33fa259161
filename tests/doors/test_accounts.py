"""Accounts for several people, as stories: a family, its child, a firm; who may what, who pays, who sees."""

from typing import Any

import pytest

from tests.doors.acting import Acting
from tests.doors.asking import SESSIONS, accepted, begin, quoted, thing, things
from tests.doors.callers import done, refused
from tests.doors.vans import BOOKINGS, at, book, cancel, take_up
from tests.doors.world import Customer, Partner, World

MEMBERS, INVITATIONS = "/mobile/v1/account/members", "/mobile/v1/account/invitations"
MEMBERSHIPS = "/mobile/v1/memberships"
STATEMENT = "/mobile/v1/statements/2021-05"
FIRM = {"name": "Rakennus Oy", "address": ["Katu 1", "00100 Helsinki"], "country": "FI", "vat_number": "FI12345678"}


@pytest.fixture(scope="module")
def cars(world: World) -> Partner:
    """Ten cents a minute in use."""
    return things(world, {})


def opened(customer: Customer, kind: str = "family", **said: object) -> Acting:
    body = {"kind": kind, "name": "Home", "terms_version": "1", **said}
    return Acting(customer, done(customer.post("/mobile/v1/accounts", body))["account_id"])


def invited(owner: Customer, role: str, **said: object) -> str:
    return str(done(owner.post(INVITATIONS, {"role": role, **said}))["invitation"])


def joined(who: Customer, invitation: str) -> Acting:
    return Acting(who, done(who.post(MEMBERSHIPS, {"invitation": invitation}))["account_id"])


def me(who: Customer) -> str:
    return str(who.read("/mobile/v1/me")["customer_id"])


def ride(world: World, who: Customer, cars: Partner, minutes: int) -> str:
    """A whole ride of so many minutes; the session's id."""
    session = str(begin(who, thing(cars))["session_id"])
    world.later(minutes=minutes)
    done(who.post(f"{SESSIONS}/{session}/end"))
    return session


def total(who: Customer) -> str:
    return str(who.read(STATEMENT)["total"]["amount"])


def test_a_family_shares_an_account_that_one_card_pays_and_each_sees_their_own(world: World, cars: Partner) -> None:
    """
    10 May: Aino opens an account for the family, whose card pays it, and invites Eero with 3.00 a day.
    """
    aino, eero, stranger = world.customer(card=None), world.customer(card=None), world.customer(card=None)
    home = opened(aino)
    refused(home.post(SESSIONS, accepted(home, thing(cars))), 402, "payment_not_in_order")
    world.save_card(home, "pm_card_visa")
    offer = invited(home, "member", name="Eero", day="3.00")
    look = done(eero.post(f"{MEMBERSHIPS}/invitation", {"invitation": offer}, key=None))
    assert (look["account"], look["kind"], look["role"], look["day"]["amount"]) == ("Home", "family", "member", "3.00")
    eeros = joined(eero, offer)

    refused(stranger.post(MEMBERSHIPS, {"invitation": offer}), 409, "invitation_taken")
    shown = [(each["kind"], each["name"], each["role"], each["own"]) for each in eero.read("/mobile/v1/accounts")]
    assert shown == [("person", "", "owner", True), ("family", "Home", "member", False)]
    assert [eeros.read("/mobile/v1/me")[name] for name in ("kind", "account", "role")] == ["family", "Home", "member"]
    assert [each["name"] for each in eeros.read(MEMBERS)] == ["Eero"]
    assert len(home.read(MEMBERS)) == 2

    hers, his = ride(world, home, cars, 60), ride(world, eeros, cars, 20)

    assert (total(home), total(eeros), total(eero)) == ("8.00", "2.00", "0.00")
    assert [each["session_id"] for each in eeros.read(STATEMENT)["sessions"]] == [his]
    assert home.read(f"{SESSIONS}/{his}/receipt")["amount"]["amount"] == "2.00"
    refused(eeros.get(f"{SESSIONS}/{hers}/receipt"), 404, "unknown_session")
    refused(eeros.get("/mobile/v1/invoices"), 403, "role_may_not")

    budgets = {each["own"]: each for each in quoted(eeros, thing(cars), in_use="1200")["allowance"]["budgets"]}
    assert {name: budgets[True][name] for name in ("period", "hard", "fits")} == {
        "period": "day",
        "hard": True,
        "fits": False,
    }
    assert (budgets[True]["spent"]["amount"], budgets[True]["left"]["amount"]) == ("2.00", "1.00")
    over = refused(eeros.post(SESSIONS, accepted(eeros, thing(cars), in_use="1200")), 409, "budget_passed")
    assert over["facts"]["period"] == "own_day"
    ride(world, home, cars, 60)

    body = accepted(eeros, thing(cars), in_use="300")
    below = done(home.put(f"{MEMBERS}/{me(eero)}", {"role": "member", "name": "Eero", "day": "0.40", "month": "2.00"}))
    assert (below["day"]["amount"], below["passed"]) == ("0.40", ["day"])
    refused(eeros.post(SESSIONS, body), 409, "membership_moved")
    refused(eeros.post(SESSIONS, accepted(eeros, thing(cars), in_use="300")), 409, "budget_passed")
    done(home.put(f"{MEMBERS}/{me(eero)}", {"role": "member", "name": "Eero", "day": "2.90"}))
    first, second = (accepted(eeros, thing(cars), in_use="300") for _ in range(2))
    begun = done(eeros.post(SESSIONS, first))
    assert begun["ends_at_cost"]["amount"] == "0.90"
    refused(eeros.post(SESSIONS, second), 409, "membership_moved")
    done(eeros.post(f"{SESSIONS}/{begun['session_id']}/end"))


def test_whoever_is_removed_while_they_ride_ends_it_and_starts_nothing_more(world: World, cars: Partner) -> None:
    """
    The ride goes on, and is the account's: an owner may end it too. Removed, they see what they had and no more.
    """
    aino, eero = world.customer(card=None), world.customer()
    home = opened(aino)
    world.save_card(home, "pm_card_visa")
    eeros = joined(eero, invited(home, "member"))
    body = accepted(eeros, thing(cars))
    riding, other = (begin(eeros, thing(cars))["session_id"] for _ in range(2))

    ended = done(home.delete(f"{MEMBERS}/{me(eero)}"))
    assert ended["ended_at"] is not None
    world.later(minutes=10)

    for refusal in (
        eeros.post(SESSIONS, body),
        eeros.post("/mobile/v1/quotes", {"code": body["code"]}, key=None),
        eeros.post(f"{SESSIONS}/{riding}/pause"),
        eeros.get("/mobile/v1/me"),
    ):
        assert refused(refusal, 403, "role_may_not")["facts"]["ended"] is True
    assert {each["session_id"] for each in eeros.read(SESSIONS)} == {riding, other}
    done(eeros.post(f"{SESSIONS}/{riding}/end"))
    done(home.post(f"{SESSIONS}/{other}/end"))
    assert total(home) == "2.00"
    assert eeros.read(f"{SESSIONS}/{riding}/receipt")["amount"]["amount"] == "1.00"
    assert [each["kind"] for each in eero.read("/mobile/v1/accounts")] == ["person"]
    refused(home.delete(f"{MEMBERS}/{me(eero)}"), 404, "unknown_member")
    refused(home.delete(f"{MEMBERS}/{me(aino)}"), 409, "owner_needed")


def test_a_booking_is_its_members_own_and_the_owners_to_see_and_cancel(world: World, van: str) -> None:
    home = opened(world.customer(card=None))
    world.save_card(home, "pm_card_visa")
    eero, onni = (joined(world.customer(card=None), invited(home, "member")) for _ in range(2))
    one = book(eero, at(world, 4), at(world, 6), code=van)
    other = book(home, at(world, 10), at(world, 12), code=van)

    listed = [{each["booking_id"] for each in who.read(BOOKINGS)["items"]} for who in (eero, onni, home)]
    assert listed == [{one["booking_id"]}, set(), {one["booking_id"], other["booking_id"]}]
    for who, theirs in ((onni, one), (eero, other)):
        refused(who.get(f"{BOOKINGS}/{theirs['booking_id']}"), 404, "unknown_booking")
        refused(who.post(f"{BOOKINGS}/{theirs['booking_id']}/cancel"), 404, "unknown_booking")
    world.later(hours=4, seconds=1)
    session = done(take_up(eero, one, van))["session_id"]
    assert [each["session_id"] for each in eero.read(SESSIONS)] == [session]
    done(home.post(f"{SESSIONS}/{session}/end"))
    assert cancel(home, other)["state"] == "cancelled"


def test_a_minor_rides_only_where_somebody_guards_them_and_within_what_they_allow(world: World, cars: Partner) -> None:
    """
    Onni, who has never signed up, becomes a customer by the invitation and has no account of his own.
    """
    aino, onni = world.customer(card=None), world.visitor()
    home = opened(aino)
    world.save_card(home, "pm_card_visa")
    offer = invited(home, "minor", name="Onni", day="1.00")
    refused(onni.post(MEMBERSHIPS, {"invitation": offer}), 409, "guardian_needed")
    refused(aino.post(MEMBERSHIPS, {"invitation": offer}), 409, "has_own_account")
    done(home.put(f"{MEMBERS}/{me(aino)}", {"role": "owner", "guards": True}))
    onnis = joined(onni, offer)

    refused(onni.get("/mobile/v1/me"), 403, "account_not_chosen")
    assert [(each["role"], each["own"]) for each in onni.read("/mobile/v1/accounts")] == [("minor", False)]
    ride(world, onnis, cars, 5)
    refused(onnis.post(SESSIONS, accepted(onnis, thing(cars), in_use="600")), 409, "budget_passed")
    refused(onnis.post("/mobile/v1/me/payment-methods"), 403, "role_may_not")
    refused(onnis.post(INVITATIONS, {"role": "member"}), 403, "role_may_not")
    refused(onni.post("/mobile/v1/me", {"terms_version": "1"}), 403, "minor_may_not")
    body = {"kind": "family", "name": "Mine", "terms_version": "1"}
    refused(onni.post("/mobile/v1/accounts", body), 403, "minor_may_not")
    refused(onnis.delete(f"{MEMBERS}/{me(onnis)}"), 403, "minor_may_not")

    done(home.put(f"{MEMBERS}/{me(onnis)}", {"role": "member", "name": "Onni", "day": "1.00"}))
    refused(home.put(f"{MEMBERS}/{me(onnis)}", {"role": "payer", "name": "Onni"}), 409, "sign_up_needed")
    done(onni.post("/mobile/v1/me", {"terms_version": "1"}))
    world.settle()
    assert onni.read("/mobile/v1/me")["customer_id"] == me(onnis)
    done(home.put(f"{MEMBERS}/{me(onnis)}", {"role": "payer", "name": "Onni"}))


def test_a_guardian_sees_and_limits_what_a_minor_does(world: World, cars: Partner) -> None:
    home = opened(world.customer(card=None))
    world.save_card(home, "pm_card_visa")
    guardian = joined(world.customer(card=None), invited(home, "guardian"))
    onnis = joined(world.visitor(), invited(home, "minor", name="Onni", day="0.10"))
    refused(guardian.delete(f"{MEMBERS}/{me(guardian)}"), 409, "guardian_needed")
    refused(onnis.post(SESSIONS, accepted(onnis, thing(cars), in_use="600")), 409, "budget_passed")

    done(guardian.put(f"{MEMBERS}/{me(onnis)}", {"role": "minor", "name": "Onni", "day": "9.00"}))
    begun = begin(onnis, thing(cars), in_use="600")["session_id"]
    assert guardian.read(f"{SESSIONS}/{begun}")["session"]["state"] == "active"
    done(guardian.post(f"{SESSIONS}/{begun}/end"))


def test_a_firm_rides_on_one_bill_with_its_purchase_order_and_who_pays_does_not_ride(
    world: World, cars: Partner
) -> None:
    boss, clerk, fitter = (world.customer(card=None) for _ in range(3))
    refused(
        boss.post("/mobile/v1/accounts", {"kind": "firm", "name": "Rakennus", "terms_version": "1"}),
        422,
        "body_invalid",
        "/billing",
    )
    firm = opened(boss, "firm", name="Rakennus", billing={**FIRM, "purchase_order": "PO-7", "cost_centre": "yard"})
    refused(firm.post(INVITATIONS, {"role": "minor"}), 422, "role_not_here", "/role")
    clerks, fitters = joined(clerk, invited(firm, "payer")), joined(fitter, invited(firm, "member"))
    world.save_card(clerks, "pm_card_visa")
    refused(clerks.post("/mobile/v1/quotes", {"code": thing(cars)}, key=None), 403, "role_may_not")
    ride(world, fitters, cars, 30)

    details = clerks.read("/mobile/v1/me/billing-details")
    assert (details["purchase_order"], details["vat_number"]) == ("PO-7", "FI12345678")
    done(clerks.put("/mobile/v1/me/billing-details", {**FIRM, "purchase_order": "PO-8"}))
    assert total(clerks) == "3.00"

    handed = done(firm.post("/mobile/v1/account/owner", {"to": me(clerk), "role": "viewer"}))
    assert handed["role"] == "owner"
    assert firm.read("/mobile/v1/me")["role"] == "viewer"
    refused(firm.put("/mobile/v1/account", {"name": "Mine"}), 403, "role_may_not")
    assert done(clerks.put("/mobile/v1/account", {"name": "Rakennus 2"}))["name"] == "Rakennus 2"
    done(firm.delete(f"{MEMBERS}/{me(boss)}"))


def test_an_invitation_is_for_one_person_for_a_time_and_can_be_withdrawn(world: World) -> None:
    home, who = opened(world.customer(card=None)), world.customer(card=None)
    body: dict[str, Any] = {"role": "viewer", "days": 1}
    first, again = (home.post(INVITATIONS, body, key="once") for _ in range(2))
    assert (first.json["invitation"] is not None, again.json) == (True, {**first.json, "invitation": None})
    withdrawn = first.json["invitation_id"]
    done(home.delete(f"{INVITATIONS}/{withdrawn}"))
    late = invited(home, "viewer", days=1)

    refused(who.post(MEMBERSHIPS, {"invitation": first.json["invitation"]}), 409, "invitation_withdrawn")
    for forged in ("x", late[:-4] + "AAAA", quoted_token(world)):
        refused(who.post(MEMBERSHIPS, {"invitation": forged}), 404, "unknown_invitation", "/invitation")
    refused(world.visitor().post(MEMBERSHIPS, {"invitation": late}), 403, "not_signed_up")
    world.later(hours=25)
    refused(who.post(MEMBERSHIPS, {"invitation": late}), 409, "invitation_expired")
    assert home.read(MEMBERS) == [each for each in home.read(MEMBERS) if each["role"] == "owner"]
    refused(who.post(INVITATIONS, {"role": "member"}), 409, "no_members_here")


def quoted_token(world: World) -> str:
    """What we have signed as well, and is no invitation."""
    return str(world.customer().quote(world.partner().bike())["quote"])


def test_a_guest_becomes_a_customer_under_another_sign_in_and_loses_nothing(world: World, cars: Partner) -> None:
    """
    A session that runs, what was ridden, the card, the family: all of it is there; the guest's sign-in is not.
    """
    guest, new = world.customer(), world.visitor()
    family = opened(world.customer(card=None))
    there = joined(guest, invited(family, "viewer"))
    ride(world, guest, cars, 10)
    running, before = begin(guest, thing(cars))["session_id"], guest.read("/mobile/v1/me")
    given = done(guest.post("/mobile/v1/me/sign-in", key=None))["link"]
    late = done(guest.post("/mobile/v1/me/sign-in", key=None))["link"]

    refused(world.customer(card=None).post("/mobile/v1/me/link", {"link": given}), 409, "already_signed_up")
    assert done(new.post("/mobile/v1/me/link", {"link": given}))["customer_id"] == before["customer_id"]

    assert new.read("/mobile/v1/me") == before
    assert [each["session_id"] for each in new.read(SESSIONS)] == [running]
    done(new.post(f"{SESSIONS}/{running}/end"))
    assert total(new) == "1.00"
    assert begin(new, thing(cars))["state"] == "active"
    assert [each["kind"] for each in new.read("/mobile/v1/accounts")] == ["person", "family"]
    assert Acting(new, there.account_id).read("/mobile/v1/me")["role"] == "viewer"
    done(family.put(f"{MEMBERS}/{before['customer_id']}", {"role": "member"}))
    for link in (given, late):
        refused(world.visitor().post("/mobile/v1/me/link", {"link": link}), 409, "already_linked")
    for old in (guest, there):
        refused(old.get("/mobile/v1/me"), 403, "sign_in_linked")
    refused(guest.post(MEMBERSHIPS, {"invitation": invited(family, "viewer")}), 403, "sign_in_linked")
    for sign_in in (guest, new):
        refused(sign_in.post("/mobile/v1/me", {"terms_version": "1"}), 409, "already_agreed")


def test_what_links_a_sign_in_is_good_for_a_quarter_of_an_hour_and_made_by_us(world: World) -> None:
    guest, new = world.customer(card=None), world.visitor()
    given = done(guest.post("/mobile/v1/me/sign-in", key=None))["link"]

    refused(new.post("/mobile/v1/me/link", {"link": quoted_token(world)}), 404, "unknown_link", "/link")
    world.later(minutes=15)
    refused(new.post("/mobile/v1/me/link", {"link": given}), 409, "link_expired")
    assert guest.read("/mobile/v1/me")["role"] == "owner"
