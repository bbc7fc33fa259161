"""What cannot be said of accounts, what is tried at once, what nobody may do alone: a clear answer, nothing lost."""

from typing import Any

import pytest

from chalicelib.customers.roll import MOST_ACCOUNTS
from tests.doors.acting import Acting
from tests.doors.asking import SESSIONS, accepted
from tests.doors.callers import done, refused
from tests.doors.test_accounts import FIRM, INVITATIONS, MEMBERS, MEMBERSHIPS, invited, joined, me, opened
from tests.doors.test_closing_accounts import ACCOUNT, account_of, alone, family
from tests.doors.test_own_data import ME
from tests.doors.test_races import at_once
from tests.doors.world import Partner, World


@pytest.mark.parametrize(
    ("said", "code", "pointer"),
    [
        ({"role": "boss"}, "body_invalid", "/role"),
        ({"role": "member", "day": "-0.01"}, "bad_member", "/day"),
        ({"role": "member", "month": "ten"}, "not_an_amount", "/month"),
        ({"role": "member", "day": "1.005"}, "not_an_amount", "/day"),
        ({"role": "member", "guards": True}, "bad_member", "/guards"),
        ({"role": "member", "days": 0}, "body_invalid", "/days"),
        ({"role": "member", "days": 31}, "body_invalid", "/days"),
        ({"role": "member", "name": "x" * 101}, "body_invalid", "/name"),
        ({}, "body_invalid", ""),
    ],
)
def test_what_nobody_can_be_invited_to_be_is_refused_where_it_is_said(
    world: World, said: dict[str, Any], code: str, pointer: str
) -> None:
    home, _ = family(world)

    refused(home.post(INVITATIONS, said), 422, code, pointer)

    assert home.read(INVITATIONS) == []


def test_of_two_who_accept_one_invitation_at_once_one_is_in_the_account(world: World) -> None:
    home, _ = family(world)
    offer = invited(home, "member")
    both = [world.customer(card=None) for _ in range(2)]

    answers = at_once(*(lambda who=who: who.post(MEMBERSHIPS, {"invitation": offer}) for who in both))

    assert sorted(reply.status for reply in answers) == [201, 409]
    assert [reply.json["code"] for reply in answers if reply.status == 409] == ["invitation_taken"]
    assert len(home.read(MEMBERS)) == 2


def test_of_two_owners_who_leave_at_once_one_stays(world: World) -> None:
    home, (other,) = family(world, "owner")
    paths = [(who, f"{MEMBERS}/{me(who)}") for who in (home, other)]

    answers = at_once(*(lambda who=who, path=path: who.delete(path) for who, path in paths))

    assert sorted(reply.status for reply in answers) == [200, 409]
    assert {reply.json["code"] for reply in answers if reply.status == 409} <= {"owner_needed", "members_changed"}


def test_of_a_start_and_a_close_at_once_only_one_happens(world: World, partner: Partner) -> None:
    """
    Nothing is open in an account that is closed, whoever was first.
    """
    home, (eeros,) = family(world, "member")
    body = accepted(eeros, partner.bike())

    started, closed = at_once(lambda: eeros.post(SESSIONS, body), lambda: home.delete(ACCOUNT))

    assert (started.status < 400) != (closed.status < 400)
    refusal = closed if started.status < 400 else started
    assert refusal.json["code"] in {"still_something_open", "account_closed"}


def test_who_accepts_while_the_account_closes_is_in_it_no_more_in_the_end(world: World) -> None:
    home, _ = family(world)
    offer, eero = invited(home, "member"), world.customer(card=None)

    at_once(lambda: eero.post(MEMBERSHIPS, {"invitation": offer}), lambda: home.delete(ACCOUNT))
    world.settle()
    world.later(minutes=3)

    assert [each["own"] for each in eero.read("/mobile/v1/accounts")] == [True]


