"""Our books and Stripe's, compared each day: what webhooks did not tell is brought right, once, to the cent."""

from datetime import UTC, datetime
from typing import Any

import pytest
import stripe

from chalicelib.edge.settings import Settings
from infra.restored import doors_of, policy_document
from tests.doors.callers import done, refused
from tests.doors.paying import last_at_stripe, payer_of
from tests.doors.runbooks import commands, walk
from tests.doors.world import Customer, Partner, World

COMPARISONS = "/finance/v1/comparisons"
LOST = ("paid", "declined", "paid_at_page", "disputed")


def first_of(month: int) -> datetime:
    return datetime(2021, month, 1, 12, tzinfo=UTC)


def held(world: World, name: str) -> str:
    rows = world.finance.read("/finance/v1/trial-balance")["rows"]
    found = {row["ledger_account"]: row["debit"] or f"-{row['credit']}" for row in rows}
    return found.get(name, "0.00")


def at_stripe(world: World) -> str:
    """What Stripe holds for us."""
    rows = world.stripe._store.every("balance_transaction")
    return f"{sum(row['net'] for row in rows) / 100:.2f}"


def compared(world: World) -> dict[str, Any]:
    """Ask for a comparison; how it came out."""
    world.later(minutes=1)
    asked = done(world.finance.post(COMPARISONS))
    world.settle()
    days = world.finance.read(f"{COMPARISONS}/{asked['asked_at'][:10]}")
    found = next(each for each in days if each["comparison"]["asked_at"] == asked["asked_at"])
    assert found["comparison"]["state"] == "done"
    return dict(found)


def causes(found: dict[str, Any]) -> dict[str, str]:
    return {each["cause"]: each["done"] for each in found["differences"]}


def state(customer: Customer) -> Any:  # noqa: ANN401 -- JSON
    return customer.read("/mobile/v1/invoices")["items"][-1]["state"]


@pytest.fixture(scope="module")
def riders(world: World, partner: Partner) -> dict[str, Customer]:
    """May is billed as ever, June while every webhook is lost: paid, declined, paid at Stripe's page, disputed."""
    riders = {each: world.customer() for each in LOST}
    for each in riders.values():
        world.ride(each, partner.bike(), partner, 2000)
    world.until(first_of(6))
    for each in riders.values():
        world.ride(each, partner.bike(), partner, 3000)
    cards = {name: each.read("/mobile/v1/me/payment-methods")["methods"][0] for name, each in riders.items()}
    for name in ("declined", "paid_at_page"):
        world.stripe.change_card(cards[name]["method_id"], declines="lost_card")
    world.stripe._outbox.listened = frozenset()
    world.until(first_of(7))
    world.stripe.pay_at_page(last_at_stripe(riders["paid_at_page"]))
    (charge,) = [row for row in world.stripe._store.every("charge") if _is_first_of(row, riders["disputed"])][:1]
    world.stripe.open_dispute(charge["id"])
    return riders


def _is_first_of(row: dict[str, Any], customer: Customer) -> bool:
    return row["customer"] == payer_of(customer).provider_customer


