"""Ending by one call: what is unused comes back, what is owed is settled, all of it is a file. Resting for a proof."""

import hashlib
import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from chalicelib.kernel.time import format_instant
from tests.doors.asking import show
from tests.doors.callers import done, refused
from tests.doors.subscribing import TEXTS, publish, subscribe, wish
from tests.doors.test_accounts import invited, joined, me, opened
from tests.doors.test_exported_files import rows
from tests.doors.test_fairness import total
from tests.doors.test_over_months import invoiced, story
from tests.doors.test_plans_billed import at, on_sale
from tests.doors.world import Customer, World

PASS: dict[str, Any] = {"kind": "pass", "asleep_after_days": None, "lasts": {"days": 10}}


def fetched(world: World, data: dict[str, Any]) -> Any:  # noqa: ANN401 -- JSON
    """The file that a link leads to."""
    return json.loads(world.nobody.get(data["href"].removeprefix(world.nobody.base)).content)


def has_its_file(world: World, member: Customer, ended: dict[str, Any], session: str) -> None:
    """Terms, members, acts, use, fees, documents; whoever comes later asks the subscription for the link."""
    path = f"/mobile/v1/subscriptions/{ended['subscription_id']}"
    found = fetched(world, ended["data"])
    assert (found["subscription_id"], found["why"], found["members"]) == (
        ended["subscription_id"],
        "moved_away",
        ended["members"],
    )
    assert (found["subscribed_at"], found["ended_at"]) == (format_instant(at(5, 15)), format_instant(at(5, 25)))
    assert found["pauses"] == [{"since": format_instant(at(5, 18)), "until": format_instant(at(5, 20))}]
    (agreed,) = found["agreed"]
    assert (agreed["plan"], agreed["terms"], agreed["sha256"]) == (
        "member",
        TEXTS["en"],
        hashlib.sha256(TEXTS["en"].encode()).hexdigest(),
    )
    assert agreed["confirmation"].startswith("Confirmation of Bike member")
    (use,) = found["uses"]
    assert (use["session_id"], use["amount"]["minor"]) == (session, 100)
    assert [each["amount"]["minor"] for each in found["fees"]] == [800], "eight of 31 days that are 1.00 each"
    (invoice,) = found["documents"]
    assert (invoice["kind"], invoice["total"]["minor"]) == ("invoice", 900)
    again = member.read(path)["data"]
    assert fetched(world, again) == found
    world.later(days=8)
    assert member.read(path)["data"] is None


def test_who_ends_in_mid_month_is_settled_by_that_very_call_and_has_all_of_it_as_a_file() -> None:
    """
    A member at 31.00 a month from 16 May, paused for two days, who rides once for 1.00 and ends after ten days.
    """
    with story("2021-05-10T08:00") as (world, partner, member):
        code = on_sale(world, partner)
        world.until(at(5, 15))
        path = subscribe(member, "member")
        session = world.ride(member, code, partner, 60)
        world.until(at(5, 18))
        done(member.post(f"{path}/pause", {}))
        world.until(at(5, 20))
        done(member.post(f"{path}/wake"))
        world.until(at(5, 25))
        assert invoiced(member) == 0
        first, again = (member.post(f"{path}/end", {"why": "moved_away"}, key="end-once") for _ in range(2))
        world.settle()

        assert invoiced(member) == Decimal("9.00")
        assert (again.json["ended_at"], again.json["data"]["href"]) == (first.json["ended_at"], None)
        has_its_file(world, member, first.json, session)
        world.until(at(6, 3, 8))
        assert (invoiced(member), total(member)) == (Decimal("9.00"), "9.00"), "the close finds nothing more"
        leads_to_what_was_agreed(world, member, first.json["subscription_id"])


def test_who_ends_at_the_instant_of_subscribing_has_a_file_and_nothing_to_pay() -> None:
    with story("2021-05-10T08:00") as (world, partner, member):
        on_sale(world, partner)
        path = subscribe(member, "member")
        done(member.post(f"{path}/end"))
        world.settle()

        found = fetched(world, member.read(path)["data"])
        assert [each["plan"] for each in found["plans"]] == ["member"]
        assert (found["ended_at"], found["fees"], found["documents"]) == (found["subscribed_at"], [], [])
        assert invoiced(member) == 0


