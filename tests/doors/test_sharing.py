"""Shared sessions by hand: invited, accepted, seen, paid for; the parts add up to the whole everywhere."""

import csv
import io
import itertools
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.rating.proof import verify
from infra.local.tariffs import CITY_BIKE
from tests.doors.callers import done, refused
from tests.doors.test_exports import files
from tests.doors.world import Customer, Partner, World

ENGLISH = {"Accept-Language": "en"}
SESSIONS, SHARED = "/mobile/v1/access-sessions", "/mobile/v1/shared-sessions"
AFTER_MAY, AFTER_JUNE = (datetime(2021, month, 1, 12, tzinfo=UTC) for month in (6, 7))
BY_SECOND: dict[str, Any] = {
    "currency": "EUR",
    "tax_inclusive": True,
    "meters": [{"name": "use_seconds", "unit": "s", "most_per_hour": "3600"}],
    "prices": [
        {"id": "start", "kind": "flat", "amount": "1.00"},
        {"id": "time", "kind": "unit", "meter": "use_seconds", "unit_amount": "0.001"},
    ],
    "caps": [{"id": "day", "period": "day", "amount": "10.00", "over": ["start", "time"]}],
}


def car(partner: Partner, product: str = "car") -> str:
    """A car by the second; its code."""
    done(partner.put(f"/partner/v1/products/{product}", {**CITY_BIKE, "name": "Car"}))
    done(partner.post(f"/partner/v1/products/{product}/tariffs", BY_SECOND))
    code = partner.bike()
    done(partner.put(f"/partner/v1/assets/{code.lower()}", {"product_id": product, "code": code}))
    return code


@pytest.fixture
def car_code(partner: Partner) -> str:
    return car(partner)


def start(customer: Customer, code: str) -> str:
    quote = done(customer.post("/mobile/v1/quotes", {"code": code}, key=None))["quote"]
    return str(done(customer.post(SESSIONS, {"code": code, "quote": quote}))["session_id"])


def invitation(holder: Customer, session: str, **shares: int) -> str:
    return str(done(holder.post(f"{SESSIONS}/{session}/sharing", shares, key=None))["invitation"])


def share(holder: Customer, session: str, member: Customer, most: str | None = None, **shares: int) -> None:
    body = {"invitation": invitation(holder, session, **shares)} | ({"most": most} if most else {})
    joined = member.post(SHARED, body)
    assert (joined.status, joined.json["session_id"]) == (201, session), joined


def amount(shown: dict[str, Any]) -> Decimal:
    return Decimal(shown["amount"]["amount"])


def invoiced(customer: Customer) -> Decimal:
    return sum((Decimal(each["total"]["amount"]) for each in customer.read("/mobile/v1/invoices")["items"]), Decimal(0))


@pytest.fixture
def member(world: World) -> Customer:
    return world.customer()


def test_the_price_is_known_before_anything_is_accepted(
    world: World, customer: Customer, member: Customer, car_code: str
) -> None:
    session = start(customer, car_code)
    world.later(seconds=1000)
    token = invitation(customer, session, weight=1, own_weight=3)

    offered = done(member.post(f"{SHARED}/invitation", {"invitation": token}, key=None))

    assert (offered["weight"], offered["weights"], offered["worst_case_hours"]) == (1, 4, 24)
    said = {name: offered[name]["amount"] for name in ("so_far", "my_so_far", "worst_case", "my_worst_case")}
    assert said == {"so_far": "2.00", "my_so_far": "0.50", "worst_case": "10.00", "my_worst_case": "2.50"}
    assert member.read(SESSIONS) == []


PARTS = [Decimal("2.67"), Decimal("2.08"), Decimal("1.50")]
"""6.25 in all: 1.00 and 5,249 s. In thirds 2.09, 2.08 and 2.08; who pays 1.50 leaves 0.58 to the holder."""


