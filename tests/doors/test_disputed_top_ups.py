"""A bank takes a top-up back: the wallet has it no more, the books say what is lost, and staff get the evidence."""

import io
import json
import urllib.request
import zipfile
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.doors.callers import done, refused
from tests.doors.paying import payer_of
from tests.doors.test_comparisons import at_stripe, compared, held
from tests.doors.test_late_evidence import two_hours
from tests.doors.test_wallet import WALLET, balances, topped_up
from tests.doors.world import Customer, Partner, World

DISPUTES = "/finance/v1/disputes"


@pytest.fixture(scope="module")
def rider(world: World, partner: Partner) -> Customer:
    """Has put 10.00 in, of which two hours of May have taken 3.50."""
    rider = world.customer()
    topped_up(world, rider, "10.00")
    world.until(datetime(2021, 5, 25, 9, tzinfo=UTC))
    two_hours(world, rider, partner)
    world.until(datetime(2021, 6, 1, 12, tzinfo=UTC))
    assert balances(rider) == {"paid": "6.50"}
    return rider


def of(world: World, state: str) -> dict[str, Any]:
    (found,) = world.finance.read(f"{DISPUTES}?state={state}")["items"]
    return dict(found)


class TestATopUp:
    """The tests of this class stand in order of time."""

    def test_that_a_bank_takes_back_leaves_the_wallet_at_once(
        self, world: World, rider: Customer, partner: Partner
    ) -> None:
        owner = payer_of(rider).provider_customer
        (charge,) = [row["id"] for row in world.stripe._store.every("charge") if row["customer"] == owner]
        world.stripe.misbehave(repeat=2, shuffle_seed=3)
        world.stripe.open_dispute(charge)
        world.settle()
        world.stripe.misbehave()

        found = of(world, "needs_response")
        amounts = {name: found[name]["amount"] for name in ("amount", "held", "from_wallet", "lost")}
        assert amounts == {"amount": "10.00", "held": "10.00", "from_wallet": "6.50", "lost": "0.00"}
        assert found["invoice_id"] is None
        assert found["top_up_id"] == rider.read(f"{WALLET}/entries")["items"][0]["about"].rpartition(":")[2]
        assert (balances(rider), held(world, "disputed"), held(world, "wallet")) == ({}, "3.50", "0.00")
        entries = [(each["kind"], each["amount"]["amount"]) for each in rider.read(f"{WALLET}/entries")["items"]]
        assert entries == [("topped_up", "10.00"), ("used", "-3.50"), ("disputed", "-6.50")]
        refused(rider.post("/mobile/v1/access-sessions", _started(rider, partner)), 402, "payment_not_in_order")
        assert rider.read("/mobile/v1/notices")["items"][0]["code"] == "payment_disputed"

    def test_has_its_evidence_put_together_from_the_wallet_and_what_that_paid(
        self, world: World, rider: Customer
    ) -> None:
        where = f"{DISPUTES}/{of(world, 'needs_response')['dispute_id']}/evidence"
        done(world.finance.post(where))
        world.settle()
        archive = zipfile.ZipFile(io.BytesIO(urllib.request.urlopen(world.finance.read(where)["href"]).read()))
        papers = {name: archive.read(name) for name in archive.namelist()}

        manifest, topped = json.loads(papers["manifest.json"]), json.loads(papers["top-up.json"])
        assert (manifest["invoice"], manifest["top_up"]) == (None, topped["top_up"])
        assert topped["amount"]["amount"] == "10.00"
        assert [each["kind"] for each in json.loads(papers["wallet.json"])] == ["topped_up", "used", "disputed"]
        (invoice,) = rider.read("/mobile/v1/invoices")["items"]
        folder = f"invoices/{invoice['invoice_id'].replace(':', '-')}"
        assert json.loads(papers[f"{folder}/invoice.json"])["total"]["amount"] == "3.50"
        assert any(name.startswith(f"{folder}/sessions/") and name.endswith("receipt.txt") for name in papers)
        told = [each["code"] for each in json.loads(papers["notices.json"])]
        assert {"wallet_topped_up", "payment_disputed"} <= set(told)

    def test_is_lost_for_what_was_spent_of_it_and_both_books_agree(
        self, world: World, rider: Customer, partner: Partner
    ) -> None:
        dispute = of(world, "needs_response")["dispute_id"]
        world.later(minutes=1)
        world.stripe.decide_dispute(dispute, won=False)
        world.settle()

        assert (of(world, "lost")["lost"]["amount"], held(world, "bad-debt"), held(world, "disputed")) == (
            "3.50",
            "3.50",
            "0.00",
        )
        assert compared(world)["differences"] == []
        assert held(world, "stripe-clearing") == at_stripe(world)
        assert world.finance.read("/finance/v1/trial-balance")["off_minor"] == {}
        done(world.finance.post(f"{DISPUTES}/{dispute}/make-good", {"note": "paid in cash"}))
        assert rider.post("/mobile/v1/access-sessions", _started(rider, partner)).status == 201


def _started(rider: Customer, partner: Partner) -> dict[str, Any]:
    code = partner.bike()
    return {"code": code, "quote": rider.quote(code)["quote"]}


def test_a_comparison_finds_a_dispute_of_a_top_up_that_no_webhook_has_told_of(world: World) -> None:
    rider = world.customer()
    topped_up(world, rider, "8.00")
    owner = payer_of(rider).provider_customer
    (charge,) = [row["id"] for row in world.stripe._store.every("charge") if row["customer"] == owner]
    listened, world.stripe._outbox.listened = world.stripe._outbox.listened, frozenset()
    dispute = world.stripe.open_dispute(charge)
    world.stripe._outbox.listened = listened
    assert balances(rider) == {"paid": "8.00"}

    found = {each["about"]: (each["cause"], each["done"]) for each in compared(world)["differences"]}
    assert found == {dispute: ("dispute_not_noted", "noted")}
    assert balances(rider) == {}
    world.stripe.decide_dispute(dispute, won=True)
    world.settle()
    assert balances(rider) == {"paid": "8.00"}
    assert compared(world)["differences"] == []
