"""What is owed or ordered beside use, through the doors: stated, shown, objected to, accepted, billed, given back."""

import csv
import gzip
import hashlib
import io
import json
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest

from infra.verify import main as verify
from tests.doors.callers import done, refused
from tests.doors.world import Customer, Partner, World

PARTNER, MOBILE, FINANCE = "/partner/v1/charges", "/mobile/v1/charges", "/finance/v1/charges"
PHOTO = b"\xff\xd8 a bent wheel"
SHA = hashlib.sha256(PHOTO).hexdigest()
FILE = {"sha256": SHA, "content_type": "image/jpeg", "bytes": len(PHOTO)}


def first_of(month: int) -> datetime:
    return datetime(2021, month, 1, 12, tzinfo=UTC)


def put(upload: dict[str, Any], body: bytes, **headers: str) -> int:
    asked = urllib.request.Request(upload["href"], data=body, headers={**upload["headers"], **headers}, method="PUT")
    try:
        with urllib.request.urlopen(asked) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code


def charged(partner: Partner, session: str, kind: str, amount: str, when: str) -> dict[str, Any]:
    body = {"session_id": session, "kind": kind, "amount": amount, "happened_at": when}
    return dict(done(partner.post(PARTNER, {**body, "description": {"en": "As seen", "da": "Som set"}})))


def told(partner: Partner, session: str, kind: str, amount: str, when: str) -> str:
    """With a photo, and its customer told; the charge's id."""
    name = str(charged(partner, session, kind, amount, when)["charge_id"])
    if kind in ("damage", "loss", "fine"):
        assert put(done(partner.post(f"{PARTNER}/{name}/evidence", FILE))["upload"], PHOTO) == 200
    done(partner.post(f"{PARTNER}/{name}/submit"))
    return name


def codes(customer: Customer) -> list[str]:
    return [row["code"] for row in customer.read("/mobile/v1/notices")["items"]]


def rows(world: World, month: str, name: str) -> list[dict[str, str]]:
    link = world.finance.read(f"/finance/v1/exports/{month}/1/{name}")["href"]
    with urllib.request.urlopen(link) as answer:
        return list(csv.DictReader(io.StringIO(gzip.decompress(answer.read()).decode())))


@pytest.fixture(scope="module")
def rider(world: World) -> Customer:
    return world.customer()


@pytest.fixture(scope="module")
def ride(world: World, partner: Partner, rider: Customer) -> tuple[str, str]:
    """A ride of May, which is closed; then it is June. The session, and an instant within it."""
    session = world.ride(rider, partner.bike(), partner, 600)
    within = (world.system.now() - timedelta(seconds=300)).isoformat()
    rates = {"rates": [{"percent": "25"}, {"percent": "0", "kind": "damage"}]}
    done(world.finance.put("/finance/v1/tax-rates/2021-06", rates))
    done(world.finance.put(f"/finance/v1/partners/{partner.partner_id}/share/2021-06", {"percent": "0"}))
    world.until(first_of(6))
    return session, within