class Three:
    """A shared ride of 6.25, the holder's, a member's, and that of one who pays 1.50 at most."""

    def __init__(self, world: World, holder: Customer, member: Customer, code: str) -> None:
        self.everybody = (holder, member, world.customer())
        self.session = start(holder, code)
        share(holder, self.session, member)
        share(holder, self.session, self.everybody[2], most="1.50")
        world.later(seconds=5249)

    def read(self, path: str) -> list[dict[str, Any]]:
        return [each.read(path.format(self.session)) for each in self.everybody]


def test_the_parts_add_up_to_the_whole_in_running_cost_and_receipt(
    world: World, customer: Customer, member: Customer, car_code: str
) -> None:
    three = Three(world, customer, member, car_code)
    running = [amount(each) for each in three.read(SESSIONS + "/{}")]
    seen = three.read(SHARED + "/{}")

    receipt = customer.end(three.session)

    assert running == [Decimal(each["mine"]["amount"]) for each in seen] == PARTS
    assert {each["whole"]["amount"] for each in seen} == {"6.25"}
    receipts = three.read(SESSIONS + "/{}/receipt")
    assert receipts[0]["lines"] == receipt["lines"]
    assert [amount(each) for each in receipts] == PARTS
    for number in range(2):
        lines = [each["lines"][number] for each in receipts]
        assert {Decimal(line["facts"]["whole"]) for line in lines} == {sum(map(amount, lines))}
    for kind, part in itertools.product(("txt", "html"), range(3)):
        paper = three.everybody[part].get(f"{SESSIONS}/{three.session}/receipt.{kind}", headers=ENGLISH)
        assert f"€{PARTS[part]}" in paper.content.decode()


def test_the_parts_add_up_in_statements_invoices_and_exports_and_a_correction_reaches_each(
    world: World, partner: Partner, customer: Customer, member: Customer, car_code: str
) -> None:
    """
    What the thing has measured, 3,249 s and so 4.25, comes after the close.
    """
    three = Three(world, customer, member, car_code)
    receipt = customer.end(three.session)
    world.until(AFTER_MAY)

    assert [Decimal(each["total"]["amount"]) for each in three.read("/mobile/v1/statements/2021-05")] == PARTS
    assert sum(map(invoiced, three.everybody)) == Decimal("6.25")
    written = files(world, 1)
    for name in ("usage.csv.gz", "sessions.csv.gz"):
        mine = [row for row in exported(written[name]) if row["session"] == three.session]
        assert sum(Decimal(row["amount"]) for row in mine) == Decimal("6.25")
        assert len({row["account"] for row in mine}) == 3
    told = [[note["code"] for note in each["items"]] for each in three.read("/mobile/v1/notices")]
    assert told == [[], ["shared_session_ended"], ["shared_session_ended"]]

    used = world.event(three.session, meter="use_seconds", value="3249", time=receipt["ended_at"])
    assert partner.report(used)[0]["outcome"] == "late"
    world.settle()

    corrected = three.read(SESSIONS + "/{}/receipt")
    thirds = [Decimal("1.42"), Decimal("1.42"), Decimal("1.41")]
    assert {each["revision"] for each in corrected} == {1}
    assert [amount(each) for each in corrected] == thirds
    assert [Decimal(each["total"]["amount"]) for each in three.read("/mobile/v1/statements/2021-05")] == thirds