class TestACampaignOfLostWebhooks:
    """The tests of this class stand in order of time."""

    def test_leaves_our_side_behind(self, riders: dict[str, Customer]) -> None:
        assert {name: state(each) for name, each in riders.items()} == dict.fromkeys(LOST, "due")

    def test_is_brought_right_by_one_comparison_that_says_what_it_did(
        self, world: World, riders: dict[str, Customer]
    ) -> None:
        found = compared(world)

        assert {name: state(each) for name, each in riders.items()} == {
            "paid": "paid",
            "declined": "failed",
            "paid_at_page": "paid",
            "disputed": "paid",
        }
        assert causes(found) == {
            "payment_not_noted": "noted",
            "failure_not_noted": "noted",
            "dispute_not_noted": "noted",
        }
        assert len(found["differences"]) == 5
        (dispute,) = world.finance.read("/finance/v1/disputes?state=needs_response")["items"]
        assert dispute["held"] == {"amount": "1.50", "currency": "EUR"}

    def reconciled(self, world: World) -> None:
        """June, from its use to Stripe: what was declined, what is in dispute, and what July has paid for it."""
        june = "/finance/v1/reconciliation/2021-06"
        refused(world.finance.get("/finance/v1/reconciliation/2021-05?cause=luck"), 422, "query_invalid", "/cause")
        refused(world.finance.post("/finance/v1/reconciliations", {"month": "2021-07"}), 409, "month_not_ended")
        asked = done(world.finance.post("/finance/v1/reconciliations", {"month": "2021-06"}))
        assert asked["state"] == "running"
        world.settle()
        shown = world.finance.read(f"{june}?run={asked['asked_at']}")
        stages = {each["stage"]: (each["left"], each["right"], each["difference"]) for each in shown["stages"]}
        assert stages == {
            "rated": ("6.00", "6.00", "0.00"),
            "together": ("6.00", "6.00", "0.00"),
            "billed": ("6.00", "6.00", "0.00"),
            "booked": ("6.00", "6.00", "0.00"),
            "invoiced": ("6.00", "6.00", "0.00"),
            "collected": ("6.00", "4.50", "1.50"),
            "stripe": ("4.80", "4.80", "0.00"),
            "balance": (held(world, "stripe-clearing"), at_stripe(world), "0.00"),
        }
        (row,) = shown["items"]
        assert (row["stage"], row["cause"], row["amount"]) == ("collected", "payment_failed", "1.50")
        assert row["about"].endswith(":2021-06:1")
        assert world.finance.read(f"{june}?cause=unknown")["items"] == []
        assert world.finance.read(f"{june}?cause=payment_failed&limit=1")["items"] == [row]

    def test_finds_nothing_the_second_time_and_the_books_hold_what_stripe_does_to_the_cent(self, world: World) -> None:
        found = compared(world)

        assert found["differences"] == []
        assert held(world, "stripe-clearing") == at_stripe(world)
        self.reconciled(world)
        sums = found["comparison"]
        assert sums["ledger_minor"] == sums["stripe_minor"]
        assert held(world, "stripe-fees") == f"{_fees(world) / 100:.2f}"
        assert world.finance.read("/finance/v1/trial-balance")["off_minor"] == {}

    def test_is_followed_by_a_comparison_each_day_by_itself(self, world: World) -> None:
        before = len(world.finance.read(f"{COMPARISONS}?limit=200")["items"])
        world.later(days=2)

        items = world.finance.read(f"{COMPARISONS}?limit=200")["items"]
        assert len(items) == before + 2
        assert (items[0]["asked_by"], items[0]["state"]) == ("timer", "done")
        refused(world.finance.get(f"{COMPARISONS}/1999-01-01"), 404, "unknown_comparison")

    def test_names_what_differed_of_customers_so_that_who_reads_it_is_recorded(self, world: World) -> None:
        last = world.finance.read(f"{COMPARISONS}?limit=1")["items"][0]["asked_at"]
        world.finance.read(f"{COMPARISONS}/{last[:10]}")
        newest = world.staff("ada", "auditor").read("/finance/v1/audit?kind=comparison")["items"][0]

        assert (newest["whose"], newest["route"]) == ("*", "GET /v1/comparisons/{date}")


def _fees(world: World) -> int:
    return sum(row["fee"] for row in world.stripe._store.every("balance_transaction"))


def test_a_ledger_that_was_restored_under_a_new_name_balances_and_reconciles(world: World, riders: object) -> None:
    """
    The runbook, command by command. Then the old table loses all it has, and nobody misses it.
    """
    assert riders
    before = trial(world)
    pointed = ""
    for words in commands("restore.md", {"STAGE": "local"}):
        if words[0] == "aws":
            walk(words, world.system.engine)
        else:
            pointed = words[0]
    name, _, tables = pointed.partition("=")
    assert (name, tables) == ("ADGANG_TABLES", "ledger=adgang-live-ledger-restored")
    emptied(world, "adgang-local-ledger")
    assert trial(world) != before

    deployed(world, {name: tables})
    assert trial(world) == before
    assert before["off_minor"] == {}
    assert compared(world)["differences"] == []
    asked = done(world.finance.post("/finance/v1/reconciliations", {"month": "2021-06"}))
    world.settle()
    shown = world.finance.read(f"/finance/v1/reconciliation/2021-06?run={asked['asked_at']}")
    assert (shown["state"], shown["causes"].get("unknown")) == ("done", None)
    assert policy_document("finance", "ledger", "new")["Statement"][0]["Action"] == doors_of("ledger")["finance"]


