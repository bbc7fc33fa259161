"""In line for what is taken: in order of coming, each held for some minutes, and the next if it is not taken up."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.billing.store import BillingStore
from chalicelib.customers.model import Role
from chalicelib.storage.writes import Transaction
from tests.doors.acting import made_member
from tests.doors.callers import Reply, done, refused
from tests.doors.test_acts import codes as told
from tests.doors.test_moving import move
from tests.doors.test_returns import said
from tests.doors.test_sharing import car, start
from tests.doors.vans import at, book, new_van
from tests.doors.world import Customer, Partner, World

WAITING = "/mobile/v1/waiting"
HELD = "/mobile/v1/reservations"


def wait(customer: Customer, **wanted: str) -> Reply:
    return customer.post(WAITING, wanted)


def held(customer: Customer) -> list[dict[str, Any]]:
    return list(customer.read(HELD))


def people(world: World, count: int) -> list[Customer]:
    return [world.customer() for _ in range(count)]


@pytest.fixture
def taken(world: World, partner: Partner) -> tuple[Customer, str, str]:
    """Who has it, the code, the session."""
    customer, code = world.customer(), car(partner)
    return customer, code, start(customer, code)


def test_who_came_first_has_it_held_at_a_price_and_starts_it(world: World, taken: tuple[Customer, str, str]) -> None:
    (owner, code, session), (first, second) = taken, people(world, 2)
    mine = done(wait(first, code=code))
    world.later(seconds=1)
    done(wait(second, code=code))
    assert mine["assets"] == [code.lower()]
    assert first.read(WAITING) == [mine]

    owner.end(session)
    world.settle()

    (reserved,) = held(first)
    assert (reserved["asset"], reserved["state"], held(second)) == (code.lower(), "reserved", [])
    assert (first.read(WAITING), len(second.read(WAITING))) == ([], 1)
    (notice,) = first.read("/mobile/v1/notices")["items"]
    assert (notice["code"], notice["about"]) == ("waiting_turn", reserved["session_id"])
    assert notice["facts"] == {"asset": code.lower(), "until": reserved["reserved_until"], "worst_case": "10.00 EUR"}
    refused(second.post("/mobile/v1/quotes", {"code": code}, key=None), 409, "asset_in_use")
    started = done(first.post(f"{HELD}/{reserved['session_id']}/start", {"code": code}))
    assert started["state"] == "active"


def test_who_waits_in_anothers_account_has_it_held_in_its_name_within_their_own_limit(
    world: World, taken: tuple[Customer, str, str]
) -> None:
    """
    The account's owner is not who waits, and another member sees nothing of it.
    """
    (owner, code, session), home = taken, world.customer()
    account = str(home.read("/mobile/v1/me")["account_id"])
    member, other = (made_member(account, each, world, Role.MEMBER, "90.00") for each in people(world, 2))
    done(wait(member, code=code))
    assert other.read(WAITING) == []

    owner.end(session)
    world.settle()

    (reserved,) = held(member)
    assert (held(other), [each["session_id"] for each in held(home)]) == ([], [reserved["session_id"]])
    started = done(member.post(f"{HELD}/{reserved['session_id']}/start", {"code": code}))
    assert started["ends_at_cost"] == {"amount": "90.00", "currency": "EUR"}
    done(member.post(f"/mobile/v1/access-sessions/{started['session_id']}/end"))


def test_what_is_not_taken_up_is_held_for_the_next_and_then_free(
    world: World, taken: tuple[Customer, str, str]
) -> None:
    """
    The one lets it expire, the other cancels it.
    """
    (owner, code, session), (first, second, stranger) = taken, people(world, 3)
    done(wait(first, code=code))
    world.later(seconds=1)
    done(wait(second, code=code))
    owner.end(session)
    world.settle()
    assert [len(held(each)) for each in (first, second)] == [1, 0]

    world.later(minutes=30)

    assert told(first) == ["reservation_expired", "waiting_turn"]
    world.settle()
    assert told(second)[-1] == "waiting_turn"
    assert first.read(WAITING) == second.read(WAITING) == []
    start(stranger, code)


def test_a_cancelled_reservation_and_a_transfer_give_free_to_the_line_too(
    world: World, partner: Partner, customer: Customer
) -> None:
    code, other, (first, second) = car(partner), car(partner), people(world, 2)
    quote = done(customer.post("/mobile/v1/quotes", {"code": code}, key=None))["quote"]
    reservation = done(customer.post(HELD, {"code": code, "quote": quote}))["session_id"]
    done(wait(first, code=code))
    done(customer.post(f"{HELD}/{reservation}/cancel"))
    world.settle()
    (mine,) = held(first)
    done(first.post(f"{HELD}/{mine['session_id']}/start", {"code": code}))

    done(wait(second, code=code))
    done(move(first, mine["session_id"], other))
    world.settle()

    assert [each["asset"] for each in held(second)] == [code.lower()]


def test_any_of_a_product_at_a_place_will_do(world: World, customer: Customer) -> None:
    partner, (first, stranger) = world.partner(), people(world, 2)
    place = {"name": "Kamppi", "latitude": "60.17", "longitude": "24.93", "address": "", "capacity": 5}
    done(partner.put("/partner/v1/places/kamppi", place))
    codes = [car(partner) for _ in range(3)]
    for code in codes[:2]:
        about = {"product_id": "car", "code": code, "place_id": "kamppi"}
        done(partner.put(f"/partner/v1/assets/{code.lower()}", about))
    where = {"partner": partner.partner_id, "product_id": "car", "place_id": "kamppi"}
    sessions = [start(customer, codes[0])]
    refused(wait(first, **where), 409, "nothing_to_wait_for")
    sessions.append(start(customer, codes[1]))

    mine = done(wait(first, **where))
    assert (mine["assets"], mine["place_id"]) == (sorted(each.lower() for each in codes[:2]), "kamppi")
    customer.end(sessions[1])
    world.settle()

    assert [each["asset"] for each in held(first)] == [codes[1].lower()]
    customer.end(sessions[0])
    world.settle()
    assert len(held(first)) == 1
    start(stranger, codes[0])


def test_asked_for_twice_it_is_one_place_in_the_line_and_it_can_be_left(
    world: World, taken: tuple[Customer, str, str]
) -> None:
    (owner, code, session), (first,) = taken, people(world, 1)
    one = done(wait(first, code=code))
    world.later(seconds=5)
    assert done(wait(first, code=code)) == one

    path = f"{WAITING}/{one['waiting_id']}"
    done(world.customer().delete(path))
    assert first.read(WAITING) == [one]
    assert [done(first.delete(path)) for _ in range(2)] == [{"waiting_id": one["waiting_id"]}] * 2
    owner.end(session)
    world.settle()
    assert (held(first), first.read(WAITING)) == ([], [])
    start(world.customer(), code)


def test_nobody_waits_for_longer_than_a_day(world: World, taken: tuple[Customer, str, str]) -> None:
    (owner, code, session), (first,) = taken, people(world, 1)
    done(wait(first, code=code))

    world.later(hours=24, minutes=1)

    assert (first.read(WAITING), told(first)) == ([], ["waiting_over"])
    again = done(wait(first, code=code))
    owner.end(session)
    world.settle()
    assert [each["asset"] for each in held(first)] == again["assets"]


def test_who_cannot_start_by_then_is_passed_over_and_told_so(world: World, taken: tuple[Customer, str, str]) -> None:
    (owner, code, session), (first, second) = taken, people(world, 2)
    done(wait(first, code=code))
    world.later(seconds=1)
    done(wait(second, code=code))
    a_payment_has_failed(first)

    owner.end(session)
    world.settle()

    assert (told(first), first.read(WAITING), held(first)) == (["waiting_passed"], [], [])
    assert len(held(second)) == 1


def a_payment_has_failed(customer: Customer) -> None:
    payer = BillingStore().payer(customer.read("/mobile/v1/me")["account_id"])
    assert payer is not None
    failed = replace(payer, failed=frozenset({"invoice"}), version=payer.version + 1)
    Transaction()([BillingStore().saving_payer(failed)], None)


def test_what_nobody_waits_for(world: World, partner: Partner, taken: tuple[Customer, str, str]) -> None:
    """
    What is free, what is not there, two things at once, and who could not start; nothing is changed.
    """
    _, code, _ = taken
    customer, broke = world.customer(), world.customer(card=None)
    at = {"partner": partner.partner_id, "product_id": "car", "place_id": "nowhere"}

    refused(wait(customer, code=car(partner)), 409, "nothing_to_wait_for")
    refused(wait(customer, code="NOWHERE"), 404, "unknown_code")
    refused(wait(customer, **at), 404, "unknown_product")
    refused(wait(customer, code=code, **at), 422, "body_invalid", "")
    refused(wait(customer), 422, "body_invalid", "")
    refused(wait(broke, code=code), 402, "payment_not_in_order")
    refused(world.visitor().post(WAITING, {"code": code}), 403, "not_signed_up")
    assert customer.read(WAITING) == broke.read(WAITING) == []


def test_one_waits_for_ten_things_and_no_more(world: World, partner: Partner, customer: Customer) -> None:
    waiting = world.customer()
    codes = [car(partner) for _ in range(11)]
    for code in codes:
        start(customer, code)
    for code in codes[:10]:
        done(wait(waiting, code=code))

    refused(wait(waiting, code=codes[10]), 409, "too_many_lines")
    done(waiting.delete(f"{WAITING}/{waiting.read(WAITING)[0]['waiting_id']}"))
    done(wait(waiting, code=codes[10]))


def test_who_comes_by_first_keeps_it_and_the_line_stands(world: World, taken: tuple[Customer, str, str]) -> None:
    (owner, code, session), (first, quick) = taken, people(world, 2)
    done(wait(first, code=code))
    owner.end(session)
    again = start(quick, code)
    world.settle()

    assert (held(first), len(first.read(WAITING))) == ([], 1)
    quick.end(again)
    world.settle()
    assert len(held(first)) == 1


@pytest.mark.parametrize("by", ["transfer", "fault report"])
def test_what_is_out_of_order_is_held_for_nobody(
    world: World, partner: Partner, taken: tuple[Customer, str, str], by: str
) -> None:
    (owner, code, session), (first,) = taken, people(world, 1)
    done(wait(first, code=code))

    if by == "transfer":
        done(move(owner, session, car(partner), "faulty"))
    else:
        partner.report(world.event(session, signal="faulty"))
    world.settle()

    assert (held(first), len(first.read(WAITING))) == ([], 1)
    assert first.read("/mobile/v1/notices")["items"] == []
    refused(first.post("/mobile/v1/quotes", {"code": code}, key=None), 409, "asset_taken_out")


def take_out(partner: Partner, code: str, **stretch: str) -> str:
    path = f"/partner/v1/assets/{code.lower()}/take-outs"
    return str(done(partner.post(path, {"reason": "brakes", **stretch}))["take_out_id"])


def holds(customer: Customer) -> list[str]:
    return [each["asset"] for each in held(customer)]


def test_who_waits_for_what_is_put_back_after_a_take_out_has_it_held(
    world: World, partner: Partner, taken: tuple[Customer, str, str]
) -> None:
    (owner, code, session), waiting = taken, world.customer()
    done(wait(waiting, code=code))
    out = take_out(partner, code)
    owner.end(session)
    world.settle()
    assert holds(waiting) == []
    done(partner.ask("DELETE", f"/partner/v1/assets/{code.lower()}/take-outs/{out}"))
    world.settle()
    assert holds(waiting) == [code.lower()]


def test_who_waits_for_what_is_looked_after_for_an_hour_has_it_held_then(
    world: World, partner: Partner, taken: tuple[Customer, str, str]
) -> None:
    (owner, code, session), waiting = taken, world.customer()
    done(wait(waiting, code=code))
    take_out(partner, code, until=(world.system.now() + timedelta(hours=1)).isoformat())
    owner.end(session)
    world.later(minutes=59)
    assert holds(waiting) == []
    world.later(minutes=2)
    assert holds(waiting) == [code.lower()]


def test_who_waits_for_what_was_repaired_has_it_held(
    world: World, partner: Partner, taken: tuple[Customer, str, str]
) -> None:
    (_, code, session), waiting = taken, world.customer()
    done(wait(waiting, code=code))
    partner.report(said(world, session, "faulty"))
    world.settle()
    assert holds(waiting) == []
    done(partner.post(f"/partner/v1/cases/fault-{session}/close", {"note": "mended", "put_back": True}))
    world.settle()
    assert holds(waiting) == [code.lower()]


def test_who_waits_for_what_a_booking_leaves_free_has_it_held(world: World, customer: Customer, vans: Partner) -> None:
    """
    It is given back while it is kept for a booking; nobody comes for that. It is held from then on, for minutes.
    """
    van, waiting = new_van(vans), world.customer()
    session = start(customer, van)
    book(world.customer(), at(world, 0.6), at(world, 2), code=van)
    done(wait(waiting, code=van))
    world.later(minutes=35)
    customer.end(session)
    world.settle()
    assert holds(waiting) == []
    world.later(hours=2)
    assert "waiting_turn" in told(waiting)
