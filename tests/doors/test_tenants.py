"""Partners see nothing of one another, nor customers: what is somebody else's is not there at all."""

from typing import Any

import pytest

from infra.local.tariffs import CITY_BIKE, CITY_BIKE_TARIFF
from tests.doors.callers import done, refused
from tests.doors.world import Customer, Partner, World

PLACE = {"name": "Kaivopuisto", "latitude": "60.1557", "longitude": "24.9503"}
RIDE = 2000


@pytest.fixture(scope="module")
def other(world: World) -> Partner:
    """A partner with everything that one can have, under names of its own."""
    other = world.partner("Other")
    done(other.put("/partner/v1/places/others-place", PLACE))
    done(other.put("/partner/v1/products/others-product", CITY_BIKE))
    done(other.post("/partner/v1/products/others-product/tariffs", CITY_BIKE_TARIFF))
    asset = {"product_id": "others-product", "code": "OTHERS-CODE", "place_id": "others-place"}
    done(other.put("/partner/v1/assets/others-asset", asset))
    return other


@pytest.mark.parametrize(
    ("kind", "code"), [("places", "unknown_place"), ("products", "unknown_product"), ("assets", "unknown_asset")]
)
def test_another_partners_entry_is_not_there(partner: Partner, other: Partner, kind: str, code: str) -> None:
    path = f"/partner/v1/{kind}/others-{kind[:-1]}"
    assert other.get(path).status == 200

    refused(partner.get(path), 404, code)

    assert "others-" not in str(partner.read(f"/partner/v1/{kind}?limit=200"))


def test_a_page_after_another_partners_entry_shows_nothing_of_it(partner: Partner, other: Partner) -> None:
    for after in ("others-a", f"{other.partner_id}", f"partner#{other.partner_id}", "place#a", ""):
        for kind in ("places", "products", "assets"):
            assert (
                "others-" not in partner.get(f"/partner/v1/{kind}?after={after.replace('#', '%23')}").content.decode()
            )


def test_a_partner_who_takes_anothers_ids_makes_entries_of_its_own(world: World, other: Partner) -> None:
    """
    Ids are each partner's own: storing under another's id replaces nothing of it.
    """
    fresh = world.partner("Fresh")
    before = [other.read(f"/partner/v1/{kind}/others-{kind[:-1]}") for kind in ("places", "products", "assets")]

    done(fresh.put("/partner/v1/places/others-place", {**PLACE, "name": "Mine"}))
    done(fresh.put("/partner/v1/products/others-product", {**CITY_BIKE, "name": "Mine"}))

    kinds = ("places", "products", "assets")
    assert [other.read(f"/partner/v1/{kind}/others-{kind[:-1]}") for kind in kinds] == before
    assert fresh.read("/partner/v1/products/others-product")["tariff_version"] == 0


def test_a_partner_cannot_build_on_anothers_entries(world: World, other: Partner) -> None:
    fresh = world.partner("Builder")
    done(other.put("/partner/v1/places/only-there", PLACE))

    on_product = {"product_id": "others-product", "code": "FRESH-1"}
    refused(fresh.put("/partner/v1/assets/a", on_product), 404, "unknown_product", "/product_id")
    on_place = {"product_id": "city-bike", "code": "FRESH-2", "place_id": "only-there"}
    refused(fresh.put("/partner/v1/assets/a", on_place), 404, "unknown_place", "/place_id")
    refused(fresh.post("/partner/v1/products/others-product/tariffs", CITY_BIKE_TARIFF), 404, "unknown_product")
    assert other.read("/partner/v1/products/others-product")["tariff_version"] == 1


def test_a_code_that_another_partner_uses_is_taken_and_stays_where_it_is(
    world: World, other: Partner, customer: Customer
) -> None:
    """
    Otherwise a customer who scans it would ride at the price of somebody else.
    """
    fresh = world.partner("Thief")

    reply = fresh.put("/partner/v1/assets/mine", {"product_id": "city-bike", "code": "OTHERS-CODE"})

    refused(reply, 409, "code_taken", reply.json.get("pointer"))
    assert other.partner_id not in reply.content.decode()
    assert fresh.get("/partner/v1/assets/mine").status == 404
    assert customer.quote("OTHERS-CODE")["asset"] == "others-asset"


def test_sessions_are_shown_to_the_partner_whose_asset_it_is(
    partner: Partner, other: Partner, customer: Customer
) -> None:
    session = customer.start("OTHERS-CODE")
    path = "/partner/v1/assets/others-asset/sessions"

    assert [each["session_id"] for each in other.read(path)] == [session]
    assert session not in partner.get(path).content.decode()
    customer.end(session)


def test_a_partner_is_not_told_who_rides(customer: Customer, partner: Partner, code: str) -> None:
    me = customer.read("/mobile/v1/me")
    customer.start(code)

    shown = str(partner.read(f"/partner/v1/assets/{code.lower()}/sessions"))

    assert me["account_id"] not in shown
    assert me["customer_id"] not in shown


def test_another_partners_keys_are_neither_seen_nor_revoked(partner: Partner, other: Partner) -> None:
    refused(partner.delete(f"/partner/v1/keys/{other.key_id}"), 404, "unknown_key")

    assert other.key_id not in str(partner.read("/partner/v1/keys"))
    assert [each.get("revoked_at") for each in other.read("/partner/v1/keys")] == [None]


def test_an_operator_revokes_a_key_under_its_own_partner_only(world: World, partner: Partner, other: Partner) -> None:
    path = f"/finance/v1/partners/{partner.partner_id}/keys/{other.key_id}"

    refused(world.operator.delete(path), 404, "unknown_key")

    assert other.get("/partner/v1/keys").status == 200


@pytest.fixture(scope="module")
def rider(world: World, partner: Partner) -> tuple[Customer, str]:
    """A customer with a receipt, a statement, an invoice and a notice; and the session's id."""
    rider = world.customer("pm_card_chargeCustomerFail")
    session = world.ride(rider, partner.bike(), partner, RIDE)
    world.until(world.system.now().replace(month=6, day=1, hour=12))
    shown = rider.everything()
    assert [len(shown[name]["items"]) for name in ("invoices", "notices")] == [1, 1]
    assert shown["statements/2021-05"]["sessions"]
    return rider, session


@pytest.mark.parametrize("part", ["", "/receipt", "/receipt.txt"])
def test_another_customers_session_and_receipt_are_not_there(
    rider: tuple[Customer, str], customer: Customer, part: str
) -> None:
    path = f"/mobile/v1/access-sessions/{rider[1]}{part}"
    assert rider[0].get(path).status == 200

    refused(customer.get(path), 404, "unknown_session")


def test_another_customers_statement_invoices_and_notices_are_not_shown(
    rider: tuple[Customer, str], customer: Customer
) -> None:
    """
    None of these addresses names an account, so there is none to be exchanged; and a page can begin nowhere else.
    """
    account = rider[0].read("/mobile/v1/me")["account_id"]
    shown: dict[str, Any] = customer.everything()

    assert account not in str(shown)
    assert rider[1] not in str(shown)
    assert shown["invoices"]["items"] == shown["notices"]["items"] == []
    for after in (f"{account}:2021-04:1", f"{account}:2021-05:0", account, f"account%23{account}"):
        for kind in ("invoices", "notices"):
            reply = customer.get(f"/mobile/v1/{kind}?after={after}")
            assert reply.status >= 400 or reply.json["items"] == []