def trial(world: World) -> dict[str, Any]:
    found = world.finance.read("/finance/v1/trial-balance")
    return {name: found[name] for name in ("rows", "classes", "off_minor")}


def emptied(world: World, table: str) -> None:
    dynamodb = world.system.engine.client("dynamodb")
    for page in dynamodb.get_paginator("scan").paginate(TableName=table):
        for item in page["Items"]:
            dynamodb.delete_item(TableName=table, Key={name: item[name] for name in ("pk", "sk")})


def deployed(world: World, more: dict[str, str]) -> None:
    """With more settings, as another deployment of each function would have them."""
    environment_of = world.system.aws.environment_of
    world.system.aws.environment_of = lambda door: {**environment_of(door), **more}  # type: ignore[method-assign]
    for door, loaded in world.system.doors.items():
        for each in (loaded, *(function for _, function in loaded.functions.items())):
            each.module.wired.settings = Settings(world.system.aws.environment_of(door))
            each.module.wired._use_tables()


def test_a_card_of_which_stripe_never_told_is_charged_after_the_next_comparison(world: World) -> None:
    listened = world.stripe._outbox.listened
    world.stripe._outbox.listened = frozenset()
    rider = world.customer()
    assert rider.read("/mobile/v1/me")["payment"] == "card_needed"
    world.later(hours=1)
    found = compared(world)
    world.stripe._outbox.listened = listened

    assert causes(found) == {"card_not_noted": "noted"}
    (card,) = rider.read("/mobile/v1/me/payment-methods")["methods"]
    assert (card["default"], rider.read("/mobile/v1/me")["payment"]) == (True, "in_order")
    assert compared(world)["differences"] == []


def test_a_draft_that_nobody_has_is_discarded_after_a_day_and_a_payment_made_by_hand_is_reported(
    world: World,
) -> None:
    world.stripe._outbox.listened |= {"setup_intent.succeeded"}
    rider = world.customer()
    told = world.nobody.read("/local")["stripe"]
    by_hand = stripe.StripeClient("sk_test_local", base_addresses={"api": told["api_base"]}).v1
    payer = payer_of(rider)
    metadata = {"account_id": payer.account_id, "month": "2021-07", "number": "9"}
    draft = by_hand.invoices.create(
        {"customer": payer.provider_customer, "auto_advance": False, "metadata": metadata}, {"idempotency_key": "draft"}
    )
    assert compared(world)["differences"] == []
    other = by_hand.invoices.create(
        {"customer": payer.provider_customer, "auto_advance": False}, {"idempotency_key": "other"}
    )
    lines = [{"amount": 700, "description": "by hand"}]
    by_hand.invoices.add_lines(other.id, {"lines": lines}, {"idempotency_key": "lines"})
    by_hand.invoices.finalize_invoice(other.id, {"auto_advance": False}, {"idempotency_key": "final"})
    by_hand.invoices.pay(other.id, {"payment_method": payer.payment_method or ""}, {"idempotency_key": "pay"})

    assert causes(compared(world)) == {"unknown_payment": "reported"}
    world.later(days=1, hours=3)
    newest = world.finance.read(f"{COMPARISONS}?limit=1")["items"][0]
    (found,) = world.finance.read(f"{COMPARISONS}/{newest['asked_at'][:10]}")
    said = {(each["about"], each["cause"], each["done"]) for each in found["differences"]}
    assert (draft.id, "forgotten_draft", "discarded") in said
    assert world.stripe.open_drafts() == 0