class TestDamage:
    """The tests of this class follow one charge and stand in order of time."""

    charge = ""

    def test_a_partner_drafts_it_weeks_later_and_nobody_is_told(
        self, partner: Partner, rider: Customer, ride: tuple[str, str]
    ) -> None:
        session, when = ride
        drafted = charged(partner, session, "damage", "80.00", when)
        type(self).charge = drafted["charge_id"]

        assert (drafted["state"], drafted["charge_class"], drafted["month"]) == ("drafted", "owed", None)
        assert rider.read(MOBILE)["items"] == []
        refused(rider.get(f"{MOBILE}/{self.charge}"), 404, "unknown_charge")
        refused(partner.post(f"{PARTNER}/{self.charge}/submit"), 409, "evidence_missing")

    def test_evidence_is_put_once_over_a_link_for_exactly_these_bytes(self, partner: Partner) -> None:
        announced = done(partner.post(f"{PARTNER}/{self.charge}/evidence", FILE, key="photo"))
        assert done(partner.post(f"{PARTNER}/{self.charge}/evidence", FILE, key="photo"))["upload"] is None
        refused(partner.post(f"{PARTNER}/{self.charge}/submit"), 409, "evidence_missing")
        upload = announced["upload"]

        assert put(upload, PHOTO[:-1] + b"!") == 400
        assert put(upload, PHOTO, **{"Content-Type": "text/html"}) == 403
        assert put(upload, PHOTO) == 200
        assert put(upload, PHOTO) == 412

    def test_the_customer_is_told_and_sees_what_shows_it(self, world: World, partner: Partner, rider: Customer) -> None:
        done(partner.post(f"{PARTNER}/{self.charge}/submit"))
        world.settle()

        (shown,) = rider.read(MOBILE)["items"]
        assert (shown["state"], shown["amount"]["amount"]) == ("stated", "80.00")
        assert codes(rider)[0] == "charge_stated"
        link = rider.read(f"{MOBILE}/{self.charge}/evidence/{SHA}")["href"]
        with urllib.request.urlopen(link) as answer:
            assert answer.read() == PHOTO
        refused(world.customer(None).get(f"{MOBILE}/{self.charge}"), 404, "unknown_charge")

    def test_another_partner_knows_nothing_of_it_and_can_charge_nothing_for_the_session(
        self, world: World, ride: tuple[str, str]
    ) -> None:
        other = world.partner("Others")
        session, when = ride
        body = {"session_id": session, "kind": "fine", "amount": "1", "happened_at": when, "description": {"en": "x"}}

        refused(other.post(PARTNER, body), 404, "charge_session_unknown", "/session_id")
        refused(other.get(f"{PARTNER}/{self.charge}"), 404, "unknown_charge")
        for act in ("submit", "withdraw", "counter", "evidence"):
            bodies: dict[str, object] = {"counter": {"amount": "1"}, "evidence": FILE, "withdraw": {}}
            refused(other.post(f"{PARTNER}/{self.charge}/{act}", bodies.get(act)), 404, "unknown_charge")
        assert other.read(PARTNER)["items"] == []

    def test_an_objection_waits_for_the_operator_whatever_the_clock_says(
        self, world: World, partner: Partner, rider: Customer
    ) -> None:
        objected = done(rider.post(f"{MOBILE}/{self.charge}/objection", {"reason": "too_much", "text": "A scratch."}))
        assert objected["state"] == "objected"
        world.later(days=15)

        assert partner.read(f"{PARTNER}/{self.charge}")["state"] == "objected"
        assert rider.read("/mobile/v1/statements/2021-06")["charges"] == []
        (row,) = world.finance.read(f"{FINANCE}?state=objected&kind=damage")["items"]
        assert (row["partner_id"], row["charge"]["objection"]) == (partner.partner_id, "too_much")

    def test_the_operator_reduces_it_and_it_stands_on_the_open_months_statement(
        self, world: World, rider: Customer
    ) -> None:
        body = {"decision": "reduced", "amount": "50.00", "note": "as the photo shows"}
        done(world.operator.post(f"{FINANCE}/{self.charge}/decision", body))
        world.settle()

        stated = rider.read("/mobile/v1/statements/2021-06?words=true")
        (line,) = stated["charges"]
        assert (line["charge_id"], line["charge_class"], line["amount"]["amount"]) == (self.charge, "owed", "50.00")
        assert line["lines"][0]["text"].startswith("Vahinko")
        assert (stated["total"]["amount"], stated["sessions"]) == ("50.00", [])
        assert self.charge in rider.get("/mobile/v1/statements/2021-06/statement.txt").content.decode()
        assert codes(rider)[0] == "charge_decided"

    def test_the_close_bills_it_with_its_proof_its_tax_and_the_partners_whole_share(
        self, world: World, partner: Partner, rider: Customer, ride: tuple[str, str], tmp_path: Path
    ) -> None:
        """
        Beside a delivery that is accepted, of which a fifth is tax; an add-on that nobody accepts is not billed.
        """
        session, when = ride
        delivery = told(partner, session, "delivery", "10.00", when)
        done(rider.post(f"{MOBILE}/{delivery}/accept"))
        told(partner, session, "add_on", "7.00", when)
        world.until(first_of(7))

        invoice = rider.read("/mobile/v1/invoices")["items"][-1]
        lines = {(line["about"], line["reference"], line["amount"]["amount"]) for line in invoice["lines"]}
        assert lines >= {("owed", self.charge, "50.00"), ("ordered", delivery, "10.00")}
        assert (len(lines), invoice["total"]["amount"]) == (2, "60.00")
        newest = rider.read("/mobile/v1/proofs")["items"][-1]["number"]
        proof = tmp_path / "proof.json"
        proof.write_text(json.dumps(rider.read(f"/mobile/v1/proofs/{newest}")))
        assert verify([str(proof)]) == 0
        balances = {row["ledger_account"]: row for row in world.finance.read("/finance/v1/trial-balance")["rows"]}
        assert balances["tax:0.25"]["credit"] == "2.00"
        stated = partner.read("/partner/v1/statements/2021-06")
        parts = [(row["product"], row["tax"]["amount"], row["share"]["amount"]) for row in stated["products"]]
        assert parts == [("city-bike/damage", "0.00", "50.00"), ("city-bike/delivery", "2.00", "0.00")]

    def test_exports_say_its_class_and_what_it_was_about(self, world: World, ride: tuple[str, str]) -> None:
        (usage,) = [row for row in rows(world, "2021-06", "usage.csv.gz") if row["charge"] == self.charge]
        assert (usage["session"], usage["charge_class"], usage["amount"]) == (ride[0], "owed", "50.00")
        (session,) = [row for row in rows(world, "2021-06", "sessions.csv.gz") if row["charge"] == self.charge]
        assert (session["charge_class"], session["amount"]) == ("owed", "50.00")
        (invoice,) = rows(world, "2021-06", "invoices.csv.gz")
        assert (invoice["owed"], invoice["ordered"]) == ("50.00", "10.00")

    def test_billed_it_is_withdrawn_no_more_but_given_back_with_the_open_month(
        self, world: World, partner: Partner, rider: Customer
    ) -> None:
        assert partner.read(f"{PARTNER}/{self.charge}")["state"] == "billed"
        refused(partner.post(f"{PARTNER}/{self.charge}/withdraw", {}), 409, "charge_not_open")
        refused(
            partner.post(f"{PARTNER}/{self.charge}/counter", {"amount": "50.01"}), 422, "counter_too_high", "/amount"
        )
        done(partner.post(f"{PARTNER}/{self.charge}/counter", {"amount": "20.00", "note": "found the part"}))
        world.until(first_of(8))

        assert rider.read("/mobile/v1/statements/2021-06")["charges"][0]["amount"]["amount"] == "30.00"
        balances = {row["ledger_account"]: row for row in world.finance.read("/finance/v1/trial-balance")["rows"]}
        assert balances[f"revenue:{partner.partner_id}:city-bike/damage"]["credit"] == "30.00"
        assert {"charge_countered", "credit_note", "refunded"} <= set(codes(rider))

    @pytest.mark.parametrize("begin", ["charge", "invoice", "credit_note", "refund", "posting", "source"])
    def test_it_is_traced_to_its_bill_and_to_what_was_given_back_and_from_each_of_them(
        self, world: World, rider: Customer, ride: tuple[str, str], begin: str
    ) -> None:
        """
        The twenty euros came back as a credit note of July, and to the card.
        """
        (note,) = rider.read("/mobile/v1/credit-notes")["items"]
        account = rider.read("/mobile/v1/me")["account_id"]
        names = {"charge": self.charge, "invoice": f"{account}:2021-06:1", "credit_note": note["credit_note_id"]}
        names |= {"refund": f"{account}:r1", "posting": f"refund:{account}:r1"}
        sources = {"source": f"credit-note:{note['credit_note_id']}"}
        found = world.finance.read(f"/finance/v1/trace?id={(names | sources)[begin]}")["hops"]

        assert set(names.values()) <= {each["id"] for each in found}
        assert ride[0] in {each["id"] for each in found if each["kind"] == "session"}
        assert self.charge in {each["facts"]["session"] for each in found if each["kind"] == "line"}
        (refund,) = [each["facts"] for each in found if each["kind"] == "refund"]
        assert (refund["amount"], refund["invoice"]) == ("20.00 EUR", names["invoice"])

    def test_the_file_that_shows_it_is_evidence_of_its_row_and_leads_to_it(
        self, world: World, rider: Customer, ride: tuple[str, str]
    ) -> None:
        (row,) = [each for each in rows(world, "2021-06", "usage.csv.gz") if each["charge"] == self.charge]
        assert (row["session"], row["evidence"]) == (ride[0], SHA)

        hops = world.finance.read(f"/finance/v1/trace?id={row['session']}%23{row['evidence']}")["hops"]
        found = {each["kind"]: each for each in hops}
        assert (found["file"]["id"], found["file"]["facts"]["charge"]) == (SHA, self.charge)
        assert world.finance.read(found["file"]["link"])["href"]
        assert {each["facts"]["session"] for each in hops if each["kind"] == "line"} == {self.charge}
        assert found["invoice"]["id"] == f"{rider.read('/mobile/v1/me')['account_id']}:2021-06:1"