def leads_to_what_was_agreed(world: World, member: Customer, name: str) -> None:
    """A trace of the bill: the line of the fee, its subscription, the plan's version and the terms."""
    (invoice,) = member.read("/mobile/v1/invoices")["items"]
    account = invoice["invoice_id"].partition(":")[0]
    (row,) = [each for each in rows(world, "2021-05", "usage.csv.gz") if each["evidence"] == name]
    ids = f"{row['account']}%23{row['evidence']}", f"{row['account']}%23{row['charge']}"
    refused(world.finance.get(f"/finance/v1/trace?id={ids[1]}1"), 404, "unknown_trace")
    for begin in (invoice["invoice_id"], f"proof:{account}:1", *ids):
        hops = world.finance.read(f"/finance/v1/trace?id={begin}")["hops"]
        found = {each["kind"]: each for each in hops if each["kind"] in {"subscription", "plan", "terms"}}
        assert (found["subscription"]["id"], found["plan"]["id"], found["terms"]["id"]) == (name, "member@1", "2021-05")
        assert found["terms"]["facts"]["sha256"] == hashlib.sha256(TEXTS["en"].encode()).hexdigest()
        lines = [each["facts"] for each in hops if each["kind"] == "line"]
        assert [each["minor"] for each in lines if each.get("subscription") == name] == ["800"]
        assert world.operator.read(found["plan"]["link"])["items"][0]["version"] == 1
        assert world.operator.read(found["terms"]["link"])["version"] == "2021-05"


def test_a_pass_that_is_ended_is_paid_back_for_its_rest_and_one_that_runs_out_makes_no_bill_of_its_own() -> None:
    """Both cost 20.00; a half of one is left when it is ended, and it was not billed before."""
    with story("2021-05-10T08:00") as (world, partner, customer):
        on_sale(world, partner)
        once = {"id": "once", "kind": "once", "charge_class": "ordered", "amount": "20.00"}
        publish(world, "ten-days", fee={"currency": "EUR", "prices": [once]}, **PASS)
        path, other = subscribe(customer, "ten-days"), world.customer()
        left = subscribe(other, "ten-days")
        world.later(days=5)
        ended = done(customer.post(f"{path}/end", {}))
        world.later(days=6)
        assert [invoiced(each) for each in (customer, other)] == [Decimal(10), Decimal(0)]
        fees = fetched(world, customer.read(path)["data"])["fees"]
        assert sum(each["amount"]["minor"] for each in fees) == 1_000
        assert (ended["data"] is None, other.read(left)["data"], other.read(left)["state"]) == (False, None, "ended")
        world.until(at(6, 2, 8))
        assert [invoiced(each) for each in (customer, other)] == [Decimal(10), Decimal(20)]


def test_a_fee_rests_as_long_as_nobody_has_what_its_plan_requires() -> None:
    """
    Students pay 31.00 a month. The proof is good for the 16th to the 20th of May, and shown again on the 26th.
    """
    with story("2021-05-10T08:00") as (world, partner, student):
        code = on_sale(world, partner)
        fares = {f"{partner.partner_id}:bike": "members"}
        publish(world, "students", fares=fares, requires=["student"], asleep_after_days=None)
        refused(student.post("/mobile/v1/subscriptions", wish(student, "students")), 403, "not_shown")
        show(world, student, "student", student_until="2021-05-20")
        world.until(at(5, 15))
        path = subscribe(student, "students")
        runs_out = student.read(path)["shown_until"]
        assert "eligibility_expires" in [each["code"] for each in student.read("/mobile/v1/notices")["items"]]
        quoted = student.quote(code)
        assert (quoted["estimate"]["amount"], student.read(path)["state"]) == ("1.00", "active")

        world.until(at(5, 25))
        assert (student.read(path)["state"], student.read(path)["since"]) == ("paused", runs_out)
        told = [each for each in student.read("/mobile/v1/notices")["items"] if each["code"] == "subscription_rests"]
        assert [each["facts"]["since"] for each in told] == [runs_out]
        assert student.quote(code)["estimate"]["amount"] == "4.00"
        show(world, student, "student", student_until="2021-06-30")
        world.settle()
        assert (student.read(path)["state"], student.quote(code)["estimate"]["amount"]) == ("active", "1.00")
        world.until(at(6, 2, 8))
        assert datetime.fromisoformat(runs_out) - at(5, 15) == timedelta(days=4, hours=3)
        assert total(student) == "10.13", "four days and three hours, and six days: 10.125 of 31"


