"""What was billed too much comes back: off what is owed, to the card, or off the next bills; and goodwill besides."""

from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.billing.credit_store import CreditStore
from tests.doors.callers import done, refused
from tests.doors.paying import collected_from, payer_of
from tests.doors.test_late_evidence import two_hours
from tests.doors.test_traces import TRACE
from tests.doors.world import Customer, Partner, World

NOTES, METHODS = "/mobile/v1/credit-notes", "/mobile/v1/me/payment-methods"
OURS = {
    "name": "Adgang Oy",
    "address": ["Kaivokatu 1", "00100 Helsinki"],
    "country": "FI",
    "vat_number": "FI12345678",
    "invoice_prefix": "A-",
    "credit_note_prefix": "AC-",
}
THEIRS = {"name": "Firm <Oy>", "address": ["Aleksanterinkatu 2"], "country": "FI", "purchase_order": "PO-1"}


def invoice(customer: Customer, number: int = 0) -> dict[str, Any]:
    return dict(customer.read("/mobile/v1/invoices")["items"][number])


def note(customer: Customer) -> dict[str, Any]:
    (found,) = customer.read(NOTES)["items"]
    return dict(found)


def told(customer: Customer) -> list[str]:
    return [each["code"] for each in customer.read("/mobile/v1/notices")["items"]]


@pytest.fixture(scope="module")
def riders(world: World, partner: Partner) -> dict[str, Customer]:
    """
    Each was billed two hours of May by the clock, 3.50; in June the bike says ten minutes, 0.50. The card of one
    declines, and one wants credit.
    """
    found = {name: world.customer() for name in ("refund", "credit", "owes")}
    done(world.finance.put("/finance/v1/sellers/fi", OURS))
    done(found["refund"].put("/mobile/v1/me/billing-details", THEIRS))
    done(found["credit"].put("/mobile/v1/me/money-back", {"as": "credit"}))
    world.until(datetime(2021, 5, 25, 9, tzinfo=UTC))
    rides = {name: two_hours(world, rider, partner) for name, rider in found.items()}
    (card,) = found["owes"].read(METHODS)["methods"]
    world.stripe.change_card(card["method_id"], declines="lost_card")
    world.until(datetime(2021, 6, 2, 9, tzinfo=UTC))
    for name, session in rides.items():
        ended = found[name].read(f"/mobile/v1/access-sessions/{session}/receipt")["ended_at"]
        partner.report(world.used(session, 600, time=ended))
    world.settle()
    world.until(datetime(2021, 7, 1, 12, tzinfo=UTC))
    return found


class TestMoneyBack:
    """The tests of this class stand in order of time."""

    def test_it_goes_back_to_the_card_that_it_was_paid_by_and_is_said(
        self, world: World, riders: dict[str, Customer]
    ) -> None:
        rider = riders["refund"]
        found = note(rider)

        assert (found["total"]["amount"], found["refunded"]["amount"], found["left"]["amount"]) == ("3.00",) * 2 + (
            "0.00",
        )
        assert found == rider.read(f"{NOTES}/{found['credit_note_id']}")
        assert collected_from(rider, world) == 50
        assert set(told(rider)) == {"credit_note", "refunded"}
        assert world.finance.read("/finance/v1/trial-balance")["off_minor"] == {}

    def test_it_lowers_what_is_owed_first_and_the_rest_is_paid(self, world: World, riders: dict[str, Customer]) -> None:
        rider = riders["owes"]
        shown = rider.read(f"/mobile/v1/invoices/{invoice(rider)['invoice_id']}")
        assert (shown["total"]["amount"], shown["asks"]["amount"], shown["state"]) == ("3.50", "0.50", "failed")
        (card,) = rider.read(METHODS)["methods"]
        world.stripe.change_card(card["method_id"])
        done(rider.post(f"/mobile/v1/invoices/{shown['document_id']}/pay"))
        world.settle()

        assert (invoice(rider)["state"], collected_from(rider, world)) == ("paid", 50)
        assert rider.read("/mobile/v1/me")["payment"] == "in_order"

    def test_credit_lowers_the_next_bill(self, world: World, riders: dict[str, Customer], partner: Partner) -> None:
        rider = riders["credit"]
        assert (note(rider)["to_wallet"]["amount"], note(rider)["as"]) == ("3.00", "credit")
        two_hours(world, rider, partner)
        world.until(datetime(2021, 8, 1, 12, tzinfo=UTC))

        assert (invoice(rider, 1)["total"]["amount"], invoice(rider, 1)["state"]) == ("3.50", "paid")
        assert collected_from(rider, world) == 350 + 50
        assert invoice(rider, 1)["from_wallet"]["amount"] == "3.00"
        closed = rider.post(f"{NOTES}/{note(rider)['credit_note_id']}/choice", {"as": "refund"})
        refused(closed, 409, "credit_note_closed")

    def test_goodwill_gives_back_no_more_than_is_left_and_what_its_bank_returns_is_credit(
        self, world: World, riders: dict[str, Customer]
    ) -> None:
        rider = riders["refund"]
        path = f"/finance/v1/accounts/{rider.read('/mobile/v1/me')['account_id']}/refunds"
        body = {"invoice_id": invoice(rider)["invoice_id"], "amount": "0.51", "reason": "a wet saddle"}
        problem = refused(world.operator.post(path, body), 422, "refund_too_much", "/amount")
        assert problem["facts"] == {"left": "0.50 EUR"}
        given = done(world.operator.post(path, {**body, "amount": "0.50"}))
        world.settle()

        assert collected_from(rider, world) == 0
        world.stripe.fail_refund(last_refund(rider))
        world.settle()
        shown = rider.read(f"{NOTES}/{given['credit_note_id']}")
        assert (shown["to_wallet"]["amount"], shown["as"], "refund_failed" in told(rider)) == ("0.50", "credit", True)
        assert world.finance.read("/finance/v1/trial-balance")["off_minor"] == {}

    def test_goodwill_that_its_bank_returned_corrects_no_month_and_is_in_no_other_sessions_trace(
        self, world: World, riders: dict[str, Customer], partner: Partner
    ) -> None:
        """
        The rider rides in the month in which it was given, for an invoice of May.
        """
        rider = riders["refund"]
        newest = rider.read(NOTES)["items"]
        (given,) = (each["credit_note_id"] for each in newest if each["total"]["amount"] == "0.50")
        session = world.ride(rider, partner.bike(), partner, 60)
        of = {name: world.finance.read(TRACE + name)["hops"] for name in (session, invoice(rider)["invoice_id"])}

        named = {name: given in {each["id"] for each in hops} for name, hops in of.items()}
        assert list(named.values()) == [False, True]

    def test_nobody_sees_or_chooses_for_anothers(self, riders: dict[str, Customer], customer: Customer) -> None:
        name = note(riders["credit"])["credit_note_id"]
        refused(customer.get(f"{NOTES}/{name}"), 404, "unknown_credit_note")
        refused(customer.post(f"{NOTES}/{name}/choice", {"as": "refund"}), 404, "unknown_credit_note")
        theirs = invoice(riders["credit"])["invoice_id"]
        refused(customer.get(f"/mobile/v1/invoices/{theirs}"), 404, "unknown_invoice")
        refused(customer.get(f"/mobile/v1/invoices/{theirs}/document.html"), 404, "unknown_invoice")


