"""A family's or a firm's account is closed by its owner; people are told of who comes and goes."""

import json
from typing import Any

from tests.doors.acting import Acting
from tests.doors.asking import SESSIONS, begin
from tests.doors.callers import done, refused
from tests.doors.test_accounts import INVITATIONS, MEMBERS, MEMBERSHIPS, invited, joined, me, opened
from tests.doors.test_own_data import ME, books, data_of, items
from tests.doors.world import Customer, Partner, World

ACCOUNT, NOTICES, ERASURES = "/mobile/v1/account", "/mobile/v1/notices", "/mobile/v1/erasures"


def told(who: Customer, *codes: str) -> list[dict[str, Any]]:
    """What somebody was told of these, the newest first."""
    return [each for each in who.read(NOTICES)["items"] if each["code"] in codes]


def account_of(who: Customer) -> str:
    return str(who.read(ME)["account_id"])


def family(world: World, *roles: str) -> tuple[Acting, list[Acting]]:
    """A family that its owner's card pays, and who is in it beside the owner."""
    home = opened(world.customer(card=None), name="Virtanen")
    world.save_card(home, "pm_card_visa")
    return home, [joined(world.customer(card=None), invited(home, each)) for each in roles]


def alone(who: Acting) -> Customer:
    """The same person in their own account."""
    return Customer(who.base, who.token)


def test_an_owner_closes_the_account_and_everybody_is_told_and_out_of_it(world: World, partner: Partner) -> None:
    """
    What is owed comes first: the owner can pay until it is settled; the books stay to the cent, its name does not.
    """
    home, (eeros, clerk) = family(world, "member", "payer")
    offer = invited(home, "viewer")
    theirs = world.ride(eeros, partner.bike(), partner, 2400)
    for who in (eeros, clerk):
        refused(who.delete(ACCOUNT), 403, "role_may_not")
    refused(alone(home).delete(ACCOUNT), 409, "own_account")

    first, again = (done(home.delete(ACCOUNT)) for _ in range(2))
    assert (first["state"], first["step"], again["erasure_id"]) == ("going_on", "members", first["erasure_id"])
    world.settle()
    page = f"{ERASURES}/{first['erasure_id']}"
    assert home.read(page)["waits_for"][0]["code"] == "invoice_unpaid"
    for who in (eeros, clerk):
        (notice,) = told(alone(who), "account_closed")
        assert (notice["about"], notice["facts"]["account"], notice["facts"]["kind"]) == (
            home.account_id,
            "Virtanen",
            "family",
        )
        assert [each["own"] for each in alone(who).read("/mobile/v1/accounts")] == [True]
        refused(who.get(ME), 403, "role_may_not")
        refused(who.get("/mobile/v1/invoices"), 403, "role_may_not")
    refused(alone(clerk).post(MEMBERSHIPS, {"invitation": offer}), 403, "account_closed")
    refused(home.post(INVITATIONS, {"role": "member"}), 403, "account_closed")
    code = partner.bike()
    quoted = {"code": code, "quote": home.quote(code)["quote"]}
    refused(home.post(SESSIONS, quoted), 403, "account_closed")
    assert home.read("/mobile/v1/invoices")["items"][0]["state"] == "paid"

    before = books(world)
    world.later(minutes=3)
    shown = alone(home).read(page)
    assert (shown["state"], shown["waits_for"], shown["erased"]["sessions"]) == ("done", [], 1)
    assert books(world) == before
    assert [each["own"] for each in alone(home).read("/mobile/v1/accounts")] == [True]
    assert len(told(alone(home), "account_closed")) == 1
    refused(home.get("/mobile/v1/invoices"), 403, "role_may_not")
    assert {each["session_id"] for each in eeros.read("/mobile/v1/statements/2021-05")["sessions"]} >= {theirs}
    assert theirs in json.dumps(data_of(world, alone(eeros))["holdings"]), "what they had is in their own file"
    left = {area for area, _, _, text in items(world) if home.account_id in text and "Virtanen" in text}
    assert left <= {"idempotency", "outbox", "dialogue"}, "what runs out by itself, and what people were told"


def test_what_is_open_in_an_account_is_ended_before_it_closes(world: World, partner: Partner) -> None:
    home, (eeros,) = family(world, "member")
    session = begin(eeros, partner.bike())["session_id"]

    assert refused(home.delete(ACCOUNT), 409, "still_something_open")["facts"] == {"sessions": [session]}
    assert home.read(ACCOUNT)["closed"] is False
    done(home.post(f"{SESSIONS}/{session}/end"))
    assert done(home.delete(ACCOUNT))["state"] == "going_on"


