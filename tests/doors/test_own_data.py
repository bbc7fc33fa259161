"""What is held about a customer: they get all of it as a file, see who has read it, and can have it erased."""

import json
import re
from collections.abc import Iterator
from typing import Any

from chalicelib.edge.holdings import held_as
from chalicelib.edge.partner_audit import READS
from tests.doors.asking import show, stored
from tests.doors.callers import done, refused
from tests.doors.test_accounts import invited, joined, opened
from tests.doors.world import Customer, Partner, World

BUYER = {"name": "Aino Virtanen", "address": ["Katu 1", "00100 Helsinki"], "country": "FI"}
DATA, ME = "/mobile/v1/me/data", "/mobile/v1/me"


def data_of(world: World, customer: Customer) -> dict[str, Any]:
    first = customer.get(DATA)
    assert (first.status, first.headers["location"]) == (202, "/v1/me/data")
    world.settle()
    ready = done(customer.get(DATA))
    assert ready["state"] == "ready"
    return dict(world.nobody.get(ready["href"].removeprefix(world.nobody.base)).json)


def ids_of(customer: Customer) -> list[str]:
    me = customer.read(ME)
    return [me["account_id"], me["customer_id"]]


def items(world: World) -> Iterator[tuple[str, str, str, str]]:
    """Area, partition, sort key and text of everything that is stored."""
    for table, rows in stored(world).items():
        for row in rows:
            yield table.removeprefix("adgang-local-"), row["pk"]["S"], row["sk"]["S"], json.dumps(row, default=str)


def lived(world: World, partner: Partner) -> Customer:
    """Somebody with a ride, limits, an age that was shown, a consent, billing details, a reservation that is over."""
    customer = world.customer()
    code = partner.bike()
    show(world, customer, "age:18", born="1990-05-01", identity_until="2030-01-01")
    done(customer.put("/mobile/v1/me/consents/par_1:position", {"version": "1"}))
    done(customer.put("/mobile/v1/me/limits", {"most_open": 3, "day": {"amount": "100.00"}}))
    done(customer.put("/mobile/v1/me/billing-details", BUYER))
    accepted = {"code": code, "quote": customer.quote(code)["quote"]}
    held = done(customer.post("/mobile/v1/reservations", accepted))["session_id"]
    done(customer.post(f"/mobile/v1/reservations/{held}/cancel"))
    world.ride(customer, partner.bike(), partner, 2400)
    return customer


def test_a_customer_gets_all_that_is_held_with_purpose_source_and_retention(world: World, partner: Partner) -> None:
    customer = lived(world, partner)
    found = data_of(world, customer)
    held = {each["name"]: each for each in found["holdings"] if each.get("items")}

    assert found["undescribed"] == []
    assert all(each["purpose"] and each["source"] and each["retention"] for each in found["holdings"])
    wanted = {"sign_in", "account", "agreement", "eligibility", "consents", "consent_history", "limits", "sessions"}
    assert wanted | {"charge_records", "usage", "payment_method", "buyer"} <= set(held)
    (usage,) = held["usage"]["items"]
    assert [(each["name"], each["value"]) for each in usage["events"]] == [("use_seconds", "2400")]
    assert found["payment_methods"] == [{"kind": "card", "brand": "visa", "last4": "4242", "expires": "2034-12"}]
    assert "Aino Virtanen" in json.dumps(held["buyer"])


def test_what_is_open_has_to_be_ended_before_one_leaves(partner: Partner, customer: Customer) -> None:
    session = customer.start(partner.bike())
    code = partner.bike()
    held = done(customer.post("/mobile/v1/reservations", {"code": code, "quote": customer.quote(code)["quote"]}))

    problem = refused(customer.delete(ME), 409, "still_something_open")
    assert problem["facts"] == {"sessions": [session], "reservations": [held["session_id"]]}
    assert customer.read(ME)["payment"] == "in_order"


def books(world: World) -> dict[str, Any]:
    """What finance can see of the books, and what is stored of them."""
    trial = world.finance.read("/finance/v1/trial-balance")
    trial.pop("at")
    kept = {"ledger", "invoice#", "settled#", "proof", "charged#"}
    rows = {
        (area, pk, sk): text
        for area, pk, sk, text in items(world)
        if area == "ledger" or any(sk.startswith(each) for each in kept)
    }
    return {"trial": trial, "rows": rows}