def last_refund(customer: Customer) -> str:
    """Stripe's id of the newest."""
    *_, newest = CreditStore().refunds(payer_of(customer).account_id)
    assert newest.provider_refund is not None
    return newest.provider_refund


class TestDocuments:
    """An invoice of May and a credit note of June, between a firm and a seller of record."""

    def test_numbers_of_each_series_are_one_to_n(self, riders: dict[str, Customer]) -> None:
        bills = [each["invoice_id"] for rider in riders.values() for each in rider.read("/mobile/v1/invoices")["items"]]
        numbers = [
            rider.read(f"/mobile/v1/invoices/{each}")["number"]
            for rider in riders.values()
            for each in bills
            if each.startswith(rider.read("/mobile/v1/me")["account_id"])
        ]
        notes = [each["number"] for rider in riders.values() for each in rider.read(NOTES)["items"]]

        assert sorted(numbers) == [f"A-{number:06d}" for number in range(1, len(bills) + 1)]
        assert sorted(notes) == [f"AC-{number:06d}" for number in range(1, len(notes) + 1)]

    def test_a_document_names_both_sides_as_they_were_when_it_was_issued(
        self, world: World, riders: dict[str, Customer]
    ) -> None:
        rider = riders["refund"]
        done(world.finance.put("/finance/v1/sellers/fi", {**OURS, "name": "Adgang Abp"}))
        done(rider.put("/mobile/v1/me/billing-details", {**THEIRS, "name": "Firm Abp"}))
        shown = rider.read(f"/mobile/v1/invoices/{invoice(rider)['invoice_id']}")

        assert shown["seller"] == {each: OURS[each] for each in ("name", "address", "country", "vat_number")}
        assert (shown["buyer"]["name"], shown["buyer"]["purchase_order"]) == ("Firm <Oy>", "PO-1")
        assert [each["gross"]["amount"] for each in shown["taxes"]] == ["3.50"]
        assert [each["name"] for each in world.finance.read("/finance/v1/sellers")] == ["Adgang Abp"]

    @pytest.mark.parametrize(
        ("language", "said"),
        [
            ("en", "Credit note"),
            ("da", "Kreditnota"),
            ("sv", "Kreditnota"),
            ("nl", "Creditnota"),
            ("de", "Gutschrift (Rechnungskorrektur)"),
            ("fi", "Hyvityslasku"),
        ],
    )
    def test_a_page_says_all_of_it_in_the_readers_language(
        self, riders: dict[str, Customer], language: str, said: str
    ) -> None:
        rider = riders["refund"]
        first = rider.read(NOTES)["items"][0]
        path = f"{NOTES}/{first['credit_note_id']}/document.html"
        page = rider.get(path, headers={"Accept-Language": language}).content.decode()

        assert f'<html lang="{language}">' in page
        assert f"<h1>{said} {first['number']}</h1>" in page
        assert "Firm &lt;Oy&gt;" in page
        assert "FI12345678" in page