def test_an_ended_member_who_still_rides_ends_at_the_fare_of_the_start() -> None:
    """
    Ended twice in a month and subscribed to again: 15 days, one day and the ride are 16.00 and 1.00, in two bills.
    """
    with story("2021-05-01T08:00") as (world, partner, member):
        code = on_sale(world, partner)
        world.until(at(5, 2))
        path = subscribe(member, "member")
        world.until(at(5, 17))
        session = member.start(code)
        first = done(member.post(f"{path}/end", {}))
        world.settle()
        assert invoiced(member) == Decimal("15.00"), "what is open is billed when it ends"
        uses = fetched(world, first["data"])["uses"]
        assert [(each["session_id"], each["ended_at"]) for each in uses] == [(session, None)]
        refused(member.post(f"{path}/pause", {}), 409, "subscription_ended")
        member.end(session)
        world.settle()
        assert member.quote(code)["estimate"]["amount"] == "4.00"

        again = subscribe(member, "member")
        world.until(at(5, 18))
        done(member.post(f"{again}/end", {}))
        world.until(at(6, 2, 8))
        assert (total(member), invoiced(member)) == ("17.00", Decimal("17.00"))
        assert len(member.read("/mobile/v1/invoices")["items"]) == 2


def test_a_fee_that_rests_over_a_months_end_begins_in_the_month_of_the_new_proof() -> None:
    """
    Good until 20 May, 03:00 in Helsinki; from there on nothing counts, and in June from the 11th on. June has 30 days.
    """
    with story("2021-05-10T08:00") as (world, partner, student):
        on_sale(world, partner)
        publish(world, "students", requires=["student"], asleep_after_days=None)
        show(world, student, "student", student_until="2021-05-20")
        world.until(at(5, 15))
        path = subscribe(student, "students")
        world.until(at(6, 10))
        assert student.read(path)["state"] == "paused"
        show(world, student, "student", student_until="2021-08-30")
        world.until(at(7, 2, 8))
        assert [total(student, each) for each in ("2021-05", "2021-06")] == ["4.13", "20.67"]
        assert invoiced(student) == Decimal("24.80")


def test_who_takes_part_without_paying_gets_no_file_of_what_others_used() -> None:
    """It names everybody's rides."""
    with story("2021-05-10T08:00") as (world, partner, aino):
        on_sale(world, partner)
        eero, home = world.customer(), opened(aino)
        world.save_card(home, "pm_card_visa")
        guest = joined(eero, invited(home, "member"))
        path = subscribe(home, "member", members=[me(aino), me(eero)], seats=2)
        done(home.post(f"{path}/end", {}))
        world.settle()
        assert (home.read(path)["data"] is None, guest.read(path)["data"], guest.read(path)["state"]) == (
            False,
            None,
            "ended",
        )


def test_finance_and_the_customer_see_what_rest_took_off_the_fees() -> None:
    """31.00 in May: asleep from the 16th to the 25th, paused on the 26th and 27th; who rides pays for three days."""
    with story("2021-05-10T08:00") as (world, partner, sleeper):
        code, rider = on_sale(world, partner), world.customer()
        world.until(at(5, 15))
        path, other = subscribe(sleeper, "sleeper"), subscribe(rider, "sleeper")
        world.ride(rider, code, partner, 60)
        world.until(at(5, 25))
        done(sleeper.post(f"{path}/pause", {}))
        world.until(at(5, 27))
        found = world.finance.read("/finance/v1/subscriptions/moves/2021-05?plan=sleeper")
        sleep = {name: found["sleep"][name] for name in ("looked_at", "asleep", "woken")}
        assert sleep == {"looked_at": 2, "asleep": 1, "woken": 1}
        assert (found["plans"][0]["new"], found["plans"][0]["paused"]) == (2, 1)
        saved = [each.read(one)["saved"] for each, one in ((sleeper, path), (rider, other))]
        assert [(each["asleep"]["amount"], each["paused"]["amount"]) for each in saved] == [
            ("10.00", "2.00"),
            ("9.00", "0.00"),
        ]
        assert [found["sleep"][name]["amount"] for name in ("saved_asleep", "saved_paused")] == ["19.00", "2.00"]