def test_silence_accepts_what_is_owed_and_orders_nothing_and_a_withdrawn_charge_is_over(
    world: World, partner: Partner, rider: Customer, ride: tuple[str, str]
) -> None:
    session, when = ride
    fine, ordered = (told(partner, session, kind, "5.00", when) for kind in ("fine", "add_on"))
    gone = told(partner, session, "damage", "5.00", when)
    done(partner.post(f"{PARTNER}/{gone}/withdraw", {"note": "mistaken"}))
    world.later(days=14, minutes=5)

    states = {row["charge_id"]: row["state"] for row in rider.read(f"{MOBILE}?session={session}&limit=200")["items"]}
    assert (states[fine], states[ordered], states[gone]) == ("accepted", "withdrawn", "withdrawn")
    refused(rider.post(f"{MOBILE}/{fine}/objection", {"reason": "not_me"}), 409, "charge_not_open")


def test_a_page_of_charges_goes_on_where_the_one_before_ended(partner: Partner) -> None:
    first = partner.read(f"{PARTNER}?limit=2")
    rest = partner.read(f"{PARTNER}?limit=200&after={first['next'].replace('#', '%23')}")

    names = [row["charge_id"] for row in (*first["items"], *rest["items"])]
    assert len(first["items"]) == 2
    assert len(names) == len(set(names)) > 3