def test_a_minor_whose_familys_account_is_closed_is_no_customer_alone(world: World) -> None:
    """They belong nowhere, agree to nothing, and may have what is known of them erased."""
    home, _ = family(world)
    done(home.put(f"{MEMBERS}/{me(home)}", {"role": "owner", "guards": True}))
    onni = world.visitor()
    joined(onni, invited(home, "minor"))
    receipt = done(home.delete(ACCOUNT))["erasure_id"]
    world.settle()
    world.later(minutes=3)
    assert onni.read(f"/mobile/v1/erasures/{receipt}")["state"] == "done"

    assert onni.read("/mobile/v1/accounts") == []
    refused(onni.get(ME), 403, "account_not_chosen")
    refused(Acting(onni, home.account_id).get(ME), 403, "role_may_not")
    refused(onni.post(ME, {"terms_version": "1"}), 403, "minor_may_not")
    left = done(onni.delete(ME))["erasure_id"]
    world.settle()
    assert home.read(f"/mobile/v1/erasures/{left}")["state"] == "done"
    refused(onni.get(ME), 403, "not_signed_up")


def test_who_leaves_gets_no_other_sign_in_that_would_outlive_them(world: World, partner: Partner) -> None:
    """Also who has no account of their own."""
    guest, new = world.customer("pm_card_chargeCustomerFail"), world.visitor()
    home, _ = family(world)
    done(home.put(f"{MEMBERS}/{me(home)}", {"role": "owner", "guards": True}))
    onni = world.visitor()
    onnis = joined(onni, invited(home, "minor"))
    world.ride(guest, partner.bike(), partner, 2400)
    links = [done(who.post("/mobile/v1/me/sign-in", key=None))["link"] for who in (guest, onni)]
    done(home.delete(f"{MEMBERS}/{me(onnis)}"))
    for who in (guest, onni):
        done(who.delete(ME))

    for link in links:
        refused(new.post("/mobile/v1/me/link", {"link": link}), 409, "already_erased")
    refused(new.get(ME), 403, "not_signed_up")


def test_nobody_is_in_more_accounts_than_can_be_read_at_once(world: World) -> None:
    who = world.customer(card=None)
    for _ in range(MOST_ACCOUNTS):
        opened(who)

    refused(
        who.post("/mobile/v1/accounts", {"kind": "family", "name": "x", "terms_version": "1"}),
        409,
        "too_many_accounts",
    )
    home, _ = family(world)
    offer = done(home.post(INVITATIONS, {"role": "viewer", "to": account_of(who)}))["invitation"]
    refused(who.post(MEMBERSHIPS, {"invitation": offer}), 409, "too_many_accounts")


def test_a_member_sees_who_has_read_of_their_own_sessions_and_of_no_others(world: World, partner: Partner) -> None:
    home, (eeros, annis) = family(world, "member", "member")
    session = world.ride(eeros, partner.bike(), partner, 60)
    partner.read(f"/partner/v1/sessions/{session}/timeline")
    world.finance.read(f"/finance/v1/accounts/{home.account_id}/wallet")

    accesses = "/mobile/v1/me/accesses"
    assert [each["about"] for each in eeros.read(accesses)["items"]] == [session]
    assert annis.read(accesses)["items"] == []
    assert {each["kind"] for each in home.read(accesses)["items"]} == {"session", "wallet"}
    assert alone(eeros).read(accesses)["items"] == []


def test_a_firms_people_ride_by_its_term_without_a_card_and_in_their_own_account_with_one(
    world: World, partner: Partner
) -> None:
    """
    The firm's term is the account's: who rides for it needs no card, and has none in their own account by it.
    """
    boss, fitter = world.customer(card=None), world.customer(card=None)
    firm = opened(boss, "firm", name="Rakennus", billing=FIRM)
    fitters = joined(fitter, invited(firm, "member"))
    refused(fitters.post(SESSIONS, accepted(fitters, partner.bike())), 402, "payment_not_in_order")
    term = {"days": 14, "email": "ap@firm.example", "note": "framework contract"}
    done(world.finance.put(f"/finance/v1/accounts/{firm.account_id}/payment-term", term))
    world.settle()

    done(fitters.post(SESSIONS, accepted(fitters, partner.bike())))
    refused(fitter.post(SESSIONS, accepted(fitter, partner.bike())), 402, "payment_not_in_order")