def test_the_last_owner_leaves_once_the_account_is_closed_or_nobody_else_is_in_it(world: World) -> None:
    """
    What others are in is theirs too, and is closed, handed over or left first; one in which one is alone goes along.
    """
    home, (eeros,) = family(world, "member")
    firm = opened(alone(home), name="Cabin")
    aino = alone(home)
    assert refused(aino.delete(ME), 409, "still_something_open")["facts"] == {"memberships": [home.account_id]}
    done(home.delete(ACCOUNT))

    receipt = done(aino.delete(ME))["erasure_id"]
    world.settle()
    waits = aino.read(f"{ERASURES}/{receipt}")["waits_for"]
    assert [each["code"] for each in waits] in (["account_closing"], ["account_closing"] * 2)
    pages = [eeros.read(f"{ERASURES}/{each['about']}") for each in waits]
    world.later(minutes=13)
    assert eeros.read(f"{ERASURES}/{receipt}")["state"] == "done"
    assert {eeros.read(f"{ERASURES}/{each['erasure_id']}")["state"] for each in pages} == {"done"}
    refused(aino.get(ME), 403, "not_signed_up")
    rows = [(pk, sk) for _, pk, sk, _ in items(world) if pk == f"account#{firm.account_id}"]
    assert not [each for each in rows if each[1].startswith(("member#", "roll"))]


def test_who_is_invited_by_the_account_of_their_own_is_told_and_nobody_else_gets_in(world: World) -> None:
    home, _ = family(world)
    eero, other = world.customer(card=None), world.customer(card=None)
    refused(home.post(INVITATIONS, {"role": "member", "to": "acc_none"}), 404, "nobody_there", "/to")
    refused(home.post(INVITATIONS, {"role": "member", "to": home.account_id}), 404, "nobody_there", "/to")
    given = done(home.post(INVITATIONS, {"role": "member", "to": account_of(eero)}))
    world.settle()

    (notice,) = told(eero, "account_invited")
    facts = notice["facts"]
    assert (notice["about"], facts["account"], facts["role"]) == (home.account_id, "Virtanen", "member")
    assert (facts["valid_until"], facts["invitation"]) == (given["valid_until"], given["invitation"])
    for stranger in (other, world.visitor()):
        refused(stranger.post(MEMBERSHIPS, {"invitation": given["invitation"]}), 404, "unknown_invitation")
    joined(eero, facts["invitation"])
    refused(eero.post(MEMBERSHIPS, {"invitation": given["invitation"]}), 409, "invitation_taken")
    world.settle()
    (came,) = told(home, "account_joined")
    assert (came["about"], came["facts"]) == (me(eero), {"role": "member"})


def test_who_is_removed_is_told_in_their_own_feed_and_the_owner_of_who_left(world: World) -> None:
    """
    A minor, who has no account of their own, is told in the family's feed, where they see what is about themselves.
    """
    home, (eeros, annis) = family(world, "member", "member")
    done(home.put(f"{MEMBERS}/{me(home)}", {"role": "owner", "guards": True}))
    onnis = joined(world.visitor(), invited(home, "minor"))
    ids = [me(eeros), me(annis), me(onnis)]
    done(home.delete(f"{MEMBERS}/{ids[0]}"))
    done(annis.delete(f"{MEMBERS}/{ids[1]}"))
    done(home.delete(f"{MEMBERS}/{ids[2]}"))
    world.settle()

    (notice,) = told(alone(eeros), "account_removed")
    assert (notice["about"], notice["facts"]["account"]) == (home.account_id, "Virtanen")
    assert told(alone(annis), "account_removed", "account_left") == []
    assert {each["about"] for each in told(onnis, "account_removed")} == {ids[2]}
    assert [each["about"] for each in told(home, "account_left")] == [ids[1]]
    assert {each["about"] for each in told(home, "account_removed")} == {ids[0], ids[2]}


def test_whoever_was_more_than_a_member_sees_their_own_alone_once_they_are_out(world: World, partner: Partner) -> None:
    """
    A payer, a viewer, a guardian, an owner of before: of others' use they see nothing, and end nothing of theirs.
    """
    home, (payer, owner) = family(world, "payer", "owner")
    running = begin(home, partner.bike())["session_id"]
    before = world.ride(home, partner.bike(), partner, 600)
    assert payer.read(f"{SESSIONS}/{before}/receipt")["session_id"] == before
    ids = [me(each) for each in (payer, owner)]
    for each in ids:
        done(home.delete(f"{MEMBERS}/{each}"))

    for who in (payer, owner):
        assert who.read(SESSIONS) == []
        assert who.read("/mobile/v1/statements/2021-05")["sessions"] == []
        assert {each["about"] for each in who.read(NOTICES)["items"]} <= set(ids)
        refused(who.get(f"{SESSIONS}/{before}/receipt"), 404, "unknown_session")
        refused(who.post(f"{SESSIONS}/{running}/end"), 404, "unknown_session")
    done(home.post(f"{SESSIONS}/{running}/end"))
