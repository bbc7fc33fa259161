"""The VAT summary of the report adds up the documents of the same export: goodwill too, under the same countries."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from infra.local.system import System
from tests.doors.callers import done
from tests.doors.test_credit_notes import last_refund
from tests.doors.test_exported_files import bytes_of, rows
from tests.doors.world import START, Customer, World

SUMMARY = "/finance/v1/recognition/{month}?by={by}&words=false"
JUNE, JULY = (datetime(2021, month, 2, 12, tzinfo=UTC) for month in (6, 7))
SELLER = {
    "name": "Adgang Oy",
    "address": ["Katu 1"],
    "country": "FI",
    "invoice_prefix": "FIA-",
    "credit_note_prefix": "FIC-",
    "default": True,
}
FIRM = {"name": "Firma GmbH", "address": ["Straße 1"], "country": "DE", "vat_number": "DE123456789"}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """Of a Finnish operator that states its own rates."""
    with System.start(seed="vat-summary", start_at=datetime(2021, 4, 20, 9, tzinfo=UTC)) as system:
        world = World(system)
        done(world.finance.put("/finance/v1/sellers/fi", SELLER))
        done(world.finance.put("/finance/v1/tax-rates/2021-05", {"rates": [{"percent": "25.5"}]}))
        world.until(START)
        yield world


@pytest.fixture(scope="module")
def firm(world: World) -> Customer:
    """A German firm that was billed for May, and was given something back and rode again in June.

    One more refund out of goodwill is returned by its bank, and becomes credit.
    """
    partner, firm = world.partner(), world.customer()
    done(firm.put("/mobile/v1/me/billing-details", FIRM))
    world.ride(firm, partner.bike(), partner, 6000)
    world.until(JUNE)
    (invoice,) = firm.read("/mobile/v1/invoices")["items"]
    account = firm.read("/mobile/v1/me")["account_id"]
    given = {"invoice_id": invoice["invoice_id"], "amount": "2.00", "reason": "a wet saddle"}
    done(world.operator.post(f"/finance/v1/accounts/{account}/refunds", given))
    world.settle()
    done(world.operator.post(f"/finance/v1/accounts/{account}/refunds", given | {"amount": "0.70"}))
    world.settle()
    world.stripe.fail_refund(last_refund(firm))
    world.settle()
    world.ride(firm, partner.bike(), partner, 60)
    world.until(JULY)
    return firm


def by_country(world: World, month: str) -> dict[tuple[str, str], Decimal]:
    sums: dict[tuple[str, str], Decimal] = {}
    for row in rows(world, month, "documents.csv.gz"):
        key = row["country"], row["rate"]
        sums[key] = sums.get(key, Decimal(0)) + Decimal(row["tax"])
    return sums


def summary(world: World, month: str, by: str) -> dict[tuple[str, str], Decimal]:
    shown = world.finance.read(SUMMARY.format(month=month, by=by))["items"]
    return {tuple(each["key"].split("|")[:2]): Decimal(each["figures"]["tax"]["now"]) for each in shown}


def test_the_countries_of_the_vat_summary_are_those_of_the_documents_wherever_the_buyer_is(
    world: World, firm: Customer
) -> None:
    """Finland's rate on what a Finnish seller sold is owed to Finland, though the buyer says it is in Germany."""
    assert firm
    assert {row["buyer_country"] for row in rows(world, "2021-05", "documents.csv.gz")} == {"DE"}
    assert set(summary(world, "2021-05", "document_tax")) == {("FI", "0.255")}
    assert summary(world, "2021-05", "document_tax") == by_country(world, "2021-05")


def test_what_goodwill_gave_back_is_in_the_vat_summary_and_ties_to_the_journal(world: World, firm: Customer) -> None:
    assert firm
    documents = by_country(world, "2021-06")
    kinds = [row["kind"] for row in rows(world, "2021-06", "documents.csv.gz")]
    assert sorted(kinds) == ["credit_note", "credit_note", "invoice"]
    assert summary(world, "2021-06", "document_tax") == documents
    assert sum(summary(world, "2021-06", "tax").values()) == sum(documents.values())

    ties = world.finance.read("/finance/v1/recognition/2021-06")["ties"]
    (tie,) = [each for each in ties if each["name"] == "document_tax"]
    assert (Decimal(tie["one"]), tie["off"]) == (sum(documents.values()), "0.00")


def test_what_a_bank_returned_of_goodwill_is_no_credit_note_of_the_months_settlement(
    world: World, firm: Customer
) -> None:
    """
    In a version of May that is written in July nothing differs, though the note is against no invoice any more.
    """
    assert firm
    asked = done(world.finance.post("/finance/v1/exports", {"month": "2021-05"}))
    world.settle()
    manifest = json.loads(bytes_of(world, "2021-05", asked["version"], "manifest.json"))
    assert [each for each in manifest["ties"] if each["difference_minor"]] == []
