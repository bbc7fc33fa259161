"""A month whose tax Stripe decides."""

from datetime import timedelta

from chalicelib.edge.settings import Settings
from chalicelib.kernel.time import Month
from infra.local.demo import Demo
from infra.local.system import System
from tests.scenarios.errands_billing import newcomer

SELLER = {
    "name": "Adgang Oy",
    "address": ["Kaivokatu 1"],
    "country": "FI",
    "invoice_prefix": "T-",
    "credit_note_prefix": "TC-",
    "default": True,
}


def taxes_by_stripe(system: System, demo: Demo) -> None:
    """From now on; a ride is billed at the month's end with what Stripe Tax says."""
    workers = system.doors["workers"]
    for function in [workers, *workers.functions.values()]:
        wired = function.module.wired
        wired.settings = Settings({**wired.settings.environment, "ADGANG_TAX": "stripe"})
    demo.finance.put("/finance/v1/sellers/taxed", SELLER)
    customer, _ = newcomer(system, demo, "taxed")
    quote = customer.call("POST", "/mobile/v1/quotes", {"code": "SPARE-2"})
    session = customer.post("/mobile/v1/access-sessions", {"code": "SPARE-2", "quote": quote["quote"]})["session_id"]
    customer.post(f"/mobile/v1/access-sessions/{session}/end")
    system.drain()
    month = Month.of(system.now(), "Europe/Helsinki")
    demo.clock(month.interval("Europe/Helsinki").end + timedelta(hours=6))
    (invoice,) = customer.get("/mobile/v1/invoices")["items"]
    document = customer.get(f"/mobile/v1/invoices/{invoice['invoice_id']}")
    assert [row["country"] for row in document["taxes"]] == ["FI"]
