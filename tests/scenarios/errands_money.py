"""Money that goes other ways: a payment is disputed and lost, a debt is given up and paid after all."""

import urllib.request
from datetime import timedelta

from infra.local.client import Client
from infra.local.demo import Demo
from infra.local.system import System


def money_goes_other_ways(system: System, demo: Demo, late: Client) -> None:
    """Staff have the evidence written, make good what was lost, give up what failed, and compare the books."""
    lost_dispute(system, demo)
    debt_that_is_recovered(system, demo, late)
    owed = late.get("/mobile/v1/invoices")["items"][0]["invoice_id"]
    for name in (owed, f"payment:{owed}"):
        assert demo.finance.get(f"/finance/v1/trace?id={name}")["hops"]
    demo.clock(system.now() + timedelta(days=1))
    demo.finance.post("/finance/v1/comparisons")
    system.drain()
    newest = demo.finance.get("/finance/v1/comparisons?limit=1")["items"][0]
    (*_, last) = demo.finance.get(f"/finance/v1/comparisons/{newest['asked_at'][:10]}")
    assert (last["comparison"]["state"], last["differences"]) == ("done", [])
    assert last["comparison"]["ledger_minor"] == last["comparison"]["stripe_minor"]


def lost_dispute(system: System, demo: Demo) -> None:
    """From the bank's question to the decision of staff."""
    assert system.stripe is not None
    (charge, *_) = [row["id"] for row in system.stripe._store.every("charge") if row["paid"]]
    dispute = system.stripe.open_dispute(charge)
    system.drain()
    where = f"/finance/v1/disputes/{dispute}"
    demo.finance.post(f"{where}/evidence")
    system.drain()
    with urllib.request.urlopen(demo.finance.get(f"{where}/evidence")["href"]) as file:
        assert file.read(2) == b"PK"
    system.stripe.decide_dispute(dispute, won=False)
    system.drain()
    demo.finance.post(f"{where}/make-good", {"note": "paid in cash"})
    assert demo.finance.get("/finance/v1/disputes?state=made_good")["items"][0]["dispute_id"] == dispute


def debt_that_is_recovered(system: System, demo: Demo, late: Client) -> None:
    """Nobody tries the card any more; the debt is written off, and paid at Stripe's page years or minutes later."""
    assert system.stripe is not None
    demo.clock(system.now() + timedelta(days=30))
    owed = next(each for each in late.get("/mobile/v1/invoices")["items"] if each["state"] == "failed")
    account, month, number = owed["invoice_id"].split(":")
    demo.finance.post(f"/finance/v1/invoices/{account}/{month}/{number}/write-off", {"note": "moved away"})
    system.drain()
    theirs = next(
        row["id"]
        for row in system.stripe._store.every("invoice")
        if row["metadata"].get("account_id") == account and row["status"] == "uncollectible"
    )
    system.stripe.pay_at_page(theirs)
    system.drain()
    assert late.get("/mobile/v1/invoices")["items"][0]["state"] == "paid"
