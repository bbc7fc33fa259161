"""Settling a month of accounts with 20 sessions each: time, memory and Stripe calls, up to the payment's entry.

On DynamoDB Local 1,000 accounts, over two processes as over two functions; without it a tenth of them on moto, in this
process. Stripe is the double, in the parent. What is settled is stored before anything is measured.
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from chalicelib.access.active_items import to_be_billed
from chalicelib.access.charge_items import charge_item
from chalicelib.access.records import ChargeItem
from chalicelib.billing.collecting import take_note
from chalicelib.billing.model import Invoice, Payer
from chalicelib.billing.stripe_calls import StripeCalls
from chalicelib.edge.garbage import collect_from_now_on
from chalicelib.edge.reacting_settling import collect_invoice
from chalicelib.edge.settling_accounts import settle_together
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.finance.closes_model import PAGE_OF_ACCOUNTS
from chalicelib.kernel.time import Month
from chalicelib.storage.outbox import message
from chalicelib.storage.record import Database
from chalicelib.storage.writes import Transaction
from infra.local.dynamodb_local import EngineMissingError
from infra.local.engine import DYNAMODB_LOCAL, MOTO, Engine
from infra.local.stripe_double.trying import SECRET_KEY, trial
from infra.tables import create_all
from tests.benchmarks import AtMost, Figures, Targets
from tests.stores.city import offer_bikes
from tests.stores.riding import record, session

STAGE, MAY = "bench", Month(2021, 5)
BEGAN, NOW = datetime(2021, 5, 2, 8, tzinfo=UTC), datetime(2021, 6, 1, 6, tzinfo=UTC)
ACCOUNTS, ON_MOTO, SESSIONS, PROCESSES = 1_000, 100, 20, 2
TARGETS: Targets = {
    "billing.settle_1000_s": AtMost(60),
    "billing.settle_100_moto_s": AtMost(30),
    "billing.settle_rss_mb": AtMost(256),
    "billing.stripe_calls_per_invoice": AtMost(5),
}


def figures() -> Figures:
    """On Amazon's engine where it is, and on moto otherwise."""
    try:
        return _measured(DYNAMODB_LOCAL, ACCOUNTS, "billing.settle_1000_s")
    except EngineMissingError:
        return _measured(MOTO, ON_MOTO, "billing.settle_100_moto_s")


def _measured(kind: str, accounts: int, name: str) -> Figures:
    with _stored(kind, accounts) as (address, customer, method):
        began = time.perf_counter()
        if kind == MOTO:
            found = [settled(0, accounts, address)]
        else:
            size = accounts // PROCESSES
            parts = [(each * size, (each + 1) * size) for each in range(PROCESSES)]
            started = [_started(*part, address) for part in parts]
            found = [json.loads(each.communicate()[0]) for each in started]
        seconds = time.perf_counter() - began
    if sum(each["paid"] for each in found) != accounts:
        raise RuntimeError(f"{customer} {method}: {found}")
    return {
        name: seconds,
        "billing.settle_cpu_ms": 1000 * sum(each["cpu_s"] for each in found) / accounts,
        "billing.settle_rss_mb": max(each["rss_mb"] for each in found),
        "billing.stripe_calls_per_invoice": sum(each["calls"] for each in found) / accounts,
    }


@contextmanager
def _stored(kind: str, accounts: int) -> Iterator[tuple[str, str, str]]:
    """Charge records, marks and payers, who all pay by one card; the double's address."""
    engine = Engine(kind, kept_together=True).start()
    Database.forget()
    try:
        with trial() as stripe:
            create_all(engine.client("dynamodb"), STAGE)
            Database.use(f"adgang-{STAGE}-")
            # DynamoDB Local looks for a table's first record in its stream behind all that were there before, at each
            # write: without this those of all payers, who on no stage came to be before anything was said.
            Transaction()([message("bench.begun", STAGE, {}, BEGAN)], None)
            offer_bikes(Transaction())
            customer = stripe.customer()
            method = stripe.client.v1.payment_methods.list({"customer": customer}).data[0].id
            for number in range(accounts):
                _store(number, customer, method)
            yield stripe.address, customer, method
    finally:
        engine.stop()
        Database.forget()
        Database.prefix = None


