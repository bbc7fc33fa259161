"""A firm without a card uses things of two sellers, is sent a bill of each, and pays them by itself within its term."""

from datetime import UTC, datetime
from typing import Any
from urllib.request import urlopen

import pytest

from chalicelib.billing.store import BillingStore
from tests.doors.callers import done, refused
from tests.doors.paying import payer_of
from tests.doors.test_late_evidence import two_hours
from tests.doors.world import Customer, Partner, World

OURS = {"name": "Adgang Oy", "address": ["Kaivokatu 1"], "country": "FI", "vat_number": "FI12345678"}
THEIRS = {"name": "Baade ApS", "address": ["Havnegade 1"], "country": "DK", "vat_number": "DK12345678"}
TERM = {"days": 14, "email": "ap@firm.example", "note": "framework contract 7"}


def account_of(customer: Customer) -> str:
    return str(customer.read("/mobile/v1/me")["account_id"])


def invoices(customer: Customer) -> list[dict[str, Any]]:
    return list(customer.read("/mobile/v1/invoices")["items"])


def told(customer: Customer, code: str) -> list[str]:
    return [each["about"] for each in customer.read("/mobile/v1/notices")["items"] if each["code"] == code]


def start(customer: Customer, code: str) -> Any:  # noqa: ANN401 -- a reply
    return customer.post("/mobile/v1/access-sessions", {"code": code, "quote": customer.quote(code)["quote"]})


def pay(world: World, customer: Customer, number: int) -> None:
    """At the page that the invoice's link leads to."""
    newest = BillingStore().invoices(payer_of(customer).account_id)[number]
    world.stripe.pay_at_page(newest.provider_invoice)
    world.settle()


@pytest.fixture(scope="module")
def boats(world: World) -> Partner:
    """A partner whose products a Danish firm sells from June on."""
    found = world.partner("Boats")
    for name, seller, prefix in (("fi", OURS, "A"), ("dk", THEIRS, "D")):
        prefixes = {"invoice_prefix": f"{prefix}-", "credit_note_prefix": f"{prefix}C-"}
        done(world.finance.put(f"/finance/v1/sellers/{name}", {**seller, **prefixes}))
    path = f"/finance/v1/partners/{found.partner_id}/seller"
    refused(world.finance.put(f"{path}/2021-05", {"seller_id": "dk"}), 409, "month_begun")
    refused(world.finance.put(f"{path}/2021-06", {"seller_id": "no"}), 404, "unknown_seller")
    done(world.finance.put(f"{path}/2021-06", {"seller_id": "dk"}))
    return found


@pytest.fixture(scope="module")
def firm(world: World, partner: Partner, boats: Partner) -> Customer:
    """It has no card. In June it used a bike and a boat for two hours each; July has begun."""
    found = world.customer(card=None)
    refused(start(found, partner.bike()), 402, "payment_not_in_order")
    path = f"/finance/v1/accounts/{account_of(found)}/payment-term"
    refused(world.finance.put(path, {**TERM, "email": None}), 422, "body_invalid", pointer="/email")
    done(world.finance.put(path, TERM))
    world.until(datetime(2021, 6, 10, 9, tzinfo=UTC))
    for each in (partner, boats):
        two_hours(world, found, each)
    world.until(datetime(2021, 7, 1, 12, tzinfo=UTC))
    return found


class TestAFirm:
    """The tests of this class stand in order of time."""

    def test_the_months_statement_says_who_sells_what_as_its_bills_do(self, firm: Customer) -> None:
        month = "/mobile/v1/statements/2021-06"
        bills = [firm.read(f"/mobile/v1/invoices/{each['invoice_id']}") for each in invoices(firm)]
        shown = firm.read(month)
        assert [(each["seller_id"], each["name"], each["amount"]["amount"]) for each in shown["sellers"]] == [
            ("fi", "Adgang Oy", "3.50"),
            ("dk", "Baade ApS", "3.50"),
        ]
        assert {each["seller"] for each in shown["sessions"]} == {"fi", "dk"}
        lines = {each["reference"]: bill["number"][:1] for bill in bills for each in bill["lines"]}
        assert {each["session_id"]: each["seller"][:1].upper() for each in shown["sessions"]} == {
            name: {"A": "F", "D": "D"}[series] for name, series in lines.items()
        }
        text = firm.get(f"{month}/statement.txt", headers={"accept-language": "da"}).content.decode()
        assert [" ".join(line.split()) for line in text.splitlines() if line.startswith("Sælger: ")] == [
            "Sælger: Adgang Oy 3,50 €",
            "Sælger: Baade ApS 3,50 €",
        ]

    def test_each_seller_has_sent_its_bill_under_its_own_number_and_nothing_was_charged(
        self, world: World, firm: Customer
    ) -> None:
        found = [firm.read(f"/mobile/v1/invoices/{each['invoice_id']}") for each in invoices(firm)]
        assert [(each["number"], each["seller"]["name"], each["total"]["amount"]) for each in found] == [
            ("A-000001", "Adgang Oy", "3.50"),
            ("D-000001", "Baade ApS", "3.50"),
        ]
        assert [(each["state"], each["due_at"][:10]) for each in invoices(firm)] == [("due", "2021-07-15")] * 2
        assert told(firm, "invoice_to_pay") == [each["invoice_id"] for each in invoices(firm)][::-1]
        with urlopen(invoices(firm)[1]["link"], timeout=5) as page:
            assert b"Invoice D-000001: open" in page.read()
        assert world.stripe.collected_by_customer("EUR").get(payer_of(firm).provider_customer, 0) == 0
        assert firm.read("/mobile/v1/me")["payment"] == "in_order"

    def test_what_is_paid_at_its_page_is_paid_and_the_other_is_reminded_of(self, world: World, firm: Customer) -> None:
        pay(world, firm, 0)
        world.until(datetime(2021, 7, 12, 12, tzinfo=UTC))
        paid, other = invoices(firm)
        assert (paid["state"], other["state"]) == ("paid", "due")
        assert told(firm, "invoice_due_soon") == [other["invoice_id"]]

    def test_overdue_bars_the_next_start_until_it_is_paid(self, world: World, firm: Customer, partner: Partner) -> None:
        world.until(datetime(2021, 7, 15, 12, tzinfo=UTC))
        other = invoices(firm)[1]
        assert (other["state"], other["reason"]) == ("failed", "overdue")
        assert told(firm, "invoice_overdue") == [other["invoice_id"]]
        refused(start(firm, partner.bike()), 402, "payment_not_in_order")

        pay(world, firm, 1)
        assert invoices(firm)[1]["state"] == "paid"
        assert start(firm, partner.bike()).status == 201