@pytest.mark.parametrize(
    ("changed", "answer"),
    [
        ({"amount": "2000.01"}, (422, "charge_too_high", "/amount")),
        ({"amount": "0"}, (422, "charge_too_high", "/amount")),
        ({"happened_at": "2031-01-01T00:00:00Z"}, (422, "charge_time_invalid", "/happened_at")),
        ({"happened_at": "2011-01-01T00:00:00Z"}, (422, "charge_time_invalid", "/happened_at")),
        ({"happened_at": "now"}, (422, "not_an_instant", "/happened_at")),
        ({"description": {"english": "x"}}, (422, "body_invalid", "/description")),
        ({"kind": "gift"}, (422, "body_invalid", "/kind")),
        ({"session_id": "ses_none"}, (404, "charge_session_unknown", "/session_id")),
        ({"evidence": [{**FILE, "bytes": 10 * 1024 * 1024 + 1}]}, (422, "body_invalid", "/evidence/0/bytes")),
    ],
)
def test_what_cannot_be_charged_is_refused_with_the_field_at_fault(
    partner: Partner, ride: tuple[str, str], changed: dict[str, object], answer: tuple[int, str, str]
) -> None:
    session, when = ride
    body = {"session_id": session, "kind": "damage", "amount": "1", "happened_at": when, "description": {"en": "x"}}

    refused(partner.post(PARTNER, {**body, **changed}), *answer)