def _store(number: int, customer: str, method: str) -> None:
    account_id, commit = _account(number), Transaction()
    with ChargeItem.batch_write() as batch:
        for ride in range(SESSIONS):
            begun = replace(session(number * SESSIONS + ride, account_id), started_at=BEGAN + timedelta(hours=7 * ride))
            batch.save(charge_item(record(begun, quantities={"use_seconds": Decimal(2400)})))
    billed = BackOffice(_environment("")).billed
    payer = Payer(account_id, customer, method, version=1)
    commit([billed.saving_payer(payer), to_be_billed(account_id, MAY)], None)


def _account(number: int) -> str:
    return f"acc-{number:05d}"


def _environment(address: str) -> dict[str, str]:
    settings = {"ADGANG_STAGE": STAGE, "ADGANG_ZONE": "UTC", "ADGANG_MODE": "test"}
    settings |= {"STRIPE_API_KEY": SECRET_KEY, "STRIPE_API_BASE": address}
    endpoint = os.environ.get("AWS_ENDPOINT_URL_DYNAMODB")
    if endpoint is None:  # moto has no address
        return settings
    lean = {"DYNAMODB_CLIENT": "lean", "AWS_REGION": os.environ["AWS_REGION"]}
    return settings | lean | {"AWS_ENDPOINT_URL_DYNAMODB": endpoint}


def _started(first: int, last: int, address: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.benchmarks.settling", str(first), str(last), address]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ))


class Counted:
    """Calls of Stripe, counted; and which invoice was drafted last, as the event of its payment names it."""

    def __init__(self, calls: StripeCalls) -> None:
        self.calls, self.made, self.drafted = calls, 0, ""

    def __call__(self, *what: str, **how: object) -> Any:  # noqa: ANN401 -- what Stripe gives back
        self.made += 1
        return self.calls(*what, **how)  # type: ignore[arg-type]

    def plain(self, *what: str, **how: Any) -> Any:  # noqa: ANN401 -- as above
        """The same of those whose answers are left as they are."""
        self.made += 1
        answer = self.calls.plain(*what, **how)
        if what == ("post", "/v1/invoices"):
            self.drafted = answer["id"]
        return answer


def settled(first: int, last: int, address: str) -> dict[str, float]:
    """What functions do with accounts at a month's end: settle pages of them, collect, and note what webhooks tell."""
    collect_from_now_on()
    began, wired = time.process_time(), BackOffice(_environment(address), now=lambda: NOW)
    counted = Counted(wired._stripe_calls)
    wired.__dict__["_stripe_calls"] = counted
    kept: dict[str, Any] = {"billed": wired.billed, "now": NOW, "commit": wired.commit, "zone": "UTC"}
    kept |= {"ledger": wired.ledger, "notes": wired.issuing.notes}
    paid = 0
    for begin in range(first, last, PAGE_OF_ACCOUNTS):
        page, accounts = wired.page(), [_account(each) for each in range(begin, min(begin + PAGE_OF_ACCOUNTS, last))]
        together = settle_together(accounts, MAY, wired=page)
        for account_id in accounts:
            invoice = (together.get(account_id) or page.settle(account_id, MAY)).invoice
            paid += invoice is not None and _collected(invoice, wired, counted, kept)
    cpu = time.process_time() - began
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"paid": paid, "calls": counted.made, "rss_mb": rss, "cpu_s": cpu}


def _collected(invoice: Invoice, wired: BackOffice, counted: Counted, kept: Mapping[str, Any]) -> bool:
    named = (invoice.account_id, invoice.month, invoice.number)
    collect_invoice({"account_id": named[0], "month": str(MAY), "number": str(named[2]), "failures": "0"}, wired)
    stands = wired.collector.read(counted.drafted)
    return stands is not None and take_note(stands, **kept) is not None and stands.status == "paid"


if __name__ == "__main__":
    sys.stdout.write(json.dumps(settled(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])))
