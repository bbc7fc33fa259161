"""What plans cost and what their members have, from the quote to the books, over the ends of two months."""

import csv
import gzip
import io
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from chalicelib.rating.proof import verify
from tests.doors.callers import done, refused
from tests.doors.subscribing import publish, publish_terms, subscribe
from tests.doors.test_fairness import FOUR, cost, offer, tariff, total
from tests.doors.test_over_months import Story, invoiced, story
from tests.doors.test_round_trips import counted
from tests.doors.world import Customer, Partner, World

ONCE = {"id": "once", "kind": "once", "charge_class": "ordered", "amount": "20.00"}
FARES = "/partner/v1/products/bike/fares"


def at(month: int, day: int, hour: int = 21) -> datetime:
    """A day that begins in Helsinki is three hours ahead of UTC: that of the next begins at 21:00."""
    return datetime(2021, month, day, hour, tzinfo=UTC)


def on_sale(world: World, partner: Partner) -> str:
    """
    A ride is 4.00; 1.00 for members at 31.00 a month, and nothing on a pass of two rides for 20.00. A bike's code.
    """
    code = offer(partner, "bike", FOUR)
    for fare, amount in (("members", "1.00"), ("free", "0.00")):
        rules = {**tariff({**FOUR, "amount": amount}), "members_only": True}
        done(partner.post(f"{FARES}/{fare}/tariffs", rules))
    refused(partner.post(f"{FARES}/free/tariffs", {**rules, "members_only": False}), 422, "invalid_tariff")
    publish_terms(world)
    bike = f"{partner.partner_id}:bike"
    publish(world, "member", fares={bike: "members"}, asleep_after_days=None)
    publish(world, "sleeper", fares={bike: "members"}, asleep_after_days=2)
    once: dict[str, Any] = {"fee": {"currency": "EUR", "prices": [ONCE]}, "kind": "pass", "asleep_after_days": None}
    publish(world, "two", fares={bike: "free"}, lasts={"uses": 2}, **once)
    return code


def ride(told: Story, customer: Customer, code: str) -> str:
    world, partner, _ = told
    return world.ride(customer, code, partner, 60)


def exported(world: World, month: str, name: str) -> list[dict[str, str]]:
    """The rows of a file of the month's newest export, whose totals tie."""
    version = max(each["version"] for each in world.finance.read(f"/finance/v1/exports/{month}"))

    def content(file: str) -> bytes:
        href = world.finance.read(f"/finance/v1/exports/{month}/{version}/{file}")["href"]
        return world.nobody.get(href.removeprefix(world.nobody.base)).content

    return list(csv.DictReader(io.StringIO(gzip.decompress(content(name)).decode(), newline="")))


def rides_of_may(told: Story, code: str, people: tuple[Customer, ...], path: str) -> None:
    """Each at their own fare; a start reads nothing more, and its quote holds as long as the subscription stays so."""
    world, _, _ = told
    member, outsider, rider, _ = people
    assert [each.quote(code)["estimate"]["amount"] for each in people] == ["1.00", "4.00", "0.00", "1.00"]
    quoted = member.quote(code)
    assert (quoted["fare"], path.endswith(quoted["subscription"])) == ("members", True)
    accepted = {"code": code, "quote": quoted["quote"]}
    with counted() as called:
        session = done(member.post("/mobile/v1/access-sessions", accepted))["session_id"]
    assert called == ["BatchGetItem", "TransactWriteItems"]
    member.end(session)
    world.settle()
    costs = [cost(member, session), *(cost(each, ride(told, each, code)) for each in (outsider, rider))]
    assert costs == ["1.00", "4.00", "0.00"]

    what_changes_nothing_for_them_makes_no_quote_stale(world, member, code, path)


def what_changes_nothing_for_them_makes_no_quote_stale(world: World, member: Customer, code: str, path: str) -> None:
    """A pause to come, its being called off, one that is over; a pause that holds does."""
    accepted = {"code": code, "quote": member.quote(code)["quote"]}
    done(member.post(f"{path}/pause", {}))
    refused(member.post("/mobile/v1/access-sessions", accepted), 409, "subscription_changed")
    done(member.post(f"{path}/wake"))
    done(member.post(f"{path}/pause", {"from": "2021-05-20T00:00:00Z"}))
    done(member.delete(f"{path}/pause"))
    session = done(member.post("/mobile/v1/access-sessions", accepted))["session_id"]
    member.end(session)
    world.settle()
    assert cost(member, session) == "1.00"


def may_is_billed(world: World, people: tuple[Customer, ...]) -> None:
    assert [total(each) for each in people] == ["18.00", "4.00", "20.00", "0.00"]
    assert [invoiced(each) for each in people] == [Decimal(18), Decimal(4), Decimal(20), Decimal(0)]
    (shown,) = people[0].read("/mobile/v1/statements/2021-05?words=true")["subscriptions"]
    assert (shown["plan"], shown["amount"]["amount"]) == ("member", "16.00")
    assert "; toukokuu 2021: 16 pv / 31 pv" in " ".join(shown["lines"][0]["text"].split())
    rows = [each for each in exported(world, "2021-05", "usage.csv.gz") if each["partner"] == "operator"]
    assert sorted((each["product"], each["amount"]) for each in rows) == [
        ("plan+member", "16.00"),
        ("plan+sleeper", "0.00"),
        ("plan+two", "20.00"),
    ]


def june_is_billed(world: World, people: tuple[Customer, ...]) -> None:
    """Of who only sleeps nothing is even settled."""
    member, _, rider, sleeper = people
    assert [total(each, "2021-06") for each in people] == ["31.00", "0.00", "0.00", "0.00"]
    assert total(rider) == "10.00"
    assert [invoiced(each) for each in people] == [Decimal(49), Decimal(4), Decimal(20), Decimal(0)]
    rows = world.finance.read("/finance/v1/journal/2021-06")["rows"]
    sums = {each["ledger_account"]: each["amount"] for each in rows}
    assert (sums["revenue:operator:plan+member"], sums["revenue:operator:plan+two"]) == ("-31.00", "10.00")
    for who in (member, rider):
        heads = who.read("/mobile/v1/proofs")["items"]
        assert [verify(who.read(f"/mobile/v1/proofs/{each['number']}")) for each in heads] == [[]] * len(heads)
    assert [each["month"] for each in sleeper.read("/mobile/v1/proofs")["items"]] == ["2021-05"]
    asked = done(world.finance.post("/finance/v1/reconciliations", {"month": "2021-06"}))
    world.settle()
    found = world.finance.read(f"/finance/v1/reconciliation/2021-06?run={asked['asked_at']}")
    assert [(each["cause"], each["amount"]) for each in found["items"]] == [("of_another_month", "10.00")]


def test_members_ride_at_their_plans_fare_and_months_are_billed_as_long_as_a_fee_goes_on() -> None:
    """
    May: a member from the 16th on, a pass of which one of two rides is used, and a plan that nobody needs. In June
    nobody rides; the pass is ended, and half of it comes back.
    """
    with story("2021-05-10T08:00") as told:
        world, partner, member = told
        code = on_sale(world, partner)
        people = (member, *(world.customer() for _ in range(3)))
        world.until(at(5, 15))
        path, two, _ = (subscribe(people[number], name) for number, name in ((0, "member"), (2, "two"), (3, "sleeper")))
        rides_of_may(told, code, people, path)
        world.until(at(6, 2, 8))
        may_is_billed(world, people)
        world.until(at(6, 10, 8))
        done(people[2].post(f"{two}/end", {}))
        world.until(at(7, 2, 8))
        june_is_billed(world, people)
