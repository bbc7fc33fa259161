"""Disputes: what a bank takes back is booked once, nothing starts meanwhile, and staff get the evidence as a file."""

import hashlib
import io
import json
import urllib.request
import zipfile
from datetime import datetime
from typing import Any

import pytest

from tests.doors.callers import done, refused
from tests.doors.documented_money import finance_money
from tests.doors.paying import payer_of
from tests.doors.test_openapi import Checked
from tests.doors.world import Customer, Partner, World

DISPUTES = "/finance/v1/disputes"


def month_closed(world: World) -> None:
    now = world.system.now()
    world.until(datetime(now.year + now.month // 12, now.month % 12 + 1, 1, 12, tzinfo=now.tzinfo))


def held(world: World, name: str) -> str:
    rows = world.finance.read("/finance/v1/trial-balance")["rows"]
    found = {row["ledger_account"]: row["debit"] or f"-{row['credit']}" for row in rows}
    return found.get(name, "0.00")


def charge_of(world: World, customer: Customer) -> str:
    owner = payer_of(customer).provider_customer
    return str(next(row["id"] for row in world.stripe._store.every("charge") if row["customer"] == owner))


def codes(customer: Customer) -> list[str]:
    return [each["code"] for each in customer.read("/mobile/v1/notices")["items"]]


def start(customer: Customer, code: str) -> Any:  # noqa: ANN401 -- a reply
    return customer.post("/mobile/v1/access-sessions", {"code": code, "quote": customer.quote(code)["quote"]})


def disputed(world: World, customer: Customer, *, inquiry: bool = False) -> str:
    found = world.stripe.open_dispute(charge_of(world, customer), inquiry=inquiry)
    world.settle()
    return found


@pytest.fixture(scope="module")
def riders(world: World, partner: Partner) -> list[Customer]:
    """Each has paid for a ride; a quarter of it is tax."""
    month = f"{world.system.now():%Y}-{world.system.now().month + 1:02d}"
    done(world.finance.put(f"/finance/v1/tax-rates/{month}", {"rates": [{"percent": "25"}]}))
    month_closed(world)
    riders = [world.customer() for _ in range(3)]
    for each in riders:
        world.ride(each, partner.bike(), partner, 2000)
    month_closed(world)
    return riders


class TestADisputeThatIsLost:
    """The tests of this class follow one customer and stand in order of time."""

    def test_takes_the_money_and_a_fee_once_however_often_and_in_whatever_order_it_is_told(
        self, world: World, riders: list[Customer]
    ) -> None:
        world.stripe.misbehave(repeat=2, shuffle_seed=7)
        dispute = disputed(world, riders[0])
        world.stripe.misbehave()

        shown = world.finance.read(f"{DISPUTES}/{dispute}")
        assert (shown["state"], shown["held"]["amount"], shown["lost"]["amount"]) == ("needs_response", "1.50", "0.00")
        assert shown["invoice_id"] == riders[0].read("/mobile/v1/invoices")["items"][0]["invoice_id"]
        assert (held(world, "disputed"), held(world, "bad-debt")) == ("1.50", "0.00")
        assert codes(riders[0]) == ["payment_disputed"]

    def test_lets_nothing_start_meanwhile(self, riders: list[Customer], partner: Partner) -> None:
        refused(start(riders[0], partner.bike()), 402, "payment_not_in_order")
        assert start(riders[1], partner.bike()).status == 201

    def test_has_its_evidence_put_together_with_a_digest_of_each_paper(
        self, world: World, riders: list[Customer]
    ) -> None:
        (dispute,) = world.finance.read(f"{DISPUTES}?state=needs_response")["items"]
        where = f"{DISPUTES}/{dispute['dispute_id']}/evidence"
        refused(world.finance.get(where), 404, "unknown_evidence")
        asked = done(world.finance.post(where))
        world.settle()
        shown = world.finance.read(where)
        content = urllib.request.urlopen(shown["href"]).read()

        assert (asked["state"], shown["state"], shown["number"]) == ("being_written", "ready", 1)
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (shown["sha256"], shown["bytes"])
        archive = zipfile.ZipFile(io.BytesIO(content))
        papers = {name: archive.read(name) for name in archive.namelist()}
        manifest = json.loads(papers.pop("manifest.json"))
        listed = {each["name"]: each["sha256"] for each in manifest["files"]}
        assert listed == {name: hashlib.sha256(paper).hexdigest() for name, paper in papers.items()}
        self._says_what_happened(papers, riders[0])

    def _says_what_happened(self, papers: dict[str, bytes], rider: Customer) -> None:
        (timeline,) = [name for name in papers if name.endswith("timeline.json")]
        whats = {each["what"] for each in json.loads(papers[timeline])["entries"]}
        assert {"start", "end", "sealed", "invoiced", "paid"} <= whats
        assert b"1.50" in papers[timeline.replace("timeline.json", "receipt.txt")]
        assert json.loads(papers["terms.json"])["terms_version"] == "1"
        assert [each["code"] for each in json.loads(papers["notices.json"])] == ["payment_disputed"]
        proof = rider.read("/mobile/v1/proofs/1")
        assert json.loads(papers["proofs/000001.json"]) == proof
        assert json.loads(papers["invoice.json"])["total"]["amount"] == "1.50"

    def test_becomes_a_bad_debt_without_its_tax_when_the_bank_decides(
        self, world: World, riders: list[Customer], partner: Partner
    ) -> None:
        (dispute,) = world.finance.read(f"{DISPUTES}?state=needs_response")["items"]
        world.later(minutes=1)
        world.stripe.decide_dispute(dispute["dispute_id"], won=False)
        world.settle()

        assert [held(world, name) for name in ("disputed", "bad-debt", "bad-debt-tax:0.25")] == ["0.00", "1.20", "0.30"]
        assert codes(riders[0])[0] == "dispute_lost"
        assert world.finance.read(f"{DISPUTES}?state=needs_response")["items"] == []
        refused(start(riders[0], partner.bike()), 402, "payment_not_in_order")

    def test_lets_its_account_start_again_once_somebody_says_that_it_is_made_good(
        self, world: World, riders: list[Customer], partner: Partner
    ) -> None:
        (dispute,) = world.finance.read(f"{DISPUTES}?state=lost")["items"]
        where = f"{DISPUTES}/{dispute['dispute_id']}/make-good"
        shown = done(world.finance.post(where, {"note": "paid by bank transfer"}))

        assert (shown["state"], shown["note"], bool(shown["made_good_by"])) == (
            "made_good",
            "paid by bank transfer",
            True,
        )
        assert start(riders[0], partner.bike()).status == 201
        assert [each["dispute_id"] for each in world.finance.read(f"{DISPUTES}?state=made_good")["items"]] == [
            dispute["dispute_id"]
        ]


def test_a_dispute_that_is_won_gives_the_money_back_and_opens_access_at_once(
    world: World, riders: list[Customer], partner: Partner
) -> None:
    dispute = disputed(world, riders[1])
    refused(start(riders[1], partner.bike()), 402, "payment_not_in_order")
    refused(world.finance.post(f"{DISPUTES}/{dispute}/make-good", {"note": "x"}), 409, "not_lost")
    world.later(minutes=1)
    world.stripe.decide_dispute(dispute, won=True)
    world.settle()

    assert (held(world, "disputed"), world.finance.read(f"{DISPUTES}/{dispute}")["state"]) == ("0.00", "won")
    assert codes(riders[1])[:2] == ["dispute_won", "payment_disputed"]
    assert start(riders[1], partner.bike()).status == 201


def test_a_bank_that_only_asks_takes_nothing_and_bars_nobody_until_it_disputes(
    world: World, riders: list[Customer], partner: Partner
) -> None:
    before = held(world, "stripe-fees")
    dispute = disputed(world, riders[2], inquiry=True)
    assert world.finance.read(f"{DISPUTES}/{dispute}")["state"] == "inquiry"
    assert (held(world, "stripe-fees"), start(riders[2], partner.bike()).status) == (before, 201)

    world.stripe.escalate_dispute(dispute)
    world.settle()
    assert held(world, "disputed") == "1.50"
    refused(start(riders[2], partner.bike()), 402, "payment_not_in_order")
    refused(world.finance.get(f"{DISPUTES}/dp_none"), 404, "unknown_dispute")


def test_an_invoice_that_failed_for_good_is_written_off_without_its_tax_and_recovered_when_it_is_paid_after_all(
    world: World, partner: Partner
) -> None:
    rider = world.customer()
    world.ride(rider, partner.bike(), partner, 2000)
    (card,) = rider.read("/mobile/v1/me/payment-methods")["methods"]
    world.stripe.change_card(card["method_id"], declines="insufficient_funds")
    month_closed(world)
    debts = [held(world, name) for name in ("bad-debt", "bad-debt-tax:0.25")]
    (invoice,) = rider.read("/mobile/v1/invoices")["items"]
    account, month, number = invoice["invoice_id"].split(":")
    where, why = f"/finance/v1/invoices/{account}/{month}/{number}/write-off", {"note": "moved away"}
    refused(world.finance.post(where, why), 409, "not_failed_for_good")
    world.later(days=30)
    done(world.finance.post(where, why))
    world.settle()

    (theirs,) = [row for row in world.stripe._store.every("invoice") if row["metadata"].get("account_id") == account]
    assert (rider.read("/mobile/v1/invoices")["items"][0]["state"], theirs["status"]) == (
        "written_off",
        "uncollectible",
    )
    after = [held(world, name) for name in ("bad-debt", "bad-debt-tax:0.25")]
    assert [round(float(b) - float(a), 2) for a, b in zip(debts, after, strict=True)] == [1.2, 0.3]
    refused(start(rider, partner.bike()), 402, "payment_not_in_order")

    world.stripe.pay_at_page(theirs["id"])
    world.settle()
    assert rider.read("/mobile/v1/invoices")["items"][0]["state"] == "paid"
    assert [held(world, name) for name in ("bad-debt", "bad-debt-tax:0.25")] == debts
    assert start(rider, partner.bike()).status == 201


def test_real_disputes_and_evidence_are_what_the_document_says(world: World, riders: list[Customer]) -> None:
    assert riders
    call = Checked("finance", world.nobody.read("/finance/openapi.json"), world.finance)
    (dispute,) = world.finance.read(f"{DISPUTES}?state=made_good")["items"]

    finance_money(call, world.settle, dispute["dispute_id"])
    assert call("GET", "/v1/disputes/{dispute_id}/evidence", dispute_id=dispute["dispute_id"])["number"] == 2