def leave(world: World, customer: Customer) -> dict[str, Any]:
    """The receipt's page, once nothing is left to do but by time."""
    receipt = done(customer.delete(ME))["erasure_id"]
    world.settle()
    return dict(customer.read(f"/mobile/v1/erasures/{receipt}"))


def test_who_leaves_is_erased_and_the_books_stay_to_the_cent(world: World, partner: Partner) -> None:
    customer = lived(world, partner)
    code, ids = partner.bike(), ids_of(customer)
    accepted = {"code": code, "quote": customer.quote(code)["quote"]}
    subject = next(pk for _, pk, sk, text in items(world) if sk == "customer" and ids[1] in text)
    shown = leave(world, customer)
    assert (shown["state"], shown["waits_for"][0]["code"]) == ("waiting", "invoice_unpaid")
    refused(customer.post("/mobile/v1/access-sessions", accepted), 403, "account_closed")

    theirs = [(area, pk, sk) for area, pk, sk, text in items(world) if any(each in text for each in ids)]
    assert len({area for area, _, _ in theirs}) >= 7
    assert [each for each in theirs if held_as(*each) is None] == []
    before = books(world)
    world.later(minutes=3)
    shown = customer.read(f"/mobile/v1/erasures/{shown['erasure_id']}")
    assert (shown["state"], shown["waits_for"]) == ("done", [])
    assert shown["erased"]["sessions"] == 1
    assert {each["name"] for each in shown["kept"]} >= {"invoices", "ledger_entries", "charge_records"}
    assert books(world) == before
    left = [(area, pk, sk) for area, pk, sk, text in items(world) if subject.partition("#")[2] in pk + sk + text]
    assert left == []
    assert "Aino Virtanen" in world.nobody.get(shown["data"].removeprefix(world.nobody.base)).content.decode()
    refused(customer.get(ME), 403, "not_signed_up")


def test_who_leaves_is_told_that_issued_documents_keep_who_bought_and_nothing_else_of_billing_details_is_kept(
    world: World, partner: Partner
) -> None:
    customer = lived(world, partner)
    account, _ = ids_of(customer)
    shown = leave(world, customer)
    assert shown["state"] == "waiting", "the invoice is issued, and not paid yet"
    done(customer.put("/mobile/v1/me/billing-details", {**BUYER, "name": "Aino Lahtinen"}))
    world.later(minutes=3)
    shown = customer.read(f"/mobile/v1/erasures/{shown['erasure_id']}")
    assert shown["state"] == "done"
    (told,) = [each for each in shown["kept"] if each["name"] == "buyer_on_documents"]
    assert (told["purpose"], "legal period" in told["retention"]) == ("to keep books, as the law asks (1c)", True)

    kept = [(sk, text) for _, pk, sk, text in items(world) if pk == f"account#{account}" and sk.startswith("buyer")]
    assert [(sk, "Virtanen" in text, "Lahtinen" in text) for sk, text in kept] == [("buyer#000001", True, False)]


def test_a_customer_sees_who_has_read_what_of_theirs(world: World, partner: Partner) -> None:
    customer, other = world.customer(), world.partner("Others")
    session = world.ride(customer, partner.bike(), partner, 60)
    account, _ = ids_of(customer)
    partner.read(f"/partner/v1/sessions/{session}/timeline")
    partner.read(f"/partner/v1/usage/{session}/events")
    refused(other.get(f"/partner/v1/sessions/{session}/timeline"), 404, "unknown_session")
    world.later(seconds=1)
    world.finance.read(f"/finance/v1/accounts/{account}/wallet")

    wallet, *reads = customer.read("/mobile/v1/me/accesses")["items"]
    assert (wallet["by"], wallet["kind"], wallet["about"]) == ("staff", "wallet", None)
    assert {(each["by"], each["kind"], each["about"]) for each in reads} == {
        (partner.partner_id, "session", session),
        (partner.partner_id, "usage", session),
    }
    assert world.customer().read("/mobile/v1/me/accesses") == {"items": [], "next": None}


