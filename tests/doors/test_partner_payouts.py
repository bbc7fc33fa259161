"""Partners are paid through the doors: onboarded at Stripe, sent their share of each paid invoice, nobody else's."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.doors.callers import done, refused
from tests.doors.world import Customer, Partner, World

PAYOUT = "/partner/v1/payout-account"
URLS = {"return_url": "https://bikes.example/done", "refresh_url": "https://bikes.example/again"}


def first_of(month: int) -> datetime:
    return datetime(2021, month, 1, 12, tzinfo=UTC)


def held(world: World, name: str) -> str:
    rows = world.finance.read("/finance/v1/trial-balance")["rows"]
    found = {row["ledger_account"]: row["debit"] or f"-{row['credit']}" for row in rows}
    return found.get(name, "0.00")


def sent_to(world: World, account: str) -> list[tuple[int, int, str | None]]:
    """What Stripe sent: amount, what was taken back, from which charge."""
    transfers = world.stripe._store.every("transfer")
    rows = [each for each in transfers if each["destination"] == account]
    return [(each["amount"], each["amount_reversed"], each["source_transaction"]) for each in rows]


@pytest.fixture(scope="module")
def tools(world: World) -> Partner:
    """Another partner, which opens no account for its share."""
    return world.partner("Tools")


@pytest.fixture(scope="module")
def rider(world: World, partner: Partner, tools: Partner) -> Customer:
    """From June on both partners have 70 %; in June a customer rides at both."""
    for each in (partner, tools):
        done(world.finance.put(f"/finance/v1/partners/{each.partner_id}/share/2021-06", {"percent": "70"}))
    world.until(first_of(6))
    rider = world.customer()
    for each in (partner, tools):
        world.ride(rider, each.bike(), each, 4000)
    return rider


@pytest.fixture(scope="module")
def opened(partner: Partner) -> dict[str, Any]:
    return dict(done(partner.post(PAYOUT, URLS, key="open")))


class TestAPartner:
    """The tests of this class follow one partner and stand in order of time."""

    def test_opens_an_account_once_and_gets_a_link_for_each_visit(
        self, world: World, partner: Partner, tools: Partner, opened: dict[str, Any]
    ) -> None:
        refused(tools.get(PAYOUT), 404, "no_payout_account")
        assert (opened["state"], opened["due"]) == ("to_be_completed", [])
        assert opened["link"]["url"].startswith("https://connect.stripe.com/")
        again = done(partner.post(PAYOUT, URLS, key="open"))
        assert (again["account"], again["link"]) == (opened["account"], None)
        world.later(seconds=1)
        another = done(partner.post(PAYOUT, URLS))
        assert another["account"] == opened["account"]
        assert another["link"]["url"] != opened["link"]["url"]

    @pytest.mark.usefixtures("rider")
    def test_its_share_waits_until_the_account_is_ready(
        self, world: World, partner: Partner, tools: Partner, opened: dict[str, Any]
    ) -> None:
        world.until(first_of(7))

        assert sent_to(world, opened["account"]) == []
        assert [held(world, f"payable:{each.partner_id}") for each in (partner, tools)] == ["-1.75", "-1.75"]

        world.stripe.onboard(opened["account"], approved=False)
        world.settle()
        assert partner.read(PAYOUT)["state"] == "being_checked"
        assert sent_to(world, opened["account"]) == []

    def test_it_is_sent_from_the_payment_once_stripe_is_content(
        self, world: World, partner: Partner, tools: Partner, opened: dict[str, Any]
    ) -> None:
        world.stripe.onboard(opened["account"])
        world.settle()

        shown = partner.read(PAYOUT)
        assert (shown["state"], shown["link"]) == ("ready", None)
        ((amount, _, charge),) = sent_to(world, opened["account"])
        assert (amount, str(charge)[:3]) == (175, "ch_")
        (moved,) = partner.read("/partner/v1/payouts/2021-07")
        assert (moved["kind"], moved["amount"]["amount"], moved["stripe_id"][:3]) == ("transfer", "1.75", "tr_")
        assert list(moved["of"]) == ["invoice:2021-06:1"]
        assert partner.read("/partner/v1/statements/2021-06")["transfers"] == []
        assert held(world, f"payable:{partner.partner_id}") == "0.00"
        assert held(world, f"payable:{tools.partner_id}") == "-1.75"
        assert tools.read("/partner/v1/payouts/2021-07") == []
        assert done(partner.post(PAYOUT, URLS))["link"] is None

    def test_what_is_paid_later_is_sent_at_once_and_nothing_twice(
        self, world: World, partner: Partner, rider: Customer, opened: dict[str, Any]
    ) -> None:
        world.ride(rider, partner.bike(), partner, 60)
        world.until(first_of(8))

        assert [amount for amount, _, _ in sent_to(world, opened["account"])] == [175, 35]
        july = partner.read("/partner/v1/statements/2021-07")
        assert (july["share"]["amount"], [each["amount"]["amount"] for each in july["transfers"]]) == ("0.35", ["1.75"])
        world.stripe.onboard(opened["account"])
        world.settle()
        assert len(sent_to(world, opened["account"])) == 2

    def test_an_account_that_stripe_has_restricted_gets_nothing_until_it_is_ready_again(
        self, world: World, partner: Partner, rider: Customer, opened: dict[str, Any]
    ) -> None:
        world.stripe.restrict_account(opened["account"])
        world.settle()
        world.ride(rider, partner.bike(), partner, 60)
        world.until(first_of(9))
        shown = partner.read(PAYOUT)
        assert (shown["state"], shown["due"]) == ("to_be_completed", ["individual.verification.document"])
        assert len(sent_to(world, opened["account"])) == 2

        world.stripe.onboard(opened["account"])
        world.settle()
        assert [amount for amount, _, _ in sent_to(world, opened["account"])] == [175, 35, 35]
        assert world.finance.read("/finance/v1/trial-balance")["off_minor"] == {}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({**URLS, "return_url": "http://bikes.example"}, "/return_url"),
        ({**URLS, "refresh_url": "javascript:alert(1)"}, "/refresh_url"),
        ({**URLS, "account": "acct_of_somebody_else"}, "/account"),
    ],
)
def test_an_address_that_is_none_is_refused_and_pointed_at(partner: Partner, body: object, pointer: str) -> None:
    refused(partner.post(PAYOUT, body), 422, "body_invalid", pointer)


def test_a_devices_key_opens_and_sees_no_account(world: World, partner: Partner) -> None:
    key = done(partner.post("/partner/v1/keys", {"label": "lock", "device_id": "lock-7"}))
    device = Partner(world.system.address, {"key": key, "partner": {"partner_id": partner.partner_id}})

    refused(device.post(PAYOUT, URLS), 403, "key_too_narrow")
    for path in (PAYOUT, "/partner/v1/payouts/2021-07", "/partner/v1/statements", "/partner/v1/shares"):
        refused(device.get(path), 403, "key_too_narrow")