def exported(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


def test_the_proof_of_each_bill_can_be_computed_again_from_the_proof_alone(
    world: World, customer: Customer, member: Customer, car_code: str
) -> None:
    world.until(max(world.system.now(), AFTER_MAY))
    session = start(customer, car_code)
    share(customer, session, member, weight=2)
    world.later(hours=1)
    customer.end(session)
    world.until(max(world.system.now(), AFTER_JUNE))

    sums = []
    for each, number in ((customer, 0), (member, 1)):
        (head,) = each.read("/mobile/v1/proofs")["items"]
        proof = each.read(f"/mobile/v1/proofs/{head['number']}")
        assert verify(proof) == []
        assert [use["part"] for use in proof["uses"]] == [{"number": number, "weights": [1, 2], "limits": [None, None]}]
        sums.append(proof["totals"]["EUR"])
    assert sums == [153, 307]


def test_a_member_sees_the_session_and_can_neither_end_nor_change_it(
    customer: Customer, member: Customer, car_code: str
) -> None:
    session = start(customer, car_code)
    share(customer, session, member)

    (seen,) = member.read(SESSIONS)
    assert (seen["session_id"], seen["state"], seen["known_as"]) == (session, "active", None)
    for act in ("end", "pause", "resume"):
        refused(member.post(f"{SESSIONS}/{session}/{act}"), 403, "holder_only")
    refused(member.put(f"{SESSIONS}/{session}/stop", {"after_s": 60}), 403, "holder_only")
    refused(member.post(f"{SESSIONS}/{session}/sharing", {}, key=None), 403, "holder_only")
    assert member.read(f"/mobile/v1/sessions/{session}/timeline")["entries"]
    refused(customer.post(f"{SHARED}/{session}/leave"), 409, "holder_stays")
    assert customer.read(f"{SESSIONS}/{session}")["session"]["state"] == "active"
    parts = member.read(f"{SHARED}/{session}")["parts"]
    assert [(each["holder"], each["mine"], each["left"]) for each in parts] == [
        (True, False, False),
        (False, True, False),
    ]


def test_another_account_knows_nothing_of_a_shared_session(
    world: World, customer: Customer, member: Customer, car_code: str
) -> None:
    session, stranger = start(customer, car_code), world.customer()
    share(customer, session, member)

    for path in (f"{SHARED}/{session}", f"{SESSIONS}/{session}", f"{SESSIONS}/{session}/receipt"):
        refused(stranger.get(path), 404, "unknown_session")
    for path in (f"{SHARED}/{session}/leave", f"{SESSIONS}/{session}/end"):
        refused(stranger.post(path), 404, "unknown_session")
    customer.end(session)
    refused(stranger.get(f"{SESSIONS}/{session}/receipt"), 404, "unknown_session")
    assert amount(member.read(f"{SESSIONS}/{session}/receipt")) == Decimal("0.50")


def test_an_unshared_session_is_no_shared_one(customer: Customer, car_code: str) -> None:
    refused(customer.get(f"{SHARED}/{start(customer, car_code)}"), 404, "unknown_session")


def test_a_forged_a_foreign_and_a_stale_invitation_are_refused_and_nobody_joins(
    world: World, customer: Customer, member: Customer, car_code: str
) -> None:
    session = start(customer, car_code)
    token = invitation(customer, session)
    head, body, _ = token.split(".")
    for bad in ("x", f"{head}.{body}.AAAA", token[:-4] + "AAAA"):
        refused(member.post(SHARED, {"invitation": bad}), 422, "invitation_forged", "/invitation")
        refused(
            member.post(f"{SHARED}/invitation", {"invitation": bad}, key=None), 422, "invitation_forged", "/invitation"
        )
    world.later(minutes=15)
    refused(member.post(SHARED, {"invitation": token}), 409, "invitation_stale", "/invitation")
    assert member.read(SESSIONS) == []


def test_a_quote_is_no_invitation_and_an_invitation_no_quote(
    customer: Customer, member: Customer, partner: Partner, car_code: str
) -> None:
    """
    Both are signed with the same key.
    """
    free = car(partner)
    token = invitation(customer, start(customer, car_code))
    quote = done(member.post("/mobile/v1/quotes", {"code": free}, key=None))["quote"]

    refused(member.post(SHARED, {"invitation": quote}), 422, "invitation_forged", "/invitation")
    refused(member.post(SESSIONS, {"code": free, "quote": token}), 422, "quote_forged")


def test_joining_twice_joins_once_and_an_invitation_is_for_one_person(
    world: World, customer: Customer, member: Customer, car_code: str
) -> None:
    session = start(customer, car_code)
    token = invitation(customer, session)
    for _ in range(2):
        assert member.post(SHARED, {"invitation": token}).status == 201

    refused(world.customer().post(SHARED, {"invitation": token}), 409, "invitation_used", "/invitation")
    refused(member.post(SHARED, {"invitation": token, "most": "3.00"}), 409, "already_sharing")
    refused(customer.post(SHARED, {"invitation": invitation(customer, session)}), 409, "already_sharing")
    assert len(customer.read(f"{SHARED}/{session}")["parts"]) == 2


def test_an_ended_session_is_joined_and_shared_by_nobody(customer: Customer, member: Customer, car_code: str) -> None:
    session = start(customer, car_code)
    token = invitation(customer, session)
    customer.end(session)

    refused(member.post(SHARED, {"invitation": token}), 409, "already_ended")
    refused(customer.post(f"{SESSIONS}/{session}/sharing", {}, key=None), 409, "already_ended")


def test_who_cannot_pay_takes_no_part(world: World, customer: Customer, car_code: str) -> None:
    session, broke = start(customer, car_code), world.customer(card=None)
    token = invitation(customer, session)

    refused(broke.post(SHARED, {"invitation": token}), 402, "payment_not_in_order")
    assert broke.read(SESSIONS) == []
    refused(customer.get(f"{SHARED}/{session}"), 404, "unknown_session")


@pytest.mark.parametrize("most", ["-0.01", "much", "1.005"])
def test_a_limit_is_an_amount(customer: Customer, member: Customer, car_code: str, most: str) -> None:
    token = invitation(customer, start(customer, car_code))

    reply = member.post(SHARED, {"invitation": token, "most": most})
    assert (reply.status, reply.json["pointer"]) == (422, "/most"), reply


def test_who_leaves_pays_nothing_for_what_comes_and_the_holder_has_the_rest(
    world: World, customer: Customer, member: Customer, car_code: str
) -> None:
    """
    2.00 at the time of leaving, 4.00 in the end.
    """
    session = start(customer, car_code)
    share(customer, session, member)
    world.later(seconds=1000)
    for _ in range(2):
        done(member.post(f"{SHARED}/{session}/leave"))
        world.later(seconds=1000)
    customer.end(session)

    assert [amount(each.read(f"{SESSIONS}/{session}/receipt")) for each in (customer, member)] == [
        Decimal("3.00"),
        Decimal("1.00"),
    ]


def test_caps_hold_for_the_whole_and_then_for_each_part_in_its_own_account(
    world: World, customer: Customer, partner: Partner, car_code: str
) -> None:
    """
    A day of 10.00 at most: alone 8.00 are paid; then a shared one of 10.00 is 5.00 each, of which 2.00 are left.
    """
    member = world.customer()
    alone = start(member, car(partner))
    world.later(seconds=7000)
    member.end(alone)
    session = start(customer, car_code)
    share(customer, session, member)
    world.later(seconds=10_000)
    customer.end(session)

    assert [amount(each.read(f"{SESSIONS}/{session}/receipt")) for each in (customer, member)] == [
        Decimal("5.00"),
        Decimal("2.00"),
    ]


def test_the_partner_and_finance_see_the_whole_and_the_holder_the_own_part(
    world: World, partner: Partner, customer: Customer, member: Customer, car_code: str
) -> None:
    session = start(customer, car_code)
    share(customer, session, member, weight=3)
    world.later(seconds=1000)
    customer.end(session)

    def charged(shown: dict[str, Any]) -> list[str]:
        return [each["amount"]["amount"] for each in shown["entries"] if each["kind"] == "charge"]

    assert charged(partner.read(f"/partner/v1/sessions/{session}/timeline")) == ["0.50", "1.50"]
    assert charged(world.finance.read(f"/finance/v1/sessions/{session}/timeline")) == ["0.50", "1.50"]
    assert charged(customer.read(f"/mobile/v1/sessions/{session}/timeline")) == ["0.50"]