def _names(path: str, operation: dict[str, Any]) -> set[str]:
    asked = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "query" and each.get("required")}
    return asked | set(re.findall(r"{(\w+)}", path))


def test_each_route_by_which_a_partner_reads_of_one_customer_is_recorded(world: World) -> None:
    """
    A route whose path or query names a session, a subject, an event, a charge or a case has to be in the table.
    """
    paths = world.nobody.read("/partner/openapi.json")["paths"]
    of_one = {"session_id", "subject", "reference", "charge_id", "case_id", "booking_id"}
    named = {path for path, verbs in paths.items() if "get" in verbs and of_one & _names(path, verbs["get"])}

    assert named == {path for _, path in READS}


def test_who_owes_is_erased_once_staff_have_given_the_bill_up(world: World, partner: Partner) -> None:
    """
    They can still sign in and pay until then; the account is closed for everything else.
    """
    customer = world.customer("pm_card_chargeCustomerFail")
    world.ride(customer, partner.bike(), partner, 2400)
    account, _ = ids_of(customer)
    shown = leave(world, customer)
    (waits,) = shown["waits_for"]
    assert waits["code"] == "invoice_unpaid"
    world.later(days=30)
    assert customer.read(f"/mobile/v1/erasures/{shown['erasure_id']}")["state"] == "waiting"
    assert customer.read("/mobile/v1/invoices")["items"][0]["state"] == "failed"

    _, month, number = waits["about"].split(":")
    gone = f"/finance/v1/invoices/{account}/{month}/{number}/write-off"
    done(world.finance.post(gone, {"note": "left, and will not pay"}))
    world.settle()
    assert done(customer.delete(ME))["erasure_id"] == shown["erasure_id"]
    world.settle()
    assert customer.read(f"/mobile/v1/erasures/{shown['erasure_id']}")["state"] == "done"
    assert world.finance.read("/finance/v1/trial-balance")["off_minor"] == {}


def test_of_who_leaves_no_name_is_left_with_the_family_that_they_were_in(world: World, partner: Partner) -> None:
    """And who has left opens and joins no account while something is still owed."""
    aino, eero = world.customer(), world.customer()
    home = opened(aino)
    world.save_card(home, "pm_card_visa")
    eeros = joined(eero, invited(home, "member", name="Eero Virtanen"))
    _, person = ids_of(eero)
    with_family = world.ride(eeros, partner.bike(), partner, 60)
    assert with_family in json.dumps(data_of(world, eero)["holdings"])
    done(eeros.delete(f"/mobile/v1/account/members/{person}"))
    world.ride(eero, partner.bike(), partner, 2400)
    offer = invited(home, "viewer")
    receipt = done(eero.delete(ME))["erasure_id"]
    world.settle()
    assert eero.read(f"/mobile/v1/erasures/{receipt}")["state"] == "waiting"
    refused(
        eero.post("/mobile/v1/accounts", {"kind": "family", "name": "x", "terms_version": "1"}), 403, "account_closed"
    )
    refused(eero.post("/mobile/v1/memberships", {"invitation": offer}), 403, "account_closed")
    world.later(minutes=3)
    assert eero.read(f"/mobile/v1/erasures/{receipt}")["state"] == "done"
    assert [
        sk for _, pk, sk, _ in items(world) if with_family in pk and sk.startswith(("page#", "node#", "log#"))
    ] == []
    assert eero.read(f"/mobile/v1/erasures/{receipt}")["erased"]["sessions"] == 2
    left = {area for area, _, _, text in items(world) if "Eero Virtanen" in text}
    assert left <= {"idempotency"}, "answers to calls run out by themselves"


def test_who_reads_the_books_of_a_family_sees_who_else_has_read_them(world: World) -> None:
    """And nobody sees it who is not in it."""
    aino = world.customer()
    home = opened(aino)
    world.finance.read(f"/finance/v1/accounts/{home.account_id}/wallet")
    assert [each["kind"] for each in home.read("/mobile/v1/me/accesses")["items"]] == ["wallet"]
    assert aino.read("/mobile/v1/me/accesses")["items"] == []
